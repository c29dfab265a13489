"""What a scenario may name and a user may add: doctrines, allocation rules and actors, each found by its name.

A class is entered under its name by `register`, in this package, in a module that a user names, or by the entry
point of an installed distribution. A scenario names what is registered; it never names code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from backfill.errors import BackfillError, UnknownName
from backfill.reading.number_line import KINDS
from backfill.reading.words import listed, nearest

Class = TypeVar("Class", bound=type)


class NotRegistered(UnknownName):
    """A scenario names a doctrine, an allocation rule or an actor that nobody has registered."""


class PluginFault(BackfillError):
    """A user's class or module that cannot be taken in; the message says which and why."""


class Registry(Mapping[str, type]):
    """The classes that a scenario may name in one place, by their names.

    what:   what such a class is, in one word or two
    group:  the group of entry points under which installed distributions offer more of them
    method: what each must be able to do
    home:   the module that registers those of this package, imported when the first is asked for
    """

    def __init__(self, what: str, group: str, method: str, home: str = "") -> None:
        self.what, self.group, self.method, self.home = what, group, method, home
        self._known: dict[str, type] = {}

    def register(self, name: str) -> Callable[[Class], Class]:
        """Enter a class under its name, as a decorator. Raises PluginFault for one that cannot serve."""

        def enter(found: Class) -> Class:
            self._enter(name, found)
            return found

        return enter

    def __getitem__(self, name: str) -> type:
        """The class of a name. Raises NotRegistered with the nearest name."""
        if name not in self:
            raise NotRegistered(self._no_such(name))
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        self._settle()
        if name not in self._known:
            for entry in self._offered(str(name)):
                self._load(entry)
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        """Every name, also those of installed distributions, whose code is not loaded for it."""
        self._settle()
        return iter(dict.fromkeys([*self._known, *(entry.name for entry in self._offered())]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def fields(self, name: str) -> Mapping[str, str]:
        """The numbers that an entry of this kind may have, each with the kind of number it is; none if unknown."""
        return fields_of(self[name]) if name in self else {}

    def required(self, name: str) -> tuple[str, ...]:
        """The numbers without which an entry of this kind means nothing, as its class declares in `required`."""
        declared: tuple[str, ...] = getattr(self[name], "required", ()) if name in self else ()
        return declared

    def with_field(self, field: str) -> list[str]:
        """The kinds that declare a field, of those that are loaded."""
        return [name for name, found in self._known.items() if field in fields_of(found)]

    def homes(self) -> list[str]:
        """The modules from which installed distributions offer more; none of them is loaded."""
        return [entry.module for entry in self._offered()]

    def _settle(self) -> None:
        if self.home:
            import_module(self.home)

    def _offered(self, name: str | None = None) -> list[EntryPoint]:
        """The entry points of installed distributions, or those of one name; nothing is loaded."""
        return [entry for entry in entry_points(group=self.group) if name in (None, entry.name)]

    def _load(self, entry: EntryPoint) -> None:
        try:
            found = entry.load()
        except Exception as fault:
            said = f"the {self.what} {entry.name!r} cannot be loaded from {entry.value}"
            raise PluginFault(f"{said}: {type(fault).__name__}: {fault}") from fault
        self._enter(entry.name, found)

    def _enter(self, name: str, found: type) -> None:
        other = self._known.get(name, found)
        if _identity(other) != _identity(found):
            raise PluginFault(f"found a second {self.what} {name!r}, {_said(found)}; the first is {_said(other)}")
        if not callable(getattr(found, self.method, None)):
            raise PluginFault(f"the {self.what} {name!r}, {_said(found)}, has no method {self.method!r}")
        for field, kind in fields_of(found).items():
            if kind not in KINDS:
                near = nearest(kind, KINDS)
                hint = f"; nearest: {near}" if near else ""
                said = f"the field {field!r} of the {self.what} {name!r} is of the kind {kind!r}{hint}"
                raise PluginFault(f"{said}\n  expected one of {listed(KINDS)}")
        self._known[name] = found

    def _no_such(self, name: str) -> str:
        near = nearest(name, self)
        hint = f"; nearest: {near}" if near else ""
        return f"found no {self.what} {name!r}{hint}\n  expected one of {listed(self)}"


def fields_of(found: type) -> Mapping[str, str]:
    """The numbers that a class declares: name and kind, such as {"chance": "chance", "lasts": "duration"}."""
    declared: Mapping[str, str] = getattr(found, "fields", {})
    return declared


def _identity(found: type) -> tuple[str, str]:
    """Where a class is written: a cell of a notebook that is run again enters the same class anew."""
    return getattr(found, "__module__", ""), getattr(found, "__qualname__", repr(found))


def _said(found: type) -> str:
    return ".".join(_identity(found))


DOCTRINES = Registry("doctrine", "backfill.doctrines", "offer", home="backfill.giving.doctrines")
"""How a donor decides to give: classes with `offer(position, giving)`, equivalents  [runs]."""

ALLOCATION_RULES = Registry("allocation rule", "backfill.allocation", "serve", home="backfill.ordering.allocation")
"""Who is served when a line cannot serve everybody: classes with `serve(due, classes, supply, only)`.

Returns what is given on each debt  [slots, accounts, runs]
"""

ACTORS = Registry("actor", "backfill.actors", "allocate")
"""Whom the engine does not know by itself: subclasses of `backfill.agents.actor.Actor`."""

REGISTRIES = (DOCTRINES, ALLOCATION_RULES, ACTORS)

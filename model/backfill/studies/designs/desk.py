"""Reading a design field by field: what does not fit becomes a problem at its place, and an empty value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from backfill.errors import Place, Problem
from backfill.reading.document import Items, Map
from backfill.reading.words import listed, nearest
from backfill.scenario.fields import shown
from backfill.scenario.validate import problem

_WHOLE = re.compile(r"[0-9]{1,300}", re.ASCII)
MOST = 10**9
"""Of anything that is counted; a seed may be larger."""


def joined(path: str, name: str) -> str:
    """The path of what stands by a name within another path."""
    return f"{path}.{name}" if path else name


class Desk:
    """Where a design is read: all that is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def complain(self, path: str, found: str, expected: str, near: str = "", place: Place | None = None) -> None:
        """Keep a mistake."""
        self.problems.append(problem(path or "(top)", found, expected, near, place))

    @property
    def is_wrong(self) -> bool:
        """Whether anything is a mistake."""
        return any(found.level == "error" for found in self.problems)

    def map(self, value: Any, path: str, place: Place, known: Collection[str] = (), due: Sequence[str] = ()) -> Map:
        """A map of known fields, some of which must be there; an empty one if it is none.

        known: the fields; none of them: any name
        """
        if not isinstance(value, Map):
            self.complain(path, shown(value), "a map: name, colon, value", "", place)
            return Map(place)
        for name in value if known else ():
            if name not in known:
                found, near = f"the unknown field {name!r}", nearest(name, known)
                self.complain(joined(path, name), found, f"one of {listed(known)}", near, value.keys_at.get(name))
        for name in due:
            misspelt = any(nearest(other, [name]) for other in value if other not in known)
            if name not in value and not misspelt:
                self.complain(joined(path, name), f"no {name!r}", f"{name}: a field that must be said", "", value.place)
        return value

    def text(self, fields: Map, name: str, path: str) -> str:
        """A text, or nothing."""
        value = fields.get(name, "")
        if isinstance(value, str):
            return str(value)
        self.complain(joined(path, name), shown(value), "a text", "", fields.place_of(name))
        return ""

    def word(self, fields: Map, name: str, path: str, known: Sequence[str]) -> str:
        """One of some words; the first of them where nothing is said."""
        value = fields.get(name, known[0])
        if isinstance(value, str) and value in known:
            return str(value)
        expected, near = f"one of {listed(known)}", nearest(str(value), known)
        self.complain(joined(path, name), shown(value), expected, near, fields.place_of(name))
        return known[0]

    def whole(
        self, fields: Map, name: str, path: str, *, least: int = 1, usual: int = 1, most: int | None = MOST
    ) -> int:
        """A whole number that is not too small, nor too large; every digit of it counts."""
        value = fields.get(name, usual)
        if not isinstance(value, bool) and _WHOLE.fullmatch(str(value)):
            number = int(value)
            if number >= least and (most is None or number <= most):
                return number
        expected = f"a whole number from {least} " + ("on" if most is None else f"to {most:,}")
        self.complain(joined(path, name), shown(value), expected, "", fields.place_of(name))
        return usual

    def words(self, value: Any, path: str, place: Place, *, of: str) -> list[tuple[str, Place]]:
        """Names in a row with their places, each of them once."""
        if not isinstance(value, Items) or not value or not all(isinstance(name, str) for name in value):
            self.complain(path, shown(value) if value else "an empty list", f"a list of {of}: [one, other]", "", place)
            return []
        found: dict[str, Place] = {}
        for index, (name, at) in enumerate(zip(value, value.places, strict=True)):
            if name in found:
                self.complain(f"{path}.{index}", f"{name!r} a second time", "every name once", "", at)
            found.setdefault(str(name), at)
        return list(found.items())

    def known(
        self, name: str, path: str, place: Place | None, legal: Mapping[str, Any] | Sequence[str], of: str
    ) -> bool:
        """Whether a name is one of those that exist; the nearest of them is told."""
        if name in legal:
            return True
        self.complain(path, repr(name), f"{of}: one of {listed(legal)}", nearest(name, legal), place)
        return False

"""The register of items: who licensed, developed and supplied what, without any scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

from backfill.errors import Problem, ScenarioProblems
from backfill.reading.document import read_file
from backfill.reading.words import nearest
from backfill.rules.clerk import Clerk, place_of
from backfill.rules.facts import CATEGORIES, CLASSES
from backfill.rules.law import Source

NAME = "register"
"""The catalogue whose entries go before those of the others."""


@dataclass(frozen=True)
class Goods:
    """What is known of an item.

    licensed_from: states under whose licence it is built
    maker:         the state whose goods these are in whoever's hands, if that is one and the same
    parts:         states whose parts are inside, each with its part of the cost where that is known
    registered:    False for an item that no catalogue has, taken as a finished product of the exporter's own
    near:          the nearest name of an item that one has, where this one is in none
    """

    id: str
    name: str
    item_class: str = "finished"
    lethal: bool | None = None
    licensed_from: tuple[str, ...] = ()
    codeveloped_with: tuple[str, ...] = ()
    programme: str = ""
    jp_category: str = ""
    defence_equipment: bool = True
    parts: tuple[tuple[str, float | None], ...] = ()
    tags: tuple[str, ...] = ()
    us_mde: bool | None = None
    firearm: bool | None = None
    also: tuple[str, ...] = ()
    maker: str = ""
    registered: bool = True
    near: str = ""

    def traits(self) -> Mapping[str, Any]:
        """What a transfer of it says about the item itself, by the names of the fields of Transfer."""
        shares = tuple((state, share) for state, share in self.parts if share is not None)
        return {
            "item": self.id,
            "item_class": self.item_class,
            "lethal": self.lethal,
            "licensed_from": self.licensed_from,
            "codeveloped_with": self.codeveloped_with,
            "programme": self.programme,
            "jp_category": self.jp_category,
            "defence_equipment": self.defence_equipment,
            "foreign_share": shares,
            "component_suppliers": tuple(dict.fromkeys(state for state, _ in self.parts)),
            "tags": self.tags,
            "us_mde": self.us_mde,
            "firearm": self.firearm,
        }


@dataclass(frozen=True)
class Register:
    """Items by id, found by any of their names."""

    items: Mapping[str, Goods] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """All catalogues of a folder; of an item in several, the register's entry holds. Raises ScenarioProblems."""
        clerk, items = Clerk(), dict[str, Goods]()
        files = sorted(Path(folder).glob("*.yaml"), key=lambda path: (path.stem == NAME, path.stem))
        for path in files:
            raw = read_file(path, f"catalogue/{path.name}")
            sources = _sources(raw)
            for name, entry, where in clerk.entries(raw, "items", path.stem):
                items[name] = _goods(clerk, name, entry, where, sources)
        problems = [*clerk.problems, *_named_twice(items)]
        if problems:
            raise ScenarioProblems(problems)
        return cls(items)

    @classmethod
    def packaged(cls) -> Self:
        """The register that comes with the package."""
        from backfill.scenario import packaged

        return cls(_packaged(packaged()))

    def find(self, name: str) -> Goods:
        """The item of a name; one that nobody registered is the exporter's own, and knows the nearest that is."""
        known = self._by_name.get(name)
        return known or Goods(name, name, registered=False, near=nearest(name, self._by_name) or "")

    @cached_property
    def _by_name(self) -> dict[str, Goods]:
        other = {name: goods for goods in self.items.values() for name in goods.also}
        return {**other, **self.items}


def goods_of(name: str, entry: Any) -> Goods:
    """What an item of a scenario is before the law."""
    licensors = ((entry.licensor,) if entry.licensor else ()) + entry.licensors
    parts = [(part.state, part.share.value if part.share else None) for part in entry.parts.values()]
    said = entry.is_finished or "lethal" in entry.model_fields_set
    return Goods(
        name,
        entry.name,
        entry.kind,
        entry.lethal if said else False,
        licensors,
        entry.codeveloped_with,
        entry.programme,
        entry.category or "",
        defence_equipment=entry.military_only,
        parts=tuple(parts),
        tags=entry.tags,
        us_mde=entry.major,
        firearm=entry.firearm,
        also=entry.also,
        maker=entry.maker or "",
    )


@cache
def _packaged(folder: Path) -> Mapping[str, Goods]:
    return Register.read(folder / "catalogue").items


def _goods(clerk: Clerk, name: str, raw: Any, where: str, sources: Mapping[str, Source]) -> Goods:
    """An entry of a catalogue; a part is no weapon in itself unless it says so."""
    fields = raw if isinstance(raw, Mapping) else {}
    kind = clerk.word(fields, "kind", where, CLASSES, "finished")
    licensors = (*_states(clerk, fields, "licensor", where), *_states(clerk, fields, "licensors", where))
    return Goods(
        name,
        clerk.text(fields, "name", where) or name,
        kind,
        bool(_flag(clerk, fields, "lethal", where, default=kind in ("finished", "ammunition"))),
        licensors,
        _states(clerk, fields, "codeveloped_with", where),
        clerk.text(fields, "programme", where),
        clerk.word(fields, "category", where, CATEGORIES, ""),
        defence_equipment=bool(_flag(clerk, fields, "military_only", where, default=True)),
        parts=_parts(clerk, fields, where, sources),
        tags=clerk.words(fields, "tags", where),
        us_mde=_flag(clerk, fields, "major", where),
        firearm=_flag(clerk, fields, "firearm", where),
        also=clerk.words(fields, "also", where),
        maker="".join(_states(clerk, fields, "maker", where)),
    )


def _states(clerk: Clerk, fields: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """One state, or a list of them."""
    value = fields.get(key, ())
    codes = (value,) if isinstance(value, str) else value if isinstance(value, list | tuple) else (value,)
    return tuple(clerk.code(code, f"{where}.{key}", place_of(fields, key)) for code in codes)


def _flag(clerk: Clerk, fields: Mapping[str, Any], key: str, where: str, *, default: bool | None = None) -> bool | None:
    value = fields.get(key, default)
    if value is None or isinstance(value, bool):
        return value
    clerk.complain(f"{where}.{key}", repr(value), "true or false", "", place_of(fields, key))
    return default


def _parts(
    clerk: Clerk, fields: Mapping[str, Any], where: str, sources: Mapping[str, Source]
) -> tuple[tuple[str, float | None], ...]:
    found = []
    for _, raw, inner in clerk.entries(fields, "parts", where):
        entry = clerk.fields(raw, inner, ("name", "state", "share"), due=("state",))
        share = clerk.number(entry, "share", inner, "share", sources)
        found += [(state, share.value if share else None) for state in _states(clerk, entry, "state", inner)]
    return tuple(found)


def _sources(raw: Mapping[str, Any]) -> dict[str, Source]:
    """The sources and assumptions of a catalogue, for the shares that cite them."""
    named = [raw.get(key, {}) for key in ("sources", "assumptions")]
    return {name: Source(name, "") for part in named if isinstance(part, Mapping) for name in part}


def _named_twice(items: Mapping[str, Goods]) -> Iterator[Problem]:
    """One name means one item."""
    owners: dict[str, str] = {}
    for name, goods in items.items():
        for one in goods.also:
            other = owners.setdefault(one, name)
            if other != name or (one in items and one != name):
                yield Problem(f"items.{name}.also", f"{one!r}, which means {other} too", "a name of its own")

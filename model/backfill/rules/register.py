"""The register of items: who licensed, developed and supplied what, without any scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from backfill.reading.document import read_file

NAME = "register"
"""The catalogue whose entries go before those of the others."""


@dataclass(frozen=True)
class Goods:
    """What is known of an item.

    licensed_from: states under whose licence it is built
    parts:         states whose parts are inside, each with its part of the cost where that is known
    registered:    False for an item that no catalogue has, taken as a finished product of the exporter's own
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
    registered: bool = True

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
        """All catalogues of a folder; of an item in several, the register's entry holds."""
        raise NotImplementedError

    @classmethod
    def packaged(cls) -> Self:
        """The register that comes with the package."""
        raise NotImplementedError

    def find(self, name: str) -> Goods:
        """The item of a name; one that nobody registered is the exporter's own."""
        raise NotImplementedError

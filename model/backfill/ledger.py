"""Who holds which units of what, whose conditions travel with them, and that none is ever created or lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from backfill.arrays import Floats, Masks, PerRun
from backfill.errors import UnitsLost


@dataclass(frozen=True, order=True)
class Lot:
    """Units of one item in one hand, under the conditions of one origin. A holder is a state or a line."""

    holder: str
    item: str
    origin: str


class Ledger:
    """Every lot that can ever hold a unit, as rows of one table.

    stock:      units in each lot, committed ones included                     [lots, runs]
    committed:  units of the lot promised under contract, not yet shipped       [lots, runs]
    owed:       what must exist of each item: initial + produced - used up      [items, runs]

    Rows of one holder and item lie together, those under foreign conditions first: home use goes down the rows.
    """

    def __init__(self, lots: Iterable[Lot], licensors: dict[str, str], runs: int) -> None:
        def restricted_first(lot: Lot) -> tuple[str, str, bool, str]:
            free = lot.origin in (lot.holder, licensors.get(lot.item, lot.holder))
            return (lot.holder, lot.item, free, lot.origin)

        self.lots: tuple[Lot, ...] = tuple(sorted(set(lots), key=restricted_first))
        self.items: tuple[str, ...] = tuple(sorted({lot.item for lot in self.lots}))
        self.runs = runs
        self.stock: Floats = np.zeros((len(self.lots), runs))
        self.committed: Floats = np.zeros((len(self.lots), runs))
        self.owed: Floats = np.zeros((len(self.items), runs))
        self._row = {lot: row for row, lot in enumerate(self.lots)}
        self._rows: dict[tuple[str, str], list[int]] = {}
        for row, lot in enumerate(self.lots):
            self._rows.setdefault((lot.holder, lot.item), []).append(row)
        self._item_row = {item: row for row, item in enumerate(self.items)}
        self._item_of = np.array([self._item_row[lot.item] for lot in self.lots], dtype=np.intp)

    def row(self, holder: str, item: str, origin: str) -> int:
        """The row of a lot; KeyError if no unit can ever be there."""
        return self._row[Lot(holder, item, origin)]

    def rows(self, holder: str, item: str) -> list[int]:
        """All rows of an item in one hand, those under foreign conditions first."""
        return self._rows.get((holder, item), [])

    def free(self, rows: Sequence[int]) -> Floats:
        """Units in some lots that are not yet committed, never below zero.  [rows, runs]"""
        free: Floats = self.stock[rows] - self.committed[rows]
        return np.maximum(free, 0.0, out=free)

    def create(self, row: int, units: PerRun) -> None:
        """Units come into the world: a first stock, or output of a line."""
        self.stock[row] += units
        self.owed[self._item_of[row]] += units

    def use_up(self, row: int, units: PerRun) -> None:
        """Units leave the world: fired, used in training, built into something, lost."""
        self.stock[row] -= units
        self.owed[self._item_of[row]] -= units

    def owe(self, item: str, units: PerRun) -> None:
        """Units of an item come into the world outside any lot: on their way to a customer abroad."""
        self.owed[self._item_row[item]] += units

    def check(self, under_way: dict[str, Floats], month: str) -> None:
        """Initial + produced = stock + under way + used up, exactly, in every run; nothing negative.

        under_way: units of each item between two hands  [runs]
        Raises UnitsLost with the first item, month and run in which the law is broken.
        """
        held = np.zeros_like(self.owed)
        np.add.at(held, self._item_of, self.stock)
        for item, units in under_way.items():
            held[self._item_row[item]] += units
        wrong = held != self.owed
        if wrong.any() or (self.stock < 0).any():
            raise UnitsLost(self._where(held, wrong, month))

    def _where(self, held: Floats, wrong: Masks, month: str) -> str:
        if not wrong.any():
            row, run = np.argwhere(self.stock < 0)[0]
            lot = self.lots[row]
            return f"{month}, run {run}: {lot.holder} holds {self.stock[row, run]:g} units of {lot.item} ({lot.origin})"
        row, run = np.argwhere(wrong)[0]
        return (
            f"{month}, run {run}: {held[row, run]:g} units of {self.items[row]} exist, "
            f"{self.owed[row, run]:g} should: units were created or lost"
        )

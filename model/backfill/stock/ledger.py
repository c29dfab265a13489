"""Who holds which units of what, whose conditions travel with them, and that none is ever created or lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole, sum_rows
from backfill.errors import UnitsLost
from backfill.months import NEVER

CAME = ("initial", "produced")
WENT = ("consumed", "trained", "expired", "lost", "built_in", "refurbished", "outside")
"""How units come into the world and how they leave it; `outside` are those built for customers who are not in it."""


@dataclass(frozen=True, order=True)
class Lot:
    """Units of one item in one hand, under the conditions of one origin, which leave together when their date comes.

    holder:  a state or a line
    expires: the month in which they leave stock, if they are still there
    """

    holder: str
    item: str
    origin: str
    expires: int = NEVER


class Ledger:
    """Every lot that can ever hold a unit, as rows of one table.

    stock:      units in each lot, committed ones included                            [lots, runs]
    committed:  units of the lot promised under contract, not yet shipped              [lots, runs]
    books:      all entries of the balance: units that have come or gone since the start, in each way, and those that
                are in all hands and between two, at the last check                     [entries, items, runs]
    leaves:     the month in which each lot leaves stock, its date having come             [lots]

    Rows of one holder and item lie together, those under foreign conditions first, within them the soonest expiring:
    home use goes down the rows.
    """

    def __init__(self, lots: Iterable[Lot], licensors: dict[str, str], runs: int) -> None:
        def is_free(lot: Lot) -> bool:
            return lot.origin in (lot.holder, licensors.get(lot.item, lot.holder))

        def restricted_first(lot: Lot) -> tuple[str, str, bool, int, str]:
            return (lot.holder, lot.item, is_free(lot), lot.expires, lot.origin)

        self.lots: tuple[Lot, ...] = tuple(sorted(set(lots), key=restricted_first))
        self.items: tuple[str, ...] = tuple(sorted({lot.item for lot in self.lots}))
        self.runs = runs
        self._free = [is_free(lot) for lot in self.lots]
        self.leaves: Whole = np.array([lot.expires for lot in self.lots], dtype=np.intp)
        self.stock: Floats = np.zeros((len(self.lots), runs))
        self.committed: Floats = np.zeros((len(self.lots), runs))
        self.books: Floats = np.zeros((len(_ENTRIES), len(self.items), runs))
        self._row = {lot: row for row, lot in enumerate(self.lots)}
        self._rows: dict[tuple[str, str], list[int]] = {}
        self._classes: dict[tuple[str, str, str], list[int]] = {}
        for row, lot in enumerate(self.lots):
            self._rows.setdefault((lot.holder, lot.item), []).append(row)
            self._classes.setdefault((lot.holder, lot.item, lot.origin), []).append(row)
        self._item_row = {item: row for row, item in enumerate(self.items)}
        self._item_of = np.array([self._item_row[lot.item] for lot in self.lots], dtype=np.intp)

    @cached_property
    def _dated(self) -> Whole:
        """The rows of lots that leave in this run, the soonest first."""
        order = np.argsort(self.leaves, kind="stable")
        return order[: np.count_nonzero(self.leaves < NEVER)]

    @property
    def ages(self) -> bool:
        """Whether some lot leaves in this run because its date comes."""
        return len(self._dated) > 0

    def expiring(self, month: int) -> list[int]:
        """The rows that hold units whose date has come, or owe some; what arrives there expired on its way."""
        due = self._dated[: np.searchsorted(self.leaves[self._dated], month, side="right")]
        filled = (self.stock[due] > 0).any(axis=1) | (self.committed[due] > 0).any(axis=1)
        return [int(row) for row in due[filled]]

    @property
    def owed(self) -> Floats:
        """What must exist of each item: all that came less all that went.  [items, runs]"""
        came, went = self.books[: len(CAME)], self.books[len(CAME) : len(CAME) + len(WENT)]
        return sum_rows(came) - sum_rows(went)

    def account(self, entry: str, item: str) -> Floats:
        """Units of an item that came or went in one way since the start; or in `stock`, or `under_way`, now.  [runs]"""
        units: Floats = self.books[self.place(entry, item)]
        return units

    def place(self, entry: str, item: str) -> tuple[int, int]:
        """Where an entry of an item stands in the books."""
        return _ENTRIES[entry], self._item_row[item]

    def row(self, holder: str, item: str, origin: str, expires: int = NEVER) -> int:
        """The row of a lot; KeyError if no unit can ever be there."""
        return self._row[Lot(holder, item, origin, expires)]

    def row_of(self, lot: Lot) -> int:
        """The row of a lot; KeyError if there is none."""
        return self._row[lot]

    def classes(self, holder: str, item: str, origin: str) -> list[int]:
        """The rows of an item in one hand and of one origin, the soonest expiring first; KeyError if there are none."""
        return self._classes[holder, item, origin]

    def rows(self, holder: str, item: str) -> list[int]:
        """All rows of an item in one hand, those under foreign conditions first."""
        return self._rows.get((holder, item), [])

    def rows_for_abroad(self, holder: str, item: str) -> list[int]:
        """The same rows in the order in which they are sent abroad: the freest first, still the soonest expiring."""
        rows = reversed(self.rows(holder, item))
        return sorted(rows, key=lambda row: (not self._free[row], self.lots[row].expires))

    def free(self, rows: Sequence[int]) -> Floats:
        """Units in some lots that are not yet committed, never below zero.  [rows, runs]"""
        free: Floats = self.stock[rows] - self.committed[rows]
        return np.maximum(free, 0.0, out=free)

    def create(self, row: int, units: PerRun, way: str = "produced") -> None:
        """Units come into the world: output of a line, or a first stock."""
        self.stock[row] += units
        self.books[_ENTRIES[way], self._item_of[row]] += units

    def use_up(self, row: int, units: PerRun, way: str = "consumed") -> None:
        """Units leave the world: fired, used in training, expired, lost, built or turned into something."""
        self.stock[row] -= units
        self.books[_ENTRIES[way], self._item_of[row]] += units

    def move(self, row: int, to: int, units: PerRun) -> None:
        """Units pass from one lot to another of the same item."""
        self.stock[row] -= units
        self.stock[to] += units

    def owe(self, item: str, units: PerRun) -> None:
        """Units of an item come into the world outside any lot: on their way to a customer abroad."""
        self.books[self.place("produced", item)] += units

    def pass_by(self, item: str, units: PerRun) -> None:
        """Units are built for customers outside the world; an item that nobody in it can hold is not counted."""
        if item in self._item_row:
            for entry in ("produced", "outside"):
                self.books[self.place(entry, item)] += units

    def check(self, under_way: dict[str, Floats], month: str) -> None:
        """Initial + produced = stock + under way + all that went, exactly, in every run; nothing negative.

        under_way: units of each item between two hands  [runs]
        Raises UnitsLost with the first item, month and run in which the law is broken.
        """
        held, between = self.books[_ENTRIES["stock"]], self.books[_ENTRIES["under_way"]]
        held[...], between[...] = 0.0, 0.0
        np.add.at(held, self._item_of, self.stock)
        for item, units in under_way.items():
            between[self._item_row[item]] += units
        exists, owed = held + between, self.owed
        wrong = exists != owed
        if wrong.any() or (self.stock < 0).any():
            raise UnitsLost(self._where(exists, owed, wrong, month))

    def _where(self, exists: Floats, owed: Floats, wrong: Masks, month: str) -> str:
        if not wrong.any():
            row, run = np.argwhere(self.stock < 0)[0]
            lot = self.lots[row]
            return f"{month}, run {run}: {lot.holder} holds {self.stock[row, run]:g} units of {lot.item} ({lot.origin})"
        row, run = np.argwhere(wrong)[0]
        return (
            f"{month}, run {run}: {exists[row, run]:g} units of {self.items[row]} exist, "
            f"{owed[row, run]:g} should: units were created or lost"
        )


_ENTRIES = {entry: index for index, entry in enumerate((*CAME, *WENT, "stock", "under_way"))}

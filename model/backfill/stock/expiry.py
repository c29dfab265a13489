"""When units leave stock because their date has come: nothing ages, a whole lot leaves at once."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun, Whole
from backfill.blueprint import inventories, lines_of
from backfill.months import NEVER
from backfill.numbers import Draws
from backfill.scenario.schema import Setting

if TYPE_CHECKING:
    from backfill.passing.transfers import Shipments
    from backfill.stock.ledger import Ledger

HALF_YEAR = 6
"""Months whose dates are taken together: a unit is good to the end of the half-year in which its date falls."""


class Expiry:
    """How long units stay good, in which lots they lie for that, and that they leave when their date comes.

    Which lots can exist follows from the ranges of the scenario, so it is the same in every block of runs.
    """

    def __init__(self, setting: Setting, draws: Draws) -> None:
        self._setting, self._draws = setting, draws
        self._first, self._last = setting.horizon
        by_name = sorted(lines_of(setting), key=itemgetter(0), reverse=True)
        self._yards = {(state, line.refurbishes): name for name, state, line in by_name if line.refurbishes}
        self._lives = {item: draws.months(said.shelf_life) for item, said in setting.items.items() if said.shelf_life}

    # --- which lots there are ---------------------------------------------------------------------------------

    def classes_of_output(self, item: str) -> list[int]:
        """The months in which lots of new units of an item may leave, whenever built; NEVER if not in this run."""
        if item not in self._lives:
            return [NEVER]
        shortest, longest = self._range(item)
        beyond = self._last + 1
        dates = range(min(self._first + shortest, beyond), min(self._last + longest, beyond) + 1)
        return sorted({int(self._leaves(date)) for date in dates})

    def classes_of_first_stock(self, state: str, item: str) -> list[int]:
        """The same for what a state holds at the start: on the dates that it says, else spread over the shelf life."""
        said = self._dates_of(state, item)
        if said:
            return sorted({int(self._leaves(month)) for month in said} | {NEVER})
        if item not in self._lives or self._starts_empty(state, item):
            return [NEVER]
        _shortest, longest = self._range(item)
        dates = range(self._first, min(self._first + max(longest, 1), self._last + 2))
        return sorted({int(self._leaves(date)) for date in dates})

    def _starts_empty(self, state: str, item: str) -> bool:
        """Whether a first stock is none, whatever is drawn."""
        entry = self._setting.states[state]
        stock = entry.items[item].stock if item in entry.items else None
        split = [name for inventory in inventories(entry) for name in (*inventory.parts, inventory.rest)]
        return stock is not None and not stock.same_as and max(stock.value, stock.high) == 0 and item not in split

    def _range(self, item: str) -> tuple[int, int]:
        """The shortest and the longest life that may be drawn, in months."""
        said = self._setting.items[item].shelf_life
        if said is None:
            raise KeyError(item)
        number = self._draws.resolved(said)
        bounds = np.minimum(np.rint([number.low, number.value, number.high]), NEVER)
        return int(bounds.min()), int(bounds.max())

    def _dates_of(self, state: str, item: str) -> dict[int, PerRun]:
        """The shares of a first stock by the month in which they expire, where the scenario says them."""
        holding = self._setting.states[state].items.get(item)
        said = {} if holding is None else holding.expires
        return {month: self._draws.of(share) for month, share in sorted(said.items())}

    def _leaves(self, date: PerRun | Whole) -> Whole:
        """The month after the half-year of a date; NEVER if that is after the last month.  [] or [runs]"""
        month = (np.asarray(date, dtype=np.intp) // HALF_YEAR + 1) * HALF_YEAR
        return np.where(month > self._last, NEVER, month)

    # --- where units are put ----------------------------------------------------------------------------------

    def split_first_stock(self, state: str, item: str, units: Floats) -> Iterator[tuple[int, Floats]]:
        """A first stock by the month in which its units leave: whole units, rounded on their running total."""
        before: PerRun = 0.0
        for month in self.classes_of_first_stock(state, item):
            by_then = np.rint(units * self._share_gone(state, item, month))
            yield month, by_then - before
            before = by_then

    def _share_gone(self, state: str, item: str, month: int) -> PerRun:
        """The share of a first stock that leaves up to and in a month; remaining lives are spread evenly."""
        if month == NEVER:
            return 1.0
        said = self._dates_of(state, item)
        if not said:
            return np.minimum((month - self._first) / np.maximum(self._lives[item], 1), 1.0)
        share: PerRun = 0.0
        for date, part in said.items():
            share = share + (part if self._leaves(date) <= month else 0.0)
        return np.minimum(share, 1.0)

    def lots(
        self, ledger: Ledger, hand: tuple[str, str, str], units: Floats, built: int
    ) -> Iterator[tuple[int, Floats]]:
        """The lots into which units go that were built in a month, and how many into each.

        hand: holder, item and origin
        """
        rows = ledger.classes(*hand)
        if len(rows) == 1:
            yield rows[0], units
            return
        leaves = self.leaves(hand[1], built)
        for row in rows:
            yield row, np.where(leaves == ledger.leaves[row], units, 0.0)

    def leaves(self, item: str, built: int) -> Whole:
        """The month in which units leave that were built in a month.  [] or [runs]"""
        return self._leaves(built + self._lives[item]) if item in self._lives else np.asarray(NEVER)

    # --- phase 4 ----------------------------------------------------------------------------------------------

    def retire(self, ledger: Ledger, shipments: Shipments, month: int) -> None:
        """Lots whose date has come leave stock; what was under contract of them, and has not left, lapses.

        Where a line of the state refurbishes the item they wait in its yard, else they are gone.
        """
        for row in ledger.expiring(month):
            shipments.cancel(row, month)
            lot, units = ledger.lots[row], np.array(ledger.stock[row])
            yard = self._yards.get((lot.holder, lot.item))
            if yard is None:
                ledger.use_up(row, units, "expired")
            else:
                ledger.move(row, ledger.row(yard, lot.item, lot.origin), units)

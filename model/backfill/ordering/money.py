"""Money that states put up for another: paid out in equal months, spent on one item, gone at the end of the year."""

from __future__ import annotations

import numpy as np

from backfill.arrays import Floats, PerRun, Whole
from backfill.numbers import Draws
from backfill.scenario import schema

MONTHS = 12


class Budget:
    """A pooled purchase for one recipient.

    balance: thousands of US dollars that may be spent now    [runs]
    price:   thousands of US dollars for one unit              [runs]
    lag:     months from a sale to the arrival, one at least    [runs]
    """

    def __init__(self, name: str, event: schema.Budget, price: PerRun, draws: Draws, runs: int) -> None:
        self.name, self.event, self._draws = name, event, draws
        self.balance: Floats = np.zeros(runs)
        self.price = price
        lag = 1 if event.lag is None else draws.months(event.lag)
        self.lag: Whole = np.broadcast_to(np.maximum(np.asarray(lag, dtype=np.intp), 1), (runs,))

    def open_month(self, month: int) -> None:
        """This month's part of the year's money; what the last year left unspent lapses in January."""
        if month % MONTHS == 0:
            self.balance = np.zeros_like(self.balance)
        if self.event.since <= month <= self._until(month):
            self.balance = self.balance + np.floor(self.yearly(month // MONTHS) / self._months_open(month // MONTHS))

    def yearly(self, year: int) -> PerRun:
        """What the payers put up in a calendar year for this item; a year not named is like the one before it."""
        named = [known for known in sorted(self.event.amount) if known <= year]
        if not named:
            return 0.0
        part = 1.0 if self.event.part is None else self._draws.of(self.event.part)
        return self._draws.of(self.event.amount[named[-1]]) * part

    def _until(self, month: int) -> int:
        return month if self.event.until is None else self.event.until

    def _months_open(self, year: int) -> int:
        last = year * MONTHS + MONTHS - 1
        return sum(1 for month in range(year * MONTHS, last + 1) if self.event.since <= month <= self._until(month))

    def affordable(self) -> Floats:
        """Whole units that the balance buys.  [runs]"""
        return np.floor(self.balance / self.price)

    def pay(self, units: Floats) -> None:
        """Charge the price of some units; whole thousands, so that a fraction never becomes a unit of debt."""
        self.balance = np.maximum(self.balance - np.ceil(units * self.price), 0.0)

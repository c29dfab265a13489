"""Money with a purpose: paid out in equal months, spent at commitment, gone at the end of the year unless kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backfill.arrays import Floats, PerRun, Whole
from backfill.numbers import Draws
from backfill.reading.number import Number
from backfill.scenario import schema

MONTHS = 12


class Purse:
    """What may be spent from a yearly amount.

    balance: thousands of US dollars that may be spent now     [runs]
    spent:   thousands of US dollars spent this month           [runs]
    """

    def __init__(self, name: str, event: schema.Budget | schema.Authority, draws: Draws, runs: int) -> None:
        self.name, self.event, self._draws = name, event, draws
        self.balance: Floats = np.zeros(runs)
        self.spent: Floats = np.zeros(runs)

    def price_of(self, item: str) -> PerRun:
        """Thousands of US dollars that a unit of an item costs this purse.  [runs]"""
        raise NotImplementedError

    def open_month(self, month: int) -> None:
        """This month's part of the year's money; what the last year left unspent lapses in January, if it may."""
        self.spent = np.zeros_like(self.balance)
        if month % MONTHS == 0 and not self.event.carries:
            self.balance = np.zeros_like(self.balance)
        if self._is_open(month):
            self.balance = self.balance + self._part_of_year(month)

    def _is_open(self, month: int) -> bool:
        return self.event.since <= month and (self.event.until is None or month < self.event.until)

    def _part_of_year(self, month: int) -> PerRun:
        """Whole thousands for a month, so that their running total is that of equal parts, rounded down.  [runs]"""
        months = [
            other for other in range(month // MONTHS * MONTHS, (month // MONTHS + 1) * MONTHS) if self._is_open(other)
        ]
        before, yearly = months.index(month), self.yearly(month // MONTHS)
        return np.floor(yearly * (before + 1) / len(months)) - np.floor(yearly * before / len(months))

    def yearly(self, year: int) -> PerRun:
        """What is put up in a calendar year for this purpose; a year not named is like the one before it."""
        named = [known for known in sorted(self.event.amount) if known <= year]
        if not named:
            return 0.0
        part = 1.0 if self.event.part is None else self._draws.of(self.event.part)
        return self._draws.of(self.event.amount[named[-1]]) * part

    def affordable(self, item: str) -> Floats:
        """Whole units of an item that the balance pays for.  [runs]"""
        return self._units_at(self.price_of(item))

    def _units_at(self, price: PerRun) -> Floats:
        """Whole units that the balance pays for at a price; without limit where they cost nothing.  [runs]"""
        prices = np.broadcast_to(np.asarray(price, dtype=float), self.balance.shape)
        units = np.divide(self.balance, prices, out=np.full_like(self.balance, np.inf), where=prices > 0)
        return np.asarray(np.floor(units), dtype=np.float64)

    def pay(self, item: str, units: Floats) -> None:
        """Charge the price of some units; whole thousands, so that a fraction never becomes a unit of debt."""
        self.charge(_whole_cost(units, self.price_of(item)))

    def charge(self, amount: Floats) -> None:
        """Take thousands of US dollars from the balance, as far as they are there.  [runs]"""
        paid = np.minimum(amount, self.balance)
        self.balance, self.spent = self.balance - paid, self.spent + paid


class Budget(Purse):
    """A pooled purchase, or a state's own, for one recipient: from a supplier's stock first, then from a line.

    price: thousands of US dollars for a new unit              [runs]
    lag:   months from a sale to the arrival, one at least      [runs]
    """

    event: schema.Budget

    def __init__(self, name: str, event: schema.Budget, price: PerRun, draws: Draws, runs: int) -> None:
        super().__init__(name, event, draws, runs)
        self.price = price
        self.used = 1.0 if event.used_price is None else draws.of(event.used_price)
        lag = 1 if event.lag is None else draws.months(event.lag)
        self.lag: Whole = np.broadcast_to(np.maximum(np.asarray(lag, dtype=np.intp), 1), (runs,))

    def price_of(self, item: str) -> PerRun:
        """The price of a new unit of the one item that this money buys."""
        return self.price if item == self.event.item else np.inf

    def price_from_stock(self) -> PerRun:
        """What a unit from a supplier's stock costs.  [runs]"""
        return self.price * self.used

    def affordable_from_stock(self) -> Floats:
        """Whole units from a supplier's stock that the balance pays for.  [runs]"""
        return self._units_at(self.price_from_stock())

    def pay_from_stock(self, units: Floats) -> None:
        """Charge units that leave a supplier's stock."""
        self.charge(_whole_cost(units, self.price_from_stock()))


class Authority(Purse):
    """What a donor may give away in a year, by value: gifts are charged when they are committed."""

    event: schema.Authority

    def __init__(
        self, name: str, event: schema.Authority, costs: Mapping[str, Number | None], draws: Draws, runs: int
    ) -> None:
        super().__init__(name, event, draws, runs)
        counted = 1.0 if event.counts_at is None else draws.of(event.counts_at)
        self._prices = {item: 0.0 if cost is None else draws.of(cost) * counted for item, cost in costs.items()}

    def price_of(self, item: str) -> PerRun:
        """The value at which a unit is charged; nothing for an item without a cost."""
        return self._prices.get(item, 0.0)

    def covers(self, supplier: str, recipient: str) -> bool:
        """Whether gifts from one state to another are charged to it."""
        return self.event.state == supplier and self.event.to in (None, recipient)


def _whole_cost(units: Floats, price: PerRun) -> Floats:
    """Whole thousands for some units; nothing for none, whatever the price.  [runs]"""
    return np.ceil(np.multiply(units, price, out=np.zeros_like(units), where=units > 0))

"""Who slipped: what a re-ordered line has given, held against the same orders and output in the usual order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backfill.arrays import Floats, sum_rows
from backfill.ordering.allocation import Allocates
from backfill.ordering.orders import OrderBook
from backfill.ordering.turns import Open

NOBODY = "nobody"
"""Who has, in the usual order, what none of those to whom the border is open had ordered."""


class Displacement:
    """The usual order of one line, kept from the first month in which an event may change it.

    late:    units that an account would have had by now, less what it has had      [accounts, runs]
    lost:    the running total of that over months: negative for who gained          [accounts, runs]
    delayed: running total of units that come later than they would have             [customers, runs]
    idle:    output that in the usual order is left over; never, unless rules close a border   [runs]
    """

    def __init__(
        self, book: OrderBook, rule: Allocates, classes: Sequence[int], begins: int, *, may_be_idle: bool
    ) -> None:
        self.book, self.rule, self.classes, self.begins = book, rule, classes, begins
        self.may_be_idle = may_be_idle
        self.customers = list(dict.fromkeys(account.customer for account in book.accounts))
        self._places = [self.customers.index(account.customer) for account in book.accounts]
        shape = (len(book.accounts), book.runs)
        self._usual: OrderBook | None = None
        self._would_get = np.zeros(shape)
        self.late, self.lost = np.zeros(shape), np.zeros(shape)
        self.delayed = np.zeros((len(self.customers), book.runs))
        self.idle, self.lost_to_nobody = np.zeros(book.runs), np.zeros(book.runs)

    def expect(self, built: Floats, slot: int, open_now: Open) -> None:
        """Serve the usual book, before the real one is served: what is due, else what is due next."""
        if slot < self.begins:
            return
        if self._usual is None:
            self._usual = self.book.begin_usual()
        usual, supply = self._usual, built + self.idle
        self._would_get = usual.settle(slot, self.rule, self.classes, supply, open_now.served, open_now.let_out)
        left = supply - sum_rows(self._would_get)
        if left.any():  # skips work, decides nothing
            ahead = usual.serve_ahead(slot, left, self._may_be_served(open_now))
            self._would_get = self._would_get + ahead
            left = left - sum_rows(ahead)
        self.idle = left

    def _may_be_served(self, open_now: Open) -> Floats:
        shares = [np.broadcast_to(open_now.share(account), self.idle.shape) for account in range(len(self._places))]
        return np.array(shares)

    def compare(self, delivered: Floats) -> None:
        """Count who has less than he would have, and for how long.

        delivered: what each account was given this month     [accounts, runs]
        """
        if self._usual is None:
            return
        self.late = self.late + self._would_get - delivered
        self.lost, self.lost_to_nobody = self.lost + self.late, self.lost_to_nobody + self.idle
        self.delayed = self.delayed + np.minimum(self.slipped(), self._by_customer(self._would_get))

    def slipped(self) -> Floats:
        """Units that each customer waits for and would have.  [customers, runs]"""
        return np.maximum(self._by_customer(self.late), 0.0)

    def displaced(self) -> Floats:
        """Unit-months that each customer has lost so far; negative: gained.  [customers, runs]"""
        return self._by_customer(self.lost)

    def _by_customer(self, units: Floats) -> Floats:
        total = np.zeros((len(self.customers), self.idle.size))
        for place, row in zip(self._places, units, strict=True):
            total[place] += row
        return total

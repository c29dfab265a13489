"""The order book of a production line: who is due what, when, and who comes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from backfill.arrays import Floats, PerRun, Whole, sum_rows
from backfill.kernels.allocation import share_in_proportion, take_in_order
from backfill.ordering.allocation import Allocates, Priority, served_by

OUTSIDE = "OTHER"
"""Customers outside the model: what they get leaves the world."""


@dataclass(frozen=True)
class Account:
    """One customer's orders of one kind: its plan, a named order, or orders paid from a budget.

    label: "" for the plan, else the name of the order or budget that events may move in the queue
    channel: how the deliveries are counted when the customer is an aided state: queue or purchase
    """

    customer: str
    label: str = ""
    channel: str = "queue"


class OrderBook:
    """Units due by month and account, and what remains of them.

    due: units ordered and not yet delivered, by the month in which they fall due   [slots, accounts, runs]
         slot 0 is the first month of the horizon
    """

    def __init__(self, accounts: Sequence[Account], slots: int, runs: int) -> None:
        self.accounts = tuple(accounts)
        self.runs = runs
        self.due: Floats = np.zeros((slots, len(accounts), runs))
        self._ordered: Floats = np.zeros((slots, runs))
        self._runs = np.arange(runs)
        self._oldest = 0
        self._usual: OrderBook | None = None

    def index(self, customer: str, label: str = "") -> int:
        """Where an account stands; KeyError if there is none."""
        for index, account in enumerate(self.accounts):
            if (account.customer, account.label) == (customer, label):
                return index
        raise KeyError(f"{customer} {label}")

    def account_of(self, customer: str, name: str) -> int:
        """The account of a named order: its own if an event moves it in the queue, else its customer's."""
        known = {(account.customer, account.label) for account in self.accounts}
        return self.index(customer, name if (customer, name) in known else "")

    def place(self, account: int, slot: Whole | int, units: PerRun) -> None:
        """Order units due in a slot, which may differ from run to run; what lies beyond the book is left out."""
        slots = np.asarray(slot, dtype=np.intp)
        inside = (slots >= 0) & (slots < len(self.due))
        amount = np.where(inside, units, 0.0)
        if amount.any():  # skips work, decides nothing
            self._enter(account, np.where(inside, slots, 0), self._runs, amount)

    def place_over(self, account: int, slots: Whole, units: Floats) -> None:
        """Order units due in several slots, different ones in each run; what lies beyond the book is left out.

        slots, units: [months, runs]
        """
        inside = (slots >= 0) & (slots < len(self.due))
        runs = np.broadcast_to(self._runs, slots.shape)
        self._enter(account, slots[inside], runs[inside], units[inside])

    def _enter(self, account: int, slots: Whole, runs: Whole, units: Floats) -> None:
        """Write orders into the book, and into the one in the usual order."""
        self._ordered[slots, runs] += units
        for book in (self, self._usual):
            if book is not None:
                book.due[slots, account, runs] += units

    def ordered_for(self, slot: Whole | int) -> Floats:
        """All that was ever ordered for a slot, delivered early or not, whoever ordered it.  [runs]"""
        return self._ordered[np.minimum(slot, len(self._ordered) - 1), self._runs]

    def overdue(self, slot: int) -> Floats:
        """Units due up to and in a slot.  [accounts, runs]"""
        open_slots: Floats = self.due[self._oldest : slot + 1]
        return sum_rows(open_slots)

    def overdue_of(self, account: int, slot: int) -> Floats:
        """Units of one account due up to and in a slot.  [runs]"""
        return sum_rows(self.due[self._oldest : slot + 1, account])

    def due_within(self, account: int, slot: int, months: Whole) -> Floats:
        """Units of an account that fall due in the `months` after a slot.  [runs]"""
        window = self.due[slot + 1 : slot + 1 + int(months.max(initial=0)), account]
        counted = np.arange(len(window))[:, np.newaxis] < months
        return sum_rows(window * counted)

    def still_open(self, account: int) -> Floats:
        """All units of an account that were ordered and not delivered.  [runs]"""
        return sum_rows(self.due[self._oldest :, account])

    def debts(self, slot: int, let_out: Floats | None = None) -> Floats:
        """Units due up to and in a slot, oldest month first.  [slots, accounts, runs]

        let_out: 1 where the rules let deliveries out, 0 where they do not; None: everywhere   [accounts, runs]
        """
        due: Floats = self.due[self._oldest : slot + 1]
        return due if let_out is None else due * let_out

    def deliver(self, given: Floats, slot: int) -> Floats:
        """Strike what was served off the book; returns the units for each account  [accounts, runs]"""
        self.due[self._oldest : slot + 1] -= given
        self._forget_settled(slot)
        return sum_rows(given)

    def settle(
        self,
        slot: int,
        rule: Allocates,
        classes: Sequence[int],
        supply: Floats,
        only: Collection[int],
        let_out: Floats | None = None,
    ) -> Floats:
        """Serve what is due by a rule and strike it off; returns the units for each account  [accounts, runs]"""
        due = self.debts(slot, let_out)
        if not isinstance(rule, Priority) or let_out is not None:
            return self.deliver(served_by(rule, due, classes, supply, only), slot)
        delivered = rule.strike(due, classes, supply, only=only)
        self._forget_settled(slot)
        return delivered

    def _forget_settled(self, slot: int) -> None:
        while self._oldest < slot and not self.due[self._oldest].any():
            self._oldest += 1

    def advance(self, account: int, units: Floats) -> Floats:
        """Deliver units of an account before their time, oldest due month first; returns what it had open of them."""
        waiting = self.due[self._oldest :, account]
        taken = take_in_order(waiting, units)
        self.due[self._oldest :, account] -= taken
        return sum_rows(taken)

    def begin_usual(self) -> OrderBook:
        """A second book that is like this one now and takes the same orders from now on, to be served on its own."""
        book = OrderBook(self.accounts, len(self.due), self.runs)
        book.due[...], book._oldest = self.due, self._oldest
        self._usual = book
        return book

    def serve_ahead(self, slot: int, supply: Floats, may: Floats) -> Floats:
        """Deliver orders that are not due yet, the earliest first, within a month in proportion.

        may: 1 where an account may be served, else 0     [accounts, runs]
        Returns the units for each account  [accounts, runs]
        """
        taken, left = np.zeros(self.due.shape[1:]), supply
        for month in range(slot + 1, len(self.due)):
            if not left.any():  # skips work, decides nothing
                break
            given = share_in_proportion(self.due[month] * may, left)
            self.due[month] -= given
            taken, left = taken + given, left - sum_rows(given)
        return taken

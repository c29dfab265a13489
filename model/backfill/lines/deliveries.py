"""Who gets what a line builds: its order book is served, and what crosses a border is a month under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, add_up, sum_rows
from backfill.errors import UnitsLost
from backfill.months import label
from backfill.ordering.orders import OUTSIDE, Account
from backfill.ordering.queues import Open, Reordering, reorderings

if TYPE_CHECKING:
    from backfill.lines.line import Line
    from backfill.world import World


class Deliveries:
    """The customers' side of a line.

    delivered: units that each account is given this month                             [accounts, runs]
    outbound:  units that leave for abroad; underway: those of last month, which arrive now   [accounts, runs]
    arrived:   units that have crossed the border this month                           [accounts, runs]
    """

    def __init__(self, world: World, line: Line) -> None:
        self.world, self.line, self.book = world, line, line.book
        accounts = self.book.accounts
        self.usual_classes = self._classes()
        self.closed = [self._closed_months(account) for account in accounts]
        self.delivered, self.outbound, self.underway, self.arrived = (
            np.zeros((len(accounts), world.runs)) for _ in range(4)
        )
        self.reorderings = reorderings(world, line.name, self.book)

    def _classes(self) -> list[int]:
        """The priority class of each account: the first that names its customer, else that of the others."""
        named = self.line.entry.priority
        others = next((index for index, group in enumerate(named) if "others" in group), len(named))
        return [
            next((index for index, group in enumerate(named) if account.customer in group), others)
            for account in self.book.accounts
        ]

    def _closed_months(self, account: Account) -> Masks | None:
        """In which months the rules keep deliveries to a customer from crossing the border; None: never.

        [months] or [months, runs]
        """
        if account.customer in (OUTSIDE, self.line.state):
            return None
        closed = ~self.world.gate.mask(self.line.state, account.customer, self.line.item, self.line.state)
        return closed if closed.any() else None

    # --- phase 3 ----------------------------------------------------------------------------------------------

    def owed(self, index: int) -> Floats:
        """Units that are due this month and may be delivered.  [runs]"""
        let_out = self._let_out(index)
        overdue = self.book.overdue(index) if let_out is None else self.book.overdue(index) * let_out
        return sum_rows(overdue[self._served(index)])

    def hand_out(self, built: Floats, index: int) -> None:
        """Serve the book from this month's output, and let it go to the customers."""
        self._deliver(built, index)
        self._hand_over()

    def _served(self, index: int) -> list[int]:
        """Accounts whose deliveries the export rules let out this month, in some run at least."""
        return [account for account, closed in enumerate(self.closed) if closed is None or not closed[index].all()]

    def _let_out(self, index: int) -> Floats | None:
        """1 where uncertain law lets deliveries out, else 0; None where none touches them.  [accounts, runs]"""
        if all(closed is None or closed.ndim == 1 for closed in self.closed):
            return None
        open_ = [True if closed is None else ~closed[index] for closed in self.closed]
        return np.array([np.broadcast_to(mask, (self.world.runs,)) for mask in open_], dtype=float)

    def _deliver(self, built: Floats, index: int) -> None:
        """Serve the book; while a queue is re-ordered, some take a share of what would have gone to others."""
        served, let_out = self._served(index), self._let_out(index)
        given = self.book.serve(index, self.usual_classes, built, served, let_out)
        early: list[tuple[list[int], Floats]] = []
        for event in self.reorderings:
            if event.share is None:
                given = self._with_others_first(event, given, built, index)
                continue
            already = add_up(units for accounts, units in early if set(accounts) & set(event.first))
            open_now = Open(served, let_out)
            units = event.diverted(self.book, given, self.world.month, open_now, already)
            if units.any():
                rest = event.serve_rest(self.book, given, units, index, self.usual_classes, open_now)
                given = np.where(units > 0, rest, given)
                early.append(([account for account in event.first if account in served], units))
        self.delivered = self.book.deliver(given, index)
        for accounts, units in early:
            self._advance(accounts, units, Open(served, let_out))
        self._account_for(built)

    def _account_for(self, built: Floats) -> None:
        """Whatever was built has gone to somebody. Raises UnitsLost with the month and run where it has not."""
        wrong = np.flatnonzero(sum_rows(self.delivered) != built)
        if wrong.size:
            run = wrong[0]
            raise UnitsLost(
                f"{label(self.world.month)}, run {run}: {self.line.name} built {built[run]:g} units and delivered "
                f"{self.delivered[:, run].sum():g}"
            )

    def _with_others_first(self, event: Reordering, given: Floats, built: Floats, index: int) -> Floats:
        """The deliveries where an event puts some customers into a class in front.  [slots, accounts, runs]"""
        holds = event.in_force(self.world.month)
        if not holds.any():
            return given
        classes = event.classes(self.usual_classes)
        served = self.book.serve(index, classes, built, self._served(index), self._let_out(index))
        return np.where(holds, served, given)

    def _advance(self, accounts: Sequence[int], units: Floats, open_now: Open) -> None:
        """Deliver to re-ordered customers before their time, one after the other."""
        left = units
        for account in accounts:
            advanced = self.book.advance(account, left * open_now.share(account))
            self.delivered[account] += advanced
            left = left - advanced

    def _hand_over(self) -> None:
        """Output for the maker's own state enters at once; what crosses a border is a month under way."""
        for index, account in enumerate(self.book.accounts):
            units = self.delivered[index]
            if account.customer == OUTSIDE or not units.any():
                continue
            if account.customer == self.line.state:
                self.world.ledger.create(self.row_of(account), units)
                self.world.received(account.customer, self.line.item, units)
            else:
                self._send(index, units)

    def row_of(self, account: Account) -> int:
        """Where the deliveries to a customer are booked."""
        return self.world.ledger.row(account.customer, self.line.item, self.line.state)

    def _send(self, index: int, units: Floats) -> None:
        self.world.ledger.owe(self.line.item, units)
        self.outbound[index] += units

    def arrive(self) -> None:
        """What left last month is there; what leaves now is under way, less what a pause holds back at the border."""
        for index, account in enumerate(self.book.accounts):
            if self.underway[index].any():
                self.world.ledger.stock[self.row_of(account)] += self.underway[index]
                self.world.received(account.customer, self.line.item, self.underway[index])
        self.arrived = self.underway
        self.underway = np.array([self._released(account, units) for account, units in self._outgoing()])
        self.outbound = self.outbound - self.underway if len(self.outbound) else self.outbound

    def _outgoing(self) -> Iterator[tuple[Account, Floats]]:
        yield from zip(self.book.accounts, self.outbound, strict=True)

    def _released(self, account: Account, units: Floats) -> Floats:
        share = self.world.open_share(self.line.state, account.customer)
        return units if share == 1.0 else np.floor(units * share + 0.5)

    def under_way(self) -> Floats:
        """Units between the line and its customers abroad.  [runs]"""
        return sum_rows(self.underway) + sum_rows(self.outbound)

"""Who gets what a line builds: its order book is served, and what crosses a border is a month under way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, sum_rows
from backfill.errors import UnitsLost
from backfill.months import label
from backfill.ordering.allocation import rule_of
from backfill.ordering.displacement import Displacement
from backfill.ordering.orders import OUTSIDE, Account
from backfill.ordering.queues import Early, deliveries_of, reorderings
from backfill.ordering.turns import Open, Turn

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
        self.rule = rule_of(line.entry.allocation, finished=line.finished)
        self.usual_classes = self._classes()
        self.closed = [self._closed_months(account) for account in accounts]
        self.delivered, self.outbound, self.underway, self.arrived = (
            np.zeros((len(accounts), world.runs)) for _ in range(4)
        )
        self.reorderings = reorderings(world, line.name, self.book)
        self.displacement: Displacement | None = None

    def watch(self) -> Displacement:
        """Keep the usual order beside the one that events make of it, to tell who slipped."""
        begins = min(event.term.since for event in self.reorderings) - self.world.first
        closes = any(closed is not None for closed in self.closed)
        self.displacement = Displacement(self.book, self.rule, self.usual_classes, begins, may_be_idle=closes)
        return self.displacement

    def _classes(self) -> list[int]:
        """The priority class of each account: that of its order, else of its customer, else of the others."""
        named = self.line.entry.priority
        others = next((index for index, group in enumerate(named) if "others" in group), len(named))
        known = {name: index for index, group in reversed(list(enumerate(named))) for name in group}
        return [known.get(account.label, known.get(account.customer, others)) for account in self.book.accounts]

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

    def bars(self, account: int, index: int) -> Masks:
        """Where the rules keep deliveries to an account from crossing the border this month.  [] or [runs]"""
        closed = self.closed[account]
        return np.asarray(a=False) if closed is None else np.asarray(closed[index])

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
        """Serve the book, in the usual order or in that which events make of it."""
        open_now = Open(self._served(index), self._let_out(index))
        if self.displacement is not None:
            self.displacement.expect(built, index, open_now)
        if any(event.term.holds(self.world.month).any() for event in self.reorderings):  # skips work, decides nothing
            self._deliver_out_of_turn(built, index, open_now)
        else:
            served, let_out = open_now.served, open_now.let_out
            self.delivered = self.book.settle(index, self.rule, self.usual_classes, built, served, let_out)
        self._account_for(built)
        if self.displacement is not None:
            self.displacement.compare(self.delivered)

    def _deliver_out_of_turn(self, built: Floats, index: int, open_now: Open) -> None:
        """Serve the book while events re-order it; what they bring forward is delivered before its time."""
        turn = Turn.of(self.book, index, self.rule, self.usual_classes, open_now)
        given, early = deliveries_of(turn, self.book, self.reorderings, built, self.world.month)
        self.delivered = self.book.deliver(given, index)
        for brought in early:
            self._advance(brought, open_now)

    def _account_for(self, built: Floats) -> None:
        """Whatever was built has gone to somebody. Raises UnitsLost with the month and run where it has not."""
        wrong = np.flatnonzero(sum_rows(self.delivered) != built)
        if wrong.size:
            run = wrong[0]
            raise UnitsLost(
                f"{label(self.world.month)}, run {run}: {self.line.name} built {built[run]:g} units and delivered "
                f"{self.delivered[:, run].sum():g}"
            )

    def _advance(self, brought: Early, open_now: Open) -> None:
        """Deliver to re-ordered customers before their time, one after the other."""
        left = brought.units
        for account in brought.accounts:
            advanced = self.book.advance(account, left * open_now.share(account))
            self.delivered[account] += advanced
            left = left - advanced

    def _hand_over(self) -> None:
        """Output for the maker's own state enters at once; what crosses a border is a month under way."""
        for index in np.flatnonzero(self.delivered.any(axis=1)):
            account, units = self.book.accounts[index], self.delivered[index]
            if account.customer == OUTSIDE:
                self.world.ledger.pass_by(self.line.item, units)
            elif self.line.refurbishing is not None:
                self.line.refurbishing.finish(units)
            elif account.customer == self.line.state:
                for row, part in self._lots(account, units, self.world.month):
                    self.world.ledger.create(row, part)
                self.world.received(account.customer, self.line.item, units)
            else:
                self._send(int(index), units)

    def _lots(self, account: Account, units: Floats, built: int) -> Iterator[tuple[int, Floats]]:
        """Where the deliveries to a customer are booked, by the month in which they were built."""
        hand = (account.customer, self.line.item, self.line.state)
        return self.world.expiry.lots(self.world.ledger, hand, units, built)

    def _send(self, index: int, units: Floats) -> None:
        self.world.ledger.owe(self.line.item, units)
        self.outbound[index] += units

    def arrive(self) -> None:
        """What left last month is there; what leaves now is under way, less what a pause holds back at the border."""
        for index in np.flatnonzero(self.underway.any(axis=1)):
            account, units = self.book.accounts[index], self.underway[index]
            for row, part in self._lots(account, units, self.world.month - 1):
                self.world.ledger.stock[row] += part
            self.world.received(account.customer, self.line.item, units)
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

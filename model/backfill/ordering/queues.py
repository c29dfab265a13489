"""Customers change places in a queue for a while: nobody builds more, some get theirs earlier and others later."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole, sum_rows
from backfill.blueprint import events
from backfill.months import month_of
from backfill.ordering.orders import Account, OrderBook
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


@dataclass(frozen=True)
class Open:
    """Whose deliveries the export rules let out: the accounts, and where law is uncertain in which runs.

    let_out: 1 where they are let out, else 0; None: in every run   [accounts, runs]
    """

    served: Collection[int]
    let_out: Floats | None = None

    def share(self, account: int) -> PerRun:
        """1 where an account is served, else 0.  [runs]"""
        if account not in self.served:
            return 0.0
        return 1.0 if self.let_out is None else self.let_out[account]


class Reordering:
    """One event at one line: `first` takes a share of what would go abroad, or comes before everybody else.

    share:    of each month's deliveries to those who are neither first nor exempt; None: a class of their own, in front
    fraction: the part of a unit that the share has not yet made    [runs]
    """

    def __init__(self, event: schema.Queue, since: int, until: Whole, share: PerRun | None, book: OrderBook) -> None:
        self.since, self.until, self.share = since, until, share
        self.first = [index for index, account in enumerate(book.accounts) if _named(account, event.first)]
        self.eligible = [
            index
            for index, account in enumerate(book.accounts)
            if index not in self.first and not _named(account, event.exempt)
        ]
        self.fraction = np.zeros(book.runs)

    def in_force(self, month: int) -> Masks:
        """Where the event holds.  [runs]"""
        return (month >= self.since) & (month < self.until)

    def classes(self, usual: Sequence[int]) -> list[int]:
        """The priority classes while the event holds, if it moves whole classes."""
        return [-1 if index in self.first else usual_class for index, usual_class in enumerate(usual)]

    def diverted(self, book: OrderBook, given: Floats, month: int, open_now: Open, already: PerRun = 0.0) -> Floats:
        """Units that the first take of this month's deliveries to others, at most what they have on order.  [runs]

        already: what other events have brought forward to the same accounts this month   [runs]
        """
        by_account = sum_rows(given)
        abroad = sum_rows(by_account[self.eligible]) * self.in_force(month)
        wanted = self.fraction + (0.0 if self.share is None else self.share) * abroad
        whole = np.floor(wanted)
        self.fraction = wanted - whole
        on_order = np.zeros(book.runs)
        for account in self.first:
            on_order += (book.still_open(account) - by_account[account]) * open_now.share(account)
        return np.minimum(np.minimum(whole, abroad), np.maximum(on_order - already, 0.0))

    def serve_rest(
        self,
        book: OrderBook,
        given: Floats,
        units: Floats,
        index: int,
        classes: Sequence[int],
        open_now: Open,
    ) -> Floats:
        """The deliveries when the others go without the diverted units: who is served last among them waits."""
        others = [account for account in self.eligible if account in open_now.served]
        abroad = sum_rows(sum_rows(given)[self.eligible])
        rest = book.serve(index, classes, abroad - units, others, open_now.let_out)
        kept = np.array(given)
        kept[:, self.eligible] = rest[:, self.eligible]
        return kept


def reorderings(world: World, line: str, book: OrderBook) -> list[Reordering]:
    """The events that change the queue of a line."""
    found = []
    for event in events(world.setting, schema.Queue):
        if line in event.lines:
            lasts = None if event.lasts is None else world.draws.months(event.lasts)
            since, until = span_of(event, lasts, world.last, world.runs)
            share = None if event.share is None else world.draws.of(event.share)
            found.append(Reordering(event, since, until, share, book))
    return found


def _named(account: Account, names: Sequence[str]) -> bool:
    return account.customer in names or account.label in names


def span_of(event: schema.Queue, lasts: Whole | int | None, horizon_end: int, runs: int) -> tuple[int, Whole]:
    """First month of the event, and the month from which it no longer holds  [runs]"""
    since = month_of(event.since)
    until: Whole | int = horizon_end + 1 if lasts is None else since + lasts
    if event.until is not None:
        until = month_of(event.until)
    return since, np.broadcast_to(np.asarray(until, dtype=np.intp), (runs,))

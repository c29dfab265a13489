"""Customers change places in a queue for a while: nobody builds more, some get theirs earlier and others later."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole, add_up, sum_rows
from backfill.months import month_of
from backfill.ordering.orders import Account, OrderBook
from backfill.ordering.turns import FRONT, LAST, Turn
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


@dataclass
class Allowance:
    """How many units an event may still move, over all its lines.

    left: without limit if the event names none   [runs]
    """

    left: Floats

    def spend(self, units: Floats) -> None:
        """Count units that were moved.  [runs]"""
        self.left = self.left - units


@dataclass(frozen=True)
class Term:
    """When an event holds and how much it moves.

    since, until: the first month, and the month from which it no longer holds   until: [runs]
    share: of each month's deliveries to those who are neither first nor exempt; None: who is first comes before all
    """

    since: int
    until: Whole
    share: PerRun | None
    allowance: Allowance

    def holds(self, month: int) -> Masks:
        """Where the event holds and may still move something.  [runs]"""
        return (month >= self.since) & (month < self.until) & (self.allowance.left > 0)


class Reordering:
    """One event at one line: some come before all others or take a share of what would go to them, some come last.

    first, behind, exempt: the accounts that are moved forward, moved back, and left as they were
    eligible: those from whose deliveries a share is taken
    fraction: the part of a unit that the share has not yet made    [runs]
    """

    def __init__(self, event: schema.Queue, term: Term, book: OrderBook) -> None:
        self.term, self.share = term, term.share
        named = list(enumerate(book.accounts))
        self.first = [index for index, account in named if _named(account, event.first)]
        self.behind = [index for index, account in named if _named(account, event.behind) and index not in self.first]
        moved = {*self.first, *self.behind}
        self.exempt = [index for index, account in named if _named(account, event.exempt) and index not in moved]
        self.eligible = [index for index, _account in named if index not in (*self.first, *self.exempt)]
        self.fraction = np.zeros(book.runs)

    # --- whole classes ----------------------------------------------------------------------------------------

    def moves_classes(self) -> bool:
        """Whether the event puts accounts before or behind all others."""
        return self.share is None or bool(self.behind)

    def reorder(self, turn: Turn, given: Floats, supply: Floats, month: int) -> Floats:
        """The deliveries where accounts are put in front or behind; who is exempt keeps what he had.

        given: the deliveries as they would be without this event     [slots, accounts, runs]
        """
        holds = self.term.holds(month)
        if not (self.moves_classes() and holds.any()):
            return given
        turn.put(self.behind, LAST, holds)
        turn.put(self.first if self.share is None else [], FRONT, holds)
        had, left = sum_rows(given), self.term.allowance.left
        others = [account for account in turn.open_now.served if account not in self.exempt]
        front, last = turn.held_by(FRONT, had, others), turn.held_by(LAST, had, others)
        moved = turn.serve(supply - sum_rows(had[self.exempt]), others, front + left, np.maximum(last - left, 0.0))
        moved[:, self.exempt] = given[:, self.exempt]
        now = sum_rows(moved)
        gained = np.maximum(turn.held_by(FRONT, now, others) - front, last - turn.held_by(LAST, now, others))
        self.term.allowance.spend(np.where(holds, np.maximum(gained, 0.0), 0.0))
        return np.where(holds, moved, given)

    # --- a share of what goes to others -----------------------------------------------------------------------

    def diverted(self, book: OrderBook, by_account: Floats, month: int, turn: Turn, already: PerRun = 0.0) -> Floats:
        """Units that the first take of this month's deliveries to others, at most what they have on order.  [runs]

        by_account: what each account is given before    [accounts, runs]
        already: what other events have brought forward to the same accounts this month   [runs]
        """
        abroad = sum_rows(by_account[self.eligible]) * self.term.holds(month)
        wanted = self.fraction + (0.0 if self.share is None else self.share) * abroad
        whole = np.floor(wanted)
        self.fraction = wanted - whole
        on_order = np.zeros(book.runs)
        for account in self.first:
            on_order += (book.still_open(account) - by_account[account]) * turn.open_now.share(account)
        units = np.minimum(np.minimum(whole, abroad), np.maximum(on_order - already, 0.0))
        units = np.minimum(units, self.term.allowance.left)
        self.term.allowance.spend(units)
        return units

    def serve_rest(self, given: Floats, by_account: Floats, units: Floats, turn: Turn) -> Floats:
        """The deliveries when the others go without the diverted units: who is served last among them waits.

        given, by_account: the deliveries before    [slots, accounts, runs], [accounts, runs]
        """
        others = [account for account in self.eligible if account in turn.open_now.served]
        rest = turn.serve(sum_rows(by_account[self.eligible]) - units, others)
        waits = units > 0
        for account in self.eligible:
            np.copyto(given[:, account], rest[:, account], where=waits)
        return given


@dataclass(frozen=True)
class Early:
    """Units that an event brings forward to some accounts, before they are due.  units: [runs]"""

    accounts: Sequence[int]
    units: Floats


def deliveries_of(
    turn: Turn, book: OrderBook, reorderings: Sequence[Reordering], supply: Floats, month: int
) -> tuple[Floats, list[Early]]:
    """A month's deliveries: in the usual order, then as events put classes, then as they divert shares.

    Returns what is given on each debt  [slots, accounts, runs], and what comes before its time
    """
    given = turn.serve(supply)
    for event in reorderings:
        given = event.reorder(turn, given, supply, month)
    early: list[Early] = []
    for event in (event for event in reorderings if event.share is not None):
        if not event.term.holds(month).any():  # skips work, decides nothing
            continue
        already = add_up(entry.units for entry in early if set(entry.accounts) & set(event.first))
        by_account = sum_rows(given)
        units = event.diverted(book, by_account, month, turn, already)
        if units.any():
            given = event.serve_rest(given, by_account, units, turn)
            early.append(Early([account for account in event.first if account in turn.open_now.served], units))
    return given, early


def reorderings(world: World, line: str, book: OrderBook) -> list[Reordering]:
    """The events that change the queue of a line, those with a limit after the others."""
    found = []
    for name, event in sorted(world.setting.events.items(), key=lambda entry: _is_limited(entry[1])):
        if isinstance(event, schema.Queue) and line in event.lines:
            lasts = None if event.lasts is None else world.draws.months(event.lasts)
            since, until = span_of(event, lasts, world.last, world.runs)
            share = None if event.share is None else world.draws.of(event.share)
            found.append(Reordering(event, Term(since, until, share, world.allowance(name, event)), book))
    return found


def _is_limited(event: schema.Happening) -> bool:
    return isinstance(event, schema.Queue) and event.at_most is not None


def _named(account: Account, names: Collection[str]) -> bool:
    return account.customer in names or account.label in names


def span_of(event: schema.Queue, lasts: Whole | int | None, horizon_end: int, runs: int) -> tuple[int, Whole]:
    """First month of the event, and the month from which it no longer holds  [runs]

    A line delivers once a month, in the order that holds at its end: the month of `since` counts whole, that of
    `until` not at all.
    """
    since = month_of(event.since)
    until: Whole | int = horizon_end + 1 if lasts is None else since + lasts
    if event.until is not None:
        until = month_of(event.until)
    return since, np.broadcast_to(np.asarray(until, dtype=np.intp), (runs,))

"""What an agent can know of the rest of the world: who fires what, what is on its way, what may be counted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from backfill.agents.position import Position, Weapon
from backfill.arrays import Floats, Masks, PerRun, Whole, add_up
from backfill.giving.trust import trust
from backfill.numbers import whole_months

if TYPE_CHECKING:
    from backfill.agents.conflict import Conflict
    from backfill.giving.promises import Promise
    from backfill.lines.line import Line
    from backfill.world import World


class Census:
    """Answers to the questions that agents ask about each other; it changes nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._fighters: dict[str, list[Position]] = {}
        self._arsenals: dict[tuple[str, str], list[tuple[Position, int]]] = {}
        self._theatres: dict[tuple[str, str], list[Conflict]] = {}
        self._accounts: dict[str, list[tuple[Line, int]]] = {}
        self._coming: dict[tuple[str, str], list[tuple[int, PerRun]]] = {}

    def note_theatres(self) -> None:
        """Who fights where, once states and theatres are there."""
        for conflict in self.world.conflicts:
            self._fighters[conflict.name] = self._involved(conflict)
            self._note_arsenals(conflict)
            for position in self._fighters[conflict.name]:
                self._theatres.setdefault((position.state, position.need), []).append(conflict)

    def _involved(self, conflict: Conflict) -> list[Position]:
        needs = [need for need in self.world.needs if self.world.uses(conflict.entry, need)]
        pairs = [(state, need) for state in conflict.entry.fighting for need in needs]
        return [self.world.positions[pair] for pair in pairs if pair in self.world.positions]

    def note_accounts(self) -> None:
        """Who orders where, once the lines are there."""
        for line in self.world.finished_lines:
            for index, account in enumerate(line.book.accounts):
                self._accounts.setdefault(account.customer, []).append((line, index))

    def accounts_at_lines(self, customer: str) -> list[tuple[Line, int]]:
        """A customer's accounts at all lines."""
        return self._accounts.get(customer, [])

    def tension_felt(self, state: str) -> PerRun:
        """The highest tension of the theatres in which a state fights.  [runs]"""
        felt: PerRun = 0.0
        for conflict in self.world.conflicts:
            if state in conflict.entry.fighting:
                felt = np.maximum(felt, conflict.tension)
        return felt

    def fighters(self, conflict: Conflict) -> list[Position]:
        """The positions from which a theatre is supplied, in the order in which its states are named."""
        return self._fighters[conflict.name]

    def theatres(self, position: Position) -> list[Conflict]:
        """The theatres that a position supplies."""
        return self._theatres.get((position.state, position.need), [])

    def arsenal(self, conflict: Conflict, state: str) -> list[Weapon]:
        """What a state fires in a theatre: as the theatre names it, the items of a need in the order of the need."""
        return [(position, index, position.can_engage) for position, index in self._arsenals[conflict.name, state]]

    def _note_arsenals(self, conflict: Conflict) -> None:
        wanted = self._wanted(conflict.entry.uses)
        for state in conflict.entry.fighting:
            self._arsenals[conflict.name, state] = [
                (position, position.items.index(item))
                for need, item in wanted
                if (position := self.world.positions.get((state, need))) is not None and item in position.items
            ]

    def _wanted(self, uses: Sequence[str]) -> list[tuple[str, str]]:
        """Each item that a theatre uses, with the need that it meets there."""
        needs = self.world.needs
        wanted = [(n if n in needs else self.world.need_of(n), item) for n in uses for item in needs.get(n, (n,))]
        return list(dict.fromkeys(wanted))

    def expected_use(self, position: Position) -> PerRun:
        """What falls to a state of the use in its theatres, at the rate now in force, a month: their sum.  [runs]"""
        total: PerRun = 0.0
        for conflict in self.theatres(position):
            total = total + np.asarray(conflict.expected_of(position.state))
        return total

    def backfill_expected(self, position: Position) -> PerRun:
        """Backfill that a state may count on within its horizon, as far as it trusts, in equivalents.  [runs]"""
        total: PerRun = 0.0
        for promise, worth in self.promises_to(position):
            trust = self.trust(position, promise.event.from_)
            total = total + worth * (trust * promise.expected(self.world.month, position.look_ahead))
        return total + self._requested_backfill(position)

    def promises_to(self, position: Position) -> list[tuple[Promise, PerRun]]:
        """The promises of which a position is the aim, and what a promised unit is worth to it."""
        return [
            (promise, position.worth[position.items.index(promise.event.item)])
            for promise in self.world.promises
            if promise.event.to == position.state and promise.event.item in position.items
        ]

    def trust(self, position: Position, promiser: str) -> PerRun:
        """How far a state believes what another promises it; 1 where it says nothing about its trust.  [runs]"""
        prior = position.trust_prior
        if prior is None:
            return 1.0
        deeds = [p for p in self.world.promises if (p.event.from_, p.event.to) == (promiser, position.state)]
        return trust(prior, [deed.record for deed in deeds])

    def _requested_backfill(self, position: Position) -> Floats:
        """Backfill that was asked for, is under contract or under way, and arrives within the horizon.  [runs]"""
        total = position.zeros()
        lanes = [(lane, worth) for lane, worth in self._lanes_to(position) if self._is_backfill(lane)]
        due = self.world.shipments.due_within(self.world.month, position.look_ahead, [lane for lane, _worth in lanes])
        for (lane, worth), units in zip(lanes, due, strict=True):
            total += worth * (self.trust(position, self._supplier(lane)) * units)
        return total

    def _supplier(self, lane: int) -> str:
        return self.world.shipments.lanes[lane].route.supplier

    def requested_backfill_received(self, position: Position) -> Floats:
        """Backfill that was asked for and arrived this month, in equivalents.  [runs]"""
        arrived = self.world.shipments.arrived
        lanes = [(lane, worth) for lane, worth in self._lanes_to(position) if self._is_backfill(lane)]
        return position.zeros() + add_up(worth * arrived[lane] for lane, worth in lanes)

    def _is_backfill(self, lane: int) -> bool:
        return self.world.shipments.lanes[lane].route.channel in ("backfill", "bought")

    def _lanes_to(self, position: Position) -> list[tuple[int, PerRun]]:
        """The lanes on which something comes to a position, and what a unit on each is worth to it."""
        key = (position.state, position.need)
        if key not in self._coming:
            worth = dict(zip(position.items, position.worth, strict=True))
            lanes = self.world.shipments.to(position.state, position.items)
            self._coming[key] = [(lane, worth[self.world.shipments.lanes[lane].item]) for lane in lanes]
        return self._coming[key]

    def due_from_lines(self, position: Position, months: Whole) -> Floats:
        """Orders that fall due within some months, in equivalents; what is overdue nobody counts on.  [runs]"""
        total = position.zeros()
        for line, account, worth in self.accounts_of(position):
            total += worth * self._let_out(line, account, line.book.due_within(account, self.world.index, months))
        return total

    def due_within_replacement(self, position: Position, months: PerRun | None) -> Floats:
        """Orders that fall due within a time, else within the lead time of each line, in equivalents.  [runs]"""
        total = position.zeros()
        for line, account, worth in self.accounts_of(position):
            within = line.lead if months is None else np.broadcast_to(whole_months(months), line.lead.shape)
            total += worth * self._let_out(line, account, line.book.due_within(account, self.world.index, within))
        return total

    def own_deliveries(self, position: Position) -> Floats:
        """What lines brought into its stock this month, in equivalents.  [runs]"""
        total = position.zeros()
        for line, account, worth in self.accounts_of(position):
            came = line.deliveries.delivered if line.state == position.state else line.deliveries.arrived
            total += worth * came[account]
        return total

    def planned_receipts(self, position: Position) -> Floats:
        """What its plans of receipts have for this month, in equivalents.  [runs]"""
        total = position.zeros()
        for purchasing in self.world.purchasing:
            item = purchasing.line.item
            if item in position.items:
                worth = position.worth[position.items.index(item)]
                total += worth * purchasing.planned_for(position.state, self.world.index)
        return total

    def due_soon(self, position: Position) -> Floats:
        """What lines will deliver within the cover: orders due then, or the latest delivery of a share of the queue."""
        total = position.zeros()
        for line, account, worth in self.accounts_of(position):
            due = line.book.due_within(account, self.world.index, position.cover_months)
            soon = np.minimum(line.deliveries.delivered[account] * position.cover_months, line.book.still_open(account))
            total += worth * self._let_out(line, account, np.where(self._goes_first(line, account), soon, due))
        return total

    def _goes_first(self, line: Line, account: int) -> Masks:
        """Where an event now gives an account a share of the queue.  [runs]"""
        first = np.zeros(self.world.runs, dtype=bool)
        for event in line.deliveries.reorderings:
            if event.share is not None and account in event.first:
                first = first | event.term.holds(self.world.month)
        return first

    def accounts_of(self, position: Position) -> list[tuple[Line, int, PerRun]]:
        """A state's accounts at lines that make what meets a need, and what a unit from each adds to what it has."""
        return [
            (line, index, position.gain(line.item, line.entry.refurbishes))
            for line, index in self.accounts_at_lines(position.state)
            if line.item in position.items
        ]

    def coming(self, position: Position) -> Floats:
        """Committed to a state or on its way to it, in equivalents; nothing of lots that are gone.  [runs]"""
        total, shipments = position.zeros(), self.world.shipments
        lanes = self._lanes_to(position)
        expected = shipments.coming[[lane for lane, _worth in lanes]]
        for index in np.flatnonzero(expected.any(axis=1)):
            lane, worth = lanes[index]
            there = self.world.ledger.stock[shipments.lanes[lane].from_row] > 0
            total += worth * np.where(there, expected[index], shipments.under_way[lane])
        for line, account, worth in self.accounts_of(position):
            total += worth * (line.deliveries.underway[account] + line.deliveries.outbound[account])
        return total

    def under_way(self, position: Position) -> Floats:
        """What has left for a state and has not arrived, in equivalents.  [runs]"""
        total = position.zeros()
        for lane, worth in self._lanes_to(position):
            total += worth * self.world.shipments.under_way[lane]
        for line, account, worth in self.accounts_of(position):
            total += worth * (line.deliveries.underway[account] + line.deliveries.outbound[account])
        return total

    def whole_position(self, position: Position) -> Floats:
        """Stock, what is coming and all open orders that law lets out, in equivalents, each unit once.  [runs]"""
        total = position.equivalents() + self.coming(position)
        for line, account, worth in self.accounts_of(position):
            total += worth * self._let_out(line, account, line.book.still_open(account))
        return total

    def _let_out(self, line: Line, account: int, units: Floats) -> Floats:
        """Units on order, none where the rules of the line's state now keep them at home: nobody counts on those."""
        if line.deliveries.closed[account] is None:
            return units
        return np.where(line.deliveries.bars(account, self.world.index), 0.0, units)

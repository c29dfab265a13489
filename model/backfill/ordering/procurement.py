"""Who orders what from a line, and when: plans of receipts, named orders, contracts, and those who take the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole, add_up, sum_rows
from backfill.blueprint import planners
from backfill.kernels.allocation import share_in_proportion
from backfill.kernels.production import ROUNDING, whole_steps
from backfill.numbers import holding_in
from backfill.ordering.orders import OUTSIDE
from backfill.reading.number import Number
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.lines.line import Line
    from backfill.world import World


class Purchasing:
    """All that is ordered from one line according to plan.

    plans:     whole units by month of receipt, for each account that has a plan      [slots, runs]
    totals:    units that contracts make due, whoever gets them                         [slots, runs]
    remaining: units of the contracts that take what nobody else has                    [runs]
    """

    def __init__(self, world: World, line: Line) -> None:
        self.world, self.line = world, line
        self.plans: list[tuple[int, Floats]] = [*self._state_plans(), *self._seeds()]
        spread = [contract for contract in line.entry.contracts.values() if contract.until is not None]
        self.totals: Floats = sum((self._evenly(contract) for contract in spread), np.zeros((world.slots, world.runs)))
        self.takers = [contract for contract in line.entry.contracts.values() if contract.until is None]
        self.remaining = [self._whole(contract.units) for contract in self.takers]
        self._had: dict[int, Floats] = {}
        self.rest = line.book.index(line.entry.rest_to or OUTSIDE)

    def _whole(self, number: Number) -> Floats:
        units = np.asarray(self.world.draws.whole(number), dtype=float)
        return np.array(np.broadcast_to(units, (self.world.runs,)))

    def _state_plans(self) -> list[tuple[int, Floats]]:
        """Plans of receipts: a rate, or a share of announced output."""
        plans = []
        for customer in planners(self.world.setting, self.line.name, self.line.item):
            holding = self.world.setting.states[customer].items[self.line.item]
            rates = np.array([np.broadcast_to(self._rate(holding, slot), (self.world.runs,)) for slot in self._slots()])
            plans.append((self.line.book.index(customer), whole_steps(rates)))
        return plans

    def _rate(self, holding: schema.Holding, slot: int) -> PerRun:
        number = holding_in(holding.procurement or {}, self.world.first + slot)
        if number is None:
            return 0.0
        rate = self.world.draws.of(number)
        return rate * self.line.nameplate[slot] if number.of == "output" else rate

    def _slots(self) -> range:
        return range(self.world.slots)

    def _seeds(self) -> list[tuple[int, Floats]]:
        """Customers who hold a share of announced output until the first known orders fall due."""
        seed = self.line.entry.seed
        if seed is None:
            return []
        until = np.array([float(self.world.first + slot <= seed.until) for slot in self._slots()])[:, np.newaxis]
        return [
            (self.line.book.index(customer), whole_steps(self.line.nameplate * self.world.draws.of(share) * until))
            for customer, share in seed.shares.items()
        ]

    def _evenly(self, contract: schema.Contract) -> Floats:
        """A contract's units in equal months from its first to its last."""
        since, until = contract.since - self.world.first, int(contract.until or 0) - self.world.first
        inside = np.array([float(since <= slot <= until) for slot in self._slots()])[:, np.newaxis]
        return whole_steps(inside * self._whole(contract.units) / (until - since + 1))

    def planned_for(self, customer: str, slot: int) -> Floats:
        """Units that the plans of a state have for a month.  [runs]"""
        total = np.zeros(self.world.runs)
        for account, plan in self.plans:
            if self.line.book.accounts[account].customer == customer:
                total += plan[slot]
        return total

    # --- phase 7 ----------------------------------------------------------------------------------------------

    def open_book(self) -> None:
        """The book at the start: orders placed before, and all that is due within the first lead time."""
        for order, name in self._named():
            if order.placed < self.world.first:
                self._place(order, name)
        for slot in range(int(self.line.lead.max(initial=0))):
            self._order_for(np.full(self.world.runs, slot, dtype=np.intp), slot < self.line.lead)

    def order(self, index: int) -> None:
        """What is ordered this month: named orders of the month, then the receipts planned for one lead time ahead."""
        for order, name in self._named():
            if order.placed == self.world.first + index:
                self._place(order, name)
        self._order_for(index + self.line.lead, np.ones(self.world.runs, dtype=bool))

    def _named(self) -> list[tuple[schema.Order, str]]:
        return [(order, name) for name, order in self.line.entry.orders.items()]

    def _place(self, order: schema.Order, name: str) -> None:
        """A named order: due from one lead time after it was placed, in equal months."""
        account = self.line.book.account_of(order.customer, name)
        months = np.maximum(1 if order.over is None else self.world.draws.months(order.over), 1)
        scale = 1.0 if order.scale is None else self.world.draws.of(order.scale)
        units = np.rint(self.world.draws.of(order.units) * scale)
        first_due = order.placed - self.world.first + self.line.lead
        shape = (int(np.max(months)), self.world.runs)
        passed = np.arange(shape[0])[:, np.newaxis]
        by_then = np.floor(units * np.minimum(passed + 1, months) / months + ROUNDING)
        in_month = np.diff(np.broadcast_to(by_then, shape), axis=0, prepend=0.0)
        self.line.book.place_over(account, np.broadcast_to(first_due + passed, shape), in_month)

    def _order_for(self, slot: Whole, where: Masks) -> None:
        """Orders due in a slot: plans first, then contracts and others take the rest of announced output."""
        inside = where & (slot < self.world.slots)
        at = (np.minimum(slot, self.world.slots - 1), np.arange(self.world.runs))
        for account, plan in self.plans:
            self.line.book.place(account, slot, np.where(inside, plan[at], 0.0))
        wanted = np.maximum(self.line.announced[at], self.totals[at])
        rest = np.where(inside, np.maximum(wanted - self.line.book.ordered_for(slot), 0.0), 0.0)
        for number, contract in enumerate(self.takers):
            rest = rest - self._take(number, contract, slot, rest)
        if self.line.entry.idles:
            rest = np.minimum(rest, np.maximum(self.totals[at] - self.line.book.ordered_for(slot), 0.0))
        self.line.book.place(self.rest, slot, rest)

    def _take(self, number: int, contract: schema.Contract, slot: Whole, rest: Floats) -> Floats:
        """A contract takes what nobody else has, from its first month until it is used up; its customers share it."""
        begun = slot + self.world.first >= contract.since
        taken = np.where(begun, np.minimum(rest, self.remaining[number]), 0.0)
        self.remaining[number] = self.remaining[number] - taken
        for customer, units in zip(contract.split, self._split(number, contract, taken), strict=True):
            self.line.book.place(self.line.book.index(customer), slot, units)
        return taken

    def _split(self, number: int, contract: schema.Contract, taken: Floats) -> Floats:
        """Whole units for each customer, so that what each has had follows its share.  [customers, runs]"""
        drawn = [self.world.draws.of(share) for share in contract.split.values()]
        shares = np.array([np.broadcast_to(share, taken.shape) for share in drawn])
        had = self._had.setdefault(number, np.zeros_like(shares))
        due = shares / np.maximum(add_up(shares), ROUNDING) * (sum_rows(had) + taken)
        owed = np.maximum(due - had, 0.0)
        units = np.floor(owed + ROUNDING)
        order = np.argsort(units - owed, axis=0, kind="stable")
        rank = np.argsort(order, axis=0, kind="stable")
        units += rank < taken - sum_rows(units)
        units = share_in_proportion(units, taken)
        self._had[number] = had + units
        return units

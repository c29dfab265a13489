"""A production line: what it can build in a month, of which parts, and which limit binds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun, Whole, sum_rows
from backfill.blueprint import accounts_of
from backfill.kernels.allocation import share_in_proportion
from backfill.kernels.production import ROUNDING, build, whole_steps
from backfill.lines.course import course
from backfill.lines.deliveries import Deliveries
from backfill.ordering.orders import OrderBook
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


class Line:
    """One line: capacity by month, an order book (finished items), components on hand.

    capacity:   units a month as it will be, slips included        [slots, runs]
    announced:  whole units a month as announced, without slip     [slots, runs]
    built, carry: this month's output, and the part of a unit that is under way   [runs]
    """

    def __init__(self, world: World, maker: str, name: str, state: str, entry: schema.Line) -> None:
        self.world, self.name, self.state, self.entry = world, f"{maker}.{name}", state, entry
        self.item = entry.item
        self.finished = world.setting.items[entry.item].is_finished
        self.needs = world.setting.items[entry.item].needs
        shape = (world.slots, world.runs)
        slack = 1.0 if entry.slack is None else 1.0 + np.asarray(world.draws.of(entry.slack))
        self.capacity: Floats = np.broadcast_to(course(world, self.name, entry, slipped=True) * slack, shape)
        self.nameplate: Floats = np.broadcast_to(course(world, self.name, entry, slipped=False), shape)
        self.announced: Floats = whole_steps(np.where(np.isfinite(self.nameplate), self.nameplate, 0.0))
        lead = 0 if entry.lead_time is None else world.draws.months(entry.lead_time)
        self.lead: Whole = np.broadcast_to(np.asarray(lead, dtype=np.intp), (world.runs,))
        self.carry, self.built, self.bound = (np.zeros(world.runs) for _ in range(3))
        accounts = accounts_of(world.setting, self.name, entry) if self.finished else []
        self.book = OrderBook(accounts, world.slots, world.runs)
        self.deliveries = Deliveries(world, self)

    # --- component lines --------------------------------------------------------------------------------------

    def components_needed(self, component: str, index: int) -> Floats:
        """What this month's output asks for, less what is on hand.  [runs]"""
        potential = np.floor(self.carry + self.capacity[index] + ROUNDING)
        wanted = np.minimum(potential, sum_rows(self.book.overdue(index)))
        needed: Floats = np.maximum(self.needs[component] * wanted - self.on_hand(component), 0.0)
        return needed

    def on_hand(self, component: str) -> Floats:
        """Components in the hands of the line, of any origin.  [runs]"""
        rows = self.world.ledger.rows(self.name, component)
        return sum_rows(self.world.ledger.stock[rows])

    def supply_components(self, takers: Sequence[Line], index: int) -> None:
        """Build to what the takers need, share it, and put it into their hands in the same month."""
        wanted = np.array([taker.components_needed(self.item, index) for taker in takers])
        total = sum_rows(wanted)
        self.built, self.carry, self.bound = build(self.carry, self.capacity[index], total, np.inf)
        for taker, units in zip(takers, self._share(takers, wanted), strict=True):
            self.world.ledger.create(self.world.ledger.row(taker.name, self.item, self.state), units)

    def _share(self, takers: Sequence[Line], wanted: Floats) -> Floats:
        if self.entry.allocation == "proportional":
            return share_in_proportion(wanted, self.built)
        own = np.array([[float(taker.state == self.state)] for taker in takers])
        first = share_in_proportion(wanted * own, self.built)
        return first + share_in_proportion(wanted * (1.0 - own), self.built - sum_rows(first))

    # --- lines of finished items ------------------------------------------------------------------------------

    def run(self, index: int) -> None:
        """A month of production: build what is due as far as capacity and components go, and deliver it."""
        due = self.deliveries.owed(index)
        self.built, self.carry, self.bound = build(self.carry, self.capacity[index], due, self._possible())
        self._use_components()
        self.deliveries.hand_out(self.built, index)

    def _possible(self) -> PerRun:
        """Units for which all components are there.  [runs]"""
        possible: PerRun = np.inf
        for component, units in self.needs.items():
            possible = np.minimum(possible, np.floor(self.on_hand(component) / units))
        return possible

    def _use_components(self) -> None:
        for component, units in self.needs.items():
            left = self.built * units
            for row in self.world.ledger.rows(self.name, component):
                taken = np.minimum(self.world.ledger.stock[row], left)
                self.world.ledger.use_up(row, taken)
                left = left - taken

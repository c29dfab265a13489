"""A production line: what it can build in a month, of which parts, and which limit binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole, add_up
from backfill.blueprint import accounts_of
from backfill.kernels.production import COMPONENT, DOWN, ROUNDING, build, whole_steps
from backfill.lines.course import course
from backfill.lines.deliveries import Deliveries
from backfill.lines.growth import Growth
from backfill.lines.parts import Parts
from backfill.lines.price import Price
from backfill.lines.refurbishing import Refurbishing
from backfill.lines.stoppages import stoppages_of
from backfill.ordering.orders import OrderBook
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


class Line:
    """One line: capacity by month, an order book (finished items), parts on hand.

    capacity:   units a month as it will be, slips included, without what a long book adds     [slots, runs]
    announced:  whole units a month as announced, without slip                                  [slots, runs]
    able:       units that it can build this month: none while it stands still                  [runs]
    asked:      units that are asked of it this month (of a maker of parts)                      [runs]
    planned:    units for which it needs parts this month                                        [runs]
    built, carry: this month's output, and the part of a unit that is under way                   [runs]
    bound:      what limited it: orders, capacity, a component, or that it stood still            [runs]
    """

    def __init__(self, world: World, maker: str, name: str, state: str, entry: schema.Line) -> None:
        self.world, self.name, self.state, self.entry = world, f"{maker}.{name}", state, entry
        self.item = entry.item
        self.finished = world.setting.items[entry.item].is_finished
        self.needs = world.setting.items[entry.item].needs
        self.parts = Parts(world.ledger, self.name, self.needs)
        shape = (world.slots, world.runs)
        slack = 1.0 if entry.slack is None else 1.0 + np.asarray(world.draws.of(entry.slack))
        self.capacity: Floats = np.broadcast_to(course(world, self.name, entry, slipped=True) * slack, shape)
        self.nameplate: Floats = np.broadcast_to(course(world, self.name, entry, slipped=False), shape)
        self.announced: Floats = whole_steps(np.where(np.isfinite(self.nameplate), self.nameplate, 0.0))
        lead = 0 if entry.lead_time is None else world.draws.months(entry.lead_time)
        self.lead: Whole = np.broadcast_to(np.asarray(lead, dtype=np.intp), (world.runs,))
        self.growth = None if entry.ceiling is None else Growth(world, entry, self.capacity, self.lead)
        self.stoppages = stoppages_of(world, self.name, entry)
        self.stopped: Masks = np.zeros(world.runs, dtype=bool)
        self.price = Price(world, entry)
        self.able, self.asked, self.planned = (np.zeros(world.runs) for _ in range(3))
        self.carry, self.built, self.bound = (np.zeros(world.runs) for _ in range(3))
        accounts = accounts_of(world.setting, self.name, entry) if self.finished else []
        self.book = OrderBook(accounts, world.slots, world.runs)
        self.refurbishing = Refurbishing(world, self, entry.refurbishes) if entry.refurbishes else None
        self.deliveries = Deliveries(world, self)

    def price_at(self, index: int) -> PerRun:
        """Thousands of US dollars for a unit bought in a month, by what has been built so far.  [runs]"""
        return self.price.at(self.world.first + index)

    # --- what it can do this month ----------------------------------------------------------------------------

    def get_ready(self, index: int) -> None:
        """Capacity of this month: announced, what a long book has added, nothing while the line stands still."""
        self.able = self.capacity[index]
        if self.growth is not None:
            self.able = self.able + self.growth.decide(index, self._on_order())
        if self.stoppages:
            self.stopped = np.logical_or.reduce([stoppage.stops() for stoppage in self.stoppages])
            self.able = np.where(self.stopped, 0.0, self.able)

    def _on_order(self) -> Floats:
        """Units in the book; a maker of parts has none, it goes by what was asked of it last month.  [runs]"""
        if not self.finished:
            return self.asked
        return add_up(self.book.still_open(account) for account in range(len(self.book.accounts)))

    def potential(self) -> Floats:
        """Whole units that it could build with all parts and all orders.  [runs]"""
        whole: Floats = np.floor(self.carry + self.able + ROUNDING)
        return whole

    def plan(self, asked: Floats) -> None:
        """Take note of what is asked for; parts are needed for as much of it as the line can build."""
        self.asked = asked
        if self.needs:
            self.planned = np.minimum(self.potential(), asked)

    def plan_for_book(self, index: int) -> None:
        """Plan for what is due by now and may be delivered: no parts for what the law bars."""
        if self.needs:
            self.plan(self.deliveries.owed(index))

    # --- what it builds ---------------------------------------------------------------------------------------

    def build(self, due: Floats) -> None:
        """Build what is due as far as capacity and parts go, and use the parts up."""
        self.built, self.carry, self.bound = build(self.carry, self.able, due, self._possible())
        if self.stoppages:
            self.bound = np.where(self.stopped & (due > 0), DOWN, self.bound)
        for stoppage in self.stoppages:
            stoppage.take_note(due)
        self.parts.use_up(self.built)
        self.price.count(self.built)

    def _possible(self) -> PerRun:
        """Units for which all parts are there, and old units where they are made of such.  [runs]"""
        possible = self.parts.possible()
        return possible if self.refurbishing is None else np.minimum(possible, self.refurbishing.on_hand())

    def run(self, index: int) -> None:
        """A month of a line of finished goods: build what is due, and hand it out to the customers."""
        self.build(self.deliveries.owed(index))
        self.deliveries.hand_out(self.built, index)

    def hand_to(self, taker: Line, units: Floats) -> None:
        """Put parts into the hands of a line that builds them into something."""
        self.world.ledger.create(self.world.ledger.row(taker.name, self.item, self.state), units)

    def short_of(self, part: str) -> Masks:
        """Where this part, and no other limit, kept the line from building more.  [runs]"""
        short: Masks = (self.bound == COMPONENT) & self.parts.scarcest(part, self.built)
        return short

"""From request to commitment in one run: standing requests, dated packages, promised backfill."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.months import month_of
from backfill.passing.transfers import IDLE_MONTHS, Route
from backfill.scenario import schema
from scalar_world.arithmetic import MID_MONTH, ROUNDING, months_later

if TYPE_CHECKING:
    from scalar_world.states import Stance
    from scalar_world.world import ScalarWorld


@dataclass
class Delays:
    """Months from commitment to contract, hand-over and arrival."""

    contract: int
    handover: int
    arrival: int


class Case:
    """The standing request for gifts of one state to another."""

    def __init__(self, world: ScalarWorld, route: Route) -> None:
        self.world, self.route = world, route
        self.opened, self.waiting_until, self.last_moved = False, 0, 0
        self.amount, self.spent, self.given, self.ready = 0.0, 0.0, 0.0, False

    def ask(self, quantity: float) -> None:
        if quantity > 0 and not self.opened:
            decision = months_later(self.world.duration(self.route, "decision"), MID_MONTH)
            self.opened = True
            self.waiting_until = self.last_moved = self.world.month + decision

    def close_where_idle(self) -> None:
        self.opened = self.opened and self.world.month - self.last_moved < IDLE_MONTHS

    def make_offer(self) -> None:
        self.giver = self.world.stances[self.route.supplier]
        self.ready = self.opened and self.waiting_until <= self.world.month
        share = self.world.open_share(self.route.supplier, self.route.recipient)
        offered = min(self.giver.left, self.giver.headroom_left) if self.giver.gives_headroom else self.giver.left
        self.amount = offered * share if self.ready else 0.0
        self.spent = self.given = 0.0

    def hand_out(self, recipient: Stance, need: float, delays: Delays) -> None:
        giver = self.giver
        spare = max(giver.free_equivalents() - giver.minimum(), 0.0)
        left, before = min(self.amount - self.spent, spare), self.given
        for item in giver.least_worth_first:
            worth, value = giver.worth[item], recipient.worth[item]
            units = min(whole_units(left, worth), whole_units(need, value))
            taken = self.world.commit(self.route, item, units, delays)
            left, need = left - taken * worth, need - taken * value
            self.spent, self.given = self.spent + taken * worth, self.given + taken * value
        if self.given > before:
            self.last_moved = self.world.month

    def close(self) -> None:
        giver = self.giver
        giver.left -= self.spent
        giver.headroom_left = max(giver.headroom_left - self.spent, 0.0)
        if self.ready and giver.offering:
            giver.fraction = math.fmod(max(giver.left, 0.0), giver.largest_worth)


def whole_units(equivalents: float, worth: float) -> float:
    if worth <= 0:
        return 0.0
    return float(math.floor(max(equivalents, 0.0) / max(worth, ROUNDING) + ROUNDING))


class Pledge:
    """A dated package: what of it is still to be committed, by item."""

    def __init__(self, world: ScalarWorld, event: schema.Pledge) -> None:
        self.world, self.event = world, event
        self.route = Route(event.from_, event.to, world.need, "pledge", event.via)
        self.since = event.arrives - 1 if event.arrives else month_of(event.date or dt.date.min)
        total = left = float(round(world.of(event.units)))
        self.left = {event.item: total} if event.item is not None else {}
        for item, share in event.parts.items():
            self.left[item] = min(float(round(total * world.of(share))), left)
            left -= self.left[item]
        if event.rest is not None:
            self.left[event.rest] = left

    def commit(self) -> None:
        doctrine = self.world.setting.states[self.event.from_].doctrine
        packages = doctrine is None or doctrine.kind == "packages"
        if packages and self.since <= self.world.month < self.since + IDLE_MONTHS:
            dated = self.event.arrives is not None
            delays = Delays(0, 0, 1) if dated else self.world.delays(self.route)
            for item, units in self.left.items():
                self.left[item] = units - self.world.commit_dated(self.route, item, units, delays)


class Promise:
    """Backfill owed: announced, under contract, arrived."""

    def __init__(self, world: ScalarWorld, name: str, event: schema.Promise) -> None:
        self.world, self.event, self.date = world, event, month_of(event.date)
        self.route = Route(event.from_, event.to, world.need, "promise", label=name)
        self.announced = float(round(world.of(event.units)))
        self.left = float(round(world.of(event.delivers or event.units)))
        due = 0 if event.due is None else months_later(world.of(event.due), event.date.day - 1)
        self.due, self.delivered = self.date + due, 0.0
        self.commitments: list[tuple[float, int, int]] = []

    def commit(self) -> None:
        month = self.world.month
        if month < self.date:
            return
        decision = months_later(self.world.duration(self.route, "decision"), self.event.date.day - 1)
        since = self.date + decision
        if not since <= month < since + IDLE_MONTHS or not self.left:
            return
        delays = self.world.delays(self.route, self.event.date.day - 1 if month == self.date else MID_MONTH)
        units = self.world.commit_dated(self.route, self.event.item, self.left, delays)
        self.left -= units
        if units > 0:
            self.commitments.append((units, month + delays.contract, month + delays.arrival))

    def expected(self, month: int, look_ahead: int) -> float:
        if month < self.date:
            return 0.0
        open_promise = month < self.due <= month + look_ahead
        promised = max(self.announced - self.delivered, 0.0) if open_promise else 0.0
        in_time = 0.0
        for units, contract, arrival in self.commitments:
            if contract <= month and arrival <= month + look_ahead:
                in_time += units
        lanes = self.world.lanes_along(self.route, self.event.item)
        coming = sum((self.world.coming[lane] for lane in lanes), 0.0)
        return max(promised, min(in_time - self.delivered, coming))

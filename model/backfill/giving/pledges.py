"""Gifts with a date: packages that were pledged, for nothing or against a promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.agents.position import ROUNDING, worth_of
from backfill.arrays import Floats, Masks, PerRun, Whole, add_up, sum_rows
from backfill.blueprint import pledge_route
from backfill.months import month_of
from backfill.ordering.money import Authority
from backfill.passing.transfers import IDLE_MONTHS, Delays
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.giving.promises import Promise
    from backfill.world import World


class Pledge:
    """A package from one state to another, by items; what cannot be taken above the minimum stays due for a year.

    units, left: units of each item, and those of them still to be committed   [items, runs]
    total, shipped: units of the package, and those that have left (where a promise is in exchange for it)   [runs]
    withheld: units due this month that the giver keeps, since it sees no promise that is worth them           [runs]
    claim: the promise against which it is given; None if there is none, or if that promise is switched off
    """

    claim: Promise | None = None

    def __init__(self, world: World, name: str, event: schema.Pledge) -> None:
        self.world, self.name, self.event = world, name, event
        self.route = pledge_route(world.setting, name, event)
        self.since = _commit_month(event)
        self.until: Whole = np.full(world.runs, self.since + IDLE_MONTHS, dtype=np.intp)
        self.units = self._units(world)
        self.left = dict(self.units)
        self.total: Floats = np.zeros(world.runs) + add_up(self.left.values())
        self.shipped, self.withheld = np.zeros(world.runs), np.zeros(world.runs)

    def _units(self, world: World) -> dict[str, Floats]:
        """Whole units of each item: its share of the package, the rest to the item that takes it."""
        total = np.broadcast_to(np.asarray(world.draws.whole(self.event.units), dtype=float), (world.runs,))
        if self.event.item is not None:
            return {self.event.item: total}
        units: dict[str, Floats] = {}
        left = total
        for item, share in self.event.parts.items():
            units[item] = np.minimum(np.rint(total * world.draws.of(share)), left)
            left = left - units[item]
        if self.event.rest is not None:
            units[self.event.rest] = left
        return units

    def commit(self, month: int) -> None:
        """Put under contract what the giver can spare, until it is all there or a year has passed."""
        self.withheld = np.zeros(self.world.runs)
        if month < self.since:
            return
        due = self._due(month)
        if not due.any() or not self.world.gives_packages(self.route):
            return
        willing = self._willing(month)
        self.withheld = np.where(due & ~willing, add_up(self.left.values()), 0.0)
        delays = self._delays(month)
        for item, units in self.left.items():
            if units.any():
                wanted = self._affordable(item, np.where(due & willing, self._in_step(item, units), 0.0))
                taken = sum_rows(self.world.commit_dated(self.route, item, wanted, delays))
                self.left[item] = units - taken
                for purse in self.purses:
                    purse.pay(item, taken)

    def _due(self, month: int) -> Masks:
        """Where it is due: for a year, and where it keeps step, for a year after the last that came in exchange."""
        if self.event.in_step and self.claim is not None:
            came = self.claim.received > 0
            self.until = np.where(came, np.maximum(self.until, month + IDLE_MONTHS), self.until)
        due: Masks = (month >= self.since) & (month < self.until)
        return due

    def _in_step(self, item: str, left: Floats) -> Floats:
        """Of the units that are left, those that may go: where it keeps step, in proportion to what has come.

        may go = total * min(1, received / promised in all) - gone, in whole units                              [runs]
        """
        if not self.event.in_step or self.claim is None:
            return left
        promised = self.claim.in_all()
        part = np.divide(self.claim.delivered, promised, out=np.ones(self.world.runs), where=promised > 0)
        total = self.units[item]
        earned: Floats = np.maximum(np.floor(total * np.minimum(part, 1.0) + ROUNDING) - (total - left), 0.0)
        return earned

    @property
    def purses(self) -> list[Authority]:
        """To whom the package is charged: the giver, where it has an authority, else who pays for it.

        Nobody, where the authority that pays is switched off.
        """
        if self.event.paid_by is None:
            return self.world.authorities_for(self.event.from_, self.event.to)
        return [purse for name, purse in self.world.authorities.items() if name == self.event.paid_by]

    def _affordable(self, item: str, units: Floats) -> Floats:
        """Units for which there is money: all, where nobody counts it.  [runs]"""
        if self.event.paid_by is not None and not self.purses:
            return np.zeros_like(units)
        for purse in self.purses:
            units = np.minimum(units, purse.affordable(item))
        return units

    def _willing(self, month: int) -> Masks:
        """Where the promise stands against which it is given, and is worth enough to the giver.  [] or [runs]"""
        if self.event.against is None:
            return np.asarray(a=True)
        if self.claim is None:
            return np.asarray(a=False)
        stands = self.claim.stands(month) & ~self.claim.record.withdrawn
        if self.event.fair is None:
            return stands
        return stands & (self.worth_it() >= self.world.draws.of(self.event.fair) - ROUNDING)

    def worth_it(self) -> Floats:
        """What the giver is promised over what it gives: in equivalents of one need, else at the price of new units.

        received / given = promised units * value / sum of (units * value) over the items of the package  [runs]
        """
        if self.claim is None:
            return np.zeros(self.world.runs)
        given = add_up(units * self._value(item) for item, units in self.units.items())
        received = self.claim.in_all() * self._value(self.claim.event.item)
        ratio: Floats = np.divide(received, given, out=np.full(self.world.runs, np.inf), where=given > 0)
        return ratio

    def _value(self, item: str) -> PerRun:
        """A unit's worth to the giver, where all that is swapped meets one need; else its price.  [runs]"""
        setting, need = self.world.setting, self.route.need
        if self.claim is not None and self.claim.route.need == need:
            return worth_of(setting, self.event.from_, need, self.world.draws)[item]
        cost = setting.items[item].cost
        return 0.0 if cost is None else self.world.draws.of(cost)

    def depart(self) -> None:
        """Take account of what has left, where something is owed in exchange."""
        if self.route.label:
            for item in self.left:
                for lane in self.world.lanes_of(self.route, item):
                    self.shipped = self.shipped + self.world.shipments.departed[lane]

    def _delays(self, month: int) -> Delays:
        if self.event.arrives is None:
            return self.world.procedures.delays(self.route, month)
        one: Whole = np.ones(self.world.runs, dtype=np.intp)
        return Delays(one * 0, one * 0, one)


def _commit_month(event: schema.Pledge) -> int:
    """A known arrival was committed the month before; a decision commits in its own month."""
    if event.arrives is not None:
        return event.arrives - 1
    if event.date is None:
        raise ValueError("a pledge has a date or a month of arrival")
    return month_of(event.date)

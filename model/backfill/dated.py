"""Gifts with a date: packages that were pledged, and backfill that was promised."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, Whole
from backfill.months import month_of, months_later
from backfill.scenario import schema
from backfill.transfers import IDLE_MONTHS, Delays, Route, stages

if TYPE_CHECKING:
    from backfill.world import World


class Pledge:
    """A package from one state to another, by items; what cannot be taken above the minimum stays due for a year.

    left: units of each item still to be committed   [items, runs]
    """

    def __init__(self, world: World, event: schema.Pledge) -> None:
        self.world, self.event = world, event
        need = world.need_of(event.item or event.rest or next(iter(event.parts)))
        self.route = Route(event.from_, event.to, need, "pledge", event.via)
        self.since = _commit_month(event)
        self.left = self._units(world)

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
        if not self.since <= month < self.since + IDLE_MONTHS or not self.world.gives_packages(self.route):
            return
        delays = self._delays(month)
        for item, units in self.left.items():
            if units.any():
                self.left[item] = units - self.world.commit_dated(self.route, item, units, delays)

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


class Promise:
    """Backfill owed: announced units, due in a month, of which some are delivered through the stages of a transfer.

    announced, delivers: units      due: the month in which the promise is judged      [runs]
    decided: the month in which its government has decided                               [runs]
    commitments: units put under contract, the month of the contract, that of the arrival  [runs]
    delivered: units that have arrived                                                   [runs]
    """

    def __init__(self, world: World, name: str, event: schema.Promise) -> None:
        self.world, self.name, self.event = world, name, event
        self.route = Route(event.from_, event.to, world.need_of(event.item), "promise", label=name)
        self.date = month_of(event.date)
        runs = world.runs
        self.announced = np.broadcast_to(np.asarray(world.draws.whole(event.units), dtype=float), (runs,))
        delivers = event.units if event.delivers is None else event.delivers
        self.left: Floats = np.array(np.broadcast_to(np.asarray(world.draws.whole(delivers), dtype=float), (runs,)))
        due = 0 if event.due is None else months_later(world.draws.of(event.due), event.date.day - 1)
        self.due: Whole = np.broadcast_to(np.asarray(self.date + due, dtype=np.intp), (runs,))
        self.decided: Whole = world.decided_in(event, self.route)
        self.commitments: list[tuple[Floats, Whole, Whole]] = []
        self.shipped = np.zeros(runs)
        self.delivered = np.zeros(runs)

    def stands(self, month: int) -> Masks:
        """Announced, and not void because the rules forbid the transfer.  [] or [runs]"""
        return (month >= self.date) & self.world.permitted(self.route, self.event.item)

    def commit(self, month: int) -> None:
        """Name the lots: as many units as the promiser can spare, until a year after the announcement."""
        ready = (month >= self.decided) & (month < self.decided + IDLE_MONTHS)
        wanted = np.where(ready, self.left, 0.0)
        if not wanted.any():
            return
        delays = self._delays(month)
        units = self.world.commit_dated(self.route, self.event.item, wanted, delays)
        self.left = self.left - units
        if units.any():
            self.commitments.append((units, month + delays.contract, month + delays.arrival))

    def _delays(self, month: int) -> Delays:
        """The stages as they happened where the event says so, else as the procedure of the pair goes."""
        said = (self.event.contract, self.event.handover, self.event.transit)
        day = self.event.date.day - 1 if month == self.date else 14
        durations = [
            self.world.procedures.draw(self.route, stage, month) if number is None else self.world.draws.of(number)
            for stage, number in zip(("contract", "handover", "transit"), said, strict=True)
        ]
        return stages(durations, day)

    def arrive(self) -> None:
        """Take account of what has left and arrived."""
        lanes = self.world.lanes_of(self.route, self.event.item)
        for lane in lanes:
            self.delivered = self.delivered + self.world.shipments.arrived[lane]

    def depart(self) -> None:
        for lane in self.world.lanes_of(self.route, self.event.item):
            self.shipped = self.shipped + self.world.shipments.departed[lane]

    def contracted(self, month: int) -> Floats:
        """Units under contract so far, delivered ones included, lapsed ones not.  [runs]"""
        return np.minimum(self._committed(lambda made, _comes: made <= month), self.delivered + self._coming())

    def _coming(self) -> Floats:
        """Units that are still committed or under way.  [runs]"""
        total = np.zeros(self.world.runs)
        for lane in self.world.lanes_of(self.route, self.event.item):
            total += self.world.shipments.coming[lane]
        return total

    def _committed(self, wanted: Callable[[Whole, Whole], Masks]) -> Floats:
        """Units of the commitments whose months of contract and arrival are as wanted.  [runs]"""
        total = np.zeros(self.world.runs)
        for units, contract, arrival in self.commitments:
            total += units * wanted(contract, arrival)
        return total

    def expected(self, month: int, look_ahead: Whole) -> Floats:
        """Units that the promised state may count on within its horizon: promised and not yet come, or contracted.

        The larger of the two, never both; after the promise is judged only what is under contract counts.  [runs]
        """
        stands = self.stands(month)
        if not stands.any():
            return np.zeros(self.world.runs)
        open_promise = (self.due > month) & (self.due <= month + look_ahead)
        promised = np.where(open_promise, np.maximum(self.announced - self.delivered, 0.0), 0.0)
        in_time = self._committed(lambda made, comes: (made <= month) & (comes <= month + look_ahead))
        return np.where(stands, np.maximum(promised, np.minimum(in_time - self.delivered, self._coming())), 0.0)

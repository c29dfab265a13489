"""Backfill owed: what was promised, put under contract, withdrawn, delivered, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole, sum_rows
from backfill.giving.trust import Record
from backfill.kernels.production import ROUNDING
from backfill.months import NEVER, month_of, months_later
from backfill.passing.transfers import IDLE_MONTHS, Delays, Route, stages
from backfill.reading.number import Number
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.giving.pledges import Pledge
    from backfill.world import World


@dataclass
class Commitment:
    """Lots that were named in one month: units by lane, and the months of contract, hand-over and arrival.

    taken: [lanes, runs]    contract, handover, arrival: [runs]
    """

    lanes: list[int]
    taken: Floats
    contract: Whole
    handover: Whole
    arrival: Whole

    @property
    def units(self) -> Floats:
        """All units of it.  [runs]"""
        return sum_rows(self.taken)


class Promise:
    """Backfill owed: announced units, due in a month, of which some are delivered through the stages of a transfer.

    announced: units; for a gift, as many as the units given so far are swapped for            [runs]
    due: the month in which the promise is judged                                               [runs]
    decided: the month in which its government has decided;  until: when what is left lapses    [runs]
    left: units that are still to be committed; shipped, delivered, received: so far, so far, this month   [runs]
    allowed: units that its pace lets be named, and that were not named yet                      [runs]
    gift: the package that it is in exchange for; None if it is for nothing, or if that package is switched off
    """

    gift: Pledge | None = None

    def __init__(self, world: World, name: str, event: schema.Promise) -> None:
        self.world, self.name, self.event, runs = world, name, event, world.runs
        self.route = Route(event.from_, event.to, world.need_of(event.item), "promise", label=name)
        self.date = month_of(event.date)
        self.announced: Floats = np.zeros(runs)
        self.left: Floats = np.zeros(runs)
        if event.units is not None and event.for_ is None:
            self.announced = self._whole(event.units)
            self.left = self._whole(event.units if event.delivers is None else event.delivers)
        due = 0 if event.due is None else months_later(world.draws.of(event.due), event.date.day - 1)
        self.due: Whole = np.broadcast_to(np.asarray(self.date + due, dtype=np.intp), (runs,))
        self.decided: Whole = np.broadcast_to(world.procedures.decided_in(self.route, event.date), (runs,))
        self.until: Whole = self.decided + IDLE_MONTHS
        self.commitments: list[Commitment] = []
        self.shipped, self.delivered, self.received, self.allowed = (np.zeros(runs) for _ in range(4))
        self.record = Record(runs)

    def _whole(self, number: Number) -> Floats:
        units = np.asarray(self.world.draws.whole(number), dtype=float)
        return np.array(np.broadcast_to(units, (self.world.runs,)))

    def stands(self, month: int) -> Masks:
        """Announced, and not void because the rules forbid the transfer.  [] or [runs]"""
        return (month >= self.date) & self.world.permitted(self.route, self.event.item)

    # --- phase 1 ----------------------------------------------------------------------------------------------

    def withdraw(self, month: int) -> None:
        """The promiser takes back what is not under contract: at a date, or by chance; it is judged in that month."""
        if month < self.date or (self.event.withdrawn is None and self.event.default is None):
            return
        where = self._takes_back(month) & ~self.record.withdrawn
        where &= (self.in_all() > self.contracted(month)) | (self.left > 0)
        if where.any():
            for commitment in self.commitments:
                self._recall(commitment, where, month)
            self.left = np.where(where, 0.0, self.left)
            self.due = np.where(where, np.minimum(self.due, month), self.due)
            self.record.withdrawn = self.record.withdrawn | where

    def _takes_back(self, month: int) -> Masks:
        """Where the promiser no longer means it: at its date, or by chance in a month until it is due.  [runs]"""
        dated = self.event.withdrawn is not None and month == month_of(self.event.withdrawn)
        where = np.full(self.world.runs, dated)
        if self.event.default is None:
            return where
        chance = self.world.draws.of(self.event.default)
        still_owed = np.asarray(self.event.due is None) | (month <= self.due)
        return where | (still_owed & (self.world.chance.uniform("default", self.name, month) < chance))

    def _recall(self, commitment: Commitment, where: Masks, month: int) -> None:
        """Release the lots of a commitment that has no contract yet."""
        off = where & (commitment.contract > month) & (commitment.handover >= month)
        units = np.where(off, commitment.taken, 0.0)
        self.world.shipments.release(commitment.lanes, units, commitment.handover, commitment.arrival, month)
        commitment.taken = commitment.taken - units

    # --- phase 4 ----------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Take account of what has arrived, and judge what is due."""
        month = self.world.month
        lanes = self.world.lanes_of(self.route, self.event.item)
        self.received = sum_rows(self.world.shipments.arrived[lanes])
        self.delivered = self.delivered + self.received
        if self.event.due is not None or self.record.withdrawn.any():
            due = (self.due <= month) & (self.record.withdrawn | (self.event.due is not None)) & (month >= self.date)
            self.record.judge(due, self.announced, self.delivered, self.stands(month))

    # --- phases 10, 11 ----------------------------------------------------------------------------------------

    def commit(self, month: int) -> None:
        """Name the lots: as many units as the promiser can spare, until a year after the decision."""
        if month == self.date:
            self._owe_in_exchange()
        ready = (month >= self.decided) & (month < self.until)
        wanted = np.where(ready, self._in_pace(month), 0.0)
        if not wanted.any():
            return
        delays = self._delays(month)
        lanes = self.world.open_lanes(self.route, self.event.item)
        taken = self.world.commit_dated(self.route, self.event.item, wanted, delays)
        if taken.any():
            months = (month + delay for delay in (delays.contract, delays.handover, delays.arrival))
            self.commitments.append(Commitment(lanes, taken, *months))
            self._name(self.commitments[-1].units, month)

    def _in_pace(self, month: int) -> Floats:
        """Units that are still to be named, as many as its pace allows; what it allowed before is not lost.  [runs]"""
        if self.event.pace is None:
            return self.left
        more = self.world.draws.at(self.event.pace, month)
        counts = (month >= self.decided) & (self.left > 0) & self.stands(month)
        self.allowed = np.where(counts, self.allowed + more, self.allowed)
        return np.minimum(self.left, np.floor(self.allowed + ROUNDING))

    def _name(self, units: Floats, month: int) -> None:
        """Take account of units that were named; what keeps a pace stays due for a year after the last of them."""
        self.left = self.left - units
        if self.event.pace is not None:
            self.allowed = self.allowed - units
            self.until = np.where(units > 0, np.maximum(self.until, month + IDLE_MONTHS), self.until)

    def _delays(self, month: int) -> Delays:
        """The stages as they happened where the event says so, else as the procedure of the pair goes."""
        said = (self.event.contract, self.event.handover, self.event.transit)
        day = self.event.date.day - 1 if month == self.date else 14
        durations = [
            self.world.procedures.draw(self.route, stage, month) if number is None else self.world.draws.of(number)
            for stage, number in zip(("contract", "handover", "transit"), said, strict=True)
        ]
        return stages(durations, day)

    def depart(self) -> None:
        """Take account of what has left, and owe more for what was given in exchange."""
        lanes = self.world.lanes_of(self.route, self.event.item)
        self.shipped = self.shipped + sum_rows(self.world.shipments.departed[lanes])
        if self.world.month >= self.date:
            self._owe_in_exchange()

    def _owe_in_exchange(self) -> None:
        """Owe for a gift what its part that has left is swapped for, what left before the promise on its day.

        Who keeps step is owed for the whole gift.
        """
        if self.gift is not None:
            given = self.gift.total if self.gift.event.in_step else self.gift.shipped
            self._owe(given * self._swap)

    @property
    def _swap(self) -> PerRun:
        return 1.0 if self.event.swap is None else self.world.draws.of(self.event.swap)

    def _owe(self, equal: Floats) -> None:
        """Owe whole units in exchange for the gift so far, unless the promise was withdrawn."""
        owed = np.minimum(np.floor(equal + ROUNDING), self._most())
        more = np.where(self.record.withdrawn, 0.0, owed - self.announced)
        self.announced, self.left = self.announced + more, self.left + self._delivered_of(owed, more)
        self.until = np.where(more > 0, np.maximum(self.until, self.world.month + 1 + IDLE_MONTHS), self.until)

    def _most(self) -> PerRun:
        """Units that a promise for a gift never exceeds.  [runs]"""
        return np.inf if self.event.units is None else self._whole(self.event.units)

    def _delivered_of(self, owed: Floats, more: Floats) -> Floats:
        """What is meant to be delivered of units newly owed: none above what the event says it delivers.  [runs]"""
        if self.event.delivers is None:
            return more
        most = self._whole(self.event.delivers)
        return np.minimum(owed, most) - np.minimum(owed - more, most)

    # --- what others ask --------------------------------------------------------------------------------------

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
        for commitment in self.commitments:
            total += commitment.units * wanted(commitment.contract, commitment.arrival)
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

    def in_all(self) -> Floats:
        """Units promised in all; for a gift, those that the whole package would be swapped for.  [runs]"""
        if self.gift is None:
            return self.announced
        return np.minimum(np.floor(self.gift.total * self._swap + ROUNDING), self._most())

    def waiting(self, month: int) -> Masks:
        """Where something was promised and is still owed: not delivered, not barred by law, not withdrawn.  [runs]"""
        owed = (self.delivered < self.announced) & ~self.record.void & ~self.record.withdrawn
        return owed & self.stands(month)

    def counted(self, month: int) -> Floats:
        """Units that are promised or under contract and have not come, however far ahead.  [runs]"""
        return self.expected(month, np.full(self.world.runs, NEVER, dtype=np.intp))

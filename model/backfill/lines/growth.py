"""Capacity beyond the announced one: a long order book makes a firm invest, a short one lets it give up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun, Whole
from backfill.kernels.production import grow, in_place, running_total
from backfill.reading.number import Number
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World

SLOWER = 2.0
"""Capacity that nobody needs any more goes at half the speed at which it came, if nothing else is said."""
A_UNIT = 1.0
"""A book that is longer by less than a unit is not longer: announced output is ordered in whole units."""


class Growth:
    """Extra capacity of one line, between its announced capacity and its ceiling.

    decided: units a month that are decided, in place or not                  [runs]
    levels:  the same for the months that an investment takes, as a ring       [months, runs]
    """

    def __init__(self, world: World, entry: schema.Line, capacity: Floats, lead: Whole) -> None:
        self.capacity = capacity
        self.ceiling: PerRun = np.inf if entry.ceiling is None else world.draws.of(entry.ceiling)
        self.rise = _a_month_at_least(world, entry.ramp)
        self.fall = SLOWER * self.rise if entry.fall is None else _a_month_at_least(world, entry.fall)
        horizon = world.last - world.first + 1
        said = 0 if entry.investment is None else world.draws.months(entry.investment)
        self.wait: Whole = np.broadcast_to(np.minimum(said, horizon), (world.runs,))
        self.cover: Whole = np.maximum(lead, 1)
        self.decided = np.zeros(world.runs)
        self.levels = np.zeros((int(self.wait.max(initial=0)) + 1, world.runs))
        self._planned = self._running(capacity)

    @staticmethod
    def _running(capacity: Floats) -> Floats:
        """Units that the announced capacity builds before each month; none where it has no limit.  [slots, runs]"""
        limited = np.where(np.isfinite(capacity), capacity, 0.0)
        return running_total(np.concatenate([np.zeros_like(limited[:1]), limited]))

    def decide(self, index: int, open_units: Floats) -> Floats:
        """Decide anew, by the units on order, and tell what stands this month.  [runs]"""
        longer = open_units >= self._built_in_lead_time(index) + A_UNIT
        room = np.maximum(self.ceiling - self.capacity[index], 0.0)
        self.decided = grow(self.decided, room=room, longer=longer, rise=self.rise, fall=self.fall)
        months = len(self.levels)
        self.levels[index % months] = self.decided
        ages = (index - np.arange(months)[:, np.newaxis]) % months
        return in_place(self.levels, ages, self.wait)

    def _built_in_lead_time(self, index: int) -> Floats:
        """What the announced capacity of the coming months and what is decided build in one lead time.  [runs]"""
        until = np.minimum(index + self.cover, len(self._planned) - 1)
        planned = self._planned[until, np.arange(len(until))] - self._planned[index]
        built: Floats = planned + self.decided * self.cover
        return built


def _a_month_at_least(world: World, said: Number | None) -> PerRun:
    return 1.0 if said is None else np.maximum(world.draws.of(said), 1.0)

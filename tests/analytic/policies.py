"""How a stage of a chain orders: rules of textbooks, for tests alone, since no state of the model orders like that.

A rule is asked once a period for what to order at a position: net stock and all that is on order.   [runs]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backfill.arrays import Floats, PerRun
from backfill.kernels.production import build

Rule = Callable[[Floats], Floats]


def up_to(level: PerRun) -> Rule:
    """Base stock: order back up to a level, every period."""
    return lambda position: np.maximum(level - position, 0.0)


def reorder(point: float, level: float) -> Rule:
    """(s, S): at the point or below it, order up to the level."""
    return lambda position: np.where(position <= point, level - position, 0.0)


def at_most(capacity: float, rule: Rule) -> Rule:
    """A rule whose orders a line has to build, which can build so many whole units a period and no more."""

    def limited(position: Floats) -> Floats:
        nothing = np.zeros_like(position)
        built, _carry, _bound = build(nothing, capacity, rule(position), nothing + np.inf)
        return built

    return limited


class MovingAverage:
    """Order up to what the lead time is expected to need, from the average of the last periods; orders may be negative.

    (Chen, Drezner, Ryan and Simchi-Levi 2000.)
    """

    def __init__(self, lead: int, periods: int, runs: int) -> None:
        self._lead = lead
        self._seen: Floats = np.zeros((periods, runs))
        self._next = 0

    def see(self, demand: Floats) -> None:
        """Remember the demand of a period in place of the oldest one."""
        self._seen[self._next] = demand
        self._next = (self._next + 1) % len(self._seen)

    def __call__(self, position: Floats) -> Floats:
        return self._lead * self._seen.mean(axis=0) - position

"""What a unit from a line costs, and how it gets cheaper the more of it have been built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun
from backfill.kernels.production import learned
from backfill.numbers import holding_in
from backfill.reading.number import Number
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


class Price:
    """The price of a unit in thousands of US dollars: the line's, else the cost of its item, less what is learned.

    total: units built since the first month    [runs]
    """

    def __init__(self, world: World, entry: schema.Line) -> None:
        self.world, self.entry = world, entry
        self.total: Floats = np.zeros(world.runs)
        self.own = entry.price is not None or entry.learning is not None

    def count(self, built: Floats) -> None:
        """Every unit that is built teaches something, where anything is learned."""
        if self.entry.learning is not None:
            self.total = self.total + built

    def at(self, month: int) -> PerRun:
        """The price of what is bought in a month, by what has been built so far.  [runs]"""
        listed = self._listed(month)
        cost = np.inf if listed is None else self.world.draws.of(listed)
        return cost if self.entry.learning is None else cost * self.factor()

    def factor(self) -> Floats:
        """The share of the price that is left after what the line has learned.  [runs]"""
        if self.entry.learning is None or self.entry.built_before is None:
            return np.ones_like(self.total)
        draws = self.world.draws
        return learned(self.total, draws.of(self.entry.built_before), draws.of(self.entry.learning))

    def _listed(self, month: int) -> Number | None:
        """The price on the list: the latest that has begun, before that the first; the item's if there is none."""
        if self.entry.price is None:
            return self.world.setting.items[self.entry.item].cost
        return holding_in(self.entry.price, max(month, min(self.entry.price)))

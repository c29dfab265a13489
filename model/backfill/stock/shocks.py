"""Rounds that are fired or destroyed at once, outside any plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun, sum_rows
from backfill.kernels.allocation import share_in_proportion, take_in_order
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.agents.position import Position
    from backfill.world import World


class Shock:
    """Units used up by some states, in proportion to what each holds of each item.

    What is fired comes from the restricted lots of an item first; what is destroyed, from all its lots alike.

    months: units of each month of the shock, rounded on their running total  [runs]
    """

    def __init__(self, world: World, event: schema.Shock) -> None:
        self.world, self.event = world, event
        total = np.broadcast_to(np.asarray(world.draws.whole(event.units), dtype=float), (world.runs,))
        self.months: dict[int, Floats] = {}
        share: PerRun = 0.0
        fired = np.zeros(world.runs)
        for month, part in sorted(event.months.items()):
            share = share + world.draws.of(part)
            self.months[month] = np.rint(total * share) - fired
            fired = fired + self.months[month]
        self.unmet = np.zeros(world.runs)

    def strike(self, month: int) -> None:
        """Take this month's rounds from the stocks of the states that fire them."""
        if month not in self.months:
            return
        holdings = self._holdings()
        held = np.array([sum_rows(self.world.ledger.stock[rows]) for _position, _item, rows in holdings])
        fired = share_in_proportion(held, np.minimum(self.months[month], sum_rows(held)))
        self.unmet = self.months[month] - sum_rows(fired)
        for (position, item, rows), units in zip(holdings, fired, strict=True):
            if self.event.lost:
                self._take(rows, share_in_proportion(self.world.ledger.stock[rows], units), "lost")
            else:
                self._take(rows, take_in_order(self.world.ledger.stock[rows], units), "consumed")
                position.used[position.items.index(item)] += units

    def _take(self, rows: list[int], units: Floats, way: str) -> None:
        for row, amount in zip(rows, units, strict=True):
            self.world.ledger.use_up(row, amount, way)

    def _holdings(self) -> list[tuple[Position, str, list[int]]]:
        """What the states hold of the item, or of all that meets the need."""
        found: list[tuple[Position, str, list[int]]] = []
        for state in self.event.states:
            for (code, need), position in self.world.positions.items():
                if code == state and self.event.need in (None, need):
                    found += [
                        (position, item, rows)
                        for item, rows in zip(position.items, position.rows, strict=True)
                        if self.event.item in (None, item)
                    ]
        return found

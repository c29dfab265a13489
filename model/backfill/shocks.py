"""Rounds that are fired at once, outside any plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, sum_rows
from backfill.kernels.allocation import share_in_proportion, take_in_order
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.agents.position import Position
    from backfill.world import World


class Shock:
    """Units used up by some states, in proportion to what each holds of each item, restricted lots of an item first.

    months: units of each month of the shock; parts of a unit go to the last  [runs]
    """

    def __init__(self, world: World, event: schema.Shock) -> None:
        self.world, self.event = world, event
        total = np.broadcast_to(np.asarray(world.draws.whole(event.units), dtype=float), (world.runs,))
        self.months: dict[int, Floats] = {}
        left = total
        for month, share in sorted(event.months.items()):
            self.months[month] = np.minimum(np.rint(total * world.draws.of(share)), left)
            left = left - self.months[month]
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
            taken = take_in_order(self.world.ledger.stock[rows], units)
            for row, amount in zip(rows, taken, strict=True):
                self.world.ledger.use_up(row, amount)
            position.used[position.items.index(item)] += units

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

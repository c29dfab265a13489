"""Old units made into new ones: each takes one unit of another item, or of an older lot, out of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, sum_rows
from backfill.kernels.allocation import take_in_order

if TYPE_CHECKING:
    from backfill.lines.line import Line
    from backfill.world import World


class Refurbishing:
    """The old units that a line may turn into units of its own item: those withdrawn to its yard, then its state's.

    Of a state's lots the soonest expiring come first, and none that is under contract or as good as new. A unit keeps
    the origin of what it was made of.
    """

    def __init__(self, world: World, line: Line, old: str) -> None:
        self.world, self.line, self.old = world, line, old
        in_yard, own = world.ledger.rows(line.name, old), world.ledger.rows(line.state, old)
        self._rows = [*in_yard, *sorted(own, key=lambda row: world.ledger.lots[row].expires)]
        self._withdrawn = np.array([row in in_yard for row in self._rows])[:, np.newaxis]

    def on_hand(self) -> Floats:
        """Old units that are there to be refurbished.  [runs]"""
        return sum_rows(self._available())

    def _available(self) -> Floats:
        """The same by lot  [rows, runs]"""
        free = self.world.ledger.free(self._rows)
        if self.old == self.line.item:
            good_until = self.world.expiry.leaves(self.old, self.world.month)
            free *= self._withdrawn | (self.world.ledger.leaves[self._rows][:, np.newaxis] < good_until)
        return free

    def finish(self, units: Floats) -> None:
        """Use old units up, and put as many new ones into the stock of their state, origin by origin.

        units: [runs]
        """
        ledger = self.world.ledger
        for row, taken in zip(self._rows, take_in_order(self._available(), units), strict=True):
            if taken.any():
                ledger.use_up(row, taken, "refurbished")
                hand = (self.line.state, self.line.item, ledger.lots[row].origin)
                for lot, part in self.world.expiry.lots(ledger, hand, taken, self.world.month):
                    ledger.create(lot, part)

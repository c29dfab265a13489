"""What a line builds of: parts in its hands, how many units they are enough for, and which of them is scarce."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, sum_rows
from backfill.stock.ledger import Ledger


class Parts:
    """The parts that a line needs, of any origin; without needs it can always build.

    needs: units of each part in one unit
    enough_for: whole units that each part is enough for, before this month's output   [parts], each [runs]
    """

    def __init__(self, ledger: Ledger, line: str, needs: Mapping[str, int]) -> None:
        self.ledger, self.needs = ledger, needs
        self._rows = {part: ledger.rows(line, part) for part in needs}
        self.enough_for: list[Floats] = []

    def on_hand(self, part: str) -> Floats:
        """Units of a part in the hands of the line.  [runs]"""
        return sum_rows(self.ledger.stock[self._rows[part]])

    def missing(self, part: str, units: Floats) -> Floats:
        """What some units ask for, less what is on hand.  [runs]"""
        needed: Floats = np.maximum(self.needs[part] * units - self.on_hand(part), 0.0)
        return needed

    def possible(self) -> PerRun:
        """Whole units for which every part is there: the least over the parts.  [runs]"""
        self.enough_for = [np.floor(self.on_hand(part) / units) for part, units in self.needs.items()]
        least: PerRun = np.inf
        for units in self.enough_for:
            least = np.minimum(least, units)
        return least

    def scarcest(self, part: str, built: Floats) -> Masks:
        """Where a part was enough for no more than was built, the first named of equals.  [runs]"""
        index = list(self.needs).index(part)
        least: Masks = np.argmin(np.array(self.enough_for), axis=0) == index
        return least & (self.enough_for[index] <= built)

    def use_up(self, built: Floats) -> None:
        """Parts become units: they leave the world in the month of completion."""
        for part, units in self.needs.items():
            left = built * units
            for row in self._rows[part]:
                taken = np.minimum(self.ledger.stock[row], left)
                self.ledger.use_up(row, taken, "built_in")
                left = left - taken

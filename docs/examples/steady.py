"""A donor that gives the same number of units every month, as long as its floor is not touched."""

import numpy as np

from backfill.registry import DOCTRINES


@DOCTRINES.register("steady")
class Steady:
    """Gives so many equivalents a month, come what may, out of what it holds above its floor."""

    fields = {"monthly": "rate"}

    def offer(self, position, giving):
        return np.minimum(giving.number("monthly", otherwise=0.0), position.headroom_left)

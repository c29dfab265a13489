"""How a donor decides to give: one small class for each doctrine, found by its name.

Another doctrine is another class with the same two methods; register it in `DOCTRINES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from backfill.arrays import Floats
from backfill.scenario.schema import Doctrine

if TYPE_CHECKING:
    from backfill.agents.position import Giving, Position


class Decides(Protocol):
    """What a doctrine has to answer."""

    def offer(self, position: Position, giving: Giving) -> Floats:
        """What the state lets go this month through one channel, in equivalents, before any physical limit.  [runs]"""
        ...


class Headroom:
    """Gives from what it holds above its floor: will * release * headroom."""

    def offer(self, position: Position, giving: Giving) -> Floats:
        return giving.will * position.release * position.headroom_left


class Flow:
    """Gives a share of what came in this month, whatever the stock: will * share * inflow."""

    def offer(self, position: Position, giving: Giving) -> Floats:
        return giving.will * giving.share * position.inflow


class Packages:
    """Gives dated packages only; `units`, if any, are spread evenly over the months in which the channel is open."""

    def offer(self, position: Position, giving: Giving) -> Floats:
        return np.broadcast_to(np.asarray(giving.units) / max(giving.months_open, 1), position.headroom.shape)


DOCTRINES: dict[str, type[Decides]] = {"headroom": Headroom, "flow": Flow, "packages": Packages}
"""The doctrines that a scenario may name."""


def decide(doctrine: Doctrine) -> Decides:
    """The doctrine that a scenario names."""
    return DOCTRINES[doctrine.kind]()

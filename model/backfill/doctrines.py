"""How a donor decides to give: one small class for each doctrine, found by its name.

Another doctrine is another class with the same method, registered under its name; `fields` says which numbers of its
own a scenario may give it, each with its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

import numpy as np

from backfill.arrays import Floats
from backfill.registry import DOCTRINES

if TYPE_CHECKING:
    from backfill.agents.position import Giving, Position
    from backfill.scenario.schema import Doctrine


class Decides(Protocol):
    """What a doctrine has to answer."""

    def offer(self, position: Position, giving: Giving) -> Floats:
        """What the state lets go this month through one channel, in equivalents, before any physical limit.  [runs]"""
        ...


@DOCTRINES.register("headroom")
class Headroom:
    """Gives from what it holds above its floor: will * release * headroom."""

    def offer(self, position: Position, giving: Giving) -> Floats:
        return giving.will * position.release * position.headroom_left


@DOCTRINES.register("flow")
class Flow:
    """Gives a share of what came in this month, whatever the stock: will * share * inflow."""

    fields: ClassVar[Mapping[str, str]] = {"share": "share"}

    def offer(self, position: Position, giving: Giving) -> Floats:
        return giving.will * giving.share * position.inflow


@DOCTRINES.register("packages")
class Packages:
    """Gives dated packages only; `units`, if any, are spread evenly over the months in which the channel is open."""

    fields: ClassVar[Mapping[str, str]] = {"units": "count"}

    def offer(self, position: Position, giving: Giving) -> Floats:
        return np.broadcast_to(np.asarray(giving.units) / max(giving.months_open, 1), position.headroom.shape)


def decide(doctrine: Doctrine) -> Decides:
    """The doctrine that a scenario names."""
    return cast("Decides", DOCTRINES[doctrine.kind]())

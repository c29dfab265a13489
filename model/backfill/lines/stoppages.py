"""Why a line stands still: it has failed and is under repair, or it went cold for want of orders and is restarted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from backfill.arrays import Floats, Masks, Whole
from backfill.kernels.production import stays_up
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World

STREAM = "outage"


class Stoppage(Protocol):
    """A reason for which a line builds nothing for some months."""

    def stops(self) -> Masks:
        """Where the line stands still this month.  [runs]"""

    def take_note(self, due: Floats) -> None:
        """The month is over: so many units were due.  [runs]"""


class Outage:
    """A line fails and is repaired: a chain of two states, month by month, that begins up.

    Time is counted in whole months, so the chance of a failure is 1 / (mean months up) and that of the end of a repair
    1 / (mean months down): both times are then geometric with exactly the means that the scenario says, and in the long
    run the line is up for fails / (fails + repair) of the time.
    """

    def __init__(self, world: World, line: str, entry: schema.Line) -> None:
        self.world, self.line = world, line
        self.fails, self.repaired = (
            0.0 if said is None else 1.0 / np.maximum(world.draws.of(said), 1.0) for said in (entry.fails, entry.repair)
        )
        self.up: Masks = np.ones(world.runs, dtype=bool)

    def stops(self) -> Masks:
        """Where the line is down this month.  [runs]"""
        if self.world.index > 0:
            luck = self.world.chance.uniform(STREAM, self.line, self.world.month)
            self.up = stays_up(self.up, luck, fails=self.fails, repaired=self.repaired)
        return ~self.up

    def take_note(self, due: Floats) -> None:
        """Failures do not ask for orders."""


class Restart:
    """A line without orders for some months goes cold; the next order finds it building nothing until it is restarted.

    idle: months in a row in which nothing was due        [runs]
    left: months until a restart that has begun is over    [runs]
    """

    def __init__(self, world: World, entry: schema.Line) -> None:
        restart, idle_after = (
            0 if said is None else world.draws.months(said) for said in (entry.restart, entry.idle_after)
        )
        self.takes: Whole = np.broadcast_to(np.asarray(restart, dtype=np.intp), (world.runs,))
        self.patience: Whole = np.broadcast_to(np.maximum(idle_after, 1), (world.runs,))
        self.idle: Whole = np.zeros(world.runs, dtype=np.intp)
        self.left: Whole = np.zeros(world.runs, dtype=np.intp)

    def _cold(self) -> Masks:
        return (self.idle >= self.patience) & (self.takes > 0)

    def stops(self) -> Masks:
        """Where the line is cold, or not yet warm again.  [runs]"""
        return self._cold() | (self.left > 0)

    def take_note(self, due: Floats) -> None:
        """The first order wakes a cold line; one that has nothing to do for another month is nearer to going cold."""
        wanted = due > 0
        woken = self._cold() & wanted
        self.left = np.maximum(np.where(woken, self.takes, self.left) - 1, 0)
        self.idle = np.where(wanted, 0, self.idle + 1)


def stoppages_of(world: World, line: str, entry: schema.Line) -> list[Stoppage]:
    """The reasons that a scenario gives a line to stand still."""
    found: list[Stoppage] = []
    if entry.fails is not None:
        found.append(Outage(world, line, entry))
    if entry.restart is not None:
        found.append(Restart(world, entry))
    return found

"""A block: one arm in a set of runs. What a process simulates at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backfill.numbers import Varied
from backfill.records.recorder import Labels
from backfill.scenario.schema import Setting


@dataclass(frozen=True)
class Block:
    """What is to be simulated: an arm (under a way of deciding, if any) and its replications.

    points: how many points of a design live side by side, each with these replications, one point after the other
    varied: numbers that differ between them, by path; their ranges in the setting span all points
    keep: names of the outcomes to remember; None: all of them
    plugins: modules that register what the setting names
    """

    arm: str
    under: str | None
    setting: Setting
    seed: int
    central: bool
    first: int
    runs: int
    keep: tuple[str, ...] | None = None
    plugins: tuple[str, ...] = ()
    points: int = 1
    varied: Mapping[str, Varied] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """An outcome of a block: the names of its axes, the labels of its rows, its values  [months, rows, runs]"""

    dims: Labels
    rows: tuple[Labels, ...]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Lived:
    """A block that was simulated: its tables by outcome, and what was drawn for every uncertain number  [runs]"""

    tables: dict[str, Table]
    draws: dict[str, NDArray[np.float64]]


def live(block: Block, each_month: Callable[[], None] | None = None) -> Lived:
    """Simulate a block from the first month to the last.

    each_month: called before every month; what it raises ends the block
    """
    from backfill.plugins import use
    from backfill.scenario import numbers_of
    from backfill.world import World

    use(block.plugins)
    replications = [*range(block.first, block.first + block.runs)] * block.points
    numbers = numbers_of(block.setting)
    how: dict[str, Any] = {"central": block.central, "keep": block.keep, "varied": block.varied}
    world = World(block.setting, replications, block.seed, numbers, **how)
    recorder = world.run(each_month)
    tables = {
        outcome.name: Table(outcome.dims, outcome.rows, recorder.tables[outcome.name]) for outcome in recorder.outcomes
    }
    return Lived(
        tables, {path: np.broadcast_to(drawn, (len(replications),)) for path, drawn in world.draws.table().items()}
    )

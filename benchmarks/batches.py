"""The small world in plain Python, lived many times by Mesa's own `batch_run`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import mesa
from mesa.batchrunner import batch_run
from scalar_world import ScalarWorld

from backfill.reading.number import Number
from backfill.scenario import load, numbers_of
from backfill.scenario.schema import Setting


@cache
def understood(world: Path) -> tuple[Setting, dict[str, Number]]:
    """The baseline of a world, read once in each process."""
    setting = load(str(world)).arm("baseline")
    return setting, numbers_of(setting)


class Twin(ScalarWorld):
    """One replication, in the form that `batch_run` asks for: it steps, says when it has ended, and collects data."""

    def __init__(self, world: Path, seed_of_all: int, replication: int) -> None:
        super().__init__(*understood(world), seed_of_all, replication)
        self.datacollector = mesa.DataCollector(model_reporters={"aid": units_to_aided})

    def step(self) -> None:
        """One month."""
        self.month = self.first + self.steps - 1
        super().step()
        self.running = self.month < self.last
        self.datacollector.collect(self)


def units_to_aided(twin: Twin) -> float:
    """All that the aided state has received, once the world has ended; `batch_run` wants a value for each step."""
    return 0.0 if twin.running else sum(sum(months) for row, months in twin.recorded.items() if row[0] == "aid")


def batch(world: Path, seed: int, runs: int, processes: int) -> list[float]:
    """Units to the aided state of so many replications, in their order."""
    understood(world)  # before the processes part, so that none of them reads it again
    parameters: dict[str, Any] = {"world": [world], "seed_of_all": [seed], "replication": range(runs)}
    found = batch_run(Twin, parameters, number_processes=processes, display_progress=False)
    return [row["aid"] for row in sorted(found, key=lambda row: row["replication"])]

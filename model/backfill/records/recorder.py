"""What the simulation remembers of each month: named tables, one row for each thing, the run last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backfill.arrays import Floats

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """One outcome: how its rows are named (one tuple of labels a row), and where this month's values come from.

    dims: the names of the axes that the labels stand for, such as ("state", "item", "origin")
    read: gives the values of the month   [rows, runs], or [runs] for a single row
    """

    name: str
    dims: Labels
    rows: tuple[Labels, ...]
    read: Callable[[], Floats | Sequence[Floats]]


class Recorder:
    """Preallocated tables `[months, rows, runs]` of float32: whole units are exact up to 16.7 million."""

    def __init__(self, outcomes: Sequence[Outcome], months: int, runs: int) -> None:
        self.outcomes = tuple(outcome for outcome in outcomes if outcome.rows)
        self.tables: dict[str, NDArray[np.float32]] = {
            outcome.name: np.zeros((months, len(outcome.rows), runs), dtype=np.float32) for outcome in self.outcomes
        }

    def record(self, index: int) -> None:
        """Write down the month; the tables of the agents are copied, never kept."""
        for outcome in self.outcomes:
            table = self.tables[outcome.name][index]
            for row, values in zip(table, outcome.read(), strict=True):
                row[...] = values

"""The array types of the engine: whatever happens in a run stands on the last axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Masks: TypeAlias = NDArray[np.bool_]
Whole: TypeAlias = NDArray[np.intp]
PerRun: TypeAlias = Floats | float


def add_up(rows: Iterable[Floats]) -> Floats:
    """The sum of fractions, one after the other: the same to the last bit in whatever block they stand.  [runs]"""
    total: Floats | float = 0.0
    for row in rows:
        total = total + row
    return np.asarray(total, dtype=np.float64)


def sum_rows(rows: Floats) -> Floats:
    """The sum over the first axis: exact for whole units, in whatever block they stand.

    rows: [rows, runs] or [months, rows, runs]
    """
    summed: Floats = np.add.reduce(rows)
    return summed

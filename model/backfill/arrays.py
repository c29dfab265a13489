"""The array types of the engine: whatever happens in a run stands on the last axis."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Masks: TypeAlias = NDArray[np.bool_]
Whole: TypeAlias = NDArray[np.intp]
PerRun: TypeAlias = Floats | float


def sum_rows(rows: Floats) -> Floats:
    """The sum over the first axis: exact for whole units, in whatever block they stand.

    rows: [rows, runs] or [months, rows, runs]
    """
    summed: Floats = np.add.reduce(rows)
    return summed

"""How good a forecast was: bias, CRPS and the coverage of its bands, against forecasts that anybody could make.

A forecast is an ensemble, one value a run, for each of several observations. `ensemble` is [runs, points] and
`observed` is [points] in every function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BANDS = (0.5, 0.9)
"""Shares of runs in the bands whose coverage is counted."""


@dataclass(frozen=True)
class Score:
    """How an ensemble did on some observations, in their unit.

    bias: mean of median less observed      crps: mean over the observations      inside: how many lie in each band
    """

    points: int
    bias: float
    crps: float
    inside: tuple[int, int]


def score(ensemble: Floats, observed: Floats) -> Score:
    """Bias, CRPS and coverage of an ensemble."""
    import numpy as np

    bias = float(np.mean(np.median(ensemble, axis=0) - observed))
    inside = [int(covered(ensemble, observed, band).sum()) for band in BANDS]
    return Score(len(observed), bias, float(crps(ensemble, observed).mean()), (inside[0], inside[1]))


def crps(ensemble: Floats, observed: Floats) -> Floats:
    """The continuous ranked probability score of each observation: small is good, in the unit of the observations.

    crps = mean |x_i - y| - 1/2 mean |x_i - x_j| over all pairs of runs, each with itself too: the integral over all
    values v of (share of runs up to v - [y <= v])^2. Of a single run it is the absolute error.
    After Gneiting and Raftery (2007), Strictly proper scoring rules, equation 21.  [points]

    >>> import numpy as np
    >>> crps(np.array([[1.0], [3.0]]), np.array([2.0]))
    array([0.5])
    """
    import numpy as np

    runs = len(ensemble)
    ordered = np.sort(ensemble, axis=0)
    weights = 2 * np.arange(1, runs + 1) - runs - 1
    spread = (weights[:, None] * ordered).sum(axis=0) / runs**2
    return np.asarray(np.abs(ensemble - observed).mean(axis=0) - spread, dtype=float)


def covered(ensemble: Floats, observed: Floats, band: float) -> NDArray[np.bool_]:
    """Which observations lie within the central band that holds a share of the runs, its ends included  [points]."""
    within: NDArray[np.bool_] = outside(ensemble, observed, band) == 0
    return within


def outside(ensemble: Floats, observed: Floats, band: float) -> NDArray[np.int64]:
    """Where each observation lies: -1 below the central band, 0 within it, its ends included, 1 above  [points].

    >>> import numpy as np
    >>> outside(np.array([[1.0, 1.0, 1.0], [3.0, 3.0, 3.0]]), np.array([0.0, 2.0, 4.0]), 0.9)
    array([-1,  0,  1])
    """
    import numpy as np

    low, high = np.quantile(ensemble, [(1 - band) / 2, (1 + band) / 2], axis=0)
    return np.asarray((observed > high).astype(int) - (observed < low).astype(int))


def skill(model: float, naive: float) -> float | None:
    """1 - CRPS / CRPS of a naive forecast: 1 is perfect, 0 is no better, below 0 worse; None if that was perfect.

    >>> skill(5.0, 10.0), skill(20.0, 10.0)
    (0.5, -1.0)
    """
    return None if naive == 0 else 1 - model / naive


def last_value(times: Floats, values: Floats, at: Floats) -> Floats:
    """The naive forecast that nothing changes: the latest known value.

    times, values: what is known  [known]; at: when a forecast is wanted  [points]
    """
    import numpy as np

    return np.full(len(at), values[np.argmax(times)])


def straight_line(times: Floats, values: Floats, at: Floats, *, most: float = float("inf")) -> Floats:
    """The naive forecast that things go on: least squares through all that is known, within 0 and `most`.

    One known value is all there is to go on: then it is the last one.
    """
    import numpy as np

    if len(np.unique(times)) < 2:
        return last_value(times, values, at)
    slope, level = np.polyfit(times - times.max(), values, 1)
    return np.asarray(np.clip(level + slope * (at - times.max()), 0.0, most), dtype=float)


def as_announced(times: Floats, values: Floats, at: Floats) -> Floats:
    """The forecast that plans come true: straight between what was known last and what was announced, then flat.

    times, values: the last known value and all announced ones, in the order of time  [known]
    """
    import numpy as np

    return np.interp(at, times, values)

"""The paired difference of an outcome between two arms, and whether it could be noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.results.outcomes import IN_90_PERCENT, paired

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Gap:
    """The paired difference of an outcome between two arms.

    first, second: the means of the two arms;  low, high: the 90 % interval of the mean difference (None: one run)
    higher, equal: the shares of runs in which the first arm has more, and in which both have the same
    """

    first: float
    second: float
    mean: float
    low: float | None
    high: float | None
    higher: float
    equal: float

    @property
    def is_nothing(self) -> bool:
        """Whether both arms agree in every run."""
        return self.equal == 1.0

    @property
    def could_be_noise(self) -> bool:
        """Whether the interval of the difference holds zero, or there is none."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high


def gap_of(outcome: xr.DataArray, arm: str, against: str) -> Gap:
    """The paired difference of one outcome  (arm, run)."""
    difference = paired(outcome, arm, against)
    mean = float(difference.mean())
    half = _half(difference)
    return Gap(
        first=float(outcome.sel(arm=arm).mean()),
        second=float(outcome.sel(arm=against).mean()),
        mean=mean,
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        higher=float((difference > 0).mean()),
        equal=float((difference == 0).mean()),
    )


def _half(difference: NDArray[np.float64]) -> float | None:
    """Half the width of the 90 % interval of a mean; None for one run."""
    if len(difference) == 1:
        return None
    return IN_90_PERCENT * float(difference.std(ddof=1)) / math.sqrt(len(difference))

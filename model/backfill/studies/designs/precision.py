"""Whether a point has been lived through often enough, judged by its own runs and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from backfill.results import tables
from backfill.results.outcomes import ratio
from backfill.studies.design import StopWhen

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def is_precise(stop_when: StopWhen | None, outcomes: pa.Table) -> bool:
    """Whether an interval of one point is narrow enough in every arm that it is asked of, by the last month.

    outcomes: all runs of the point so far, as `work_out` gives them; to be asked at the looks of a design alone, so
    that neither workers nor their order decide where a point stops. Interval of pass-through as in `outcomes.ratio`:
    value +- z * se, z the quantile of the standard normal; of aid, that of the mean of what it gains.

    An arm in which no run moves any backfill has nothing more to tell.
    """
    if stop_when is None:
        return False
    gains = list(_gains(stop_when, outcomes))
    return bool(gains) and all(_is_narrow(stop_when, *pair) for pair in gains)


def _gains(stop_when: StopWhen, outcomes: pa.Table) -> Iterator[tuple[Floats, Floats]]:
    """Extra aid and extra backfill by the last month, arm by arm and run by run.  [runs]"""
    frame: pd.DataFrame = outcomes.to_pandas()
    frame = frame[frame["outcome"].isin([tables.AID_GAINED, tables.BACKFILL_GAINED])]
    last = frame["by"].astype(str).max()
    frame = frame[frame["by"].astype(str) == last]
    for arm in frame["arm"].astype(str).unique():
        if stop_when.arm in ("", arm):
            mine = frame[frame["arm"] == arm].sort_values("run")
            yield _values(mine, tables.AID_GAINED), _values(mine, tables.BACKFILL_GAINED)


def _values(frame: pd.DataFrame, outcome: str) -> Floats:
    return frame.loc[frame["outcome"] == outcome, "value"].to_numpy(dtype=float)


def _is_narrow(stop_when: StopWhen, extra: Floats, moved: Floats) -> bool:
    if not moved.any() and not extra.any():
        return True
    sides = NormalDist().inv_cdf(0.5 + stop_when.interval / 2)
    if stop_when.outcome == "aid":
        error = float(extra.std(ddof=1)) / len(extra) ** 0.5 if len(extra) > 1 else None
    else:
        found = ratio(extra, moved)
        error = None if found is None else found.error
    return error is not None and 2 * sides * error < stop_when.narrower_than

"""Courses over the months, read from Results: one row a run, medians and bands over runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.arrays import Floats
from backfill.results.headline import kind_of
from backfill.results.levels import is_kept, over_runs

if TYPE_CHECKING:
    from backfill.results import Results

BASELINE = "baseline"


def months_of(results: Results) -> list[str]:
    """The months of the horizon, as they are written."""
    return [str(month) for month in results.dataset["month"].values]


def arms_of(results: Results) -> list[str]:
    """The arms of the results, the baseline first."""
    return [str(arm) for arm in results.dataset["arm"].values]


def setting_of(results: Results) -> Any:
    """The baseline world of the results."""
    return results.scenario.arm(BASELINE)


def keeps_stock(results: Results) -> bool:
    """Whether the donor holds something that can be drawn against its floor."""
    return is_kept(results, "position", setting_of(results).roles.donor)


def asks_for_aid(results: Results) -> bool:
    """Whether units to the aided state are the question, or reach it in some arm."""
    if kind_of(setting_of(results)) in ("pass_through", "units"):
        return True
    aided = setting_of(results).roles.aided
    return any(total_aid(results, arm, aided)[:, -1].any() for arm in arms_of(results))


def has_promises(results: Results) -> bool:
    """Whether a backfiller promises the donor something in the baseline."""
    owed = results.dataset.get("promised")
    return setting_of(results).roles.backfiller is not None and owed is not None and bool(owed.sel(arm=BASELINE).any())


def levels(results: Results, name: str, state: str) -> Floats:
    """A level of one state in the baseline, at the end of each month  [runs, months]."""
    chosen = results.dataset[name].sel(arm=BASELINE, state=state)
    return np.asarray(chosen.transpose("run", "month").values, float)


def spread(results: Results, name: str, state: str) -> dict[float, Floats]:
    """The quantiles over runs of a level of one state in the baseline, by their shares  [months]."""
    found = over_runs(results, name, state)
    return {float(share): np.asarray(found.sel(share=share).values, float) for share in found["share"].values}


def promises(results: Results, name: str) -> Floats:
    """A running total of the backfiller's promises in the baseline  [runs, months]."""
    return np.asarray(results.dataset[name].sel(arm=BASELINE).transpose("run", "month").values, float)


def total_aid(results: Results, arm: str, state: str) -> Floats:
    """Units of the roles' items that have arrived at a state since the start  [runs, months]."""
    aid = results.dataset.get("aid")
    if aid is None or state not in aid["state"].values:
        return np.zeros((results.runs, len(months_of(results))))
    items = [item for item in setting_of(results).roles.items if item in aid["item"].values]
    arrived = aid.sel(arm=arm, state=state, item=items).sum(["item", "origin"])
    return np.cumsum(np.asarray(arrived.transpose("run", "month").values, float), axis=1)


def drawn(course: Floats) -> Floats:
    """A course of a single month holds until its end, so that it can be drawn."""
    return course if course.shape[-1] > 1 else np.repeat(course, 2, axis=-1)


def quantile(runs: Floats, share: float) -> Floats:
    """A quantile over runs, month by month  [months]."""
    return np.asarray(np.quantile(runs, share, axis=0), float)


def whole_median(runs: Floats) -> Floats:
    """The median over runs in whole units, halves to the even one as in every table  [months].

    >>> whole_median(np.array([[9.0, 8.0], [10.0, 9.0]]))
    array([10.,  8.])
    """
    return np.rint(np.median(runs, axis=0))

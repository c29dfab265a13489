"""What a study keeps of every run: outcomes by their names, and courses month by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.results import tables
from backfill.studies.run import TWIN_KEEP

if TYPE_CHECKING:
    import pyarrow as pa

    from backfill.results import Results
    from backfill.studies.design import Design, Keep

HEADLINE = "pass_through"
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "aid": ("units_to_aided",),
    "backfill": ("backfill_delivered",),
    HEADLINE: (tables.AID_GAINED, tables.BACKFILL_GAINED),
    "months_below_floor": ("months_below_floor_",),
    "rebuild_time": ("rebuild_time_",),
    "shortfall": ("missing_",),
    "unmet_demand": ("unmet_demand",),
    "exposure": ("exposure",),
    "regret": ("regret",),
    "spent": ("million_usd_spent",),
    "undetermined": ("undetermined_aid",),
    "years_to_refill": ("years_to_refill_",),
    "promise": ("units_promised", "share_when_due", "months_late"),
    **{name: (name,) for name in ("units_promised", "share_when_due", "months_late")},
}
"""The words of a design, and the names, or the beginnings of names, of the rows that stand for them."""
AGAINST_BARE = (HEADLINE, "exposure")
"""The words of a design that hold an arm against the same world without the backfill."""
PROMISE = ("announced_units", "arrived_units", "due_month")
MEASURED_BY: Mapping[str, tuple[str, ...]] = {
    "exposure": ("promised", "delivered"),
    "shortfall": ("short",),
    "undetermined": ("undetermined",),
    "unmet_demand": ("unmet",),
    "years_to_refill": ("held_of_need", "wanted_of_need"),
    **dict.fromkeys(("promise", "units_promised", "share_when_due", "months_late"), PROMISE),
}
"""What has to be recorded for some words of a design, beside the few outcomes that are recorded of every world."""
COURSES: Mapping[str, str] = {"aid": "units_to_aided", "backfill": "backfill_delivered", "stock": "position"}
"""The words of a design for courses that have another name in tables."""


def is_kept(outcome: str, keep: Keep) -> bool:
    """Whether the rows of an outcome are stored; all are where none is named."""
    wanted = [name for word in keep.outcomes for name in OUTCOMES[word]]
    return not keep.outcomes or any(
        outcome == name or (name[-1] == "_" and outcome.startswith(name)) for name in wanted
    )


def holds_against_bare(design: Design) -> bool:
    """Whether anything that a design keeps or stops for needs each arm again in the world without the backfill."""
    wanted = design.keep.outcomes
    return not wanted or bool({*wanted} & {*AGAINST_BARE}) or design.replications.stop_when is not None


def recorded_for(keep: Keep) -> tuple[str, ...]:
    """What the simulation has to remember of a run: what its outcomes are measured by, and the courses."""
    few = (*TWIN_KEEP, *(name for word in keep.outcomes for name in MEASURED_BY.get(word, ())))
    levels = (COURSES.get(word, word) for word in keep.series)
    wanted = [*(few if keep.outcomes else tables.MEASURED_BY), *(level for level in levels if level in tables.COURSES)]
    return tuple(dict.fromkeys(wanted))


def course_columns(results: Results, keep: Keep) -> Iterator[Mapping[str, Any]]:
    """The courses that are kept, a row for each run and month: running totals of units, levels in equivalents."""
    wanted = {COURSES.get(word, word) for word in keep.series}
    for (name, state), course in tables.courses(results).items() if wanted else ():
        if name in wanted:
            yield _rows(name, state, course)


def quantiles(series: pa.Table, keep: Keep) -> pa.Table:
    """The quantiles over runs of the courses for which a design asks for them, month by month.

    series: every run of the points, as `work_out` gives them; quantiles of blocks cannot be put together, so they are
    told once a point has all of its runs
    """
    import pandas as pd
    import pyarrow as pa

    frame = series.to_pandas()
    key = ["point", "arm", "decides", "month", "outcome", "state"]
    frame = frame.astype(dict.fromkeys(key[1:], str))
    parts = []
    for word, shares in keep.series.items():
        rows = frame[frame["outcome"] == COURSES.get(word, word)]
        if shares and len(rows):
            found = rows.groupby(key, sort=False)["value"].quantile(list(shares))
            parts.append(found.rename_axis([*key, "quantile"]).reset_index())
    kind = pa.schema(
        [
            ("point", pa.int32()),
            *((name, pa.string()) for name in key[1:]),
            ("quantile", pa.float64()),
            ("value", pa.float64()),
        ]
    )
    if not parts:
        return kind.empty_table()
    return pa.Table.from_pandas(pd.concat(parts, ignore_index=True), schema=kind, preserve_index=False)


def _rows(name: str, state: str, course: Any) -> Mapping[str, Any]:
    values = np.asarray(course.transpose("run", "arm", "month").values)
    runs, arms, months = values.shape
    words = {"decides": tables.OWN_WAY, "outcome": name, "state": state}
    return {word: (np.zeros(values.size, dtype=np.int32), [said]) for word, said in words.items()} | {
        "run": np.repeat(np.arange(runs), arms * months),
        "arm": (np.tile(np.repeat(np.arange(arms), months), runs), [str(arm) for arm in course["arm"].values]),
        "month": (np.tile(np.arange(months), runs * arms), [str(month) for month in course["month"].values]),
        "value": values.ravel(),
    }

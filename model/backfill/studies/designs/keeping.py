"""What a study keeps of every run: outcomes by their names, and courses month by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.results import tables

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.studies.design import Keep

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
}
"""The words of a design, and the names, or the beginnings of names, of the rows that stand for them."""
COURSES: Mapping[str, str] = {"aid": "units_to_aided", "backfill": "backfill_delivered", "stock": "position"}
"""The words of a design for courses that have another name in tables."""


def is_kept(outcome: str, keep: Keep) -> bool:
    """Whether the rows of an outcome are stored; all are where none is named."""
    wanted = [name for word in keep.outcomes for name in OUTCOMES[word]]
    return not keep.outcomes or any(
        outcome == name or (name[-1] == "_" and outcome.startswith(name)) for name in wanted
    )


def recorded_for(keep: Keep) -> tuple[str, ...]:
    """What the simulation has to remember of a run: what its outcomes are measured by, and the courses."""
    levels = (COURSES.get(word, word) for word in keep.series)
    return tuple(dict.fromkeys([*tables.MEASURED_BY, *(level for level in levels if level in tables.COURSES)]))


def course_columns(results: Results, keep: Keep) -> Iterator[Mapping[str, Any]]:
    """The courses that are kept, a row for each run and month: running totals of units, levels in equivalents."""
    wanted = {COURSES.get(word, word) for word in keep.series}
    for (name, state), course in tables.courses(results).items() if wanted else ():
        if name in wanted:
            yield _rows(name, state, course)


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

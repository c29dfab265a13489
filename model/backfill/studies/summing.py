"""What came of a study, point by point and arm by arm: units to the aided state, and what the headline asks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.results import tables
from backfill.results.outcomes import IN_90_PERCENT, ratio
from backfill.studies.headlining import Spread, is_headline, spreads
from backfill.studies.journal import Entry
from backfill.studies.rows import rows_of
from backfill.studies.store import written
from backfill.studies.task import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from backfill.studies.design import Design

UNITS, BASELINE = "units_to_aided", "baseline"
SUMMED = (UNITS, tables.AID_GAINED, tables.BACKFILL_GAINED)
"""The outcomes that every summary is made of, beside those of a headline."""


@dataclass(frozen=True)
class Estimate:
    """A number told from runs, and its 90 % interval; none from one run."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def around(cls, value: float, error: float | None) -> Estimate:
        """A value and its standard error."""
        if error is None:
            return cls(value, None, None)
        return cls(value, value - IN_90_PERCENT * error, value + IN_90_PERCENT * error)


@dataclass(frozen=True)
class Row:
    """An arm at a point, by the end of a month.

    more_units: units beyond those of the baseline, paired run by run; None at the baseline itself and without one
    headline: what a scenario asks for that is not about units: stocks that are refilled, a promise that is kept
    """

    point: int
    arm: str
    by: str
    runs: int
    units: Estimate | None
    pass_through: Estimate | None
    more_units: Estimate | None = None
    headline: tuple[Spread, ...] = ()


def rows(folder: Path, design: Design, entries: Sequence[Entry]) -> Iterator[Row]:
    """Every point, arm and date, one point after the other, so that memory holds one of them."""
    for point in design.points:
        known = rows_of(folder, entries, OUTCOMES, point.number, runs=1)["outcome"].unique().to_pylist()
        needed = rows_of(folder, entries, OUTCOMES, point.number, where={"outcome": _summed(known)})
        yield from rows_at(point.number, design.arms, needed.to_pandas())


def _summed(known: Sequence[str]) -> list[str]:
    """The outcomes that are summed up; one of the others where a design keeps none of them, so that runs are told."""
    return [name for name in known if name in SUMMED or is_headline(name)] or list(known[:1])


def rows_at(point: int, arms: Sequence[str], frame: pd.DataFrame) -> Iterator[Row]:
    """Every arm and date of one point, from its stored outcomes."""
    wanted = frame[frame["outcome"].isin(_summed([str(name) for name in frame["outcome"].unique()]))]
    base = wanted[(wanted["arm"] == BASELINE) & (wanted["outcome"] == UNITS)]
    for arm in arms:
        mine = wanted[wanted["arm"] == arm]
        for by in sorted(set(mine["by"].astype(str))):
            row = _row(point, arm, by, mine[mine["by"] == by])
            yield row if arm == BASELINE else replace(row, more_units=_more(mine, base, by))


def _row(point: int, arm: str, by: str, frame: pd.DataFrame) -> Row:
    units, extra, moved = (frame.loc[frame["outcome"] == name, "value"].to_numpy(dtype=float) for name in SUMMED)
    found = ratio(extra, moved) if len(extra) and len(extra) == len(moved) else None
    return Row(
        point=point,
        arm=arm,
        by=by,
        runs=int(frame["run"].nunique()),
        units=_mean(units) if len(units) else None,
        pass_through=None if found is None else Estimate.around(found.value, found.error),
        headline=spreads(frame),
    )


def _more(mine: pd.DataFrame, base: pd.DataFrame, by: str) -> Estimate | None:
    """The paired difference in units from the baseline, over the runs that both have."""
    first, second = (
        frame[(frame["outcome"] == UNITS) & (frame["by"] == by)].set_index("run")["value"] for frame in (mine, base)
    )
    pairs = (first - second).dropna().to_numpy(dtype=float)
    return _mean(pairs) if len(pairs) else None


def _mean(values: np.ndarray[Any, np.dtype[np.float64]]) -> Estimate:
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else None
    return Estimate.around(float(values.mean()), error)


def settings_at(design: Design, point: int) -> list[Any]:
    """What each factor is at a point, as a cell of a table; None where it has no say."""
    said: Mapping[str, Any] = design.points[point].settings
    return [
        value if value is None or isinstance(value, (int, float)) else written(value)
        for value in map(said.get, design.paths)
    ]

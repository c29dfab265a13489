"""Two arms of stored results held against each other: the same futures, run by run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from backfill.dashboard.answers import Refused
from backfill.dashboard.folders import Stored
from backfill.reading.words import nearest
from backfill.results.gaps import Gap, gap_of
from backfill.results.tables import OWN_WAY
from backfill.words import long_month, percent, signed

if TYPE_CHECKING:
    import pandas as pd

KEY = ["point", "run"]
FIRST, SECOND = "first", "second"
HEADLINE = "units_to_aided"


@dataclass(frozen=True)
class Side:
    """One arm of stored results, with what it came to: outcomes by the end of a month, by point and run."""

    stored: Stored
    arm: str
    by: str
    months: tuple[str, ...]
    values: pd.DataFrame

    @classmethod
    def of(cls, stored: Stored, arm: str | None, by: str | None) -> Self:
        """Read it; the baseline and the last month, if not said. Raises Refused for what is not there."""
        name = arm or stored.arms[0]
        if name not in stored.arms:
            near = nearest(name, stored.arms)
            raise Refused(f"{stored.name} has no arm {name!r}." + (f" Nearest: {near}." if near else ""))
        rows = _outcomes(stored)
        own = rows[(rows["arm"] == name) & (rows["decides"] == OWN_WAY)]
        months = tuple(sorted(set(own["by"])))
        if not months:
            raise Refused(f"{stored.name} holds no outcome of {name} yet.")
        if by is not None and by and by not in months:
            raise Refused(f"{stored.name} tells nothing for {by!r}; stored are {', '.join(months)}.")
        month = by or months[-1]
        table = own[own["by"] == month].pivot_table(index=KEY, columns="outcome", values="value", dropna=False)
        return cls(stored, name, month, months, table)


def _outcomes(stored: Stored) -> pd.DataFrame:
    """All outcomes as they were stored, in one form for a run and for a study."""
    from backfill.studies.study import Study

    columns = ["arm", "decides", "outcome", "by"]
    frame = _of_run(stored) if not stored.is_study else Study(stored.folder).table("outcomes")
    found: pd.DataFrame = frame.astype(dict.fromkeys(columns, str))
    return found


def _of_run(stored: Stored) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = stored.file("tables/outcomes.parquet")
    if path is None:
        raise Refused(f"{stored.name} has no table of outcomes, or one that is too large to be read here.")
    try:
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as broken:
        raise Refused(f"The outcomes of {stored.name} are damaged; run it again.") from broken
    return frame.assign(point=0)


def compared(one: Side, two: Side) -> dict[str, Any]:
    """Every outcome that both have: both means, the paired difference, whether it could be noise.

    Raises Refused where the runs of the two are not the same futures.
    """
    _refuse_strangers(one, two)
    same = _common(one, two)
    names = [name for name in one.values if name in two.values]
    gaps = {str(name): _gap(one, two, str(name), same) for name in names}
    return {
        "first": _said(one),
        "second": _said(two),
        "by": one.by,
        "months": [month for month in one.months if month in two.months],
        "runs": same.get_level_values("run").nunique(),
        "sentence": _sentence(one, two, gaps),
        "rows": [
            {"outcome": name} | asdict(gap) | {"could_be_noise": gap.could_be_noise, "is_nothing": gap.is_nothing}
            for name, gap in gaps.items()
            if gap is not None
        ],
    }


def _common(one: Side, two: Side) -> pd.Index[Any]:
    """The runs that both have at every point; points share their futures, so that a run counts once over all of them.

    Raises Refused if there is none.
    """
    same = one.values.index.intersection(two.values.index)
    points = same.get_level_values("run").value_counts()
    whole = same[same.get_level_values("run").isin(points.index[points == points.max()])] if len(same) else same
    if whole.empty:
        raise Refused("The two have no run in common.")
    return whole.sort_values()


def _gap(one: Side, two: Side, name: str, same: pd.Index[Any]) -> Gap | None:
    """The paired difference, over the runs in which both are defined."""
    import numpy as np
    import xarray as xr

    both = np.array([side.values.loc[same, name].groupby("run").mean().to_numpy(dtype=float) for side in (one, two)])
    defined = both[:, np.isfinite(both).all(axis=0)]
    if not defined.size:
        return None
    return gap_of(xr.DataArray(defined, dims=("arm", "run"), coords={"arm": [FIRST, SECOND]}), FIRST, SECOND)


def _said(side: Side) -> dict[str, str]:
    return {"study": side.stored.name, "arm": side.arm}


def _refuse_strangers(one: Side, two: Side) -> None:
    """Other seeds are other futures, other scenarios other worlds."""
    if one.by != two.by:
        raise Refused(
            f"{one.stored.name} tells outcomes by {one.by}, {two.stored.name} by {two.by}; "
            "choose a month that both have."
        )
    mine, theirs = one.stored.manifest, two.stored.manifest
    if mine["seed"] != theirs["seed"]:
        raise Refused(
            f"{one.stored.name} has seed {mine['seed']}, {two.stored.name} has seed {theirs['seed']}: "
            "their runs are different futures, so they cannot be held against each other run by run."
        )
    if mine["scenario"]["name"] != theirs["scenario"]["name"] or mine["central"] != theirs["central"]:
        raise Refused(f"{one.stored.name} and {two.stored.name} are of different worlds, so their runs are not paired.")


def _sentence(one: Side, two: Side, gaps: dict[str, Gap | None]) -> str:
    """What the difference in the headline outcome means, and no more than its interval bears out."""
    gap = gaps.get(HEADLINE)
    pair = [side.arm if one.arm != two.arm else f"{side.arm} of {side.stored.name}" for side in (one, two)]
    where = f"between {pair[0]} and {pair[1]} by {long_month(one.by)}"
    if gap is None:
        return f"No number of units reached the aided state is kept {where}."
    if gap.is_nothing:
        return f"No difference {where}: as many units reach the aided state in every run."
    size = f"{signed(gap.mean, 1)} units to the aided state {where}"
    if gap.low is None or gap.high is None:
        return f"One run, so no interval: {size}."
    doubt = f"{signed(gap.low, 1)} to {signed(gap.high, 1)}, paired 90 %; equal in {percent(gap.equal)} of runs"
    return f"{'Could be noise' if gap.could_be_noise else 'Not noise'}: {size} ({doubt})."

"""What matters: which factors and which drawn numbers an outcome of stored results leans on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backfill.errors import UnknownName
from backfill.reading.words import hint
from backfill.results.drivers import FEWEST_RUNS, chance_bound, rank_correlation
from backfill.results.outcomes import ratio
from backfill.results.tables import AID_GAINED, BACKFILL_GAINED
from backfill.studies.headlining import REFILL

if TYPE_CHECKING:
    import pandas as pd

    from backfill.studies.design import SobolSample
    from backfill.studies.study import Study

Floats = NDArray[np.float64]

HEADLINE = "pass_through"
RESAMPLES = 999
MOST_INTERVALS = 15
"""Numbers, the strongest first, for which an interval is told."""
FEWEST_ROWS = 64
"""Rows of a Sobol sample below which its indices say little."""
_LEADING = re.compile(r"\s*([-+]?\d[\d,]*(?:\.\d+)?)(?!\d*-\d)")
_MONTH = re.compile(r"\s*(\d{4})-(\d{2})(?:-(\d{2}))?\s*$")


@dataclass(frozen=True)
class Weight:
    """How much an outcome leans on a number: an estimate and its 90 % interval (None: not told)."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Ranking:
    """Weights of one kind, the strongest first.

    kind: "rank correlation", "first order" or "total"     over: what they are told from, in words
    bound: a rank correlation below this could be chance among so many numbers; None for Sobol indices
    note: why nothing can be said, or what to be careful about; empty if neither
    is_weak: whether it is told from too few rows
    """

    kind: str
    over: str
    found: tuple[Weight, ...]
    bound: float | None = None
    note: str = ""
    is_weak: bool = False


@dataclass(frozen=True)
class Drivers:
    """What an outcome of one arm leans on."""

    outcome: str
    arm: str
    by: str
    rankings: tuple[Ranking, ...]

    @property
    def leading(self) -> Ranking | None:
        """The first ranking that is carried by enough rows, else the first that says anything."""
        told = [ranking for ranking in self.rankings if ranking.found]
        return next((ranking for ranking in told if not ranking.is_weak), next(iter(told), None))


def drivers_of(study: Study, outcome: str, *, arm: str | None = None, by: str | None = None) -> Drivers:
    """Which factors, over points, and which drawn numbers, over runs, move an outcome.

    Points share their futures and runs share their points, so each is told from means over the other.
    Raises UnknownName for an outcome or an arm that is not stored.
    """
    month, mine = study.month(by), arm or study.arms[0]
    if mine not in study.arms:
        raise UnknownName(f"found no arm {mine!r}{hint(mine, study.arms)}\n  expected one of {', '.join(study.arms)}")
    values = _values(study, outcome, mine, month)
    by_point = _by_point(values, outcome)
    rankings: list[Ranking] = []
    for sample in () if study.is_run else study.design.sobol:
        rankings += sobol_indices(sample, by_point)
    if len(study.points) > 1:
        rankings.append(_of_factors(study, by_point))
    if study.tables and not study.manifest["central"] and outcome != HEADLINE:
        rankings.append(_of_draws(study, values[outcome]))
    return Drivers(outcome, mine, month, tuple(rankings))


def _values(study: Study, outcome: str, arm: str, by: str) -> pd.DataFrame:
    known = study.outcomes_by(by)
    names = [AID_GAINED, BACKFILL_GAINED] if outcome == HEADLINE else [outcome]
    if any(name not in known for name in names):
        raise UnknownName(
            f"found no outcome {outcome!r} by {by}{hint(outcome, known)}\n  expected one of {', '.join(known)}"
        )
    found = study.values(by, outcomes=names, arms=[arm]).droplevel("arm")
    return found.replace(math.inf, _longest(study, outcome))


def _longest(study: Study, outcome: str) -> float:
    """The end of the horizon, which is where something counts as come that has not come by then."""
    since, until = study.design.scenario.setting.horizon
    return (until - since + 1) / (12 if outcome.startswith(REFILL) else 1)


def _by_point(values: pd.DataFrame, outcome: str) -> pd.Series:
    """The outcome at each point, over its replications: a mean, or the ratio of two."""
    import pandas as pd

    if outcome != HEADLINE:
        means: pd.Series = values[outcome].groupby("point").mean()
        return means
    found = {
        point: ratio(rows[AID_GAINED].to_numpy(), rows[BACKFILL_GAINED].to_numpy())
        for point, rows in values.groupby("point")
    }
    return pd.Series({point: math.nan if one is None else one.value for point, one in found.items()}, dtype=float)


def _of_factors(study: Study, outcome: pd.Series) -> Ranking:
    """Rank correlations with the factors that are numbers, over points."""
    columns, words = {}, []
    for name in study.points:
        column = np.array([leading_number(value) for value in study.points[name].reindex(outcome.index)])
        if np.isnan(column).any():
            words.append(str(name))
        else:
            columns[str(name)] = column
    said = f"not numbers at every point: {', '.join(words)}" if words else ""
    return _ranked(columns, outcome.to_numpy(dtype=float), f"factors, over {len(outcome):,} points", "points", said)


def _of_draws(study: Study, outcome: pd.Series) -> Ranking:
    """Rank correlations with the numbers that were drawn, over runs; of a study, in means over its points."""
    per_run = outcome.groupby("run").mean()
    point = int(study.points.index[0])
    columns = {}
    drawn = study.table("draws", columns=["run", "number", "value"], where={"point": [point]})
    for name, rows in drawn.astype({"number": str}).groupby("number"):
        here = rows.set_index("run")["value"].reindex(per_run.index).to_numpy(dtype=float)
        if not np.isnan(here).any():
            columns[str(name)] = here
    over = f"drawn numbers, over {len(per_run):,} runs"
    return _ranked(columns, per_run.to_numpy(dtype=float), over, "runs", "")


def _ranked(columns: Mapping[str, Floats], outcome: Floats, over: str, rows: str, said: str) -> Ranking:
    """Rank correlations of all columns that vary, the strongest first, with intervals where they stand out."""
    kind, defined = "rank correlation", ~np.isnan(outcome)
    outcome = outcome[defined]
    varying = {
        name: column[defined] for name, column in columns.items() if defined.any() and np.ptp(column[defined]) > 0
    }
    note = _silence(outcome, varying, rows)
    if note:
        return Ranking(kind, over, (), None, note)
    order = sorted(varying, key=lambda name: (-abs(rank_correlation(varying[name], outcome)), name))
    found = tuple(
        _weight(name, varying[name], outcome, told=place < MOST_INTERVALS) for place, name in enumerate(order)
    )
    return Ranking(kind, over, found, chance_bound(len(outcome), len(varying)), said)


def _silence(outcome: Floats, columns: Mapping[str, Floats], rows: str) -> str:
    """Why nothing explains an outcome, if nothing can."""
    if not len(outcome) or (outcome == outcome[0]).all():
        return "nothing varies"
    if not columns:
        return "no number differs: what varies is chance alone"
    if len(outcome) < FEWEST_RUNS:
        return f"{len(outcome)} {rows} are too few to carry it; {FEWEST_RUNS} are the least"
    return ""


def _weight(name: str, column: Floats, outcome: Floats, *, told: bool) -> Weight:
    """Spearman's rank correlation with its 90 % interval: percentiles of resampled rows."""
    from scipy.stats import bootstrap, rankdata

    def spearman(first: Floats, second: Floats, axis: int = -1) -> Floats:
        ranked = [rankdata(values, axis=axis) for values in (first, second)]
        one, two = (values - values.mean(axis=axis, keepdims=True) for values in ranked)
        scale = np.sqrt((one**2).sum(axis=axis) * (two**2).sum(axis=axis))
        return np.asarray((one * two).sum(axis=axis) / np.where(scale > 0, scale, 1.0))

    value = rank_correlation(column, outcome)
    if not told:
        return Weight(name, value)
    made: Any = bootstrap(
        (column, outcome), spearman, paired=True, vectorized=True, n_resamples=RESAMPLES, confidence_level=0.9,
        method="percentile", rng=np.random.default_rng(0), batch=200,
    )  # fmt: skip
    return Weight(name, value, float(made.confidence_interval.low), float(made.confidence_interval.high))


def sobol_indices(sample: SobolSample, outcome: pd.Series) -> Iterator[Ranking]:
    """First-order and total Sobol indices of the factors of a sample, with 90 % intervals.

    By the estimators of scipy.stats.sobol_indices (Saltelli et al. 2010; Jansen 1999), told from the mean over
    replications at each point
    """
    from scipy import stats

    rows = len(sample.a)
    around = ", ".join(f"{name} {value}" for name, value in sample.around.items())
    over = f"Sobol sample of {rows:,} rows" + (f", where {around}" if around else "")
    wanted = outcome.reindex([*sample.a, *sample.b, *(one for row in sample.mixed for one in row)])
    kinds = ("first order", "total")
    if wanted.isna().any():
        missing = int(wanted.isna().sum())
        yield from (Ranking(kind, over, (), None, f"{missing} of its points have no value") for kind in kinds)
        return
    if (wanted == wanted.iloc[0]).all():
        yield from (Ranking(kind, over, (), None, "nothing varies") for kind in kinds)
        return
    columns: Any = {
        "f_A": outcome.loc[list(sample.a)].to_numpy(dtype=float)[None, :],
        "f_B": outcome.loc[list(sample.b)].to_numpy(dtype=float)[None, :],
        "f_AB": np.array([outcome.loc[list(row)].to_numpy(dtype=float) for row in sample.mixed])[:, None, :],
    }
    made: Any = stats.sobol_indices(func=columns, n=rows)
    spread: Any = made.bootstrap(confidence_level=0.9, n_resamples=RESAMPLES)
    few = f"{rows} rows are too few to carry it; {FEWEST_ROWS} are the least" if rows < FEWEST_ROWS else ""
    for kind, values, ends in zip(
        kinds,
        (made.first_order, made.total_order),
        (spread.first_order.confidence_interval, spread.total_order.confidence_interval),
        strict=True,
    ):
        weights = _weights(sample.factors, values, ends)
        yield Ranking(kind, over, tuple(sorted(weights, key=lambda one: -one.value)), None, few, bool(few))


def _weights(factors: Sequence[str], values: Any, ends: Any) -> list[Weight]:
    low, high = np.ravel(ends.low), np.ravel(ends.high)
    return [
        Weight(name, float(value), float(low[place]), float(high[place]))
        for place, (name, value) in enumerate(zip(factors, np.ravel(values), strict=True))
    ]


def leading_number(value: Any) -> float:
    """What a factor is as a number: its leading number, a month counted on; not-a-number for words.

    >>> leading_number("60 %"), leading_number(36), leading_number("2030-03"), leading_number("1,200 (900 to 1,500)")
    (60.0, 36.0, 24362.0, 1200.0)
    >>> leading_number("headroom")
    nan
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    month = _MONTH.match(str(value))
    if month:
        return int(month[1]) * 12 + int(month[2]) - 1 + (int(month[3] or 1) - 1) / 31
    found = _LEADING.match(str(value))
    return float(found[1].replace(",", "")) if found else math.nan

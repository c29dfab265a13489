"""Forecasts of the past beside what happened: one row for each comparison, and what they say together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from backfill.results.scores import BANDS, Score, outside, score, skill
from backfill.words import DASH, count, cut, number, one_line, signed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backfill.reading.observed import Point

    Floats = NDArray[np.float64]

NAIVE = {"last": "the last value", "trend": "a straight line", "plan": "the plan"}
"""What anybody could have said on the day, and how it is called."""
NAME = 36


@dataclass(frozen=True)
class Comparison:
    """One outcome of a frozen world beside what was observed, in the unit that is shown.

    ensemble: the outcome at each point that is scored  [runs, points]
    naive: by name, what a naive forecast says at each of them  [points]
    known, scored, plans: what was known on the day, what came after it, what was announced by then
    course: the outcome month by month, for a figure; None where months have no value of their own  [runs, months]
    """

    scenario: str
    name: str
    title: str
    unit: str
    label: str
    reads: str
    frozen: dt.date
    newest: tuple[str, dt.date] | None
    months: tuple[str, ...]
    known: tuple[Point, ...]
    scored: tuple[Point, ...]
    plans: tuple[Point, ...]
    observed: Floats
    ensemble: Floats
    naive: dict[str, Floats]
    per: float = 1.0
    course: Floats | None = None

    @cached_property
    def score(self) -> Score:
        """Bias, CRPS and coverage of the ensemble."""
        return score(self.ensemble, self.observed)

    @cached_property
    def naive_scores(self) -> dict[str, Score]:
        """The same of each naive forecast; its CRPS is its mean absolute error."""
        return {name: score(said[None], self.observed) for name, said in self.naive.items()}

    def skill(self, against: str) -> float | None:
        """1 - CRPS / CRPS of a naive forecast; None where there is none, or where it was perfect."""
        naive = self.naive_scores.get(against)
        return None if naive is None else skill(self.score.crps, naive.crps)


@dataclass(frozen=True)
class Scorecard:
    """All comparisons of a validation, with the runs and the seed that made them."""

    comparisons: tuple[Comparison, ...]
    runs: int
    seed: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each comparison, as plain data."""
        return [_row(one) for one in self.comparisons]

    @property
    def points(self) -> list[dict[str, Any]]:
        """One row for each observation: what came, what the ensemble and each naive forecast said."""
        return [row for one in self.comparisons for row in _points(one)]

    def __str__(self) -> str:
        """The table for a terminal and the sentences below it."""
        return "\n".join([*_head(), *(_line(one) for one in self.comparisons), "", *self.sentences])

    @property
    def sentences(self) -> list[str]:
        """What the table says in words, misses included."""
        points = sum(one.score.points for one in self.comparisons)
        half, most = (sum(one.score.inside[band] for one in self.comparisons) for band in (0, 1))
        said = [
            f"Of {count(points, 'observation')}, {half} lie in the 50 % band ({points / 2:.0f} expected).",
            f"In the 90 % band lie {most} ({0.9 * points:.0f} expected).",
            "Skill is 1 - CRPS / CRPS of a forecast that anybody could have made: 0 is no better, below 0 worse.",
        ]
        for against, words in NAIVE.items():
            skills = [one.skill(against) for one in self.comparisons]
            better = sum(value is not None and value > 0 for value in skills)
            said.append(f"Better than {words} in {better} of {sum(value is not None for value in skills)}.")
        missed = [one for one in self.comparisons if one.score.inside[1] * 2 < one.score.points]
        said += [f"Missed: {one.title}, where {_outside(one)}." for one in missed]
        return said


def _outside(one: Comparison) -> str:
    """On which side the observations lie that a forecast has missed."""
    where = outside(one.ensemble, one.observed, BANDS[1])
    below, above = int((where < 0).sum()), int((where > 0).sum())
    side = "below it" if not above else "above it" if not below else f"{below} below it and {above} above it"
    return f"{below + above} of {count(one.score.points, 'observation')} lie outside the 90 % band, {side}"


def _row(one: Comparison) -> dict[str, Any]:
    own = one.score
    row: dict[str, Any] = {
        "scenario": one.scenario,
        "observed": one.name,
        "title": one.title,
        "unit": one.unit,
        "frozen": one.frozen.isoformat(),
        "newest_source": one.newest[0] if one.newest else None,
        "newest_source_date": one.newest[1].isoformat() if one.newest else None,
        "points": own.points,
        "bias": own.bias,
        "crps": own.crps,
        "inside_50": own.inside[0],
        "inside_90": own.inside[1],
    }
    for against in NAIVE:
        naive = one.naive_scores.get(against)
        row |= {f"crps_{against}": None if naive is None else naive.crps, f"skill_{against}": one.skill(against)}
    return row


def _points(one: Comparison) -> list[dict[str, Any]]:
    import numpy as np

    shares = np.quantile(one.ensemble, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    names = ("p5", "p25", "median", "p75", "p95")
    return [
        {
            "scenario": one.scenario,
            "observed": one.name,
            "date": point.day.isoformat(),
            "value": float(one.observed[at]),
            "unit": one.unit,
            **{name: float(shares[row, at]) for row, name in enumerate(names)},
            **{f"naive_{name}": float(said[at]) for name, said in one.naive.items()},
            "source": point.title,
            "url": point.url,
        }
        for at, point in enumerate(one.scored)
    ]


def _head() -> list[str]:
    words = f"{'frozen':>8} {'bias':>8} {'CRPS':>8}{'last':>8}{'line':>7}{'plan':>7}{'50 %':>7}{'90 %':>7}"
    above = f"{'':{NAME}} {'':>8} {'':>8} {'':>8}{'skill against':>22}{'inside':>14}"
    below = f"{'forecast, unit':<{NAME}} {words}"
    return [above, below, "─" * len(below)]


def _line(one: Comparison) -> str:
    own = one.score
    skills = [one.skill(against) for against in NAIVE]
    said = [DASH if value is None else signed(value, 2) for value in skills]
    name = cut(one_line(f"{one.title}, {one.unit}"), NAME)
    bands = [f"{inside}/{own.points}" for inside in own.inside]
    return (
        f"{name:<{NAME}} {one.frozen:%b %Y} {_short(own.bias, sign=True):>8} {_short(own.crps):>8}"
        f"{said[0]:>8}{said[1]:>7}{said[2]:>7}{bands[0]:>7}{bands[1]:>7}"
    )


def _short(value: float, *, sign: bool = False) -> str:
    """A number with as many digits as mean something: two beside small ones, none beside large ones."""
    digits = 1 if abs(value) < 100 else 0
    return signed(value, digits) if sign else number(value, digits)


def newest_sources(comparisons: Sequence[Comparison]) -> list[str]:
    """For each world the source that was published last before it was frozen."""
    found = dict.fromkeys((one.scenario, one.frozen, one.newest) for one in comparisons)
    return [
        f"{name}: frozen on {frozen.isoformat()}, newest source @{newest[0]} of {newest[1].isoformat()}"
        for name, frozen, newest in found
        if newest is not None
    ]

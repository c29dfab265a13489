"""Which uncertain number an outcome leans on: whose range explains how much of the spread over runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from backfill.results import Results

Floats = NDArray[np.float64]

FEWEST_RUNS = 30
"""Below this many runs a rank correlation says next to nothing about a number among dozens."""
CHANCE_OF_A_FALSE_NAME = 0.05


@dataclass(frozen=True)
class Driver:
    """A number and the share of an outcome's spread that its range explains.

    correlation: Spearman's, between -1 and 1;  share: its square
    together: the paths of numbers that are drawn with it and cannot be told apart from it
    """

    path: str
    correlation: float
    together: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The part of the spread of ranks that goes with this number: the squared rank correlation."""
        return self.correlation**2


@dataclass(frozen=True)
class Drivers:
    """What an outcome leans on, the strongest number first; only numbers that stand out from chance.

    outcome: what is explained, in words
    threshold: a rank correlation below this could be chance among so many numbers
    note: why nothing can be said, or empty
    """

    outcome: str
    found: tuple[Driver, ...]
    threshold: float
    note: str = ""


def drivers_of(results: Results, outcome: Floats, name: str) -> Drivers:
    """Rank the drawn numbers of the baseline by how much of an outcome's spread they explain.

    outcome: one value for each run  [runs]
    """
    columns = {path: values for path, values in drawn(results).items() if np.ptp(values) > 0}
    note = _silence(outcome, columns)
    if note:
        return Drivers(name, (), math.inf, note)
    threshold = chance_bound(len(outcome), len(columns))
    ranked = sorted(_merged(outcome, columns), key=lambda driver: (-driver.share, driver.path))
    return Drivers(name, tuple(driver for driver in ranked if abs(driver.correlation) >= threshold), threshold)


def drawn(results: Results) -> dict[str, Floats]:
    """What was drawn for every uncertain number of the baseline, by its path  [runs]."""
    draws = results.dataset.get("draws")
    if draws is None or results.central:
        return {}
    table = np.asarray(draws.transpose("number", "run").values, dtype=float)
    return dict(zip((str(path) for path in draws["number"].values), table, strict=True))


def _silence(outcome: Floats, columns: dict[str, Floats]) -> str:
    """Why nothing explains an outcome, if nothing can."""
    if len(outcome) < 2:
        return "one run shows no spread"
    if np.ptp(outcome) == 0:
        return "nothing varies"
    if not columns:
        return "no number was drawn: what varies is chance alone"
    if len(outcome) < FEWEST_RUNS:
        return f"fewer than {FEWEST_RUNS} runs do not show it"
    return ""


def chance_bound(runs: int, numbers: int) -> float:
    """The rank correlation that the strongest of so many unrelated numbers stays below in 95 of 100 studies.

    Normal approximation: z / sqrt(runs - 1), z the two-sided quantile at 5 % shared among the numbers.

    >>> round(chance_bound(200, 50), 3)
    0.233
    """
    return NormalDist().inv_cdf(1 - CHANCE_OF_A_FALSE_NAME / (2 * numbers)) / math.sqrt(runs - 1)


def _merged(outcome: Floats, columns: dict[str, Floats]) -> list[Driver]:
    """One driver for each group of numbers that have the same order of runs, because they share one draw."""
    groups: dict[bytes, list[str]] = {}
    for path, values in columns.items():
        groups.setdefault(ranks(values).tobytes(), []).append(path)
    return [
        Driver(paths[0], rank_correlation(columns[paths[0]], outcome), tuple(paths[1:])) for paths in groups.values()
    ]


def ranks(values: Floats) -> Floats:
    """The rank of each value from 1 on; equal values share their mean rank.

    >>> ranks(np.array([5.0, 1.0, 5.0]))
    array([2.5, 1. , 2.5])
    """
    _, which, many = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(many) - (many - 1) / 2)[which], dtype=float)


def rank_correlation(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation of two columns that both vary.

    >>> round(rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0])), 12)
    1.0
    """
    return float(np.corrcoef(ranks(first), ranks(second))[0, 1])

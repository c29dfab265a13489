"""What the past allows: whether a simulated future agrees with what was reported, draw by draw."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backfill.errors import BackfillError
from backfill.words import UNDEFINED, count, number, percent

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

Masks = NDArray[np.bool_]
ENOUGH_DRAWS = 2000
"""Draws of which none must agree before history rules a way of deciding out."""
COLUMNS = ("name", "says", "outcome", "state", "only", "since", "until", "low", "high", "counts", "source")


@dataclass(frozen=True)
class Criterion:
    """Something that was reported, as a range for an outcome of the baseline.

    outcome: a flow, summed from `since` to `until`; a level, at the end of `until`; or `months_of_use`, the stock over
    that month's demand
    only: labels of the remaining axes that count, such as items or channels; () for all
    counts: whether a draw has to meet it, or it is shown beside
    """

    name: str
    says: str
    outcome: str
    state: str
    only: tuple[str, ...]
    since: str
    until: str
    low: float
    high: float
    counts: bool
    source: str


@dataclass(frozen=True)
class Held:
    """A criterion and the draws that meet it  [runs]; the median of what the draws say."""

    criterion: Criterion
    met: Masks
    median: float

    @property
    def share(self) -> float:
        """The share of draws that meet it."""
        return float(self.met.mean())


@dataclass(frozen=True)
class HistoryTest:
    """Every criterion with the draws that meet it; what this world does not record is left out and named."""

    held: tuple[Held, ...]
    left_out: tuple[str, ...]
    runs: int

    @property
    def counted(self) -> list[Held]:
        """The criteria that a draw has to meet."""
        return [entry for entry in self.held if entry.criterion.counts]

    @property
    def all_met(self) -> Masks:
        """The draws that meet every criterion that counts  [runs]."""
        met = [entry.met for entry in self.counted]
        return np.all(met, axis=0) if met else np.zeros(self.runs, dtype=bool)

    @property
    def share(self) -> float:
        """The share of draws that meet them all."""
        return float(self.all_met.mean())

    def in_words(self) -> str:
        """The shares as a list, and what they do not prove."""
        lines = [f"- {entry.criterion.says}: {percent(entry.share)} of draws{_beside(entry)}" for entry in self.held]
        lines.append(f"- all that count: {percent(self.share)} of {count(self.runs, 'draw')}{self._none()}")
        lines += [f"- not recorded in this world: {name}" for name in self.left_out]
        doubt = "A share compares ranges as much as doctrines: it rules nothing out unless no draw of very many passes."
        return "\n".join(lines) + "\n\n" + doubt

    def in_short(self) -> str:
        """The share that meets everything, in one line."""
        counted = count(len(self.counted), "criterion", "criteria")
        return f"{percent(self.share)} of draws meet all {counted}{self._none()}"

    @property
    def passed_by_none(self) -> bool:
        """Whether something was to be met and no draw met it all."""
        return bool(self.counted) and not self.all_met.any()

    @property
    def ruled_out(self) -> bool:
        """Whether so many draws fail without a single exception that history speaks against all of them."""
        return self.passed_by_none and self.runs >= ENOUGH_DRAWS

    @property
    def bound(self) -> float | None:
        """Where none of n draws agrees, the share that the true one is below at 95 %: 1 - 0.05 ** (1 / n)."""
        return 1 - 0.05 ** (1 / self.runs) if self.passed_by_none else None

    def in_brief(self) -> str:
        """The share of draws that agree, or what none of so many says about it.

        A doctrine is only ruled out by none of very many.
        """
        if self.bound is None:
            return percent(self.share) if self.counted else UNDEFINED
        out = ": ruled out" if self.ruled_out else ""
        return f"none of {self.runs:,}{out} (true share below {number(100 * self.bound, 2)} % at 95 %)"

    def _none(self) -> str:
        """What none of so many draws says about the share."""
        return "" if self.bound is None else f" (none: the true share is below {number(100 * self.bound, 2)} % at 95 %)"


def _beside(entry: Held) -> str:
    known = np.isfinite(entry.median)
    median = f"; median {number(entry.median, 0 if entry.median >= 10 else 1)}" if known else ""
    return median + ("" if entry.criterion.counts else "; shown beside, not counted")


def criteria_for(name: str) -> tuple[Criterion, ...]:
    """The criteria that come with a packaged scenario; none for any other."""
    from backfill.scenario import packaged

    path = packaged() / "history" / f"{name}.csv"
    return read_criteria(path) if path.is_file() else ()


def read_criteria(path: Path) -> tuple[Criterion, ...]:
    """The criteria in a CSV file; `low` or `high` may be empty. Raises BackfillError with file and line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise BackfillError(f"{path}:1: expected the columns {', '.join(COLUMNS)}")
        return tuple(_criterion(row, f"{path}:{reader.line_num}") for row in reader)


def _criterion(row: dict[str, str], where: str) -> Criterion:
    try:
        low, high = float(row["low"] or "-inf"), float(row["high"] or "inf")
    except (TypeError, ValueError) as wrong:
        raise BackfillError(f"{where}: low and high are numbers or empty") from wrong
    return Criterion(
        name=row["name"],
        says=row["says"],
        outcome=row["outcome"],
        state=row["state"],
        only=tuple(row["only"].split()),
        since=row["since"],
        until=row["until"],
        low=low,
        high=high,
        counts=row["counts"] == "yes",
        source=row["source"],
    )


def recorded_for(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """The outcomes that have to be recorded so that every criterion can be held against them."""
    named = [MONTHS_OF_USE if entry.outcome == "months_of_use" else (entry.outcome,) for entry in criteria]
    return tuple(dict.fromkeys(name for names in named for name in names))


def history_test(results: Results, criteria: Sequence[Criterion]) -> HistoryTest:
    """Hold every draw of the baseline against what was reported; the results themselves stay unfiltered."""
    measured = {criterion: measure(results, criterion) for criterion in criteria}
    held = tuple(
        Held(criterion, (values >= criterion.low) & (values <= criterion.high), float(np.median(values)))
        for criterion, values in measured.items()
        if values is not None
    )
    missing = tuple(criterion.says for criterion, values in measured.items() if values is None)
    return HistoryTest(held, missing, results.runs)


MONTHS_OF_USE = ("position", "demand")
"""A stock over what attacks called for in the month."""
LEVELS = ("position", "floor", "requirement", "headroom", "stock", "target", "shortfall")


def measure(results: Results, criterion: Criterion) -> NDArray[np.float64] | None:
    """What the baseline says about a criterion, draw by draw; None if it is not recorded.  [runs]"""
    if criterion.outcome == "months_of_use":
        return _months_of_use(results, criterion)
    outcome = _chosen(results, criterion.outcome, criterion)
    if outcome is None:
        return None
    months = results.months
    first = months.index(criterion.until if criterion.outcome in LEVELS else max(criterion.since, months[0]))
    span = outcome.isel(month=slice(first, months.index(criterion.until) + 1))
    others = [axis for axis in span.dims if axis != "run"]
    return np.asarray(span.sum(others, dtype="float64").values, dtype=float)


def _months_of_use(results: Results, criterion: Criterion) -> NDArray[np.float64] | None:
    """The stock at the end of a month over what attacks called for in it; infinite where they called for nothing."""
    stock, demand = _chosen(results, "position", criterion), _chosen(results, "demand", criterion)
    if stock is None or demand is None:
        return None
    lying, called = (np.asarray(found.sel(month=criterion.until).values, dtype=float) for found in (stock, demand))
    return np.asarray(np.where(called > 0, lying / np.where(called > 0, called, 1.0), np.inf), dtype=float)


def _chosen(results: Results, name: str, criterion: Criterion) -> xr.DataArray | None:
    """An outcome of the baseline for the state and the labels that count; None if any of them is missing."""
    outcome = results.dataset.get(name)
    known = outcome is not None and criterion.state in outcome["state"].values and criterion.until in results.months
    if outcome is None or not known:
        return None
    chosen = outcome.sel(arm="baseline", state=criterion.state)
    for axis in ("item", "channel"):
        if criterion.only and axis in chosen.dims:
            labels = [label for label in criterion.only if label in chosen[axis].values]
            chosen = chosen.sel({axis: labels})
    return chosen

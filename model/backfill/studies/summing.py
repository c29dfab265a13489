"""What came of a study, point by point and arm by arm: units to the aided state, and what the headline asks."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.results import tables
from backfill.results.outcomes import IN_90_PERCENT, ratio
from backfill.results.store import guarded
from backfill.studies.designs.keeping import quantiles
from backfill.studies.headlining import Spread, heads, is_headline, said, spreads
from backfill.studies.journal import Entry, Failure
from backfill.studies.rows import joined, rows_of
from backfill.studies.shards import write_safely
from backfill.studies.store import QUANTILES, written
from backfill.studies.task import OUTCOMES, SERIES
from backfill.words import count, number, one_line

if TYPE_CHECKING:
    import pandas as pd

    from backfill.studies.design import Design

UNITS, BASELINE = "units_to_aided", "baseline"
SUMMED = (UNITS, tables.AID_GAINED, tables.BACKFILL_GAINED)
"""The outcomes that every summary is made of, beside those of a headline."""
MOST_ROWS = 24
"""Rows that a person reads; the others are in summary.csv."""
WIDEST, GAP = 100, 2
"""Columns of a terminal, and those between two columns of a table."""
_LONG = re.compile(r"(?<![\w.])\d{1,6}\.\d{3,}(?![\w.])")
SUMMARY_CSV, SUMMARY_MD = "summary.csv", "summary.md"


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
        first = rows_of(folder, entries, OUTCOMES, point.number, runs=1)
        summed = tuple(name for name in first["outcome"].unique().to_pylist() if name in SUMMED or is_headline(name))
        needed = rows_of(folder, entries, OUTCOMES, point.number, where={"outcome": summed})
        yield from rows_at(point.number, design.arms, needed.to_pandas())


def rows_at(point: int, arms: Sequence[str], frame: pd.DataFrame) -> Iterator[Row]:
    """Every arm and date of one point, from its stored outcomes."""
    summed = frame["outcome"].isin(SUMMED) | frame["outcome"].astype(str).map(is_headline).astype(bool)
    wanted = frame[summed]
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
        runs=max(len(units), len(extra)),
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


def write_summary(folder: Path, design: Design, entries: Sequence[Entry]) -> list[Row]:
    """Write summary.csv, summary.md and the quantiles of courses, each whole or not at all."""
    if any(design.keep.series.values()):
        _write_quantiles(folder, design, entries)
    found = list(rows(folder, design, entries))
    failed = [failure for entry in entries for failure in entry.failed]
    _put(folder / SUMMARY_CSV, _csv(design, found))
    title = f"# {one_line(design.title)}\n\n"
    _put(folder / SUMMARY_MD, f"{title}```\n{closing(design, found, failed)}\n```\n")
    return found


def _write_quantiles(folder: Path, design: Design, entries: Sequence[Entry]) -> None:
    """The quantiles of courses that the design asks for, point by point, whole or not at all."""
    import pyarrow.parquet as pq

    unfinished = folder / f"{QUANTILES}.part"
    kind = quantiles(joined([], SERIES), design.keep).schema
    with pq.ParquetWriter(unfinished, kind, compression="zstd", write_statistics=False) as writer:
        for point in design.points:
            writer.write_table(quantiles(rows_of(folder, entries, SERIES, point.number), design.keep))
    unfinished.replace(folder / QUANTILES)


def _put(path: Path, text: str) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    write_safely(unfinished, text.encode("utf-8"))
    unfinished.replace(path)


def csv_of(folder: Path, design: Design, entries: Sequence[Entry]) -> str:
    """The text of summary.csv, from the blocks that are done."""
    return _csv(design, list(rows(folder, design, entries)))


def _csv(design: Design, found: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    usual = ("units_mean", "pass_through", "more_units")
    ends = [f"{name}{end}" for name in usual for end in ("", "_low_90", "_high_90")]
    asked = heads(row.headline for row in found)
    ends += [f"{name}{end}" for name in asked for end in ("_median", "_5", "_95", "_never")]
    writer.writerow(["point", *map(guarded, design.paths), "arm", "by", "runs", *ends])
    for row in found:
        cells = [row.point, *_settings(design, row.point), row.arm, row.by, row.runs]
        cells += [*_ends(row.units), *_ends(row.pass_through), *_ends(row.more_units)]
        known = {one.name: (one.value, one.low, one.high, one.never) for one in row.headline}
        cells += [cell for name in asked for cell in known.get(name, (None,) * 4)]
        writer.writerow([guarded(cell) for cell in cells])
    return text.getvalue()


def _settings(design: Design, point: int) -> list[Any]:
    said: Mapping[str, Any] = design.points[point].settings
    return [value if isinstance(value, (int, float)) else written(value) for value in map(said.get, design.paths)]


def _ends(found: Estimate | None) -> tuple[float | None, ...]:
    return (None, None, None) if found is None else (found.value, found.low, found.high)


def closing(design: Design, found: Sequence[Row], failed: Sequence[Failure]) -> str:
    """The table that a person reads: the last date, as many points as there is room for, and what failed."""
    last = max((row.by for row in found), default="")
    shown = [row for row in found if row.by == last]
    lines = _table(design, shown[:MOST_ROWS], last)
    if len(shown) > MOST_ROWS:
        lines.append(f"and {count(len(shown) - MOST_ROWS, 'more row')}: {SUMMARY_CSV}")
    lines += [f"failed: point {one.point}, {one.stage}: {one_line(one.reason)}" for one in failed[:MOST_ROWS]]
    if len(failed) > MOST_ROWS:
        lines.append(f"and {count(len(failed) - MOST_ROWS, 'more failure')}: journal.jsonl")
    return "\n".join(lines)


def _table(design: Design, shown: Sequence[Row], by: str) -> list[str]:
    """The lines of the table: as many factors as there is room for, and all that came of them."""
    if not shown:
        return ["no point is done"]
    points = _aligned(["point"], [[str(row.point)] for row in shown])
    factors = _aligned(list(design.paths), [[_said(cell) for cell in _settings(design, row.point)] for row in shown])
    head, cells = _answers(design, shown, by)
    body = [[row.arm, f"{row.runs:,}", *mine] for row, mine in zip(shown, cells, strict=True)]
    found = _aligned(["arm", "runs", *head], body)
    room, fitting = WIDEST - _width(points) - _width(found), 0
    while fitting < len(factors) and _width(factors[: fitting + 1]) <= room:
        fitting += 1
    columns = [*points, *factors[:fitting], *found]
    lines = ["".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    left = len(factors) - fitting
    more = [f"and {count(left, 'more factor')}: {SUMMARY_CSV}"] if left else []
    return [lines[0], "─" * max(map(len, lines)), *lines[1:], *more]


def _answers(design: Design, shown: Sequence[Row], by: str) -> tuple[list[str], list[list[str]]]:
    """The heads and the cells of what the headline of the scenario asks for, row by row."""
    asked = heads(row.headline for row in shown)
    if asked:
        found = [{one.name: one.cells() for one in row.headline} for row in shown]
        return (
            [head for name in asked for head in (said(name), "5–95 %")],
            [[cell for name in asked for cell in row.get(name, ("–", ""))] for row in found],
        )
    if design.scenario.setting.outcomes.headline == "pass_through":
        head = [f"units by {by}", "90 %", "pass-through", "90 %"]
        return head, [[*_cells(row.units, 1), *_cells(row.pass_through, 2)] for row in shown]
    head = [f"units by {by}", "90 %", "more than baseline", "90 %, paired"]
    return head, [[*_cells(row.units, 1), *_cells(row.more_units, 1)] for row in shown]


def _aligned(top: Sequence[str], body: Sequence[Sequence[str]]) -> list[list[str]]:
    """Columns of a table, each with its head, all cells of one width."""
    columns = [[one_line(cell) for cell in column] for column in zip(top, *body, strict=True)]
    return [[cell.rjust(max(map(len, column)) + GAP) for cell in column] for column in columns]


def _width(columns: Sequence[Sequence[str]]) -> int:
    return sum(len(column[0]) for column in columns)


def _said(value: Any) -> str:
    """What a factor is, in as many digits as one reads.

    >>> _said("80.93186 %"), _said(None), _said(36)
    ('80.93 %', '–', '36')
    """
    if value in (None, "null"):
        return "–"
    return _LONG.sub(lambda found: f"{float(found[0]):.4g}", str(value))


def _cells(found: Estimate | None, digits: int) -> tuple[str, str]:
    if found is None:
        return "–", ""
    if found.low is None or found.high is None:
        return number(found.value, digits), ""
    return number(found.value, digits), f"{number(found.low, digits)} to {number(found.high, digits)}"

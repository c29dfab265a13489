"""What came of a study, point by point and arm by arm: units to the aided state, and pass-through."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.results import tables
from backfill.results.outcomes import IN_90_PERCENT, ratio
from backfill.results.store import guarded
from backfill.studies.designs.keeping import quantiles
from backfill.studies.journal import Entry, Failure
from backfill.studies.rows import joined, rows_of
from backfill.studies.shards import write_safely
from backfill.studies.store import QUANTILES, written
from backfill.studies.task import OUTCOMES, SERIES
from backfill.words import one_line

if TYPE_CHECKING:
    import pandas as pd

    from backfill.studies.design import Design

UNITS = "units_to_aided"
SUMMED = (UNITS, tables.AID_GAINED, tables.BACKFILL_GAINED)
"""The outcomes that a summary is made of."""
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
    """An arm at a point, by the end of a month."""

    point: int
    arm: str
    by: str
    runs: int
    units: Estimate | None
    pass_through: Estimate | None


def rows(folder: Path, design: Design, entries: Sequence[Entry]) -> Iterator[Row]:
    """Every point, arm and date, one point after the other, so that memory holds one of them."""
    for point in design.points:
        needed = rows_of(folder, entries, OUTCOMES, point.number, where={"outcome": SUMMED})
        yield from rows_at(point.number, design.arms, needed.to_pandas())


def rows_at(point: int, arms: Sequence[str], frame: pd.DataFrame) -> Iterator[Row]:
    """Every arm and date of one point, from its stored outcomes."""
    wanted = frame[frame["outcome"].isin(SUMMED)]
    for arm in arms:
        mine = wanted[wanted["arm"] == arm]
        for by in sorted(set(mine["by"].astype(str))):
            yield _row(point, arm, by, mine[mine["by"] == by])


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
    )


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


def _csv(design: Design, found: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    ends = [f"{name}{end}" for name in ("units_mean", "pass_through") for end in ("", "_low_90", "_high_90")]
    writer.writerow(["point", *map(guarded, design.paths), "arm", "by", "runs", *ends])
    for row in found:
        cells = [row.point, *_settings(design, row.point), row.arm, row.by, row.runs]
        cells += [*_ends(row.units), *_ends(row.pass_through)]
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
        lines.append(f"and {len(shown) - MOST_ROWS} rows more: {SUMMARY_CSV}")
    lines += [f"failed: point {one.point}, {one.stage}: {one_line(one.reason)}" for one in failed[:MOST_ROWS]]
    if len(failed) > MOST_ROWS:
        lines.append(f"and {len(failed) - MOST_ROWS} points more failed: journal.jsonl")
    return "\n".join(lines)


def _table(design: Design, shown: Sequence[Row], by: str) -> list[str]:
    """The lines of the table: as many factors as there is room for, and all that came of them."""
    if not shown:
        return ["no point is done"]
    points = _aligned(["point"], [[str(row.point)] for row in shown])
    factors = _aligned(list(design.paths), [[_said(cell) for cell in _settings(design, row.point)] for row in shown])
    head = ["arm", "runs", f"units by {by}", "90 %", "pass-through", "90 %"]
    found = _aligned(
        head, [[row.arm, f"{row.runs:,}", *_cells(row.units, 1), *_cells(row.pass_through, 2)] for row in shown]
    )
    room, fitting = WIDEST - _width(points) - _width(found), 0
    while fitting < len(factors) and _width(factors[: fitting + 1]) <= room:
        fitting += 1
    columns = [*points, *factors[:fitting], *found]
    lines = ["".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    left = len(factors) - fitting
    more = [f"and {left} factors more: {SUMMARY_CSV}"] if left else []
    return [lines[0], "─" * max(map(len, lines)), *lines[1:], *more]


def _aligned(heads: Sequence[str], body: Sequence[Sequence[str]]) -> list[list[str]]:
    """Columns of a table, each with its head, all cells of one width."""
    columns = [[one_line(cell) for cell in column] for column in zip(heads, *body, strict=True)]
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
    ends = "" if found.low is None else f"{found.low:,.{digits}f} to {found.high:,.{digits}f}"
    return f"{found.value:,.{digits}f}", ends

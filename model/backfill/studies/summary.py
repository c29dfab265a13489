"""The files that sum a study up: a table for a spreadsheet, one for people, and the quantiles of courses."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.results.store import guarded
from backfill.studies.designs.keeping import quantiles
from backfill.studies.headlining import heads
from backfill.studies.journal import Entry
from backfill.studies.rows import joined, rows_of
from backfill.studies.shards import write_safely
from backfill.studies.store import QUANTILES
from backfill.studies.summing import Estimate, Row, rows, settings_at
from backfill.studies.task import SERIES
from backfill.studies.telling import SUMMARY_CSV, closing
from backfill.words import one_line

if TYPE_CHECKING:
    from backfill.studies.design import Design

SUMMARY_MD = "summary.md"


def write_summary(folder: Path, design: Design, entries: Sequence[Entry], into: Path | None = None) -> list[Row]:
    """Write summary.csv, summary.md and the quantiles of courses, each whole or not at all.

    into: the folder that takes them; None: that of the study
    """
    place = into or folder
    if any(design.keep.series.values()):
        _write_quantiles(folder, design, entries, place)
    found = list(rows(folder, design, entries))
    failed = [failure for entry in entries for failure in entry.failed]
    _put(place / SUMMARY_CSV, _csv(design, found))
    title = f"# {one_line(design.title)}\n\n"
    _put(place / SUMMARY_MD, f"{title}```\n{closing(design, found, failed)}\n```\n")
    return found


def _write_quantiles(folder: Path, design: Design, entries: Sequence[Entry], place: Path) -> None:
    """The quantiles of courses that the design asks for, point by point, whole or not at all."""
    import pyarrow.parquet as pq

    unfinished = place / f"{QUANTILES}.part"
    kind = quantiles(joined([], SERIES), design.keep).schema
    with pq.ParquetWriter(unfinished, kind, compression="zstd", write_statistics=False) as writer:
        for point in design.points:
            writer.write_table(quantiles(rows_of(folder, entries, SERIES, point.number), design.keep))
    unfinished.replace(place / QUANTILES)


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
        cells = [row.point, *settings_at(design, row.point), row.arm, row.by, row.runs]
        cells += [*_ends(row.units), *_ends(row.pass_through), *_ends(row.more_units)]
        known = {one.name: (one.value, one.low, one.high, one.never) for one in row.headline}
        cells += [cell for name in asked for cell in known.get(name, (None,) * 4)]
        writer.writerow([guarded(cell) for cell in cells])
    return text.getvalue()


def _ends(found: Estimate | None) -> tuple[float | None, ...]:
    return (None, None, None) if found is None else (found.value, found.low, found.high)

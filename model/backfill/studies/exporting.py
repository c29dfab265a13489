"""Results for other programs: one row for each point, arm and replication, as CSV, Parquet or netCDF."""

from __future__ import annotations

import csv
import math
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.errors import BackfillError, UnknownName
from backfill.reading.words import hint
from backfill.results.store import FolderTaken, guarded
from backfill.studies.study import KEY

if TYPE_CHECKING:
    import pandas as pd

    from backfill.studies.study import Study

ENDINGS = {"csv": "csv", "parquet": "parquet", "netcdf": "nc"}
CHUNK = 500
"""Points that are read at once."""


class MissingExtra(BackfillError):
    """A library that is no part of a plain installation; the message says what to install."""


def export(study: Study, form: str, out: Path, *, by: str | None = None) -> Path:
    """Write all outcomes by the end of a month (None: the last) into a new file.

    CSV and Parquet are written point by point, so that memory stays small however large the study is.
    Raises FolderTaken, MissingExtra, UnknownName.
    """
    if form not in ENDINGS:
        raise BackfillError(f"found the format {form!r}{hint(form, ENDINGS)}\n  expected one of {', '.join(ENDINGS)}")
    if out.exists():
        raise FolderTaken(f"{out} exists; nothing of yours is overwritten")
    if not out.parent.is_dir():
        raise UnknownName(f"found no folder {out.parent}\n  expected one that is there, to write {out.name} into")
    study.month(by)
    if form == "netcdf":
        require_extra("h5netcdf", "netcdf")
    unfinished = out.with_name(f"{uuid.uuid4().hex}.part")
    try:
        {"csv": _csv, "parquet": _parquet, "netcdf": _netcdf}[form](study, unfinished, by)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return out


def require_extra(module: str, extra: str) -> None:
    """Raise MissingExtra unless a library is there."""
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise MissingExtra(f"this needs {module}, which is not installed: pip install 'backfill[{extra}]'")


def _chunks(study: Study, by: str | None) -> Iterator[pd.DataFrame]:
    """The rows of some points at a time, always with the same columns."""
    points = [int(point) for point in study.points.index]
    names = study.outcomes_by(by)
    for start in range(0, len(points), CHUNK):
        yield study.to_pandas(by, outcomes=names, points=points[start : start + CHUNK])


def _csv(study: Study, path: Path, by: str | None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, frame in enumerate(_chunks(study, by)):
            if number == 0:
                writer.writerow([guarded(str(name)) for name in frame])
            writer.writerows([_cell(cell) for cell in row] for row in frame.itertuples(index=False))


def _cell(value: Any) -> str | float:
    """A cell of a spreadsheet; undefined is empty, whole numbers stay whole."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "'-inf"
    return guarded(value)


def _parquet(study: Study, path: Path, by: str | None) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = [str(name) for name in study.points if not _is_number(study.points[name])]
    kind = pa.schema(
        [("point", pa.int32())]
        + [(_factor(study, by, name), pa.string() if name in words else pa.float64()) for name in study.points]
        + [("arm", pa.string()), ("run", pa.int32())]
        + [(name, pa.float64()) for name in study.outcomes_by(by)]
    )
    with pq.ParquetWriter(path, kind, compression="zstd", write_statistics=False) as writer:
        for frame in _chunks(study, by):
            writer.write_table(pa.Table.from_pandas(frame, schema=kind, preserve_index=False))


def _factor(study: Study, by: str | None, name: Any) -> str:
    """The column of a factor: its name, unless an outcome is called so."""
    return f"factor {name}" if name in (*KEY, *study.outcomes_by(by)) else str(name)


def _is_number(column: pd.Series) -> bool:
    return column.dtype.kind in "fi"


def _netcdf(study: Study, path: Path, by: str | None) -> None:
    """Labelled arrays; words that a point lacks are empty."""
    table = study.to_xarray(by)
    for name, column in table.coords.items():
        if column.dtype.kind not in "fiu":
            said = ["" if value is None or value != value else str(value) for value in column.values]  # noqa: PLR0124
            table = table.assign_coords({name: (column.dims, said)})
    table.to_netcdf(path, engine="h5netcdf")

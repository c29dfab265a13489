"""Monthly series as CSV: commas, decimal points, ISO months; what another locale made of it is refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from backfill.errors import Place, Problem, ScenarioProblems
from backfill.reading.dates import is_month, month
from backfill.reading.document import MOST_BYTES, first_bytes, refuse
from backfill.reading.words import listed, nearest

_VALUE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_CURE = "a file with commas between columns, decimal points and months as 2025-03"


def read_series(path: Path, shown: str, *, column: str, where: Mapping[str, tuple[str, ...]]) -> dict[int, float]:
    """The values of a column by month, summed over the rows that fit `where`.

    where: column to the words that it may hold; rows of one month are summed only if something is selected
    Raises ScenarioProblems with all the faults of the file, each at its line.
    """
    rows = rows_of(path, shown, ("month", column, *where))
    found: dict[int, float] = {}
    problems: list[Problem] = []
    for line, row in rows:
        if all(row[name] in words for name, words in where.items()):
            _take(found, row, column, Place(shown, line, 1), problems=problems, summed=bool(where))
    if problems:
        raise ScenarioProblems(problems[:20])
    if not found:
        refuse(Place(shown, 1, 1), "no row that fits", f"rows with {_said(where)}", path="where")
    return dict(sorted(found.items()))


def _said(where: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name} one of {listed(words)}" for name, words in where.items()) or "a month and a value"


def _take(
    found: dict[int, float], row: dict[str, str], column: str, at: Place, *, problems: list[Problem], summed: bool
) -> None:
    """Add the value of one row to its month."""
    if not is_month(row["month"]):
        problems.append(Problem("month", repr(row["month"]), "a month: 2025-03", "", at))
    elif not _VALUE.fullmatch(row[column]):
        problems.append(Problem(column, repr(row[column]), "a number, not below zero, with a decimal point", "", at))
    elif month(row["month"]) in found and not summed:
        problems.append(
            Problem("month", f"{row['month']} a second time", "each month once, or where: to select rows", "", at)
        )
    else:
        found[month(row["month"])] = found.get(month(row["month"]), 0.0) + float(row[column])


def rows_of(
    path: Path, shown: str, columns: tuple[str, ...], *, told: str = "series"
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers; blank lines count, and are skipped.

    columns: names that must stand in its first line;  told: the path in which faults are told
    """
    reader = csv.reader(io.StringIO(_text(path, shown, told), newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(header, shown, columns, told)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    found = f"{len(cells)} cells under {len(header)} names"
                    refuse(Place(shown, reader.line_num, 1), found, _CURE, path=told)
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as fault:
        refuse(Place(shown, reader.line_num, 1), str(fault), _CURE, path=told)


def _text(path: Path, shown: str, told: str) -> str:
    try:
        content = first_bytes(path)
        text = content.decode("utf-8-sig")
    except OSError as fault:
        refuse(Place(shown, 0, 0), f"a file that cannot be read: {fault.strerror or fault}", "a CSV file", path=told)
    except UnicodeDecodeError:
        refuse(Place(shown, 1, 1), "bytes that are not UTF-8", "a CSV file saved as UTF-8", path=told)
    if len(content) > MOST_BYTES:
        refuse(Place(shown, 0, 0), f"more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,} bytes", path=told)
    return text


def _check_header(header: list[str], shown: str, columns: tuple[str, ...], told: str) -> None:
    if len(header) == 1 and ";" in header[0]:
        refuse(Place(shown, 1, 1), "semicolons between columns", _CURE, path=told)
    for name in header:
        if header.count(name) > 1:
            refuse(Place(shown, 1, 1), f"the column {name!r} a second time", "every column once", path=told)
    for name in columns:
        if name not in header:
            refuse(
                Place(shown, 1, 1), f"no column {name!r}", f"one of {listed(header)}", path=told,
                nearest=nearest(name, header),
            )  # fmt: skip


def without_gaps(values: Mapping[int, float], gaps: str, at: Place | None) -> dict[int, float]:
    """The series with a value for each month between its first and its last.

    gaps: what a month that the file lacks means: "zero", "straight line" or "error"
    """
    known = sorted(values)
    found = dict(values)
    for before, after in pairwise(known):
        for missing in range(before + 1, after):
            if gaps == "error":
                said = f"no row for {missing // 12:04d}-{missing % 12 + 1:02d}"
                expected = "each month, or gaps: zero, or gaps: straight line"
                raise ScenarioProblems([Problem("gaps", said, expected, "", at)])
            share = (missing - before) / (after - before)
            found[missing] = 0.0 if gaps == "zero" else values[before] + share * (values[after] - values[before])
    return dict(sorted(found.items()))

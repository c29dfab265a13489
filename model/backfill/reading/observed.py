"""What happened, or was planned, as a CSV with dates, values and where each was read."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path

from backfill.errors import Place, Problem, ScenarioProblems
from backfill.reading.document import MOST_BYTES, first_bytes
from backfill.reading.words import listed

COLUMNS = ("date", "value", "low", "high", "unit", "kind", "published", "source_title", "source_url", "note")
KINDS = ("actual", "plan")
_VALUE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_WHEN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)


@dataclass(frozen=True)
class Point:
    """One observed value, or one announced plan.

    day: when it held; of a month or a year, its last day      whole: whether a month or a year is meant, not a day
    published: when it could be known; the day itself if nothing else is said
    """

    day: dt.date
    value: float
    kind: str
    published: dt.date
    unit: str
    title: str
    url: str = ""
    whole: bool = True
    note: str = ""


def last_day(text: str) -> dt.date | None:
    """The last day of what a date names: a day, a month, a year, or a span with a stroke; None if it is no date.

    >>> last_day("2023-02"), last_day("2022-10/2022-11"), last_day("2014")
    (datetime.date(2023, 2, 28), datetime.date(2022, 11, 30), datetime.date(2014, 12, 31))
    """
    found = _WHEN.fullmatch(text.rpartition("/")[2].strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        month = month or 12
        return dt.date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def read_observed(path: Path, shown: str) -> list[dict[str, str]]:
    """The rows of a file as they stand in it, in the order of their dates; each makes a point.

    Raises ScenarioProblems with every fault of the file, each at its line.
    """
    problems: list[Problem] = []
    rows = _rows(path, shown)
    for line, row in rows:
        place = Place(shown, line, 1)
        problems += [Problem(column, found, expected, "", place) for column, found, expected in _wrong(row)]
    if problems:
        raise ScenarioProblems(problems[:20])
    return [row for _line, row in sorted(rows, key=lambda pair: (point_of(pair[1]).day, pair[0]))]


def point_of(row: dict[str, str]) -> Point:
    """What a row says. Raises ValueError if it says nothing that can be read."""
    row = dict.fromkeys(COLUMNS, "") | row
    wrong = _wrong(row)
    if wrong:
        column, found, _expected = wrong[0]
        raise ValueError(f"{column}: {found}")
    day = _certain(row["date"])
    return Point(
        day,
        float(row["value"]),
        row["kind"],
        _certain(row["published"]) if row["published"] else day,
        row["unit"],
        row["source_title"],
        row["source_url"],
        whole=row["date"].count("-") < 2,
        note=row["note"],
    )


def _certain(text: str) -> dt.date:
    day = last_day(text)
    if day is None:
        raise ValueError(text)
    return day


def _rows(path: Path, shown: str) -> list[tuple[int, dict[str, str]]]:
    try:
        content = first_bytes(path)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        place = Place(shown, 0, 0)
        raise ScenarioProblems(
            [Problem("file", f"a file that cannot be read: {fault}", "CSV in UTF-8", "", place)]
        ) from None
    if len(content) > MOST_BYTES:
        found, expected = f"more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,} bytes"
        raise ScenarioProblems([Problem("file", found, expected, "", Place(shown, 0, 0))])
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        expected = f"commas between the columns {listed(COLUMNS)}"
        raise ScenarioProblems([Problem("file", f"no column {listed(missing)}", expected, "", Place(shown, 1, 1))])
    return [(reader.line_num, {key: str(value or "").strip() for key, value in row.items() if key}) for row in reader]


def _wrong(row: dict[str, str]) -> list[tuple[str, str, str]]:
    """What is wrong with a row: the column, what was found, what was expected."""
    found = [
        (column, repr(row[column]), "a day, a month or a year: 2023-08-10, 2023-08, 2023")
        for column in ("date", "published")
        if (row[column] or column == "date") and last_day(row[column]) is None
    ]
    if not _VALUE.fullmatch(row["value"]) or not math.isfinite(float(row["value"])):
        found.append(("value", repr(row["value"]), "a number, not below zero, with a decimal point"))
    if row["kind"] not in KINDS:
        found.append(("kind", repr(row["kind"]), f"one of {listed(KINDS)}"))
    if not row["source_title"]:
        found.append(("source_title", "nothing", "where the value was read"))
    return found

"""A frozen world holds only what was published by its date, so that what came of it is a forecast."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from backfill.errors import Problem
from backfill.reading.dates import written
from backfill.reading.observed import last_day
from backfill.scenario import sources, tree
from backfill.scenario.schema import Series, Setting
from backfill.scenario.verbs import Draft

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IN_A_TITLE = re.compile(rf"(?:([0-9]{{1,2}}) )?({'|'.join(_MONTHS)})[a-z]* ([0-9]{{4}})", re.ASCII)
_NO_CITATIONS = (*tree.RAW_PARTS, "sources", "assumptions", "observed")


def freezing(setting: Setting, draft: Draft, sourcebook: sources.Library) -> Iterator[Problem]:
    """Everything in a frozen world that was not known by its date, and comparisons without such a date."""
    for name, entry in setting.observed.items():
        if not entry.per:
            yield Problem(f"observed.{name}.per", "0", "by how much values are divided: 1000 for thousands")
    if setting.frozen is None:
        for name in setting.observed:
            expected = "frozen: the day on which the forecast is made"
            yield Problem(f"observed.{name}", "a comparison in a world that is not frozen", expected)
        return
    if setting.frozen.year * 12 + setting.frozen.month - 1 >= setting.horizon[1]:
        expected = f"a day before {written(setting.horizon[1])}, where the horizon ends"
        yield Problem("frozen", setting.frozen.isoformat(), expected)
    yield from _cited_too_early(setting.frozen, draft, sourcebook)
    yield from _series(setting.frozen, setting)


def published(row: sources.Row) -> dt.date | None:
    """When a source could be read first: the date in its title, else its `date`, or the period that it speaks of.

    An assumption has none.
    """
    stated = [day for day in map(_day, _IN_A_TITLE.findall(row.entry.get("title", ""))) if day is not None]
    return max(stated) if stated else last_day(row.entry.get("date", ""))


def newest(sourcebook: sources.Library, cited: set[str]) -> tuple[str, dt.date] | None:
    """The latest of some sources and the day on which it was published; None if none of them has a date."""
    days = {name: published(sourcebook[name]) for name in sorted(cited & set(sourcebook)) if sourcebook[name].entry}
    dated = {name: day for name, day in days.items() if day is not None}
    latest = max(dated, key=lambda name: dated[name], default=None)
    return None if latest is None else (latest, dated[latest])


def _day(found: tuple[str, str, str]) -> dt.date | None:
    day, month, year = found
    number = f"{_MONTHS.index(month) + 1:02d}"
    return last_day(f"{year}-{number}-{int(day):02d}" if day else f"{year}-{number}")


def _cited_too_early(frozen: dt.date, draft: Draft, sourcebook: sources.Library) -> Iterator[Problem]:
    expected = f"facts published by {frozen.isoformat()}, when this world is frozen"
    for path, name in _citations(draft.raw, ""):
        row = sourcebook.get(name)
        if row is None or not row.entry:
            continue
        day = published(row)
        if day is None:
            yield Problem(
                path, f"@{name}, of which nobody says when it was published", "date: 2023-08-10, in its source"
            )
        elif day > frozen:
            yield Problem(path, f"@{name}, which was published on {day.isoformat()}", expected)


def _citations(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every place at which something is cited, and what."""
    if isinstance(value, dict):
        for name in sorted(sources.cited_in({"source": value.get("source")})):
            yield f"{path}.source", name
        parts = [(key, part) for key, part in value.items() if key != "source"]
    elif isinstance(value, list):
        parts = [(str(index), part) for index, part in enumerate(value)]
    else:
        yield from ((path, name) for name in sorted(sources.cited_in(value)))
        return
    for key, part in parts:
        if path or key not in _NO_CITATIONS:
            yield from _citations(part, f"{path}.{key}" if path else str(key))


def _series(frozen: dt.date, setting: Setting) -> Iterator[Problem]:
    """No observed month of a series lies after the day."""
    for name, conflict in setting.conflicts.items():
        for part in ("attacks", "fires"):
            course = getattr(conflict, part)
            last = max(course.values, default=0) if isinstance(course, Series) else 0
            if last > frozen.year * 12 + frozen.month - 1:
                expected = f"months up to {frozen.isoformat()[:7]}, when this world is frozen"
                yield Problem(f"conflicts.{name}.{part}.series", f"a series that goes on to {written(last)}", expected)

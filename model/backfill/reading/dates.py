"""Months and days as people write them: 2025-03 and 2025-03-11."""

from __future__ import annotations

import datetime as dt
import re

FIRST_YEAR, LAST_YEAR = 1900, 2261
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})", re.ASCII)


class NotADate(ValueError):
    """A text that is no month or day; the message says what is wrong with it."""


def month(text: str) -> int:
    """The month that a text names, as `year * 12 + month - 1`; of a day, the month in which it lies.

    >>> month("2022-01"), month("2023-06-28")
    (24264, 24281)
    """
    return day(text).year * 12 + day(text).month - 1


def day(text: str) -> dt.date:
    """The day that a text names; of a month, its first day.

    >>> day("2025-03")
    datetime.date(2025, 3, 1)
    """
    whole = _DAY.fullmatch(text) or _DAY.fullmatch(f"{text}-01")
    if not whole:
        raise NotADate("a month or a day: 2025-03 or 2025-03-11")
    year, number, date = (int(part) for part in whole.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotADate(f"a year between {FIRST_YEAR} and {LAST_YEAR}")
    try:
        return dt.date(year, number, date)
    except ValueError:
        raise NotADate("a day that exists in that month") from None


def span(text: str) -> tuple[int, int]:
    """The first and the last month of `2022-12 to 2023-09`; both count."""
    parts = text.split(" to ")
    if len(parts) != 2:
        raise NotADate("two months: 2022-12 to 2023-09")
    first, last = month(parts[0].strip()), month(parts[1].strip())
    if last < first:
        raise NotADate("the earlier month first")
    return first, last


def written(number: int) -> str:
    """How a month is written.

    >>> written(24264)
    '2022-01'
    """
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def is_month(text: str) -> bool:
    """Whether a text has the form of a month."""
    return bool(_MONTH.fullmatch(text))

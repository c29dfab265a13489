"""The clock: a month is `year * 12 + month - 1`; within it, days are counted from zero."""

from __future__ import annotations

import calendar
import datetime as dt

import numpy as np

from backfill.arrays import PerRun, Whole
from backfill.reading.number import DAYS_PER_MONTH

NEVER = 120_000
"""A month, or a number of months, that no horizon reaches: what `never` is when months are counted."""

REQUEST_DAY = 14
"""Monthly requests open on the 15th."""


def month_of(day: dt.date) -> int:
    """The month in which a day lies."""
    return day.year * 12 + day.month - 1


def label(month: int) -> str:
    """How a month is written: 2025-12."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def last_day(month: int) -> dt.date:
    """The day whose law holds when a month's decisions are taken."""
    year, index = divmod(month, 12)
    return dt.date(year, index + 1, calendar.monthrange(year, index + 1)[1])


def days_in(month: int) -> int:
    year, index = divmod(month, 12)
    return calendar.monthrange(year, index + 1)[1]


def share_of_month(month: int, since: dt.date, until: dt.date) -> float:
    """Which part of a month lies in a span of days; `since` counts, `until` does not."""
    first = dt.date(month // 12, month % 12 + 1, 1)
    start, stop = max(first, since), min(last_day(month) + dt.timedelta(days=1), until)
    return max((stop - start).days, 0) / days_in(month)


def months_later(duration: PerRun, day: int) -> Whole:
    """How many months after the present one a span ends that begins on `day` of it.

    duration: months of 365.25 / 12 days  [runs]

    >>> int(months_later(7.2, 21)), int(months_later(7.2 + 15.6, 21))
    (7, 23)
    """
    return np.floor((np.asarray(duration) * DAYS_PER_MONTH + day) / DAYS_PER_MONTH + 1e-9).astype(np.intp)

"""A warning where an outcome leans on numbers that nobody knows well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backfill.words import listed, path_words, percent, quoted

if TYPE_CHECKING:
    from backfill.reading.number import Number
    from backfill.results.closing import ClosingTable
    from backfill.results.drivers import Driver, Drivers

WEAK = ("assumed", "low")
WORDS = {"assumed": "assumed", "low": "of low grade"}
MOST_NAMED = 3


def weak_drivers(table: ClosingTable, drivers: Drivers) -> list[tuple[Driver, str]]:
    """The numbers that stand out in the spread of an outcome and are assumed or of low grade, each with its grade."""
    if not drivers.found:
        return []
    numbers = table.results.scenario.numbers()
    found = [(driver, _grade(driver, numbers)) for driver in drivers.found]
    return [(driver, grade) for driver, grade in found if grade in WEAK]


def _grade(driver: Driver, numbers: Mapping[str, Number]) -> str:
    """How well a number is known; of numbers that are drawn together the best of them counts."""
    grades = [numbers[path].grade for path in (driver.path, *driver.together) if path in numbers]
    return next((grade for grade in ("high", "medium", "low", "assumed", "plain") if grade in grades), "plain")


def warning(table: ClosingTable) -> str:
    """Which weak numbers the headline leans on, and the units where it cannot be told; empty if on none."""
    drivers = table.drivers if table.drivers.found else table.unit_drivers
    weak = weak_drivers(table, drivers)
    if not weak:
        return ""
    said = [
        f"{quoted(path_words(table.results.setting, driver.path))} ({percent(driver.share)}, {WORDS[grade]})"
        for driver, grade in weak[:MOST_NAMED]
    ]
    more = len(weak) - len(said)
    others = f", and {more} more" if more else ""
    what = "a number that nobody knows well" if len(weak) == 1 else "numbers that nobody knows well"
    return (
        f"The spread in {drivers.outcome} leans on {what}: {listed(said)}{others}. Better sources may move the answer."
    )

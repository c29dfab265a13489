"""The end of a run: one row for each arm, what reached whom by when, what it passed on, and what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backfill.months import label
from backfill.results import outcomes
from backfill.results.headline import kind_of, leaned_on
from backfill.results.outcomes import PassThrough, pass_through
from backfill.words import one_line

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from backfill.results import Results
    from backfill.results.by_doctrine import DoctrineRow, FloorBins
    from backfill.results.consequences import Burden
    from backfill.results.drivers import Drivers
    from backfill.results.headline import Measure
    from backfill.results.history import HistoryTest
    from backfill.results.shortfall import AskedFor, Missing

Passing = Mapping[str, PassThrough | None]


@dataclass(frozen=True)
class Spread:
    """A median over runs and what 90 % of runs lie between; no interval for a single run."""

    median: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ArmRow:
    """What came of one arm.

    units: to the aided state, by date;  backfill: units delivered;  first: the month of the first one, median over runs
    passing: units per unit delivered, by date;  per_promised, in_equivalents: the same in other measures
    below: months below its floor, by state;  unmet, exposure: equivalents and equivalent-months;  owed: units
    """

    arm: str
    title: str
    units: Mapping[str, Spread]
    backfill: Spread
    first: str | None
    passing: Passing
    per_promised: Passing
    in_equivalents: Passing
    below: Mapping[str, Spread | None]
    unmet: Spread | None
    exposure: Spread | None
    owed: Spread
    delay: int | None


@dataclass(frozen=True)
class FamilyRow:
    """What came of some items of an arm, counted by themselves.

    units: to the aided state, by date;  passing: units of them per unit of backfill of them, by date
    """

    units: Mapping[str, Spread]
    passing: Passing


@dataclass(frozen=True)
class ClosingTable:
    """All rows of a run, and what they mean; each part is worked out when it is first asked for."""

    results: Results

    @cached_property
    def unit_dates(self) -> tuple[str, ...]:
        """The months for which units are given."""
        return unit_dates_of(self.results)

    @cached_property
    def passing_dates(self) -> tuple[str, ...]:
        """The months for which pass-through is given."""
        return passing_dates_of(self.results)

    @cached_property
    def rows(self) -> tuple[ArmRow, ...]:
        """One row for each arm, the baseline first."""
        return _rows(self.results, self.unit_dates, self.passing_dates)

    @cached_property
    def elsewhere(self) -> Mapping[str, Mapping[str, Passing]]:
        """Pass-through by way of deciding, arm and date."""
        ways = self.results.under if self.asks_for_pass_through else ()
        return {way: _elsewhere(self.results, way, self.passing_dates) for way in ways}

    @cached_property
    def families(self) -> Mapping[str, Mapping[str, FamilyRow]]:
        """Rows by family of items and arm, families by their names."""
        counts_units = kind_of(self.results.setting) == "units"
        return _families(self.results, self.unit_dates if counts_units else self.unit_dates[:1], self.passing_dates)

    @cached_property
    def drivers(self) -> Drivers:
        """What the headline leans on."""
        from backfill.results.drivers import drivers_of

        return drivers_of(self.results, *headline(self.results))

    @cached_property
    def unit_drivers(self) -> Drivers:
        """What the units to the aided state lean on."""
        from backfill.results.drivers import drivers_of

        return drivers_of(self.results, baseline_units(self.results), "the units")

    @property
    def history(self) -> HistoryTest | None:
        """The draws of the baseline against what was reported; None if nothing is on file."""
        return self.doctrines[0].history

    @cached_property
    def doctrines(self) -> tuple[DoctrineRow, ...]:
        """The baseline under each way of deciding, the scenario's own first."""
        from backfill.results.by_doctrine import doctrine_rows

        return doctrine_rows(self.results)

    @cached_property
    def floors(self) -> FloorBins | None:
        """How pass-through moves with the donor's floor; None if that cannot be told."""
        from backfill.results.by_doctrine import by_floor

        return by_floor(self.results) if self.asks_for_pass_through else None

    @cached_property
    def missing(self) -> Mapping[AskedFor, Mapping[str, Missing]]:
        """What asking states lack and why, by what is asked for and arm."""
        from backfill.results.shortfall import ASKED_FOR, missing_by_arm

        return {asked_for: missing_by_arm(self.results, asked_for) for asked_for in ASKED_FOR}

    @cached_property
    def burdens(self) -> Mapping[str, Burden]:
        """What else follows, by arm, up to the last date that the scenario asks about."""
        from backfill.results.consequences import burdens

        return burdens(self.results, dates_of(self.results)[-1])

    @cached_property
    def measures(self) -> Mapping[str, tuple[Measure, ...]]:
        """What a headline other than pass-through counts, by arm."""
        from backfill.results.headline import measures

        return measures(self.results, self.unit_dates)

    @property
    def baseline(self) -> ArmRow:
        """The row of the world as it is written."""
        return self.rows[0]

    @property
    def counted_apart(self) -> Mapping[str, Mapping[str, FamilyRow]]:
        """The families of which the headline does not speak, by their names."""
        lead = outcomes.leading(self.results.setting)
        ahead = "" if lead is None else one_line(lead.name)
        return {name: rows for name, rows in self.families.items() if name != ahead}

    @property
    def asks_for_pass_through(self) -> bool:
        """Whether the headline is what a unit of backfill brings."""
        return kind_of(self.results.setting) == "pass_through"

    def __str__(self) -> str:
        """The table as a terminal shows it."""
        from backfill.results.table import text_of

        return text_of(self)


def dates_of(results: Results) -> list[str]:
    """The months that the scenario asks about, as far as the horizon reaches; its last month if it asks about none."""
    months = results.months
    asked = [label(month) for month in results.setting.outcomes.by]
    inside = [min(month, months[-1]) for month in asked if month >= months[0]]
    return list(dict.fromkeys(inside)) or [months[-1]]


def unit_dates_of(results: Results) -> tuple[str, ...]:
    """The months for which units are given: the first date and the end; all dates where units are the headline."""
    dates = dates_of(results)
    if kind_of(results.setting) == "units":
        return tuple(dates)
    return tuple(dict.fromkeys([dates[0], results.months[-1]]))


def passing_dates_of(results: Results) -> tuple[str, ...]:
    """The months for which pass-through is given; the last one stands in the sentence."""
    return tuple(dates_of(results)[1:] or [results.months[-1]])


def _rows(results: Results, unit_dates: tuple[str, ...], passing_dates: tuple[str, ...]) -> tuple[ArmRow, ...]:
    last = results.months[-1]
    units = {date: outcomes.units_to_aided(results, date) for date in unit_dates}
    delivered, first = outcomes.backfill_delivered(results, last), outcomes.first_delivery(results)
    below = {state: outcomes.months_below_floor(results, state) for state in outcomes.keepers(results)}
    unmet, exposure = outcomes.unmet_demand(results), outcomes.exposure(results)
    owed = outcomes.undelivered(results, last)
    return tuple(
        ArmRow(
            arm=arm,
            title=_title(results, arm),
            units={date: spread(total.sel(arm=arm)) for date, total in units.items()},
            backfill=spread(delivered.sel(arm=arm)),
            first=_month_of(results, first.sel(arm=arm)),
            passing=_passing(results, arm, passing_dates),
            per_promised=_passing(results, arm, passing_dates, per="promised"),
            in_equivalents=_passing(results, arm, passing_dates, measure="equivalents"),
            below={state: _spread(found, arm) for state, found in below.items()},
            unmet=_spread(unmet, arm),
            exposure=_spread(exposure, arm),
            owed=spread(owed.sel(arm=arm)),
            delay=outcomes.delay(results, arm),
        )
        for arm in results.arms
    )


def _title(results: Results, arm: str) -> str:
    entry = results.setting.arms.get(arm)
    return one_line(entry.title) if entry is not None else ""


def _passing(
    results: Results,
    arm: str,
    dates: tuple[str, ...],
    *,
    measure: outcomes.Measure = "units",
    per: outcomes.Per = "delivered",
    items: Sequence[str] | None = None,
) -> dict[str, PassThrough | None]:
    """Pass-through of an arm by date; empty where it is not the question."""
    if kind_of(results.setting) != "pass_through":
        return {}
    return {date: pass_through(results, date, arm=arm, measure=measure, per=per, items=items) for date in dates}


def _elsewhere(results: Results, way: str, dates: tuple[str, ...]) -> dict[str, Passing]:
    decided = results.where_donor_decides(way)
    return {arm: _passing(decided, arm, dates) for arm in results.arms}


def _families(
    results: Results, unit_dates: tuple[str, ...], passing_dates: tuple[str, ...]
) -> dict[str, dict[str, FamilyRow]]:
    """The families of items that the scenario counts by themselves, by name and arm."""
    families = {one_line(entry.name): entry.items for entry in results.setting.outcomes.families.values()}
    return {name: _family(results, items, unit_dates, passing_dates) for name, items in families.items()}


def _family(
    results: Results, items: Sequence[str], unit_dates: tuple[str, ...], passing_dates: tuple[str, ...]
) -> dict[str, FamilyRow]:
    units = {date: outcomes.units_to_aided(results, date, items) for date in unit_dates}
    return {
        arm: FamilyRow(
            units={date: spread(total.sel(arm=arm)) for date, total in units.items()},
            passing=_passing(results, arm, passing_dates, items=items),
        )
        for arm in results.arms
    }


def _spread(outcome: xr.DataArray | None, arm: str) -> Spread | None:
    return None if outcome is None else spread(outcome.sel(arm=arm))


def spread(outcome: xr.DataArray) -> Spread:
    """Median, 5 % and 95 % over runs  [runs]."""
    import numpy as np

    low, middle, high = (float(found) for found in np.quantile(outcome.values, (0.05, 0.5, 0.95)))
    return Spread(middle, low, high) if outcome.size > 1 else Spread(middle)


def _month_of(results: Results, first: xr.DataArray) -> str | None:
    """The median month of the first delivery, a month that some run has; None if most runs have none."""
    import numpy as np

    middle = float(np.quantile(first.values, 0.5, method="inverted_cdf"))
    return results.months[int(middle)] if math.isfinite(middle) else None


def headline(results: Results) -> tuple[NDArray[np.float64], str]:
    """What the closing sentence is about, run by run, and its name: extra units from backfill, else units.  [runs]"""
    if kind_of(results.setting) != "pass_through":
        return leaned_on(results) or (baseline_units(results), "the units")
    more = extra_units(results, passing_dates_of(results)[-1])
    return (baseline_units(results), "the units") if more is None else (more, "the extra units")


def baseline_units(results: Results) -> NDArray[np.float64]:
    """Units that have reached the aided state in the baseline by the date of the headline.  [runs]"""
    import numpy as np

    total = outcomes.units_to_aided(results, passing_dates_of(results)[-1])
    return np.asarray(total.sel(arm=results.arms[0]).values, dtype=float)


def extra_units(results: Results, by: str) -> NDArray[np.float64] | None:
    """Units that the baseline's backfill brings the aided state by a month; None if nothing can be compared.  [runs]"""
    baseline = results.arms[0]
    if results.without is None and outcomes.reference(results) in (None, baseline):
        return None
    return outcomes.more_than_without(results, lambda world: outcomes.units_to_aided(world, by), baseline)


def twins(results: Results) -> dict[str, str]:
    """Arms that live through exactly the months of an earlier arm: arm -> the first arm like it."""
    import numpy as np

    kept = [name for name in ("aid", "backfill", "stock", "position", "unmet", "produced") if name in results.dataset]
    found: dict[str, str] = {}
    for number, arm in enumerate(results.arms):
        for other in (earlier for earlier in results.arms[:number] if earlier not in found):
            tables = [results.dataset[name] for name in kept]
            if all(np.array_equal(table.sel(arm=arm).values, table.sel(arm=other).values) for table in tables):
                found[arm] = other
                break
    return found

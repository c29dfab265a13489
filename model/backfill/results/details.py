"""What only the page and the data show of the closing table: the headline side by side, causes, burdens, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backfill.results.table import passing_data, ratio_data, spread_data

if TYPE_CHECKING:
    from backfill.results.by_doctrine import DoctrineRow, FloorBins
    from backfill.results.closing import ClosingTable
    from backfill.results.consequences import Burden
    from backfill.results.history import HistoryTest
    from backfill.results.shortfall import Missing


def details_of(table: ClosingTable) -> dict[str, Any]:
    """The details as data that strict JSON can hold; undefined is None."""
    return {
        "doctrines": [_doctrine(row) for row in table.doctrines],
        "by_floor": _floors(table.floors),
        "why_not": {asked_for: _missing(found) for asked_for, found in table.missing.items()},
        "burdens": {arm: _burden(found) for arm, found in table.burdens.items()},
    }


def _doctrine(row: DoctrineRow) -> dict[str, Any]:
    return {
        "way": row.way or None,
        "title": row.title,
        "decides": row.said,
        "basis": dict(row.basis),
        "pass_through": passing_data(row.passing),
        "pass_through_per_promised": passing_data(row.per_promised),
        "units": spread_data(row.units),
        "units_without_backfill": spread_data(row.units_without),
        "history": _agreeing(row.history),
    }


def _agreeing(history: HistoryTest | None) -> dict[str, Any] | None:
    """The share of draws that agree; where none does, the share below which the true one lies at 95 %."""
    if history is None or not history.counted:
        return None
    found = {"share": history.share, "draws": history.runs, "share_below": history.bound}
    return {**found, "ruled_out": history.ruled_out}


def _floors(floors: FloorBins | None) -> dict[str, Any] | None:
    if floors is None:
        return None
    bins = [
        {
            "low": one.low,
            "high": one.high,
            "runs": one.runs,
            "pass_through": {way or "as_written": ratio_data(found) for way, found in one.passing.items()},
        }
        for one in floors.bins
    ]
    return {"number": floors.path, "by": floors.by, "bins": bins}


def _missing(found: Mapping[str, Missing]) -> dict[str, Any] | None:
    """What lacks in a month, and the shares of its causes, by arm; None if it is not recorded."""
    return {arm: {"a_month": one.a_month, "shares": dict(one.shares)} for arm, one in found.items()} or None


def _burden(found: Burden) -> dict[str, Any]:
    return {
        "rebuild": {state: {"months": one.months, "back": one.back} for state, one in found.rebuilds.items()},
        "million_usd_per_extra_unit": ratio_data(found.cost),
        "regret": found.regret,
        "undetermined_share": found.on_trust,
    }

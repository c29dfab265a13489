"""The headline side by side: pass-through under each way in which the donor may decide, and what history says to it.

Nobody outside knows how a donor decides. Under some doctrines pass-through is found, from floors, stocks and
expectations; under others it is assumed, because the doctrine itself says which share of what comes in goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backfill.results import outcomes
from backfill.results.closing import Passing, Spread, dates_of, passing_dates_of, spread
from backfill.results.drivers import drawn
from backfill.results.history import criteria_for, history_test
from backfill.results.outcomes import PassThrough, gained_and_moved, pass_through, ratio
from backfill.words import decides, doctrine_of, interval, one_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backfill.results import Results
    from backfill.results.history import HistoryTest

FOUND = ("headroom", "marginal")
ASSUMED = ("flow", "replacement", "packages")
CHANNELS = {"gift": "gifts", "sale": "sales"}
OWN_WAY = ""
"""How the donor decides in the scenario itself."""
ROWS = "pass-through by way of deciding"
BINS = 4
FEWEST_IN_A_BIN = 10


@dataclass(frozen=True)
class DoctrineRow:
    """What the baseline says where the donor decides in one way.

    way: its name among the doctrines of the scenario, empty for the scenario's own
    title: what it is called;  said: what it means for gifts and sales
    basis: found or assumed, by channel;  with one word where both agree
    passing, per_promised: pass-through per unit delivered and per unit promised, by date
    units, units_without: to the aided state by the last date, with and without the backfill (None: no such world)
    history: the draws under this doctrine against what was reported; None if nothing is on file
    """

    way: str
    title: str
    said: str
    basis: Mapping[str, str]
    passing: Passing
    per_promised: Passing
    units: Spread
    units_without: Spread | None
    history: HistoryTest | None

    @property
    def stands_on(self) -> str:
        """Whether pass-through is found or assumed, in words: `gifts found, sales assumed`."""
        words = list(dict.fromkeys(self.basis.values()))
        if len(words) == 1:
            return words[0]
        return ", ".join(f"{CHANNELS[channel]} {word}" for channel, word in self.basis.items())

    @property
    def is_found(self) -> bool:
        """Whether no channel takes its pass-through from an assumption."""
        return set(self.basis.values()) == {"found"}


@dataclass(frozen=True)
class FloorBin:
    """The runs whose floor was drawn between two values, and pass-through in them by way of deciding."""

    low: float
    high: float
    runs: int
    passing: Mapping[str, PassThrough | None]


@dataclass(frozen=True)
class FloorBins:
    """How pass-through moves with the donor's floor: bins of equally many runs, from the lowest floors on.

    path: the number that was drawn;  by: the month to which units are counted
    """

    path: str
    is_share: bool
    by: str
    bins: tuple[FloorBin, ...]

    def said(self, one: FloorBin) -> str:
        """The span of a bin in words."""
        return f"{interval(100 * one.low, 100 * one.high)} %" if self.is_share else interval(one.low, one.high)


def doctrine_rows(results: Results) -> tuple[DoctrineRow, ...]:
    """The scenario's own way of deciding first, then every other that was simulated."""
    return results.remembered(ROWS, lambda: tuple(_row(results, way) for way in (OWN_WAY, *results.under)))


def where(results: Results, way: str) -> Results:
    """The results where the donor decides in a way."""
    return results.where_donor_decides(way) if way else results


def _row(results: Results, way: str) -> DoctrineRow:
    decided = where(results, way)
    dates, last = passing_dates_of(results), dates_of(results)[-1]
    arm = results.arms[0]
    other = outcomes.counterpart(decided, arm)
    return DoctrineRow(
        way=way,
        **named(results, way),
        passing={date: pass_through(decided, date, arm=arm) for date in dates},
        per_promised={date: pass_through(decided, date, arm=arm, per="promised") for date in dates},
        units=spread(outcomes.units_to_aided(decided, last).sel(arm=arm)),
        units_without=None if other is None else spread(outcomes.units_to_aided(other[0], last).sel(arm=other[1])),
        history=history_under(results, way),
    )


def named(results: Results, way: str) -> dict[str, Any]:
    """What a way of deciding is called, what it means for gifts and sales, and what pass-through rests on there."""
    setting = results.scenario.arm("baseline", under=way) if way else results.setting
    return {"title": _title(results, way), "said": decides(setting), "basis": basis_of(setting)}


def _title(results: Results, way: str) -> str:
    if not way:
        return "as written"
    entry = results.setting.doctrines.get(way)
    return one_line(entry.title) if entry is not None and entry.title else way.replace("_", " ")


def basis_of(setting: Any) -> dict[str, str]:
    """Whether pass-through is found or assumed, by channel: gift, sale; empty if the scenario says no doctrine.

    What a user wrote is called by its name: only who wrote it knows.
    """
    state = setting.states.get(setting.roles.donor)
    kinds = {channel: doctrine_of(state, channel) for channel in CHANNELS}
    return {channel: _basis(kind) for channel, kind in kinds.items() if kind}


def _basis(kind: str) -> str:
    if kind in FOUND:
        return "found"
    return "assumed" if kind in ASSUMED else f"as {kind} says"


def history_under(results: Results, way: str) -> HistoryTest | None:
    """Every draw of the baseline under a way of deciding against what is on file about the past of this scenario."""
    criteria = criteria_for(results.scenario.name)
    lived = results.past_where_donor_decides(way) if way else results
    return history_test(lived, criteria) if criteria and lived is not None else None


def by_floor(results: Results, *, bins: int = BINS) -> FloorBins | None:
    """How pass-through of the baseline moves with the floor that was drawn for the donor; the same draws, in bins.

    pass-through of a bin = mean(A_arm - A_none) / mean(B_arm - B_none) over its runs, with the same standard error

    None where no floor of the donor is drawn, or a bin would hold fewer than ten runs.
    """
    found = _drawn_floor(results)
    if found is None or results.is_central_run or results.runs < bins * FEWEST_IN_A_BIN:
        return None
    path, floors = found
    by = passing_dates_of(results)[-1]
    pairs = {way: gained_and_moved(where(results, way), by, arm=results.arms[0]) for way in (OWN_WAY, *results.under)}
    members = _in_bins(floors, bins)
    known = results.scenario.numbers().get(path)
    return FloorBins(
        path=path,
        is_share=known is not None and known.kind == "share",
        by=by,
        bins=tuple(
            FloorBin(
                low=float(floors[inside].min()),
                high=float(floors[inside].max()),
                runs=len(inside),
                passing={way: None if pair is None else _in_bin(pair, inside) for way, pair in pairs.items()},
            )
            for inside in members
        ),
    )


def _drawn_floor(results: Results) -> tuple[str, NDArray[np.float64]] | None:
    """The donor's floor that differs from run to run, by its path.  [runs]"""
    start = f"states.{results.setting.roles.donor}."
    found = {path: values for path, values in drawn(results).items() if path.startswith(start)}
    return next(
        ((path, values) for path, values in found.items() if path.endswith(".floor") and values.min() < values.max()),
        None,
    )


def _in_bins(values: NDArray[np.float64], bins: int) -> Sequence[NDArray[np.intp]]:
    """The runs of each bin, the smallest values first; equally many runs in each, but for the remainder."""
    import numpy as np

    return np.array_split(np.argsort(values, kind="stable"), bins)


def _in_bin(pair: tuple[NDArray[np.float64], NDArray[np.float64]], inside: NDArray[np.intp]) -> PassThrough | None:
    gained, moved = pair
    return ratio(gained[inside], moved[inside])

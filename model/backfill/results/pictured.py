"""Small tables that are stored because a figure is drawn from them: each is written here and read again here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.results import displacement, flows, keeping, limits
from backfill.results.by_doctrine import DoctrineRow, doctrine_rows, named
from backfill.results.closing import Spread, dates_of, passing_dates_of
from backfill.results.history import Criterion, Held, HistoryTest
from backfill.results.outcomes import PassThrough
from backfill.words import one_line

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from backfill.results import Results

Columns = Mapping[str, Any]

DOCTRINES, HISTORY, KEPT, SLIPS, FLOWS, LIMITS = "doctrines", "history", "kept", "slips", "flows", "limits"
PASSING, PER_PROMISED = "pass_through", "pass_through_per_promised"
UNITS, UNITS_WITHOUT = "units_to_aided", "units_without_backfill"
ENDS = ("value", "error", "low", "high")
IN_TOTAL = ("lost", "delayed", "months")
MEASURES = ("sent", "asked")
PROMISE = {"announced": "announced_units", "arrived": "arrived_units", "due": "due_month"}
"""Columns of the promise of the question, and the outcomes that they hold."""


def schemas() -> dict[str, pa.Schema]:
    """The columns of each of these tables and their types, whatever the data."""
    import pyarrow as pa

    word, run, number, single = pa.dictionary(pa.int32(), pa.string()), pa.int32(), pa.float64(), pa.float32()
    return {
        DOCTRINES: pa.schema(
            [("decides", word), ("measure", word), ("by", word), *((end, number) for end in ENDS), ("runs", run)]
        ),
        HISTORY: pa.schema(
            [(column, word) for column in ("decides", "criterion", "says")]
            + [("run", run), ("counts", pa.bool_()), ("met", pa.bool_()), ("median", number)]
        ),
        KEPT: pa.schema([("arm", word), ("run", run), ("month", word), *((column, single) for column in PROMISE)]),
        FLOWS: pa.schema(
            [(column, word) for column in ("arm", "year", "pair")] + [(measure, number) for measure in MEASURES]
        ),
        LIMITS: pa.schema([*((column, word) for column in ("arm", "line", "month", "limit")), ("share", number)]),
        SLIPS: pa.schema(
            [("arm", word), ("by", word), ("line", word), ("customer", word), *((sum_, number) for sum_ in IN_TOTAL)]
        ),
    }


def parts(results: Results) -> dict[str, Iterator[Columns]]:
    """The columns of each of these tables, part by part."""
    return {
        DOCTRINES: _doctrines(results),
        HISTORY: _history(results),
        KEPT: _kept(results),
        FLOWS: _flows(results),
        LIMITS: _limits(results),
        SLIPS: _slips(results),
    }


def _words(column: Sequence[str]) -> tuple[Any, list[str]]:
    """A column of words as (codes, words)."""
    known = list(dict.fromkeys(column))
    return np.array([known.index(word) for word in column], dtype=np.int32), known


def labels(outcome: Any, axis: str) -> list[str]:
    """The labels of an axis, as they are stored."""
    return [one_line(str(label)) for label in outcome[axis].values]


def _doctrines(results: Results) -> Iterator[Columns]:
    """Pass-through and units of the baseline by way of deciding, as the closing table gives them."""
    found = [line for row in doctrine_rows(results) for line in _lines(row, results)]
    ways, measures, dates = (_words([line[place] for line in found]) for place in range(3))
    numbers = {end: np.array([line[3 + place] for line in found], float) for place, end in enumerate(ENDS)}
    yield {"decides": ways, "measure": measures, "by": dates, **numbers, "runs": np.full(len(found), results.runs)}


def _lines(row: DoctrineRow, results: Results) -> Iterator[tuple[str, str, str, Any, Any, Any, Any]]:
    """Way, measure, date, value, standard error, and both ends of the interval; what is undefined is left out."""
    for measure, passing in ((PASSING, row.passing), (PER_PROMISED, row.per_promised)):
        for by, one in passing.items():
            if one is not None:
                yield row.way, measure, by, one.value, one.error, one.low, one.high
    for measure, spread in ((UNITS, row.units), (UNITS_WITHOUT, row.units_without)):
        if spread is not None:
            yield row.way, measure, dates_of(results)[-1], spread.median, None, spread.low, spread.high


def doctrine_rows_from(results: Results, table: pd.DataFrame, history: pd.DataFrame) -> tuple[DoctrineRow, ...]:
    """The rows of the closing table on ways of deciding, read again."""
    tests = {str(way): _history_from(rows, results.runs) for way, rows in history.groupby("decides", observed=True)}
    ways = dict.fromkeys(map(str, table["decides"]))
    return tuple(_row_from(results, way, table[table["decides"] == way], tests.get(way)) for way in ways)


def _row_from(results: Results, way: str, rows: pd.DataFrame, history: HistoryTest | None) -> DoctrineRow:
    units = _spreads(rows, UNITS)
    return DoctrineRow(
        way=way,
        **named(results, way),
        passing=_passing(results, rows, PASSING),
        per_promised=_passing(results, rows, PER_PROMISED),
        units=units or Spread(np.nan),
        units_without=_spreads(rows, UNITS_WITHOUT),
        history=history,
    )


def _passing(results: Results, rows: pd.DataFrame, measure: str) -> dict[str, PassThrough | None]:
    found: dict[str, PassThrough | None] = dict.fromkeys(passing_dates_of(results))
    for row in _of(rows, measure):
        found[str(row["by"])] = PassThrough(row["value"], _known(row["error"]), row["runs"])
    return found


def _spreads(rows: pd.DataFrame, measure: str) -> Spread | None:
    return next((Spread(row["value"], _known(row["low"]), _known(row["high"])) for row in _of(rows, measure)), None)


def _of(rows: pd.DataFrame, measure: str) -> list[dict[Any, Any]]:
    return rows[rows["measure"] == measure].to_dict("records")


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def _history(results: Results) -> Iterator[Columns]:
    """Every draw of the baseline, under every way of deciding, held against what was reported."""
    for row in doctrine_rows(results):
        if row.history is not None and row.history.held:
            yield _draws_of(row.way, row.history)


def _draws_of(way: str, history: HistoryTest) -> Columns:
    """The draws under one way of deciding, one criterion after the other."""
    held, runs = history.held, history.runs
    each = np.repeat(np.arange(len(held)), runs)
    return {
        "decides": (np.zeros(len(each), np.int32), [way]),
        "criterion": (each, [one.criterion.name for one in held]),
        "says": (each, [one_line(one.criterion.says) for one in held]),
        "run": np.tile(np.arange(runs), len(held)),
        "counts": np.array([one.criterion.counts for one in held])[each],
        "met": np.concatenate([one.met for one in held]),
        "median": np.array([one.median for one in held])[each],
    }


def _history_from(rows: pd.DataFrame, runs: int) -> HistoryTest:
    """What history says, as far as shares of draws need it: the ranges that were reported are not stored."""
    held = []
    for name, mine in rows.groupby("criterion", observed=True, sort=False):
        first, met = mine.iloc[0], np.zeros(runs, bool)
        met[mine["run"].to_numpy()] = mine["met"].to_numpy()
        known = Criterion(str(name), str(first["says"]), "", "", (), "", "", -np.inf, np.inf, bool(first["counts"]), "")
        held.append(Held(known, met, float(first["median"])))
    return HistoryTest(tuple(held), (), runs)


def _kept(results: Results) -> Iterator[Columns]:
    """The promise of the question, arm by arm: announced so far, arrived in the month, and when it is due."""
    if not keeping.is_recorded(results):
        return
    promise = results.dataset[list(PROMISE.values())].transpose("arm", "run", "month")
    arms, months, runs = labels(promise, "arm"), labels(promise, "month"), results.runs
    for number in range(len(arms)):
        yield {
            "arm": (np.full(runs * len(months), number), arms),
            "run": np.repeat(np.arange(runs), len(months)),
            "month": (np.tile(np.arange(len(months)), runs), months),
        } | {column: promise[outcome][number].values.ravel() for column, outcome in PROMISE.items()}


def _flows(results: Results) -> Iterator[Columns]:
    """Units sent in each year and equivalents still asked for at its end, by giver and receiver, mean over runs."""
    if not flows.is_recorded(results):
        return
    table = flows.by_year(results)
    both = np.stack([_measure(table, measure) for measure in MEASURES])
    places = np.nonzero((both != 0).any(axis=0))
    words = zip(("arm", "year", "pair"), places, strict=True)
    yield {axis: (place, labels(table, axis)) for axis, place in words} | {
        measure: both[number][places] for number, measure in enumerate(MEASURES)
    }


def _measure(table: Any, measure: str) -> Any:
    """A measure of flows; zeros where it is not recorded.  [arms, years, pairs]"""
    if measure not in table["measure"].values:
        return np.zeros(table.shape[:3])
    return table.sel(measure=measure).values


def _limits(results: Results) -> Iterator[Columns]:
    """The share of runs in which each limit bound a line, month by month."""
    if not limits.is_recorded(results):
        return
    table = limits.by_month(results)
    places = dict(zip(table.dims, np.nonzero(table.values), strict=True))
    yield {str(axis): (place, labels(table, str(axis))) for axis, place in places.items()} | {
        "share": table.values[tuple(places.values())]
    }


def _slips(results: Results) -> Iterator[Columns]:
    """What re-ordered queues give and take by the last month, over all runs."""
    last = results.months[-1]
    if not displacement.is_recorded(results, last):
        return
    total = displacement.in_total(results, last).transpose("measure", "arm", "queue", "customer")
    places = np.nonzero((total.values != 0).any(axis=0))
    words = zip(("arm", "line", "customer"), ("arm", "queue", "customer"), places, strict=True)
    yield {column: (place, labels(total, axis)) for column, axis, place in words} | {
        "by": (np.zeros(len(places[0]), np.int32), [last]),
        **{name: total.values[number][places] for number, name in enumerate(IN_TOTAL)},
    }

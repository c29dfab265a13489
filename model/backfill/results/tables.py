"""Stored tables: one row for each thing that happened, with the same columns whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.results import consequences, displacement, headline, outcomes, pictured, shortfall
from backfill.words import one_line

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

    from backfill.results import Results

FLOWS = ("aid", "backfill", "stock")
"""Whole units by arm, run, month, state, item and origin; rows with zero units are left out."""
STAGES = ("promised", "contracted", "shipped", "delivered")
COURSES = ("position", "floor", "requirement", "headroom", "demand", "unmet", "target", "shortfall")
"""Equivalents by arm, run, month and state."""
MEASURED_BY = (
    "aid", "backfill", "position", "floor", "unmet", "promised", "delivered", "spent", "short", "undetermined",
    "held_of_need", "wanted_of_need", "announced_units", "arrived_units", "due_month",
)  # fmt: skip
"""What has to be recorded of a run for every outcome that has one number for it."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
AID_GAINED, BACKFILL_GAINED = "aid_gained", "backfill_gained"
"""What an arm has more of than the same world without the backfill: the two parts of pass-through."""
OWN_WAY = ""
"""How the donor decides in the scenario itself."""


def write_tables(results: Results, folder: Path) -> list[Path]:
    """Write every table as Parquet: the same results give the same bytes."""
    folder.mkdir()
    tables = schemas()
    parts = {name: _flow(results, name) for name in FLOWS} | {
        "promises": _promises(results),
        "draws": draw_columns(results),
        "outcomes": outcome_columns(results),
        "series": _series(results),
        "causes": _causes(results),
        "displacement": displacement.columns(results, _dates(results)),
        **pictured.parts(results),
    }
    return [_write(folder / f"{name}.parquet", tables[name], rows) for name, rows in parts.items()]


def schemas() -> dict[str, pa.Schema]:
    """The columns of each table and their types, whatever the data."""
    import pyarrow as pa

    word, run, number, units = pa.dictionary(pa.int32(), pa.string()), pa.int32(), pa.float64(), pa.int32()
    key = [("arm", word), ("run", run), ("month", word)]
    lot = [*key, ("state", word), ("item", word), ("origin", word), ("units", units)]
    return {name: pa.schema(lot) for name in FLOWS} | {
        "promises": pa.schema([*key, *((stage, units) for stage in STAGES)]),
        "displacement": pa.schema(
            [("arm", word), ("run", run), ("by", word), ("line", word), ("customer", word)]
            + [(column, units) for column in ("lost", "late", "delayed")]
        ),
        "draws": pa.schema([("run", run), ("number", word), ("value", number)]),
        "outcomes": pa.schema(
            [("arm", word), ("decides", word), ("run", run), ("outcome", word), ("by", word), ("value", number)]
        ),
        "series": pa.schema(
            [("arm", word), ("decides", word), ("month", word), ("outcome", word), ("state", word)]
            + [(column, number) for column in ("mean", *map(quantile_name, QUANTILES))]
        ),
        "causes": pa.schema(
            [(column, word) for column in ("arm", "month", "asked_for", "state", "cause")] + [("mean", number)]
        ),
        **pictured.schemas(),
    }


def quantile_name(share: float) -> str:
    """The column of a quantile: p5, p25."""
    return f"p{100 * share:.0f}"


Columns = Mapping[str, Any]


def _write(path: Path, schema: pa.Schema, parts: Iterator[Columns]) -> Path:
    """Write a table part by part, each with the columns of the schema; words are coded."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema, compression="zstd", write_statistics=False) as writer:
        for columns in parts:
            writer.write_table(table_of(columns, schema))
    return path


def table_of(columns: Columns, schema: pa.Schema) -> pa.Table:
    """A table with the columns of a schema and no others."""
    import pyarrow as pa

    arrays = [_array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(column: Any, kind: Any) -> Any:
    """A column in the type of the schema; words arrive as (codes, words)."""
    import pyarrow as pa

    if isinstance(column, tuple):
        codes, words = column
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(list(words), pa.string()))
    return pa.array(column).cast(kind)


def _constant(words: Mapping[str, str], rows: int) -> dict[str, Any]:
    """Columns that hold one word in every row."""
    return {column: (np.zeros(rows, dtype=np.int32), [word]) for column, word in words.items()}


def _labels(outcome: xr.DataArray, axis: str) -> list[str]:
    return [one_line(str(label)) for label in outcome[axis].values]


def _flow(results: Results, name: str) -> Iterator[Columns]:
    """Where and when units arrived or lay: one row for each number above zero, arm by arm."""
    if name not in results.dataset:
        return
    axes = ("arm", "run", "month", "state", "item", "origin")
    outcome = results.dataset[name].transpose(*axes)
    words = {axis: _labels(outcome, axis) for axis in axes if axis != "run"}
    for number in range(len(words["arm"])):
        values = outcome[number].values
        places = dict(zip(axes[1:], np.nonzero(values), strict=True))
        codes = {"arm": np.full(len(places["run"]), number)} | places
        yield {axis: codes[axis] if axis == "run" else (codes[axis], words[axis]) for axis in axes} | {
            "units": np.rint(values[tuple(places.values())]).astype(np.int32)
        }


def _promises(results: Results) -> Iterator[Columns]:
    """The ledger of promises: running totals of units in every stage."""
    if "promised" not in results.dataset:
        return
    ledger = results.dataset[list(STAGES)].transpose("arm", "run", "month")
    arms, months = _labels(ledger["promised"], "arm"), _labels(ledger["promised"], "month")
    runs, length = results.runs, len(months)
    for number in range(len(arms)):
        yield {
            "arm": (np.full(runs * length, number), arms),
            "run": np.repeat(np.arange(runs), length),
            "month": (np.tile(np.arange(length), runs), months),
        } | {stage: np.rint(ledger[stage][number].values.ravel()).astype(np.int32) for stage in STAGES}


def draw_columns(results: Results) -> Iterator[Columns]:
    """What was drawn for every uncertain number of the baseline."""
    draws = results.dataset.get("draws")
    if draws is None:
        return
    table = draws.transpose("run", "number")
    numbers = _labels(table, "number")
    yield {
        "run": np.repeat(np.arange(table.sizes["run"]), len(numbers)),
        "number": (np.tile(np.arange(len(numbers)), table.sizes["run"]), numbers),
        "value": np.asarray(table.values, dtype=float).ravel(),
    }


def _ways(results: Results) -> Iterator[tuple[str, Results]]:
    """The results, and the same arms under every other way of deciding."""
    yield OWN_WAY, results
    for way in results.under:
        yield way, results.where_donor_decides(way)


def outcome_columns(results: Results) -> Iterator[Columns]:
    """One number for each outcome, arm and run."""
    for way, decided in _ways(results):
        for (name, by), outcome in _per_run(decided).items():
            values = np.asarray(outcome.transpose("arm", "run").values, dtype=float)
            arms, runs = values.shape
            yield _constant({"decides": way, "outcome": name, "by": by}, arms * runs) | {
                "arm": (np.repeat(np.arange(arms), runs), _labels(outcome, "arm")),
                "run": np.tile(np.arange(runs), arms),
                "value": values.ravel(),
            }


def _per_run(results: Results) -> dict[tuple[str, str], xr.DataArray]:
    """Every outcome that a run has one number for, by its name and date."""
    table_dates = _dates(results)
    last = results.months[-1]
    found: dict[tuple[str, str], xr.DataArray | None] = {}
    for date in table_dates:
        found["units_to_aided", date] = outcomes.units_to_aided(results, date)
        found["backfill_delivered", date] = outcomes.backfill_delivered(results, date)
        found["regret", date] = consequences.regret(results, date)
        found["million_usd_spent", date] = consequences.spent(results, date)
        found["undetermined_aid", date] = consequences.undetermined(results, date)
        found[AID_GAINED, date] = _gained(results, outcomes.units_to_aided, date)
        found[BACKFILL_GAINED, date] = _gained(results, outcomes.backfill_delivered, date)
    for state in outcomes.keepers(results):
        found[f"months_below_floor_{state}", last] = outcomes.months_below_floor(results, state)
        found[f"rebuild_time_{state}", last] = consequences.rebuild_time(results, state)
    found["unmet_demand", last] = outcomes.unmet_demand(results)
    found["exposure", last] = outcomes.exposure(results)
    for asked_for in shortfall.ASKED_FOR:
        found[f"missing_{asked_for}", last] = shortfall.missing(results, asked_for)
    found |= headline.per_run(results)
    return {key: outcome for key, outcome in found.items() if outcome is not None}


def _gained(results: Results, count: Callable[[Results, str], xr.DataArray], by: str) -> xr.DataArray | None:
    """Units by a month beyond those in the same world without the backfill; None without such a world.  (arm, run)

    Pass-through is the mean of what aid gains over the mean of what backfill gains.
    """
    return None if results.bare is None else count(results, by) - count(results.bare, by)


def _dates(results: Results) -> list[str]:
    from backfill.results.closing import dates_of

    return list(dict.fromkeys([*dates_of(results), results.months[-1]]))


def _series(results: Results) -> Iterator[Columns]:
    """Month by month, the mean and the quantiles over runs."""
    for way, decided in _ways(results):
        for (name, state), outcome in courses(decided).items():
            table = np.asarray(outcome.transpose("run", "arm", "month").values, dtype=float)
            _, arms, months = table.shape
            fixed = _constant({"decides": way, "outcome": name, "state": state}, arms * months)
            ends = np.quantile(table, QUANTILES, axis=0)
            yield (
                fixed
                | {
                    "arm": (np.repeat(np.arange(arms), months), _labels(outcome, "arm")),
                    "month": (np.tile(np.arange(months), arms), _labels(outcome, "month")),
                    "mean": table.mean(axis=0).ravel(),
                }
                | {quantile_name(share): end.ravel() for share, end in zip(QUANTILES, ends, strict=True)}
            )


def courses(results: Results) -> dict[tuple[str, str], xr.DataArray]:
    """Running totals of units, and levels of the states of the roles, by outcome and state."""
    roles = results.setting.roles
    totals = {
        ("units_to_aided", roles.aided): outcomes.aid(results),
        ("backfill_delivered", roles.donor): outcomes.backfill(results),
    }
    found = {key: outcomes.every_axis_but(flow, "arm", "run", "month").cumsum("month") for key, flow in totals.items()}
    for name in (course for course in COURSES if course in results.dataset):
        level = results.dataset[name]
        for state in dict.fromkeys((*outcomes.keepers(results), roles.aided)):
            if state in level["state"].values:
                found[name, state] = level.sel(state=state)
    return found


def _causes(results: Results) -> Iterator[Columns]:
    """Equivalents that are missing at the end of each month by cause, mean over runs, where there are any."""
    for asked_for in shortfall.ASKED_FOR:
        course = shortfall.course_by_cause(results, asked_for)
        if course is None:
            continue
        places = dict(zip(course.dims, np.nonzero(course.values), strict=True))
        fixed = {"asked_for": asked_for, "state": shortfall.asking_state(results, asked_for)}
        words = {str(axis): (codes, _labels(course, str(axis))) for axis, codes in places.items()}
        yield _constant(fixed, len(places["arm"])) | words | {"mean": course.values[tuple(places.values())]}

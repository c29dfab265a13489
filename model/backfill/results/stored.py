"""A run read back from its folder: all that its figures are drawn from, and nothing lived through again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.errors import BackfillError
from backfill.months import label
from backfill.results import displacement, flows, levels, limits, pictured, refill, shortfall
from backfill.results.by_doctrine import OWN_WAY, ROWS
from backfill.results.headline import kind_of
from backfill.results.results import Results
from backfill.results.store import TABLES, UnreadableManifest, read_manifest, stored_scenario
from backfill.results.tables import FLOWS, QUANTILES, STAGES, quantile_name, schemas

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from backfill.results.closing import ClosingTable
    from backfill.scenario import Scenario

BASELINE = "baseline"
YEARS_OF = "years_to_refill_"
Axes = Mapping[str, Sequence[Any]]


class TableDamaged(BackfillError):
    """A stored table that is not as it was written; the message says which and how to find out more."""


class NotStored(BackfillError):
    """What is asked of results that were read from a folder, and was never stored there."""


@dataclass(frozen=True, repr=False, eq=False)
class StoredResults(Results):
    """A run as far as its folder holds it: flows of aid, promises, and what else figures are drawn from.

    folder: where it lies;  absent: the tables that it lacks, because an older version wrote it
    """

    folder: Path = Path()
    absent: tuple[str, ...] = ()

    @cached_property
    def table(self) -> ClosingTable:
        """The closing table is stored as text and as numbers, not to be worked out again. Raises NotStored."""
        raise NotStored(f"the closing table of a stored run stands in {self.folder / 'summary.md'} and summary.csv")

    def save(self, folder: Path | str | None = None) -> Path:
        """Stored results are copied as a folder. Raises NotStored."""
        said = "" if folder is None else f" {folder}"
        raise NotStored(f"these results lie in {self.folder}: copy the folder{said}")


@dataclass(frozen=True)
class Shelf:
    """The tables of a stored run; each is held against its hash before it is read."""

    folder: Path
    hashes: Mapping[str, str]

    def holds(self, name: str) -> bool:
        """Whether the manifest names a table."""
        return _file(name) in self.hashes

    def frame(self, name: str) -> pd.DataFrame:
        """A table; an empty one where there is none. Raises TableDamaged."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        kind = schemas()[name]
        if not self.holds(name):
            return _framed(kind.empty_table())
        path = self.folder / _file(name)
        try:
            content = path.read_bytes()
            table = pq.read_table(BytesIO(content))
        except (OSError, pa.ArrowException) as broken:
            raise _damaged(path, self.folder) from broken
        if hashlib.sha256(content).hexdigest() != self.hashes[_file(name)]:
            raise _damaged(path, self.folder)
        if not table.schema.equals(kind):
            raise TableDamaged(f"{path} has other columns than this version reads; expected {', '.join(kind.names)}")
        return _framed(table)


def _file(name: str) -> str:
    return f"{TABLES}/{name}.parquet"


def _framed(table: Any) -> pd.DataFrame:
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas()
    return frame


def _damaged(path: Path, folder: Path) -> TableDamaged:
    return TableDamaged(f"{path} is missing or not as it was written\n  more: backfill verify {folder}")


def read_results(folder: Path | str, *, plugins: Sequence[str] = ()) -> StoredResults:
    """A stored run, to draw its figures from; the months of single runs are there for aid and promises alone.

    plugins: the modules of a user with which it was made
    Raises UnreadableManifest, TableDamaged, OtherPlugins.
    """
    place = Path(folder)
    content = read_manifest(place)
    if content.get("kind") == "study":
        raise UnreadableManifest(f"{place} is a study of many points, not a run: backfill show {place}")
    if content["arms"][:1] != [BASELINE]:
        raise UnreadableManifest(f"{place} names no baseline among its arms; run it again from its scenario")
    shelf, scenario = Shelf(place, content.get("tables", {})), stored_scenario(place, plugins=plugins)
    axes = _axes(scenario, content)
    results = StoredResults(
        dataset=_dataset(shelf, axes),
        under={},
        scenario=scenario,
        arms=list(content["arms"]),
        runs=content["runs"],
        seed=content["seed"],
        central=content["central"],
        command=str(content.get("command", "")),
        plugins=content.get("plugins", {}),
        folder=place,
        absent=tuple(name for name in schemas() if not shelf.holds(name)),
    )
    for name, found in {**_spreads(shelf, axes), **_causes(shelf, axes), **_others(shelf, axes, results)}.items():
        results.remembered(name, lambda found=found: found)  # type: ignore[misc]
    return results


def _axes(scenario: Scenario, content: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    since, until = scenario.setting.horizon
    months = [label(month) for month in range(since, until + 1)]
    return {"arm": content["arms"], "run": range(content["runs"]), "month": months}


def _dataset(shelf: Shelf, axes: Axes) -> xr.Dataset:
    """What is stored of every run and month: aid, promises, the promise of the question."""
    import xarray as xr

    found: dict[str, xr.DataArray] = {}
    aid = shelf.frame(FLOWS[0])
    if len(aid):
        own = {axis: list(dict.fromkeys(map(str, aid[axis]))) for axis in ("state", "item", "origin")}
        found[FLOWS[0]] = _array(aid, "units", {**axes, **own}, shelf)
    promises, kept = shelf.frame("promises"), shelf.frame(pictured.KEPT)
    if len(promises):
        found |= {stage: _array(promises, stage, axes, shelf) for stage in STAGES}
    if len(kept):
        found |= {outcome: _array(kept, column, axes, shelf) for column, outcome in pictured.PROMISE.items()}
    return xr.Dataset(found, {axis: list(labels) for axis, labels in axes.items()})


def _array(frame: pd.DataFrame, column: str, axes: Axes, shelf: Shelf, kind: Any = np.float32) -> xr.DataArray:
    """A column as a labelled array; zero where there is no row. Raises TableDamaged for a label that is not known."""
    import xarray as xr

    places = tuple(_places(frame[axis], labels, shelf) for axis, labels in axes.items())
    values = np.zeros([len(labels) for labels in axes.values()], dtype=kind)
    values[places] = frame[column].to_numpy()
    return xr.DataArray(values, dims=tuple(axes), coords={axis: list(labels) for axis, labels in axes.items()})


def _places(column: pd.Series, labels: Sequence[Any], shelf: Shelf) -> Any:
    """Where the entries of a column stand on an axis."""
    import pandas as pd

    if isinstance(labels, range):
        places = column.to_numpy()
        known = (places >= 0) & (places < len(labels))
    else:
        places = pd.Categorical(column.astype(str), categories=list(labels)).codes
        known = places >= 0
    if not known.all():
        odd = column[~known].iloc[0]
        raise TableDamaged(
            f"{shelf.folder / TABLES}: found the {column.name} {odd}, which the manifest does not know\n"
            f"  more: backfill verify {shelf.folder}"
        )
    return places


def _spreads(shelf: Shelf, axes: Axes) -> dict[str, xr.DataArray]:
    """How levels of the baseline are spread over runs, by their names."""
    import xarray as xr

    series = shelf.frame("series")
    own = series[(series["decides"] == OWN_WAY) & (series["arm"] == BASELINE)]
    columns, months = [quantile_name(share) for share in QUANTILES], axes["month"]
    found = {}
    for key, rows in own.groupby(["outcome", "state"], observed=True):
        outcome, state = map(str, key)
        values = np.zeros((len(QUANTILES), len(months)))
        values[:, _places(rows["month"], months, shelf)] = rows[columns].to_numpy().T
        coords = {"share": list(QUANTILES), "month": list(months)}
        found[levels.course_name(outcome, state)] = xr.DataArray(values, dims=("share", "month"), coords=coords)
    return found


def _causes(shelf: Shelf, axes: Axes) -> dict[str, xr.DataArray]:
    """What is missing by cause, by the name of the course."""
    table = shelf.frame("causes")
    found = {}
    for asked_for in shortfall.ASKED_FOR:
        rows = table[table["asked_for"] == asked_for]
        if len(rows):
            own = {"arm": axes["arm"], "month": axes["month"], **_words_of(table, "cause")}
            found[shortfall.course_name(asked_for)] = _array(rows, "mean", own, shelf, float)
    return found


def _others(shelf: Shelf, axes: Axes, results: StoredResults) -> dict[str, Any]:
    """Ways of deciding, years to refill, re-ordered queues: what only some worlds have."""
    found: dict[str, Any] = {}
    if len(ways := shelf.frame(pictured.DOCTRINES)):
        found[ROWS] = pictured.doctrine_rows_from(results, ways, shelf.frame(pictured.HISTORY))
    if kind_of(results.setting) == "refill":
        found |= _refills(shelf.frame("outcomes"), axes, shelf)
    if len(slips := shelf.frame(pictured.SLIPS)):
        found |= _slips(slips, axes, shelf)
    if len(sent := shelf.frame(pictured.FLOWS)):
        found[flows.BY_YEAR] = _flows(sent, axes, shelf)
    if len(bound := shelf.frame(pictured.LIMITS)):
        own = {"arm": axes["arm"], **_words_of(bound, "line"), "month": axes["month"], "limit": limits.LIMITS}
        found[limits.BY_MONTH] = _array(bound, "share", own, shelf, float)
    return found


def _words_of(frame: pd.DataFrame, *columns: str) -> dict[str, list[str]]:
    """The words of columns in the order of their axes, those without a row among them."""
    return {column: [str(word) for word in frame[column].cat.categories] for column in columns}


def _flows(sent: pd.DataFrame, axes: Axes, shelf: Shelf) -> xr.DataArray:
    """What was sent and asked for in each year.  (arm, year, pair, measure)"""
    import xarray as xr

    own = {"arm": axes["arm"], "year": list(dict.fromkeys(month[:4] for month in axes["month"]))}
    found = [
        _array(sent, measure, {**own, **_words_of(sent, "pair")}, shelf, float).assign_coords(measure=measure)
        for measure in pictured.MEASURES
    ]
    table = xr.concat(found, "measure").transpose("arm", "year", "pair", "measure")
    return table.copy(data=np.ascontiguousarray(table.values))


def _refills(outcomes: pd.DataFrame, axes: Axes, shelf: Shelf) -> dict[str, xr.DataArray]:
    """Years until each need is back.  (need, arm, run)"""
    names = outcomes["outcome"].astype(str)
    rows = outcomes[(outcomes["decides"] == OWN_WAY) & names.str.startswith(YEARS_OF)]
    needs = names[rows.index].str.removeprefix(YEARS_OF)
    if not len(rows):
        return {}
    own = {"need": list(dict.fromkeys(needs)), "arm": axes["arm"], "run": axes["run"]}
    return {refill.YEARS: _array(rows.assign(need=needs), "value", own, shelf, float)}


def _slips(table: pd.DataFrame, axes: Axes, shelf: Shelf) -> dict[str, xr.DataArray]:
    """What re-ordered queues give and take, by the name of the total up to each date."""
    import pandas as pd
    import xarray as xr

    renamed = table.rename(columns={"line": "queue"})
    own = {axis: sorted(set(map(str, renamed[axis]))) for axis in ("queue", "customer")}
    found = {}
    for by, rows in renamed.groupby("by", observed=True):
        arrays = [_array(rows, name, {"arm": axes["arm"], **own}, shelf, float) for name in pictured.IN_TOTAL]
        measures = pd.RangeIndex(len(arrays), name="measure")
        found[displacement.total_name(str(by))] = xr.concat(arrays, measures).transpose(..., "measure")
    return found

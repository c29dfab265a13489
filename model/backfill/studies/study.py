"""Stored results: a study of many points, or a run, which is a study of one; read when they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.errors import UnknownName
from backfill.reading.words import hint, nearest
from backfill.results.store import MANIFEST, TABLES, UnreadableManifest, read_manifest, stored_scenario
from backfill.results.tables import OWN_WAY
from backfill.studies.journal import Entry, Failure, content_hash, read_journal
from backfill.studies.rows import Conditions, chosen, parts
from backfill.studies.store import JOURNAL, KINDS, POINTS, QUANTILES, study_manifest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import xarray as xr

    from backfill.studies.design import Design

KEY = ["point", "arm", "run"]
"""What a row of results belongs to: a point of the design, an arm, a replication."""


class Study:
    """Stored results, opened for reading: they may lie anywhere and be worked on elsewhere.

    plugins: modules of the user that the scenario names; needed for `design`
    Raises UnreadableManifest for a folder that holds none.
    """

    def __init__(self, folder: Path | str, plugins: Sequence[str] = ()) -> None:
        self.folder, self.plugins = Path(folder), tuple(plugins)
        found = read_manifest(self.folder)
        self.is_run = found.get("kind") != "study"
        self.manifest = found if self.is_run else study_manifest(self.folder)

    def __repr__(self) -> str:
        """Where it lies and how much of it there is."""
        return f"Study({self.folder}: {len(self.points)} points, {self.runs_done:,} runs of each arm)"

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.manifest["title"])

    @property
    def arms(self) -> list[str]:
        """The arms that were lived through."""
        return list(self.manifest["arms"])

    @property
    def seed(self) -> int:
        """Which random futures."""
        return int(self.manifest["seed"])

    @cached_property
    def design(self) -> Design:
        """The design, read from the folder itself; that of a run has one point."""
        from backfill.studies.shards import stored_design

        if not self.is_run:
            return stored_design(self.folder, self.plugins)
        return design_of_run(
            stored_scenario(self.folder, plugins=self.plugins),
            self.arms,
            runs=self.manifest["runs"],
            seed=self.seed,
            central=self.manifest["central"],
        )

    @cached_property
    def entries(self) -> list[Entry]:
        """The blocks that are done; none for a run, which is one table."""
        return [] if self.is_run else read_journal(self.folder / JOURNAL)[0]

    @property
    def runs_done(self) -> int:
        """Runs of each arm, over all points."""
        return (
            int(self.manifest["runs"])
            if self.is_run
            else sum((len(entry.points) - len(entry.failed)) * entry.runs for entry in self.entries)
        )

    @property
    def failures(self) -> list[Failure]:
        """The points that could not be lived through."""
        return [failure for entry in self.entries for failure in entry.failed]

    @property
    def points_done(self) -> set[int]:
        """The points of which some run is stored."""
        if self.is_run:
            return {0}
        return {point for entry in self.entries for point in entry.points} - {one.point for one in self.failures}

    @property
    def is_complete(self) -> bool:
        """Whether every point has been lived through often enough, or has failed."""
        if self.is_run:
            return True
        wanted = self.design.replications
        done = dict.fromkeys((int(point) for point in self.points.index), 0)
        for entry in self.entries:
            for point in entry.points:
                done[point] += entry.runs
        failed = {failure.point for failure in self.failures}
        least = wanted.most if wanted.stop_when is None else wanted.first
        return all(runs >= least or point in failed for point, runs in done.items())

    @property
    def hash(self) -> str:
        """What came out, as one word: the same however it was worked out."""
        return content_hash(self.entries)

    @cached_property
    def points(self) -> pd.DataFrame:
        """What each factor is at each point, by its number; a run is point 0."""
        import pandas as pd
        import pyarrow.parquet as pq

        if self.is_run:
            return pd.DataFrame(index=pd.Index([0], name="point"))
        frame: pd.DataFrame = pq.read_table(self.folder / POINTS).to_pandas()
        return frame.set_index("point")

    @property
    def tables(self) -> list[str]:
        """The names of the tables that are stored."""
        if self.is_run:
            return sorted(path.stem for path in (self.folder / TABLES).glob("*.parquet"))
        files = [path.stem for path in (self.folder / POINTS, self.folder / QUANTILES) if path.is_file()]
        return [*KINDS, *files]

    def batches(
        self, name: str = "outcomes", *, columns: Sequence[str] | None = None, where: Conditions | None = None
    ) -> Iterator[pa.Table]:
        """A table, one part after the other, so that memory holds one of them.

        columns: those wanted (None: all)     where: what columns may be, `{"arm": ["baseline"], "point": [0, 1]}`
        Raises UnknownName, ShardDamaged.
        """
        if name not in self.tables:
            raise UnknownName(
                f"found no table {name!r}{hint(name, self.tables)}\n  expected one of {', '.join(self.tables)}"
            )
        if not self.is_run and name in KINDS:
            yield from parts(self.folder, self.entries, name, columns=columns, where=where)
            return
        for table in self._from_file(name):
            some = chosen(table, where or {})
            yield some if columns is None else some.select(columns)

    def _from_file(self, name: str) -> Iterator[pa.Table]:
        """The groups of rows of one file; those of a run belong to point 0."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / TABLES / f"{name}.parquet" if self.is_run else self.folder / f"{name}.parquet"
        try:
            with pq.ParquetFile(path) as file:
                empty = file.schema_arrow.empty_table()
                groups = [file.read_row_group(number) for number in range(file.num_row_groups)] or [empty]
        except (OSError, pa.ArrowException) as broken:
            raise UnreadableManifest(f"{path} is missing or damaged: backfill verify {self.folder}") from broken
        for table in groups:
            point = pa.array([0] * table.num_rows, pa.int32())
            yield table if "point" in table.column_names else table.add_column(0, "point", point)

    def arrow(
        self, name: str = "outcomes", *, columns: Sequence[str] | None = None, where: Conditions | None = None
    ) -> pa.Table:
        """A table, or the columns and rows of it that are wanted, as Arrow holds it."""
        import pyarrow as pa

        found = list(self.batches(name, columns=columns, where=where))
        if not found:
            from backfill.studies.task import table_kinds

            kind = table_kinds()[name].empty_table()
            return kind if columns is None else kind.select(columns)
        return pa.concat_tables(found).unify_dictionaries()

    def table(
        self, name: str = "outcomes", *, columns: Sequence[str] | None = None, where: Conditions | None = None
    ) -> pd.DataFrame:
        """A table as a frame, in long form; the rows of a run belong to point 0. Raises UnknownName."""
        frame: pd.DataFrame = self.arrow(name, columns=columns, where=where).to_pandas()
        return frame

    # --- one row for each point, arm and replication -----------------------------------------------------------

    @cached_property
    def outcomes(self) -> list[tuple[str, str]]:
        """The outcomes that are stored, each with its month."""
        found: dict[tuple[str, str], None] = {}
        for part in self.batches(columns=["outcome", "by"], where={"decides": [OWN_WAY]}):
            frame = part.to_pandas().drop_duplicates()
            found |= dict.fromkeys(zip(frame["outcome"].astype(str), frame["by"].astype(str), strict=True))
        return list(found)

    @property
    def dates(self) -> list[str]:
        """The months at whose end outcomes are told; the last one is that of the horizon."""
        return sorted({by for _, by in self.outcomes})

    def month(self, by: str | None) -> str:
        """A month at which outcomes are told; None: the last one. Raises UnknownName."""
        if not self.dates:
            raise UnknownName(f"{self.folder}: nothing is stored yet; backfill sweep {self.folder} --resume goes on")
        if by is None:
            return self.dates[-1]
        if by not in self.dates:
            raise UnknownName(f"found the month {by!r}; stored are {', '.join(self.dates)}")
        return by

    def outcomes_by(self, by: str | None = None) -> list[str]:
        """The names of the outcomes that are told at a month."""
        month = self.month(by)
        return [name for name, at in self.outcomes if at == month]

    def wide(
        self,
        by: str | None = None,
        *,
        outcomes: Collection[str] | None = None,
        arms: Collection[str] | None = None,
        points: Collection[int] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Rows of point, arm and run with a column for each outcome, a part at a time."""
        names = list(outcomes) if outcomes is not None else self.outcomes_by(by)
        where: dict[str, Collection[Any]] = {"decides": [OWN_WAY], "by": [self.month(by)], "outcome": names}
        where |= {"arm": arms} if arms is not None else {}
        where |= {"point": points} if points is not None else {}
        if self.is_run:
            yield _pivoted(self.table(columns=[*KEY, "outcome", "value"], where=where), names)
            return
        for part in self.batches(columns=[*KEY, "outcome", "value"], where=where):
            if part.num_rows:
                yield _pivoted(part.to_pandas(), names)

    def values(
        self,
        by: str | None = None,
        *,
        outcomes: Collection[str] | None = None,
        arms: Collection[str] | None = None,
        points: Collection[int] | None = None,
    ) -> pd.DataFrame:
        """The outcomes by the end of a month (None: the last), a column for each, by point, arm and run."""
        import pandas as pd

        names = list(outcomes) if outcomes is not None else self.outcomes_by(by)
        found = list(self.wide(by, outcomes=names, arms=arms, points=points))
        if not found:
            return pd.DataFrame(columns=names, index=pd.MultiIndex.from_arrays([[], [], []], names=KEY), dtype=float)
        return pd.concat(found).sort_index()

    def with_factors(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame by point, arm and run as plain columns, with what the factors are at each point behind the number."""
        flat = frame.reset_index()
        taken = {name: f"factor {name}" for name in self.points if name in flat}
        factors = self.points.rename(columns=taken)
        return _beside(factors, flat).reset_index()

    def to_pandas(
        self,
        by: str | None = None,
        *,
        outcomes: Collection[str] | None = None,
        arms: Collection[str] | None = None,
        points: Collection[int] | None = None,
    ) -> pd.DataFrame:
        """One row for each point, arm and replication: the factors, then a column for each outcome.

        by: the end of a month at which outcomes are told; None: the last one
        """
        return self.with_factors(self.values(by, outcomes=outcomes, arms=arms, points=points))

    def to_xarray(self, by: str | None = None, *, outcomes: Collection[str] | None = None) -> xr.Dataset:
        """Every outcome as a labelled array (point, arm, run); factors are coordinates of the points."""
        import xarray as xr

        found = self.values(by, outcomes=outcomes)
        table: xr.Dataset = xr.Dataset.from_dataframe(found)
        factors = {
            str(name): ("point", self.points[name].reindex(table["point"].values).to_numpy()) for name in self.points
        }
        taken = {name: f"factor {name}" for name in factors if name in table.variables}
        table = table.assign_coords({taken.get(name, name): column for name, column in factors.items()})
        return table.assign_attrs(title=self.title, seed=str(self.seed), by=self.month(by))


def _beside(factors: pd.DataFrame, flat: pd.DataFrame) -> pd.DataFrame:
    """Factors and results, row by row."""
    import pandas as pd

    here = factors.reindex(flat["point"]).reset_index(drop=True)
    return pd.concat([here, flat.drop(columns="point")], axis=1).set_axis(pd.Index(flat["point"], name="point"))


def _pivoted(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Long rows as one for each point, arm and run, with the columns in the order of `names`."""
    plain = frame.astype({"arm": str, "outcome": str})
    found = plain.pivot(index=KEY, columns="outcome", values="value")  # noqa: PD010 - a pivot_table would drop what is undefined
    found.columns.name = None
    return found.reindex(columns=list(names)).sort_index()


def design_of_run(scenario: Any, arms: Sequence[str], *, runs: int, seed: int, central: bool = False) -> Design:
    """A run as a design of one point without factors."""
    from backfill.studies.design import Design, Keep, Point, Replications

    return Design(
        name=scenario.name,
        title=scenario.title,
        scenario=scenario,
        arms=tuple(arms),
        seed=seed,
        points=(Point(0, {}),),
        replications=Replications(runs, runs),
        central=central,
        keep=Keep(),
        paths={},
        raw={"scenario": scenario.raw, "seed": seed, "replications": runs, "central": central},
    )


def _beside_it(place: Path) -> str:
    """The folder of results that is meant, if a name close to it lies in the same place."""
    try:
        known = [path.name for path in place.parent.iterdir() if (path / MANIFEST).is_file()]
    except OSError:
        return ""
    near = nearest(place.name, known)
    return f"; nearest: {place.parent / near}" if near else ""


def open_study(folder: Path | str, plugins: Sequence[str] = ()) -> Study:
    """Open the folder of a run or of a study. Raises UnreadableManifest, UnknownName if there is no such folder."""
    place = Path(folder)
    if not place.is_dir():
        raise UnknownName(f"found no folder {place}{_beside_it(place)}\n  expected one that `run` or `sweep` has left")
    if not (place / MANIFEST).is_file():
        raise UnreadableManifest(f"{place} holds no {MANIFEST}: nothing that was finished, and no study")
    return Study(place, plugins)

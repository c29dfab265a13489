"""A block of a study: some points, some replications, every arm. What one process works out at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.errors import BackfillError
from backfill.plugins import use
from backfill.studies.block import Block, Lived, live
from backfill.studies.designs.keeping import course_columns, holds_against_bare, is_kept, recorded_for
from backfill.studies.designs.sharing import Words, spanning, varied_in, words_of
from backfill.studies.run import BLOCK, TWIN_KEEP, dataset, twins_of

if TYPE_CHECKING:
    import pyarrow as pa

    from backfill.numbers import Varied
    from backfill.results import Results
    from backfill.scenario import Scenario
    from backfill.studies.design import Design

OUTCOMES, DRAWS, SERIES, FAILURES = "outcomes", "draws", "series", "failures"


@dataclass(frozen=True)
class Task:
    """A block of a study: replications first .. first + runs - 1 of each of its points, every arm in the same futures.

    points: the numbers of points that share their words, so that they can be lived through together
    """

    number: int
    points: tuple[int, ...]
    first: int
    runs: int


class StageFailed(BackfillError):
    """Points could not be lived through: at which stage, and why."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage, self.reason = stage, reason


def split(design: Design, points: Sequence[int], first: int, runs: int, block: int = BLOCK) -> list[Task]:
    """Blocks that live through replications first .. first + runs - 1 of some points, at most `block` runs in each.

    Points with the same words share blocks, whole points at a time; a point with more runs has blocks of its own.
    """
    together: dict[Words, list[int]] = {}
    for point, words in zip(points, words_of(design, points), strict=True):
        together.setdefault(words, []).append(point)
    most = max(block // runs, 1)
    rows = [row[start : start + most] for row in together.values() for start in range(0, len(row), most)]
    starts = range(first, first + runs, block)
    pieces = [(tuple(row), start, min(block, first + runs - start)) for row in rows for start in starts]
    return [Task(number, *piece) for number, piece in enumerate(pieces)]


def work_out(design: Design, task: Task, plugins: Sequence[str] = ()) -> dict[str, pa.Table]:
    """Live through a block: tables of outcomes, draws and series, and of the points that failed.

    Points that fail together are tried one by one, so that none takes another down.
    """
    use(plugins)
    rows: dict[Words, list[int]] = {}
    alike = words_of(design, task.points) if len(task.points) > 1 else [()]
    for point, words in zip(task.points, alike, strict=True):
        rows.setdefault(words, []).append(point)
    parts = [part for row in rows.values() for part in _tried(design, replace(task, points=tuple(row)), plugins)]
    return {name: _joined([part[name] for part in parts]) for name in parts[0]}


def _tried(design: Design, task: Task, plugins: Sequence[str]) -> Iterator[dict[str, pa.Table]]:
    """The tables of points that share their words; of each alone if that fails."""
    try:
        yield _together(design, task, plugins)
    except StageFailed as failed:
        if len(task.points) == 1:
            yield _failure(task, failed)
            return
        for point in task.points:
            yield from _tried(design, replace(task, points=(point,)), plugins)


@contextmanager
def _stage(name: str) -> Iterator[None]:
    """Whatever goes wrong inside is told with the name of the stage."""
    try:
        yield
    except BackfillError as fault:
        raise StageFailed(name, str(fault)) from fault
    except Exception as fault:
        raise StageFailed(name, f"{type(fault).__name__}: {fault}") from fault


@dataclass(frozen=True)
class _Lives:
    """Points side by side: their world, what differs in each arm, and how often each is lived through.

    twins: for each arm the same world without the backfill
    """

    design: Design
    task: Task
    world: Scenario
    twins: Mapping[str, str]
    blocks: Mapping[str, Block]

    @property
    def runs(self) -> int:
        """Over all points."""
        return len(self.task.points) * self.task.runs


def _together(design: Design, task: Task, plugins: Sequence[str]) -> dict[str, pa.Table]:
    """The tables of points that share their words."""
    with _stage("reading"):
        lives = _read(design, task, tuple(plugins))
    lived = {}
    for arm, block in lives.blocks.items():
        with _stage(f"simulating {arm}"):
            lived[arm] = [live(block)]
    with _stage("measuring"):
        return _measured(lives, lived)


def _read(design: Design, task: Task, plugins: tuple[str, ...]) -> _Lives:
    """Resolve every arm once, with the numbers that differ between the points."""
    world = design.at(task.points[0])
    twins = twins_of(world, design.arms, None) if holds_against_bare(design) else {}
    kept: dict[str, tuple[str, ...] | None] = dict.fromkeys(twins.values(), TWIN_KEEP)
    kept |= dict.fromkeys(design.arms, recorded_for(design.keep))
    blocks = {arm: _block(design, task, world, arm, outcomes, plugins) for arm, outcomes in kept.items()}
    return _Lives(design, task, world, twins, blocks)


def _block(
    design: Design, task: Task, world: Scenario, arm: str, kept: tuple[str, ...] | None, plugins: tuple[str, ...]
) -> Block:
    setting = world.arm(arm)
    varied: dict[str, Varied] = {}
    if len(task.points) > 1:
        varied = varied_in(design, task.points, setting, task.runs)
    return Block(
        arm, None, spanning(setting, varied), design.seed, design.central, task.first, task.runs, kept, plugins,
        points=len(task.points), varied=varied,
    )  # fmt: skip


def _measured(lives: _Lives, lived: Mapping[str, list[Lived]]) -> dict[str, pa.Table]:
    """What is kept of the points, by the functions that measure any run."""
    from backfill.results import tables

    results = _results(lives, lived)
    kinds = table_kinds()
    keep = lives.design.keep
    outcomes = [rows for rows in tables.outcome_columns(results) if is_kept(rows["outcome"][1][0], keep)]
    found = {
        OUTCOMES: [_by_point(rows, lives.task) for rows in outcomes],
        DRAWS: [_by_point(rows, lives.task) for rows in _drawn(lives, tables.draw_columns(results))],
        SERIES: [_by_point(rows, lives.task) for rows in course_columns(results, keep)],
        FAILURES: [],
    }
    return {name: _table(rows, kinds[name]) for name, rows in found.items()}


def _results(lives: _Lives, lived: Mapping[str, list[Lived]]) -> Results:
    """All runs of all points as one set of results."""
    from backfill.results import Results

    arms = list(lives.design.arms)
    own = dataset(lives.world, arms, {arm: lived[arm] for arm in arms}, lives.runs)
    bare = None
    if lives.twins:
        twins = {arm: lived[lives.twins[arm]] for arm in arms}
        bare = dataset(lives.world, arms, twins, lives.runs, TWIN_KEEP)
    return Results(
        dataset=own,
        without=bare,
        under={},
        scenario=lives.world,
        arms=arms,
        runs=lives.runs,
        seed=lives.design.seed,
        central=lives.design.central,
    )


def _drawn(lives: _Lives, parts: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What was drawn at each point: what a factor fixes there is no draw."""
    varied = lives.blocks[lives.design.arms[0]].varied
    for columns in parts:
        codes, names = columns["number"]
        shown = np.ones(len(codes), dtype=bool)
        for path, here in varied.items():
            rows = np.flatnonzero(codes == names.index(path))
            shown[rows] = here.drawn[columns["run"][rows]] & (not lives.design.central)
        yield {"run": columns["run"][shown], "number": (codes[shown], names), "value": columns["value"][shown]}


def _by_point(columns: Mapping[str, Any], task: Task) -> Mapping[str, Any]:
    """Rows of runs that are counted over all points, with the number of the point and of the replication."""
    run = np.asarray(columns["run"])
    return {**columns, "point": np.array(task.points)[run // task.runs], "run": task.first + run % task.runs}


def table_kinds() -> dict[str, pa.Schema]:
    """The columns of each table and their types, whatever the data: those of a run, with the point in front."""
    import pyarrow as pa

    from backfill.results import tables

    word, whole = pa.dictionary(pa.int32(), pa.string()), pa.int32()
    point = pa.field("point", whole)
    of_runs = {name: pa.schema([point, *tables.schemas()[name]]) for name in (OUTCOMES, DRAWS)}
    course = [("arm", word), ("decides", word), ("run", whole), ("month", word), ("outcome", word), ("state", word)]
    return of_runs | {
        SERIES: pa.schema([point, *course, ("value", pa.float32())]),
        FAILURES: pa.schema(
            [point, ("first", whole), ("runs", whole), ("stage", pa.string()), ("reason", pa.string())]
        ),
    }


def _table(parts: Sequence[Mapping[str, Any]], kind: pa.Schema) -> pa.Table:
    """A table of several parts, point by point."""
    from backfill.results.tables import table_of

    found = _joined([kind.empty_table(), *(table_of(columns, kind) for columns in parts)])
    return found.take(np.argsort(found["point"].to_numpy(), kind="stable"))


def _joined(parts: Sequence[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _failure(task: Task, failed: StageFailed) -> dict[str, pa.Table]:
    """Empty tables, and a row that says at which stage a point failed and why."""
    import pyarrow as pa

    kinds = table_kinds()
    said = [[*task.points], [task.first], [task.runs], [failed.stage], [failed.reason]]
    row = pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(said, kinds[FAILURES], strict=True)],
        schema=kinds[FAILURES],
    )
    return {name: kind.empty_table() for name, kind in kinds.items()} | {FAILURES: row}

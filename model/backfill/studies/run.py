"""A run: every arm of a scenario in the same random futures, and what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.errors import BackfillError
from backfill.months import label
from backfill.plugins import hashes, is_own, use
from backfill.records.headline import KEEPING, REFILL
from backfill.records.recorder import Labels
from backfill.scenario.registered import modules_behind
from backfill.studies.block import Block, Lived, Table
from backfill.studies.workers import simulate_blocks

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results
    from backfill.scenario import Scenario

BLOCK = 500
"""Runs that a process simulates at once: the gain saturates there, and a block stays in cache."""
UNDER_KEEP = ("aid", "backfill", "position", "floor", "spent", "promised", "delivered", *REFILL, *KEEPING)
"""Outcomes kept when the arms are repeated under another way of deciding."""
TWIN_KEEP = ("aid", "backfill", "position", "floor", "spent")
"""Outcomes kept of the same worlds without backfill."""
NO_BACKFILL = "no_backfill"

Progress = Callable[[int, int], None]


def simulate(
    scenario: Scenario,
    arms: Sequence[str] | None = None,
    runs: int = 200,
    seed: int | None = None,
    *,
    central: bool = False,
    workers: int = 1,
    under: bool = True,
    progress: Progress | None = None,
    block: int = BLOCK,
    plugins: Sequence[str] = (),
) -> Results:
    """Simulate arms of a scenario, paired run by run, each also under every other doctrine that the scenario names.

    arms: names, the baseline is always first; None: all of the file
    seed: any non-negative whole number; None: a new one, kept in the results
    central: every number at its central value; chance remains
    progress: called with the runs done and the runs to do
    plugins: modules that register what the scenario names, beside those with which it was loaded
    """
    from backfill.results import Results
    from backfill.results.history import criteria_for, recorded_for

    _refuse_odd(arms, runs)
    modules = use([*scenario.plugins, *plugins])
    names = list(dict.fromkeys(["baseline", *(scenario.arm_names if arms is None else arms)]))
    chosen = secrets.randbelow(2**32) if seed is None else seed
    ways: list[str | None] = [None, *(scenario.setting.doctrines if under else ())]
    plan = _Plan(scenario, names, runs, recorded_for(criteria_for(scenario.name)))
    planned = (
        Block(arm, way, scenario.arm(arm, under=way), chosen, central, first, min(block, runs - first), kept, modules)
        for way in ways
        for arm, kept in plan.wanted(way).items()
        for first in range(0, runs, block)
    )
    blocks: list[Block] = []
    lived = _lived(planned, blocks, workers, progress)
    by_way = {way: _of(way, blocks, lived) for way in ways}
    return Results(
        dataset=plan.own(None, by_way[None]),
        without=plan.bare(None, by_way[None]),
        under={way: plan.own(way, found) for way, found in by_way.items() if way},
        under_without={way: bare for way, found in by_way.items() if way and (bare := plan.bare(way, found))},
        past={way: plan.before(found) for way, found in by_way.items() if way and plan.past},
        scenario=scenario,
        arms=names,
        runs=runs,
        seed=chosen,
        central=central,
        plugins=_written_by_users(modules, blocks),
    )


@dataclass(frozen=True)
class _Plan:
    """What is simulated under each way of deciding, and how the blocks of it are put together.

    past: outcomes that history is held against
    twins: for each way that has been planned the world without backfill of each arm
    """

    scenario: Scenario
    arms: list[str]
    runs: int
    past: tuple[str, ...]
    twins: dict[str | None, Mapping[str, str]] = field(default_factory=dict)

    def wanted(self, way: str | None) -> dict[str, tuple[str, ...] | None]:
        """Every arm with what is kept of it: all under the scenario's own way, else a few outcomes and the past."""
        self.twins[way] = twins_of(self.scenario, self.arms, way)
        bare: dict[str, tuple[str, ...] | None] = dict.fromkeys(self.twins[way].values(), TWIN_KEEP)
        if way is None:
            return bare | dict.fromkeys(self.arms)
        return bare | dict.fromkeys(self.arms, UNDER_KEEP) | {self.arms[0]: (*UNDER_KEEP, *self.past)}

    def own(self, way: str | None, found: Mapping[str, Sequence[Lived]]) -> xr.Dataset:
        """The arms themselves."""
        lived = {arm: found[arm] for arm in self.arms}
        return dataset(self.scenario, self.arms, lived, self.runs, None if way is None else UNDER_KEEP)

    def bare(self, way: str | None, found: Mapping[str, Sequence[Lived]]) -> xr.Dataset | None:
        """Each arm in the same world without backfill; None if the scenario has no such world."""
        if not self.twins[way]:
            return None
        lived = {arm: found[self.twins[way][arm]] for arm in self.arms}
        return dataset(self.scenario, self.arms, lived, self.runs, TWIN_KEEP)

    def before(self, found: Mapping[str, Sequence[Lived]]) -> xr.Dataset:
        """What the baseline says about the past."""
        return dataset(self.scenario, self.arms[:1], {self.arms[0]: found[self.arms[0]]}, self.runs, self.past)


def _written_by_users(modules: Sequence[str], blocks: Sequence[Block]) -> dict[str, str]:
    """The modules outside this package on which the outcome depends, each with the hash of its file."""
    behind = {name for entry in blocks for name in modules_behind(entry.setting)}
    return hashes([*modules, *(name for name in behind if not is_own(name))])


def _refuse_odd(arms: Sequence[str] | None, runs: int) -> None:
    """What a command line refuses by itself."""
    if isinstance(arms, str):
        raise BackfillError(f"found arms={arms!r}; expected a list of names: [{arms!r}]")
    if not isinstance(runs, (int, np.integer)) or runs < 1:
        raise BackfillError(f"found runs={runs!r}; expected a whole number from 1 on")


def _lived(planned: Iterable[Block], blocks: list[Block], workers: int, progress: Progress | None) -> dict[int, Lived]:
    """Simulate all blocks, whoever ends first, and tell how far it has come.

    blocks: takes every block as it is planned, in that order
    """
    lived: dict[int, Lived] = {}
    for number, outcome in simulate_blocks(_noted(planned, blocks), workers):
        lived[number] = outcome
        if progress is not None:
            progress(sum(blocks[done].runs for done in lived), sum(entry.runs for entry in blocks))
    return lived


def _noted(planned: Iterable[Block], blocks: list[Block]) -> Iterator[Block]:
    for block in planned:
        blocks.append(block)
        yield block


def twins_of(scenario: Scenario, arms: Sequence[str], way: str | None) -> dict[str, str]:
    """For each arm the same world without the backfill: the arm `no_backfill` laid over it.

    Where that is `no_backfill` itself, because the arm only speaks of the backfill, there is nothing more to simulate.
    Empty for a scenario that has no such arm, and for one whose headline is not pass-through.
    """
    if NO_BACKFILL not in scenario.arm_names or scenario.setting.outcomes.headline != "pass_through":
        return {}
    bare = scenario.arm(NO_BACKFILL, under=way)
    laid_over = {arm: f"{arm}+{NO_BACKFILL}" for arm in arms}
    same = {arm for arm, both in laid_over.items() if scenario.arm(both, under=way) == bare}
    return {arm: NO_BACKFILL if arm in same else both for arm, both in laid_over.items()}


def _of(way: str | None, blocks: Sequence[Block], lived: Mapping[int, Lived]) -> dict[str, list[Lived]]:
    """The blocks of each arm under one way of deciding, in the order of their runs."""
    found: dict[str, list[Lived]] = {}
    for number, entry in enumerate(blocks):
        if entry.under == way:
            found.setdefault(entry.arm, []).append(lived[number])
    return found


def dataset(
    scenario: Scenario,
    arms: Sequence[str],
    lived: Mapping[str, Sequence[Lived]],
    runs: int,
    keep: Sequence[str] | None = None,
) -> xr.Dataset:
    """Labelled arrays: (arm, run, month, ...) for every outcome, and what was drawn for every uncertain number."""
    import xarray as xr

    since, until = scenario.setting.horizon
    base: dict[str, Any] = {
        "arm": list(arms),
        "run": np.arange(runs),
        "month": [label(month) for month in range(since, until + 1)],
    }
    names = dict.fromkeys(name for blocks in lived.values() for name in blocks[0].tables)
    tables = {
        name: {arm: [block.tables[name] for block in lived[arm] if name in block.tables] for arm in arms}
        for name in names
        if keep is None or name in keep
    }
    axes = _axes(tables.values())
    drawn = _drawn(lived[arms[0]], runs)
    variables: dict[str, Any] = {"draws": (drawn.dims, drawn.values)}
    for name, of_arms in tables.items():
        dims, values = _labelled(of_arms, arms, runs, until - since + 1, axes)
        variables[name] = (("arm", "run", "month", *dims), values)
    return xr.Dataset(variables, coords=base | axes | {"number": drawn["number"].values})


def _axes(tables: Iterable[Mapping[str, Sequence[Table]]]) -> dict[str, list[str]]:
    """What stands along each axis: the labels of all outcomes that have it, sorted where they do not agree."""
    found: dict[str, list[list[str]]] = {}
    for of_arms in tables:
        first = [table for blocks in of_arms.values() for table in blocks[:1]]
        for axis, dim in enumerate(first[0].dims):
            found.setdefault(dim, []).append(_unique(row[axis] for table in first for row in table.rows))
    return {
        dim: some[0] if all(one == some[0] for one in some) else sorted(set().union(*some))
        for dim, some in found.items()
    }


def _drawn(blocks: Sequence[Lived], runs: int) -> xr.DataArray:
    """What was drawn for every uncertain number of an arm.  (run, number)"""
    import xarray as xr

    paths = list(blocks[0].draws)
    columns = [np.concatenate([block.draws[path] for block in blocks]) for path in paths]
    table = np.array(columns).reshape(len(paths), runs)
    return xr.DataArray(table.T, dims=("run", "number"), coords={"run": np.arange(runs), "number": paths}, name="draws")


def _labelled(
    tables: Mapping[str, Sequence[Table]],
    arms: Sequence[str],
    runs: int,
    months: int,
    along: Mapping[str, Sequence[str]],
) -> tuple[Labels, np.ndarray[Any, np.dtype[np.float32]]]:
    """One array over all arms: rows become axes; what an arm does not have is zero."""
    dims = next(blocks[0] for blocks in tables.values() if blocks).dims
    axes = [along[dim] for dim in dims]
    values = np.zeros((len(arms), runs, months, *(len(axis) for axis in axes)), dtype=np.float32)
    for number, arm in enumerate(arms):
        start = 0
        for table in tables[arm]:
            stop = start + table.values.shape[-1]
            for row, labels in enumerate(table.rows):
                place: Any = tuple(axis.index(entry) for axis, entry in zip(axes, labels, strict=True))
                values[(number, slice(start, stop), slice(None), *place)] = table.values[:, row].T
            start = stop
    return dims, values


def _unique(labels: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(labels))

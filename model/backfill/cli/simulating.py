"""Living through a world many times: the table to stdout, everything else into a folder of its own."""

from __future__ import annotations

import logging
import os
import secrets
import shlex
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backfill.cli.entry import app
from backfill.cli.folders import new_folder
from backfill.cli.options import AS_JSON, PLUGINS, QUIET, examples, taken
from backfill.cli.progress import Meter
from backfill.cli.streams import answer, answer_styled, bold_allowed, document, remark
from backfill.errors import BackfillError
from backfill.words import count, one_line

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.scenario import Scenario

USUAL_RUNS = 200
MOST_RUNS = 1_000_000
"""Random futures for each arm: what is stored of more would fit into no memory."""
WORTH_PROCESSES = 500
"""Runs, over all worlds, from which more than one process is quicker."""
A_WORLD = 50
"""Runs that take as long as what a world takes before its first run: each arm is one under each way of deciding."""


@dataclass(frozen=True)
class Order:
    """What is to be run, complete enough to be typed again."""

    world: str
    arms: tuple[str, ...] | None
    runs: int
    seed: int
    central: bool
    changes: tuple[str, ...]
    workers: int | None = None
    plugins: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that repeats it."""
        words = ["backfill", "run", self.world, "--runs", str(self.runs), "--seed", str(self.seed)]
        words += ["--arms", ",".join(self.arms)] if self.arms else []
        words += ["--central"] if self.central else []
        words += [word for change in self.changes for word in ("--set", change)]
        words += ["--workers", str(self.workers)] if self.workers else []
        words += self.plugin_words
        return shlex.join(words)

    def again(self, folder: Path) -> str:
        """The command that repeats it from its folder."""
        return shlex.join(["backfill", "run", str(folder), *self.plugin_words])

    @property
    def plugin_words(self) -> list[str]:
        """What names the user's modules on a command line."""
        return [word for module in self.plugins for word in ("--plugin", module)]


@app.command(
    epilog=examples(
        "backfill run japan_patriot --runs 200 --seed 1",
        "backfill run mine.yaml --arms no_backfill --set 'states.USA.floor=50 %'",
        "backfill run results/mine-1",
    )
)
def run(
    world: Annotated[
        str, typer.Argument(metavar="WORLD", help="A packaged scenario, a file, or a folder of results to repeat.")
    ],
    *,
    arms: Annotated[str | None, typer.Option(metavar="A,B", help="Some arms only; all, as without it.")] = None,
    runs: Annotated[
        int | None, typer.Option(min=1, max=MOST_RUNS, metavar="N", help=f"Random futures for each arm ({USUAL_RUNS}).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="S", help="Which random futures; a new one if not given.")
    ] = None,
    central: Annotated[bool, typer.Option("--central", help="Every number at its central value.")] = False,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where results go, not results/NAME-N.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Processes side by side; one for each processor where that pays."),
    ] = None,
    plugins: PLUGINS = None,
    quiet: QUIET = False,
    json: AS_JSON = False,
) -> None:
    """Simulate a world and print what came of it.

    Every arm lives through the same random futures. Tables and figures are stored in a folder of their own.
    """
    stored = _manifest(world)
    order = Order(
        world=world,
        arms=_chosen(arms) if arms is not None else stored.get("arms"),
        runs=runs or stored.get("runs", USUAL_RUNS),
        seed=seed if seed is not None else stored.get("seed", secrets.randbelow(2**32)),
        central=central or stored.get("central", False),
        changes=tuple(changes or ()),
        workers=workers,
        plugins=taken(plugins),
    )
    keep_libraries_quiet(quiet=quiet)
    scenario = _loaded(order)
    try:
        with new_folder(out, scenario.name) as folder:
            _announce(scenario, order, quiet=quiet, json=json)
            results = _simulated(scenario, order, quiet=quiet)
            stored_files = _stored(results, folder)
    except (KeyboardInterrupt, SystemExit):
        remark(f"stopped; nothing is stored. Again: {order.command}")
        raise
    _report(results, folder, f"{stored_files} · again: {order.again(folder)}", json=json)


def _chosen(arms: str) -> tuple[str, ...] | None:
    """The arms that were typed; None stands for all."""
    if arms.strip() == "all":
        return None
    names = tuple(name.strip() for name in arms.split(","))
    if not all(names):
        raise BackfillError(f"--arms {arms}: a name is missing beside a comma")
    return names


def keep_libraries_quiet(*, quiet: bool) -> None:
    """A missing home or font is no concern of whoever asked about interceptors."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    if quiet:
        warnings.simplefilter("ignore")


def _announce(scenario: Scenario, order: Order, *, quiet: bool, json: bool) -> None:
    """What is run, under which label, from how much knowledge; and what is odd about it."""
    for arm in _idle(scenario, order):
        remark(f"note: the arm {arm} changes nothing; its differences are zero", quiet=quiet)
    if scenario.notes:
        again = shlex.join(["backfill", "check", order.world, *order.plugin_words])
        remark(f"note: {count(len(scenario.notes), 'note')} on this file: {again}", quiet=quiet)
    if not json:
        answer(_headline(scenario, order))
        answer(_knowledge(scenario, order))


def _headline(scenario: Scenario, order: Order) -> str:
    from backfill.months import label

    since, until = scenario.setting.horizon
    others = len(_arms(scenario, order)) - 1
    runs = "one run each" if order.runs == 1 else f"{order.runs:,} runs each"
    drawn = ", every number at its central value" if order.central else ""
    arms = "baseline" + (f" + {count(others, 'arm')}" if others else "")
    return (
        f"{one_line(scenario.title)} · {scenario.label} · {label(since)} to {label(until)} · {arms} · "
        f"{runs}, seed {order.seed}{drawn}"
    )


def _knowledge(scenario: Scenario, order: Order) -> str:
    """How many numbers there are, how many are uncertain, and how well they are known."""
    rows = scenario.paths()
    drawn = sum(row["low"] != row["high"] for row in rows)
    grades = Counter(row["grade"] for row in rows)
    known = ", ".join(f"{number} {grade}" for grade, number in sorted(grades.items(), key=lambda pair: _rank(pair[0])))
    ranges = "with a range" if order.central else "drawn in their ranges"
    said = f"{count(len(rows), 'number')}: {drawn} {ranges}, {len(rows) - drawn} fixed"
    return f"{said} · {known}" if known else said


def _rank(grade: str) -> int:
    order = ("high", "medium", "low", "assumed", "plain")
    return order.index(grade) if grade in order else len(order)


def _arms(scenario: Scenario, order: Order) -> tuple[str, ...]:
    return tuple(dict.fromkeys(("baseline", *(order.arms or scenario.arm_names))))


def _idle(scenario: Scenario, order: Order) -> list[str]:
    """The arms that leave the world as it is."""
    baseline = scenario.arm("baseline")
    return [arm for arm in _arms(scenario, order) if arm != "baseline" and scenario.arm(arm) == baseline]


def _manifest(world: str) -> dict[str, Any]:
    """What a folder of results says about the run that left it; nothing for a name or a file."""
    from backfill.results.store import read_manifest

    return read_manifest(world) if _is_folder(world) else {}


def _is_folder(world: str) -> bool:
    """Whether a folder is meant; a packaged name stays a name even where a folder is called so."""
    from backfill.scenario import names

    return bool(world) and Path(world).is_dir() and world not in names()


def _loaded(order: Order) -> Scenario:
    """The world with its changes, and every arm that was asked for, or all that is wrong with them."""
    from backfill.results.store import stored_scenario
    from backfill.scenario import load

    opened = stored_scenario if _is_folder(order.world) else load
    scenario = opened(order.world, order.changes, plugins=order.plugins)
    for arm in _arms(scenario, order):
        scenario.arm(arm)
    return scenario


def _simulated(scenario: Scenario, order: Order, *, quiet: bool) -> Results:
    from backfill.studies.run import simulate

    with Meter(quiet=quiet) as meter:
        results = simulate(
            scenario,
            order.arms,
            runs=order.runs,
            seed=order.seed,
            central=order.central,
            workers=order.workers or _usual_workers(scenario, order),
            progress=meter,
        )
    remark(f"{count(meter.total, 'run')} in {meter.seconds:.0f} s", quiet=quiet)
    return replace(results, command=order.command)


def _usual_workers(scenario: Scenario, order: Order) -> int:
    """Every processor for a run that takes seconds; starting a process takes more than a second itself."""
    worlds = len(_arms(scenario, order)) * (1 + len(scenario.doctrine_names))
    return (os.cpu_count() or 1) if worlds * (order.runs + A_WORLD) >= WORTH_PROCESSES else 1


def _stored(results: Results, folder: Path) -> str:
    """Tables, summary and figures are written; what is there, in words."""
    from backfill.plots.files import write_figures

    results.save(folder)
    pictures = write_figures(results, folder / "figures")
    tables = [path for path in folder.rglob("*") if path.suffix in (".csv", ".parquet")]
    figures = len({picture.stem for picture in pictures})
    return f"{folder}: summary.md, manifest.json, {count(len(tables), 'table')}, {count(figures, 'figure')}"


def _report(results: Results, folder: Path, stored: str, *, json: bool) -> None:
    """The table, or all of it as data, and where the rest lies."""
    from backfill.results import table

    if json:
        document({**table.as_data(results), "folder": str(folder)})
        return
    answer()
    answer_styled(table.render(results, bold=bold_allowed()))
    answer()
    answer(stored)

"""Two arms held against each other: of one folder, of two, or of a world that is simulated for it."""

from __future__ import annotations

import secrets
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backfill.cli.entry import app
from backfill.cli.options import AS_JSON, PLUGINS, QUIET, examples, taken
from backfill.cli.stored import aligned
from backfill.cli.streams import answer, document, remark
from backfill.errors import BackfillError
from backfill.words import number, one_line, percent, signed

if TYPE_CHECKING:
    from backfill.results.gaps import Gap
    from backfill.studies.comparing import StoredComparison

USUAL_RUNS = 200


@app.command(
    epilog=examples(
        "backfill compare results/japan_patriot-1 --arms baseline,no_backfill --by 2030-12",
        "backfill compare results/mine-1 results/mine-2",
        "backfill compare japan_patriot --arms baseline,rules_2014 --runs 200 --seed 1",
    )
)
def compare(
    first: Annotated[str, typer.Argument(metavar="FOLDER|SCENARIO", help="Stored results, or a world to simulate.")],
    second: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Other results of the same seed: its second arm.")
    ] = None,
    *,
    arms: Annotated[str | None, typer.Option(metavar="A,B", help="Which two; baseline,no_backfill.")] = None,
    by: Annotated[str | None, typer.Option(metavar="MONTH", help="By the end of which month; the last.")] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(metavar="OUTCOME", help="This outcome only; may be repeated.")
    ] = None,
    point: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="One point of a study; the mean over all of them.")
    ] = None,
    runs: Annotated[int | None, typer.Option(min=1, metavar="N", help="Runs of a world to simulate (200).")] = None,
    seed: Annotated[int | None, typer.Option(min=0, metavar="S", help="Its random futures; a new one.")] = None,
    plugins: PLUGINS = None,
    quiet: QUIET = False,
    json: AS_JSON = False,
) -> None:
    """Hold one arm against another in the same random futures: differences, and whether they could be noise."""
    names = None if arms is None else tuple(name.strip() for name in arms.split(","))
    modules = taken(plugins)
    if Path(first).is_dir() or (second is not None):
        if runs is not None or seed is not None:
            raise BackfillError("--runs and --seed belong to a world that is simulated; stored results have their own")
        from backfill.studies.comparing import compare_stored
        from backfill.studies.study import open_study

        one = open_study(first, modules)
        two = None if second is None else open_study(second, modules)
        found = compare_stored(one, two, arms=names, by=by, outcomes=outcome or (), point=point)
    else:
        found = _simulated(first, names, by, outcome or [], runs or USUAL_RUNS, seed, modules, quiet=quiet)
    if json:
        document(_data(found))
        return
    for note in found.notes():
        remark(f"note: {note}", quiet=quiet)
    _report(found)


def _simulated(
    world: str, arms: tuple[str, ...] | None, by: str | None, outcomes: list[str], runs: int, seed: int | None,
    plugins: tuple[str, ...], *, quiet: bool,
) -> StoredComparison:  # fmt: skip
    """Both arms of a world, simulated for this comparison and not stored."""
    from backfill.scenario import load
    from backfill.studies.comparing import compare_fresh

    scenario = load(world, plugins=plugins)
    names = arms or ("baseline", "no_backfill")
    if len(names) != 2:
        raise BackfillError(f"--arms {','.join(names)}: expected two arms")
    chosen = secrets.randbelow(2**32) if seed is None else seed
    if seed is None:
        words = ["backfill", "compare", world, "--arms", ",".join(names), "--runs", str(runs), "--seed", str(chosen)]
        remark(f"again: {shlex.join(words)}", quiet=quiet)
    return compare_fresh(scenario, names, runs=runs, seed=chosen, by=by, outcomes=outcomes, plugins=plugins)


def _report(found: StoredComparison) -> None:
    """The table, the course, the words."""
    many = len(found.first.points)
    where = f"point {found.point}" if found.point is not None else f"mean of {many} points" if many > 1 else "one point"
    scope = "" if many == 1 else f" · {where}"
    runs = "one run" if found.runs == 1 else f"{found.runs:,} paired runs"
    answer(f"{one_line(found.first.title)} · by {found.by}{scope} · {runs}, seed {found.first.seed}")
    answer()
    head = ["", *found.names, "difference", "paired 90 %", "has that sign in", "equal in"]
    for line in aligned([head, *([name, *_cells(gap)] for name, gap in found.gaps.items())]):
        answer(line)
    months = _some(list(found.by_month))
    if months:
        answer()
        head = ["units to the aided state", *found.names, "difference", "paired 90 %", "has that sign in", "equal in"]
        for line in aligned([head, *([f"by {month}", *_cells(found.by_month[month])] for month in months)]):
            answer(line)
    answer()
    answer(found.in_words())
    answer(found.chance.in_words())
    left = {name: gap.left_out for name, gap in found.gaps.items() if gap.left_out}
    for name, pairs in left.items():
        answer(f"{name}: {pairs} of {found.runs} pairs left out, in which one arm alone has no end")


def _some(months: list[str]) -> list[str]:
    """The last month of each year, and the last of all."""
    return [month for month in months if month.endswith("-12") or month == months[-1]]


def _cells(gap: Gap) -> list[str]:
    digits = 2 if max(abs(gap.first), abs(gap.second)) < 10 else 1
    ends = "–" if gap.low is None or gap.high is None else f"{_signed(gap.low, digits)} to {_signed(gap.high, digits)}"
    return [
        number(gap.first, digits),
        number(gap.second, digits),
        _signed(gap.mean, digits),
        ends,
        "–" if gap.is_nothing else percent(gap.same_sign),
        percent(gap.equal),
    ]


def _signed(value: float, digits: int) -> str:
    return "0" if value == 0 else signed(value, digits)


def _data(found: StoredComparison) -> dict[str, Any]:
    return {
        "first": {"folder": str(found.first.folder), "arm": found.arm},
        "second": {"folder": str(found.second.folder), "arm": found.against},
        "by": found.by,
        "point": found.point,
        "runs": found.runs,
        "seed": found.first.seed,
        "outcomes": {name: _of(gap) for name, gap in found.gaps.items()},
        "by_month": {month: _of(gap) for month, gap in found.by_month.items()},
        "chance": {**asdict(found.chance), "share": found.chance.share},
        "notes": list(found.notes()),
        "in_words": found.in_words(),
    }


def _of(gap: Gap) -> dict[str, Any]:
    return {
        **asdict(gap),
        "could_be_noise": None if gap.is_nothing else gap.could_be_noise,
        "enough": gap.enough,
        "in_words": gap.in_doubt(),
    }

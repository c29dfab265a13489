"""What is asked of stored results: what they are, what matters, whether they are whole; and to take them elsewhere."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backfill.cli.entry import FAILED, app
from backfill.cli.options import AS_JSON, PLUGINS, QUIET, examples, taken
from backfill.cli.streams import answer, document, remark
from backfill.errors import BackfillError
from backfill.words import count, number, one_line, width

if TYPE_CHECKING:
    from backfill.studies.mattering import Drivers, Ranking, Weight
    from backfill.studies.study import Study

FOLDER = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run or of a study.")]
MOST_SHOWN = 1000
"""Rows of an answer that are printed as a table; --csv and --json print all."""
MOST_WEIGHTS = 15


@app.command(
    epilog=examples("backfill show results/floors-1", "backfill show results/floors-1 --drivers units_to_aided")
)
def show(
    folder: FOLDER,
    *,
    drivers: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="Which factors and drawn numbers an outcome leans on.")
    ] = None,
    arm: Annotated[str | None, typer.Option(metavar="ARM", help="Of which arm; the first, if not given.")] = None,
    by: Annotated[str | None, typer.Option(metavar="MONTH", help="By the end of which month; the last.")] = None,
    quiet: QUIET = False,
    plugins: PLUGINS = None,
    json: AS_JSON = False,
) -> None:
    """Say what stored results are and what came of them; or what matters to an outcome."""
    from backfill.studies.study import open_study

    if drivers is None and (arm or by):
        word = "--arm" if arm else "--by"
        raise BackfillError(f"{word} belongs to --drivers OUTCOME; backfill compare holds arms against each other")
    study = open_study(folder, taken(plugins))
    if drivers is not None:
        _matters(study, drivers, arm, by, quiet=quiet, json=json)
    elif json:
        document(_told(study))
    else:
        _shown(study)


def _told(study: Study) -> dict[str, Any]:
    """All of a study that fits into a document."""
    return {
        "folder": str(study.folder),
        "title": study.title,
        "label": study.manifest["label"],
        "kind": "run" if study.is_run else "study",
        "arms": study.arms,
        "seed": study.seed,
        "points": study.points.reset_index().to_dict("records"),
        "runs": study.runs_done,
        "complete": study.is_complete,
        "rows": [asdict(row) for row in _rows(study)],
        "failed": [asdict(failure) for failure in study.failures],
    }


def _rows(study: Study) -> list[Any]:
    from backfill.studies.summing import rows_at

    points = [int(point) for point in study.points.index]
    found = []
    for point in points:
        found += list(rows_at(point, study.arms, study.table(where={"point": [point], "decides": [""]})))
    return found


def _shown(study: Study) -> None:
    points = "a run" if study.is_run else f"a study of {count(len(study.points), 'point')}"
    arms = ", ".join(study.arms)
    answer(f"{one_line(study.title)} · {study.manifest['label']} · {points} · {arms} · seed {study.seed}")
    again = shlex.join(["backfill", "sweep", str(study.folder), "--resume"])
    state = "" if study.is_complete else f"; not complete: {again}"
    answer(f"{study.runs_done:,} runs of each arm are stored{state}")
    answer()
    if study.is_run:
        answer((study.folder / "summary.md").read_text(encoding="utf-8").rstrip())
        return
    from backfill.studies.summing import closing

    answer(closing(study.design, _rows(study), study.failures))
    if study.dates:
        answer()
        answer(f"outcomes by {', '.join(study.dates)}: {', '.join(study.outcomes_by())}")


def _matters(study: Study, outcome: str, arm: str | None, by: str | None, *, quiet: bool, json: bool) -> None:
    from backfill.studies.mattering import drivers_of

    found = drivers_of(study, outcome, arm=arm, by=by)
    figures = _drawn(study, found, quiet=quiet)
    if json:
        document({"folder": str(study.folder), **asdict(found), "figures": [str(path) for path in figures]})
        return
    answer(f"What {found.outcome} leans on: {found.arm}, by {found.by}")
    for ranking in found.rankings:
        answer()
        answer(f"{ranking.kind}, {ranking.over}")
        for line in _ranking_lines(ranking):
            answer(line)
    if not found.rankings:
        answer("nothing to tell it from: one point, and no number was drawn")
    if figures:
        answer()
        answer(f"figure: {figures[0]}")


def _ranking_lines(ranking: Ranking) -> list[str]:
    shown = [weight for weight in ranking.found if ranking.bound is None or abs(weight.value) >= ranking.bound]
    rows = [[one_line(weight.name), number(weight.value, 2), _ends(weight)] for weight in shown[:MOST_WEIGHTS]]
    lines = [f"  {line}" for line in aligned(rows)] if rows else []
    if ranking.found and not shown:
        lines.append("  no number stands out from chance")
    if ranking.bound is not None and ranking.found:
        left = len(ranking.found) - len(shown)
        lines.append(f"  {count(left, 'number')} below {number(ranking.bound, 2)}, which chance alone may reach")
    return lines + ([f"  {ranking.note}"] if ranking.note else [])


def _ends(weight: Weight) -> str:
    if weight.low is None or weight.high is None:
        return ""
    return f"({number(weight.low, 2)} to {number(weight.high, 2)})"


def _drawn(study: Study, found: Drivers, *, quiet: bool) -> list[Path]:
    """The bars as a figure beside the others; none where nothing can be told."""
    if not any(ranking.found for ranking in found.rankings):
        return []
    from backfill.plots.files import save
    from backfill.plots.mattering import what_matters
    from backfill.plots.studies import file_of

    place = study.folder / "figures"
    try:
        place.mkdir(exist_ok=True)
        return save(what_matters(study, found), place / file_of(found))
    except OSError as failure:
        remark(f"note: no figure was written: {failure.strerror}: {place}", quiet=quiet)
        return []


@app.command(
    epilog=examples(
        "backfill export results/floors-1 --format csv", "backfill export results/floors-1 --format netcdf --out a.nc"
    )
)
def export(
    folder: FOLDER,
    *,
    form: Annotated[str, typer.Option("--format", metavar="csv|parquet|netcdf", help="In which form.")] = "csv",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; NAME.csv and so on here.")] = None,
    by: Annotated[str | None, typer.Option(metavar="MONTH", help="By the end of which month; the last.")] = None,
    json: AS_JSON = False,
) -> None:
    """Write all outcomes into one file: a row for each point, arm and run, with the factors."""
    from backfill.studies.exporting import ENDINGS
    from backfill.studies.exporting import export as write
    from backfill.studies.study import open_study

    study = open_study(folder)
    name = folder.resolve().name
    written = write(study, form, out or Path(f"{name}.{ENDINGS.get(form, form)}"), by=by)
    if json:
        document({"file": str(written), "rows": study.runs_done * len(study.arms)})
    else:
        answer(f"{written}: {count(study.runs_done * len(study.arms), 'row')}, a run of an arm each")


@app.command(
    epilog=examples(
        'backfill query results/floors-1 "SELECT arm, avg(value) FROM outcomes '
        "WHERE outcome = 'units_to_aided' GROUP BY arm\""
    )
)
def query(
    folder: FOLDER,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A question to the tables.")],
    *,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer as CSV.")] = False,
    quiet: QUIET = False,
    json: AS_JSON = False,
) -> None:
    """Put a question in SQL to stored results; nothing else can be read by it, and nothing written.

    Tables of a study: outcomes, draws, series, points; of a run: all in its folder tables.
    """
    from backfill.studies.querying import query as ask
    from backfill.studies.study import open_study

    found = ask(open_study(folder), sql)
    rows = [[_plain(cell) for cell in row] for row in found.rows]
    if json:
        document({"columns": list(found.columns), "rows": rows})
    elif as_csv:
        _answer_csv(found.columns, rows)
    else:
        cells = [[_said(cell) for cell in row] for row in rows[:MOST_SHOWN]]
        for line in aligned([list(map(one_line, found.columns)), *cells]):
            answer(line)
        if len(rows) > MOST_SHOWN:
            remark(f"note: {count(len(rows) - MOST_SHOWN, 'more row')}; --csv prints all", quiet=quiet)


def _answer_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from backfill.results.store import guarded

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([guarded(column) for column in columns])
    writer.writerows([guarded(cell) if isinstance(cell, str) or cell is None else cell for cell in row] for row in rows)
    answer(text.getvalue().rstrip("\n"))


def _plain(cell: Any) -> Any:
    return float(cell) if isinstance(cell, Decimal) else cell


def _said(cell: Any) -> str:
    if cell is None:
        return "–"
    return f"{cell:.6g}" if isinstance(cell, float) else one_line(str(cell))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns below one another: the first to the left, the others to the right."""
    if not rows:
        return []
    wide = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell + " " * (room - width(cell)) if place == 0 else " " * (room - width(cell)) + cell
            for place, (cell, room) in enumerate(zip(row, wide, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


@app.command(epilog=examples("backfill verify results/floors-1", "backfill verify results/floors-1 --sample 100"))
def verify(
    folder: FOLDER,
    *,
    sample: Annotated[int, typer.Option(min=0, metavar="N", help="How many runs to live through again.")] = 20,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="Which ones.")] = 0,
    plugins: PLUGINS = None,
    json: AS_JSON = False,
) -> None:
    """Check every hash of stored results, and that some runs come out the same, bit for bit, when lived through again.

    Exit code 1 if anything differs.
    """
    from backfill.studies.verifying import verify as check

    found = check(folder, sample=sample, seed=seed, plugins=taken(plugins))
    if json:
        document({"folder": str(folder), "whole": found.is_whole, **asdict(found)})
    else:
        for note in found.notes:
            remark(f"note: {note}")
        for wrong in found.wrong:
            answer(wrong)
        runs = f"{count(len(found.runs), 'run')} lived through again"
        if found.is_whole:
            answer(f"{folder}: {count(found.files, 'file')} as written, {runs}, every bit the same")
        else:
            answer(f"{folder}: {count(len(found.wrong), 'difference')}; {count(found.files, 'file')} checked, {runs}")
    if not found.is_whole:
        raise typer.Exit(FAILED)

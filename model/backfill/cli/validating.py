"""Forecasts of the past against what happened: the scorecard to stdout, tables and figures into a folder."""

from __future__ import annotations

import csv
import io
import json as json_text
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backfill.cli.entry import app
from backfill.cli.folders import new_folder
from backfill.cli.options import AS_JSON, QUIET, examples
from backfill.cli.progress import Meter
from backfill.cli.simulating import keep_libraries_quiet
from backfill.cli.streams import answer, document, remark
from backfill.strictly import strict
from backfill.words import count

if TYPE_CHECKING:
    from backfill.results.scorecard import Scorecard

USUAL_RUNS = 200
MOST_RUNS = 100_000
SEED = 1
"""The same random futures unless others are asked for: a scorecard that is printed twice is the same."""


@dataclass(frozen=True)
class _Order:
    """What is to be validated, complete enough to be typed again."""

    scenario: str | None
    runs: int
    seed: int

    @property
    def command(self) -> str:
        named = [self.scenario] if self.scenario else []
        return shlex.join(["backfill", "validate", *named, "--runs", str(self.runs), "--seed", str(self.seed)])


@app.command(
    epilog=examples(
        "backfill validate", "backfill validate us_155mm_output --runs 1000", "backfill validate mine.yaml --json"
    )
)
def validate(
    scenario: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO]", help="One frozen world, by name or file; all without it.")
    ] = None,
    *,
    runs: Annotated[
        int, typer.Option(min=1, max=MOST_RUNS, metavar="N", help="Random futures for each forecast.")
    ] = USUAL_RUNS,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="Which random futures.")] = SEED,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where results go, not results/validate-N.")] = None,
    quiet: QUIET = False,
    json: AS_JSON = False,
) -> None:
    """Hold forecasts of the past against what happened.

    Worlds that are frozen on a day run forward and are scored beside forecasts that anybody could have made. A miss is
    an answer: the exit code stays 0.
    """
    from backfill.plots.hindcasts import write_scorecard_figures
    from backfill.studies.hindcasts import validate as hold

    order = _Order(scenario, runs, seed)
    keep_libraries_quiet(quiet=quiet)
    try:
        with new_folder(out, "validate") as folder:
            with Meter(quiet=quiet) as meter:
                card = hold([scenario] if scenario else None, runs=runs, seed=seed, progress=meter)
            remark(f"{count(meter.total, 'run')} in {meter.seconds:.0f} s", quiet=quiet)
            pictures = write_scorecard_figures(card, folder / "figures")
            _store(card, order, folder)
    except (KeyboardInterrupt, SystemExit):
        remark(f"stopped; nothing is stored. Again: {order.command}")
        raise
    if json:
        document({**_as_data(card, order), "folder": str(folder)})
    else:
        _say(card, folder, len(pictures) // 2, order)


def _say(card: Scorecard, folder: Path, figures: int, order: _Order) -> None:
    from backfill.results.scorecard import newest_sources

    answer(f"{count(len(card.comparisons), 'forecast')} of the past, {count(card.runs, 'run')} each, seed {card.seed}")
    answer()
    answer(str(card))
    answer()
    for line in newest_sources(card.comparisons):
        answer(line)
    answer()
    answer(f"{folder}: scorecard.csv, points.csv, manifest.json, {count(figures, 'figure')} · again: {order.command}")


def _as_data(card: Scorecard, order: _Order) -> dict[str, Any]:
    return {
        "program": "backfill",
        "command": order.command,
        "runs": card.runs,
        "seed": card.seed,
        "scorecard": card.rows,
        "points": card.points,
        "sentences": card.sentences,
    }


def _store(card: Scorecard, order: _Order, folder: Path) -> None:
    """The scorecard, its points, and what repeats them; the manifest last."""
    from backfill.results.store import versions

    _write(folder / "scorecard.csv", _table(card.rows))
    _write(folder / "points.csv", _table(card.points))
    content = {**_as_data(card, order), "versions": versions()}
    _write(
        folder / "manifest.json", json_text.dumps(strict(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    )


def _table(rows: list[dict[str, Any]]) -> str:
    """Rows as CSV; what a row does not have stays empty, and no word of a source is taken for a formula."""
    from backfill.results.store import guarded

    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: guarded(cell) if isinstance(cell, str) else cell for key, cell in row.items()} for row in rows
    )
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")

"""Sweeping: a design is lived through point by point, stored block by block, and gone on with after any accident."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backfill.cli.entry import FAILED, app
from backfill.cli.options import AS_JSON, PLUGINS, QUIET, examples, taken
from backfill.cli.progress import Meter
from backfill.cli.streams import answer, at_terminal, columns_of_terminal, document, remark
from backfill.errors import BackfillError
from backfill.words import count, one_line

if TYPE_CHECKING:
    from backfill.studies.store import StudyFolder
    from backfill.studies.sweep import Forecast

LONG, LARGE = 120.0, 10**9
"""Seconds, and bytes of memory or disk, from which a person is asked first."""


@app.command(
    epilog=examples(
        "backfill sweep experiments/pass_through.yaml --workers 2",
        "backfill sweep results/pass_through-1 --resume",
        "backfill sweep mine.yaml --out studies/mine --yes",
    )
)
def sweep(
    design: Annotated[str, typer.Argument(metavar="DESIGN|FOLDER", help="A design file, or a study to go on with.")],
    *,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the study goes, not results/NAME-N.")] = None,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Processes side by side.")] = 1,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler whose workers do it, in place of processes.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a study: only what is missing.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Go on, and try again the points that failed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="However long it takes: do not ask.")] = False,
    plugins: PLUGINS = None,
    quiet: QUIET = False,
    json: AS_JSON = False,
) -> None:
    """Live through every point of a design and store what comes of it.

    Stop it whenever you like: finished blocks are kept, and --resume does only what is missing.
    """
    from backfill.studies.folders import opened_study
    from backfill.studies.sweep import work_through

    modules = taken(plugins)
    command = _command(design, out, modules)
    with opened_study(design, out=out, resume=resume or failed, plugins=modules, command=command) as study:
        desk = _Desk(study, quiet=quiet, again=_again(study.folder, modules))
        desk.greet(json=json)
        try:
            with Meter(quiet=quiet) as meter:
                ask = desk.told if yes else desk.ask
                work_through(study, workers=workers, dask=dask, failed=failed, progress=meter, ask=ask)
        except (KeyboardInterrupt, SystemExit, OSError, BackfillError) as stopped:
            desk.leave(stopped)
            raise
        desk.report(json=json)
        broken = any(entry.failed for entry in study.entries)
    if broken:
        raise typer.Exit(FAILED)


def _command(design: str, out: Path | None, plugins: Sequence[str]) -> str:
    """What repeats the study."""
    words = ["backfill", "sweep", design, *(["--out", str(out)] if out else [])]
    return shlex.join([*words, *_named(plugins)])


def _again(folder: Path, plugins: Sequence[str]) -> str:
    return shlex.join(["backfill", "sweep", str(folder), "--resume", *_named(plugins)])


def _named(plugins: Sequence[str]) -> list[str]:
    return [word for module in plugins for word in ("--plugin", module)]


@dataclass(frozen=True)
class _Desk:
    """What is said about a study while it is worked on.

    again: the command that goes on with it
    """

    study: StudyFolder
    quiet: bool
    again: str

    def greet(self, *, json: bool) -> None:
        """Which study this is, and what of it is there already."""
        design = self.study.design
        for note in self.study.notes:
            remark(note, quiet=self.quiet)
        if self.study.entries:
            remark(f"{self._kept()} are there already", quiet=self.quiet)
        if not json:
            most = design.replications.most
            how_many = f"up to {most:,}" if design.replications.stop_when else f"{most:,}"
            answer(
                f"{one_line(design.title)} · {design.scenario.label} · {count(len(design.points), 'point')} · "
                f"{count(len(design.arms), 'arm')} · {how_many} runs each, seed {design.seed}"
            )

    def _kept(self) -> str:
        runs = sum(len(entry.points) * entry.runs for entry in self.study.entries)
        return f"{count(len(self.study.entries), 'block')} with {runs:,} runs of each arm"

    def told(self, forecast: Forecast) -> None:
        """Say what it will take."""
        remark(f"forecast: {_in_words(forecast)}", quiet=self.quiet)

    def ask(self, forecast: Forecast) -> None:
        """Ask whoever sits at a terminal whether to go on, if it is much; without one, refuse."""
        from backfill.studies.folders import Declined

        if forecast.seconds <= LONG and max(forecast.memory, forecast.disk) <= LARGE:
            self.told(forecast)
            return
        if not (at_terminal(sys.stdin) and at_terminal(sys.stderr)):
            raise Declined(f"this takes {_in_words(forecast)}; nobody is here to be asked: add --yes")
        remark(f"This takes {_in_words(forecast)}. Go on? [y/N]")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Declined("not begun" if len(self.study.entries) <= 1 else "not gone on with")

    def leave(self, stopped: BaseException) -> None:
        """What is kept of a sweep that does not end, and how to go on."""
        from backfill.studies.folders import Declined

        refused = isinstance(stopped, Declined) or (isinstance(stopped, BackfillError) and not self.study.entries)
        if not refused:
            remark(f"stopped; {self._kept()} are kept. Go on: {self.again}")

    def report(self, *, json: bool) -> None:
        """The closing table, or all of it as data, and where the rest lies."""
        from backfill.studies.summing import rows
        from backfill.studies.telling import closing, next_commands

        study = self.study
        found = list(rows(study.folder, study.design, study.entries))
        failed = [failure for entry in study.entries for failure in entry.failed]
        if json:
            document(self._data(found, failed))
            return
        answer()
        answer(closing(study.design, found, failed, columns_of_terminal()))
        answer()
        answer(f"{study.folder}: summary.md, summary.csv, {self._kept()}")
        for line in next_commands(study.design, study.folder) if found else ():
            answer(line)
        if failed:
            remark(f"{count(len(failed), 'point')} failed; to try again: {self.again} --failed")

    def _data(self, found: Sequence[Any], failed: Sequence[Any]) -> dict[str, Any]:
        from dataclasses import asdict

        from backfill.studies.journal import content_hash

        study = self.study
        return {
            "folder": str(study.folder),
            "points": [{"point": point.number, **point.settings} for point in study.design.points],
            "rows": [asdict(row) for row in found],
            "failed": [asdict(failure) for failure in failed],
            "hash": content_hash(study.entries),
        }


def _in_words(forecast: Forecast) -> str:
    parts = [f"about {_duration(forecast.seconds)}", f"{_size(forecast.disk)} on disk"]
    return ", ".join([*parts, *([f"{_size(forecast.memory)} of memory"] if forecast.memory else [])])


def _duration(seconds: float) -> str:
    """A time as one says it.

    >>> _duration(40), _duration(150), _duration(9000)
    ('40 s', '2 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _size(size: int) -> str:
    """Bytes as one says them.

    >>> _size(2_000), _size(3_400_000), _size(1_200_000_000)
    ('2 kB', '3 MB', '1.2 GB')
    """
    if size < 10**6:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:.0f} MB" if size < 10**9 else f"{size / 1e9:.1f} GB"

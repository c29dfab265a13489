"""Figures drawn again from stored results, beside them or elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backfill.cli.entry import app
from backfill.cli.options import AS_JSON, PLUGINS, QUIET, examples, taken
from backfill.cli.progress import Meter
from backfill.cli.simulating import keep_libraries_quiet
from backfill.cli.streams import answer, document, remark
from backfill.errors import BackfillError
from backfill.words import count

if TYPE_CHECKING:
    from backfill.plots.gallery import Gallery
    from backfill.studies.study import Study

FIGURES = "figures"
ALL = "all"
NEW, SAME, OTHER = "new", "as before", "differs from what was there"


class FigureTaken(BackfillError):
    """A file in a folder of the user's that is not the figure that is to go there; nothing is overwritten."""


@app.command(
    epilog=examples(
        "backfill plot results/japan_patriot-1",
        "backfill plot results/japan_patriot-1 --figure aid_by_arm --out pictures",
        "backfill plot results/floors-1",
    )
)
def plot(
    result: Annotated[Path, typer.Argument(metavar="RESULT|STUDY", help="The folder of a stored run or study.")],
    *,
    figure: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|all", help="Which figure; may be repeated. All that there is, as without it."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Where they go, not {FIGURES}/ of that folder.")
    ] = None,
    plugin: PLUGINS = None,
    quiet: QUIET = False,
    json: AS_JSON = False,
) -> None:
    """Draw figures from stored results alone, each as PNG and as SVG.

    Nothing is run again: a figure comes out as the run drew it, byte for byte. A wrong name lists all that there are.
    """
    from backfill.plots.gallery import gallery
    from backfill.studies.study import open_study

    if out is not None and out.exists() and not out.is_dir():
        raise FigureTaken(f"{out} is no folder; nothing of yours is overwritten")
    keep_libraries_quiet(quiet=quiet)
    study = open_study(result, taken(plugin))
    shown = gallery(study)
    names = _chosen(shown, figure or [ALL])
    _note(study, shown, whole=ALL in (figure or [ALL]), quiet=quiet)
    place = out or result / FIGURES
    drawn = _drawn(shown, names, place, own=out is None, quiet=quiet)
    if json:
        document({"folder": str(result), "figures": [{"file": str(path), "is": state} for path, state in drawn]})
        return
    for path, state in drawn:
        answer(str(path) if state == NEW else f"{path} ({state})")
    if not drawn:
        answer(f"{result}: there is nothing to draw")


def _chosen(shown: Gallery, wanted: Sequence[str]) -> list[str]:
    """The figures that were asked for, each once; every wrong name is refused before anything is drawn."""
    for name in wanted:
        if name != ALL:
            shown.require(name)
    return list(dict.fromkeys(one for name in wanted for one in (shown.names if name == ALL else [name])))


def _note(study: Study, shown: Gallery, *, whole: bool, quiet: bool) -> None:
    """What the figures do not hold: points of a study that are not done, tables of an older version."""
    if not study.is_complete:
        again = f"backfill sweep {study.folder} --resume"
        remark(f"note: the study is not complete, and its figures show what is done so far: {again}", quiet=quiet)
    if shown.lacking and whole:
        first = shown.refused[shown.lacking[0]].partition("\n")
        remark(f"note: not drawn: {', '.join(shown.lacking)}; {first[0]}\n{first[2]}", quiet=quiet)


def _drawn(shown: Gallery, names: Sequence[str], place: Path, *, own: bool, quiet: bool) -> list[tuple[Path, str]]:
    """Draw all of them first, then put them in their place.

    own: whether the place is that of these results, where a figure is what is drawn from them and may be drawn anew
    """
    from backfill.plots.files import save

    with tempfile.TemporaryDirectory() as folder, Meter(quiet=quiet, of="figures") as meter:
        made: list[Path] = []
        for number, name in enumerate(names):
            made += save(shown.draw(name), Path(folder) / shown.file(name))
            meter(number + 1, len(names))
        states = {path: _state(path, place / path.name) for path in made}
        taken_ = [place / path.name for path, state in states.items() if state == OTHER]
        if taken_ and not own:
            raise FigureTaken(
                f"{taken_[0]} exists and is another figure; nothing of yours is overwritten\n"
                f"  {count(len(taken_), 'file')} in the way: name another folder with --out"
            )
        return [(_put(path, place / path.name, state), state) for path, state in states.items()]


def _state(made: Path, there: Path) -> str:
    """What stands in the place of a figure: nothing, the same, or something else."""
    if not there.exists():
        return NEW
    return SAME if there.is_file() and there.read_bytes() == made.read_bytes() else OTHER


def _put(made: Path, there: Path, state: str) -> Path:
    """Write a figure whole or not at all."""
    if state != SAME:
        there.parent.mkdir(parents=True, exist_ok=True)
        unfinished = there.with_name(there.name + ".part")
        unfinished.write_bytes(made.read_bytes())
        unfinished.replace(there)
    return there

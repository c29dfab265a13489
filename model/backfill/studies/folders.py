"""Where a study lies: a new folder of its own, or one to go on with; locked as long as it is worked on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.errors import BackfillError
from backfill.results.store import FolderTaken, next_free
from backfill.studies.design import Design, read_design
from backfill.studies.sizing import block_of
from backfill.studies.store import StudyFolder, lay_out, locked, reopen

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class Declined(BackfillError):
    """A sweep that whoever was asked does not want; nothing of it is stored."""


class NotToBeResumed(BackfillError):
    """A study that is there already, or is not there; the message says what to type."""


@contextmanager
def opened_study(
    design: Design | Path | str,
    *,
    out: Path | str | None = None,
    resume: bool = False,
    plugins: Sequence[str] = (),
    command: str = "",
    block: int | None = None,
) -> Iterator[StudyFolder]:
    """A study that this process alone works on: new, or gone on with.

    Raises NotToBeResumed, FolderTaken, StoreLocked, OtherStudy; what refuses a new study takes its folder along.
    """
    place, modules = None if out is None else Path(out), tuple(plugins)
    begin = partial(_begun, out=place, plugins=modules, command=command, block=block)
    with _place(design, place, modules, begin, resume=resume) as study:
        yield study


def _place(
    design: Design | Path | str,
    out: Path | None,
    plugins: tuple[str, ...],
    begin: Callable[[Design], AbstractContextManager[StudyFolder]],
    *,
    resume: bool,
) -> AbstractContextManager[StudyFolder]:
    if not isinstance(design, Design) and Path(design).is_dir():
        folder = Path(design)
        if not resume:
            raise NotToBeResumed(f"{folder} is a folder; to go on with its study: backfill sweep {folder} --resume")
        if out is not None and out.resolve() != folder.resolve():
            raise NotToBeResumed(f"{folder} is gone on with where it lies; without --out {out}")
        return _resumed(folder, None, plugins)
    wanted = design if isinstance(design, Design) else read_design(design, plugins=plugins)
    if not resume:
        return begin(wanted)
    if out is None:
        raise NotToBeResumed("which study is to be gone on with? Name its folder: backfill sweep FOLDER --resume")
    return _resumed(out, wanted, plugins) if out.exists() else begin(wanted)


@contextmanager
def _resumed(folder: Path, design: Design | None, plugins: tuple[str, ...]) -> Iterator[StudyFolder]:
    if not folder.is_dir():
        raise FolderTaken(f"{folder} is no folder; nothing of yours is overwritten")
    if not (folder / "manifest.json").is_file():
        raise NotToBeResumed(f"{folder} holds no manifest.json: it is no study; begin one in another folder")
    with locked(folder) as notes:
        study = reopen(folder, plugins, design)
        study.notes[:0] = notes
        yield study


@contextmanager
def _begun(
    design: Design, *, out: Path | None, plugins: tuple[str, ...], command: str, block: int | None
) -> Iterator[StudyFolder]:
    folder = next_free(design.name) if out is None else _made(out)
    study = None
    try:
        with locked(folder) as notes:
            modules = tuple(dict.fromkeys((*design.scenario.plugins, *plugins)))
            study = lay_out(folder, design, modules, command=command, block=block or block_of(design))
            study.notes += notes
            yield study
    except BaseException as stopped:
        refused = isinstance(stopped, Declined) or (
            isinstance(stopped, BackfillError) and not (study and study.entries)
        )
        if study is None or refused:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _made(out: Path) -> Path:
    try:
        out.mkdir(parents=True)
    except (FileExistsError, NotADirectoryError) as taken:
        raise FolderTaken(
            f"--out {out} exists; nothing of yours is overwritten. To go on with a study in it, add --resume"
        ) from taken
    return out

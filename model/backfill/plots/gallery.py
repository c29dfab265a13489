"""Which figures results can show, wherever they are: in memory, in the folder of a run, in that of a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from backfill.errors import UnknownName
from backfill.plots.files import FIGURES, ONLY_WHERE
from backfill.reading.words import hint
from backfill.results import Results
from backfill.results.stored import StoredResults, read_results
from backfill.studies.study import Study, open_study

NEEDS = {
    "stock_against_floor": ("series",),
    "aid_by_arm": ("aid",),
    "promise_ledger": ("promises",),
    "doctrines": ("doctrines", "history"),
    "years_to_refill": ("outcomes",),
    "promise_kept": ("kept",),
    "why_not_more": ("causes",),
    "who_supplied_whom": ("flows",),
    "map_of_flows": ("flows",),
    "which_limit_bound": ("limits",),
    "queue_displacement": ("slips",),
    "aid_spread_by_arm": ("aid",),
    "rules_timeline": (),
}
"""The stored tables from which each figure of a run is drawn again; the scenario itself lies in the manifest."""


class NothingToDraw(UnknownName):
    """A figure that there is, and for which these results hold nothing; the message says why."""


@dataclass(frozen=True)
class Gallery:
    """The figures that some results can show.

    drawings: what draws each of them, by name      files: what their files are called, where not after their names
    refused: why the others cannot be drawn         lacking: those of them for which only a stored table is missing
    """

    drawings: Mapping[str, Callable[[], Figure]]
    refused: Mapping[str, str] = field(default_factory=dict)
    lacking: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The figures that can be drawn."""
        return list(self.drawings)

    def require(self, name: str) -> None:
        """Raise UnknownName, with the nearest word, for no figure; NothingToDraw for one that cannot be drawn."""
        if name in self.refused:
            raise NothingToDraw(f"{name}: {self.refused[name]}\n  can be drawn: {', '.join(self.names) or 'nothing'}")
        if name not in self.drawings:
            known = [*self.drawings, *self.refused]
            raise UnknownName(
                f"found no figure {name!r}{hint(name, [*known, 'all'])}\n  expected all or one of {', '.join(known)}"
            )

    def draw(self, name: str) -> Figure:
        """One of them. Raises UnknownName, NothingToDraw."""
        self.require(name)
        return self.drawings[name]()

    def file(self, name: str) -> str:
        """What the file of a figure is called, without its ending."""
        return self.files.get(name, name)


def gallery(source: Results | Study | Path | str, *, plugins: Sequence[str] = ()) -> Gallery:
    """The figures of results in memory, or of a stored run or study by its folder.

    plugins: the modules of a user with which a stored run was made
    Raises UnknownName, UnreadableManifest, TableDamaged, OtherPlugins.
    """
    if isinstance(source, Results):
        return gallery_of_run(source)
    study = source if isinstance(source, Study) else open_study(source, plugins)
    if study.is_run:
        return gallery_of_run(read_results(study.folder, plugins=study.plugins))
    from backfill.plots.studies import gallery_of_study

    return gallery_of_study(study)


def gallery_of_run(results: Results) -> Gallery:
    """The figures of a run: those that it has something for, and of a stored one the tables as well."""
    absent = results.absent if isinstance(results, StoredResults) else ()
    lacking = {name: [table for table in NEEDS.get(name, ()) if table in absent] for name in FIGURES}
    missing = {name: tables for name, tables in lacking.items() if tables}
    possible = [name for name in FIGURES if name not in missing and _has_something(name, results)]
    refused = {name: _said_of(name, missing, results) for name in FIGURES if name not in possible}
    return Gallery({name: partial(FIGURES[name], results) for name in possible}, refused, tuple(missing))


def _has_something(name: str, results: Results) -> bool:
    return name not in ONLY_WHERE or ONLY_WHERE[name](results)


def _said_of(name: str, missing: Mapping[str, Sequence[str]], results: Results) -> str:
    """Why a figure of a run cannot be drawn."""
    if name in missing and isinstance(results, StoredResults):
        tables = " and ".join(missing[name])
        return (
            f"{results.folder} holds no table {tables}, for an older version wrote it\n"
            f"  backfill run {results.folder} makes it again with all of them"
        )
    return "this run has nothing to show in it"

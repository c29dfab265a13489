"""A stored result as a page to send: one HTML file that needs neither network nor script."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backfill.cli.entry import app
from backfill.cli.options import PLUGINS, QUIET, examples, taken
from backfill.cli.streams import answer, remark
from backfill.errors import BackfillError

PAGE = "report.html"


class FileTaken(BackfillError):
    """A file that is there already; nothing of the user's is overwritten."""


@app.command(
    epilog=examples("backfill report results/japan_patriot-1", "backfill report results/fictional-1 --out f.html")
)
def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT|STUDY", help="The folder of a stored run or study.")],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Where the page goes, not {PAGE} in that folder.")
    ] = None,
    plugin: PLUGINS = None,
    quiet: QUIET = False,
) -> None:
    """Write one HTML page from stored results: answer, figures, rules, sources, limits, and how to repeat it.

    Nothing is run again. The page needs no network and no script, and prints well.
    """
    from backfill.report import report as page_of
    from backfill.results.store import read_manifest

    read_manifest(result)
    modules = taken(plugin)
    place = out or result / PAGE
    page = page_of(result, plugins=modules)
    try:
        with place.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)
    except FileExistsError as there:
        raise FileTaken(f"{place} exists; nothing of yours is overwritten: name another with --out") from there
    answer(str(place))
    remark(f"{len(page.encode()) / 1e3:,.0f} kB, one file", quiet=quiet)

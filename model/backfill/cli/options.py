"""Options that mean the same wherever they stand."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

AS_JSON = Annotated[bool, typer.Option("--json", help="Answer with one JSON document and nothing else.")]
PLUGINS = Annotated[
    list[str] | None,
    typer.Option("--plugin", metavar="MODULE", help="A module of yours with doctrines or actors; may be repeated."),
]
QUIET = Annotated[bool, typer.Option("--quiet", help="Say nothing on stderr unless something is wrong.")]


def taken(plugins: Sequence[str] | None) -> tuple[str, ...]:
    """Import the modules that were named, those of the folder in which one types included."""
    from backfill.plugins import use

    if plugins and str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    return use(plugins or ())


def examples(*commands: str) -> str:
    """The closing lines of a help text, each command on a line of its own."""
    return "\b\nExamples:\n  " + "\n  ".join(commands)

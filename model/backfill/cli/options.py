"""Options that mean the same wherever they stand."""

from __future__ import annotations

from typing import Annotated

import typer

AS_JSON = Annotated[bool, typer.Option("--json", help="Answer with one JSON document and nothing else.")]
QUIET = Annotated[bool, typer.Option("--quiet", help="Say nothing on stderr unless something is wrong.")]


def examples(*commands: str) -> str:
    """The closing lines of a help text, each command on a line of its own."""
    return "\b\nExamples:\n  " + "\n  ".join(commands)

"""The door between a shell and the package: commands in, one exit code out."""

from __future__ import annotations

import sys

import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, no_args_is_help=True)


@app.callback()
def backfill() -> None:
    """Simulate what a state at war receives when its donors are resupplied by others."""


def main() -> None:
    sys.exit(app(standalone_mode=False))

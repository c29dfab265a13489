"""The door between a shell and the package: a command goes in, one exit code comes out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer

from backfill import __version__
from backfill.cli.options import examples
from backfill.cli.streams import answer, finish, prepare, remark
from backfill.errors import BackfillError, UnitsLost

DONE, FAILED, MISTAKE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143

EXIT_CODES = {
    DONE: "done; a reader who leaves early (`| head`) changes nothing",
    FAILED: "the verdict is no (`rules test` missed a case, `rules lint` found a fault, `verify` found a "
    "difference), or the command could not finish: the disk is full, some points of a sweep failed, units were lost or "
    "created",
    MISTAKE: "a mistake in what was typed or written, or a refusal; nothing was stored",
    INTERRUPTED: "stopped by Ctrl-C; `sweep` keeps its finished blocks, all others have stored nothing",
    TERMINATED: "stopped by SIGTERM; kept is the same",
}

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog=examples("backfill scenarios", "backfill run japan_patriot --runs 200 --seed 1", "backfill run --help"),
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands over the flag in this way
    if wanted:
        answer(f"backfill {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def backfill(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - the callback has answered before this is read
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Simulate what a state at war receives when its donors are resupplied by others."""
    if context.invoked_subcommand is None:
        answer(context.get_help())


def put_in_order(*names: str) -> None:
    """List the commands as they are used one after the other."""
    app.registered_commands.sort(key=lambda command: names.index(getattr(command.callback, "__name__", "")))


def main() -> None:
    """Run the command that was typed and leave with its exit code."""
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: Sequence[str]) -> int:
    """Run one command; whatever is the user's mistake becomes a message and a code, never a traceback."""
    prepare()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return _outcome(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else FAILED
    finally:
        finish()


def _outcome(arguments: Sequence[str]) -> int:
    try:
        code = app(list(arguments), prog_name="backfill", standalone_mode=False)
    except typer.TyperException as mistake:
        return _refuse(mistake)
    except UnitsLost as broken:
        remark(f"error: {broken}")
        return FAILED
    except BackfillError as mistake:
        remark(str(mistake) if ": error: " in str(mistake) else f"error: {mistake}")
        return MISTAKE
    except MemoryError:
        remark("error: not enough memory for so many runs; fewer --runs or fewer --arms take less")
        return FAILED
    except OSError as failure:
        remark(f"error: {failure.strerror or failure}" + (f": {failure.filename}" if failure.filename else ""))
        return FAILED
    return code if isinstance(code, int) else DONE


def _refuse(mistake: typer.TyperException) -> int:
    context = getattr(mistake, "ctx", None)
    remark(f"error: {mistake.format_message()}")
    remark(f"help: {context.command_path if context else 'backfill'} --help")
    return MISTAKE


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM unwinds like Ctrl-C does, with a code of its own."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(TERMINATED)

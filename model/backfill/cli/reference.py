"""The reference of commands, exit codes and outcomes, written by the program: `python -m backfill.cli.reference`."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import typer.main

from backfill.cli import app
from backfill.cli.entry import EXIT_CODES


def reference() -> str:
    """The whole reference as Markdown."""
    return "\n".join([*_head(), *_commands(), *_codes(), *_outcomes()]) + "\n"


def _head() -> list[str]:
    return [
        "# Reference",
        "",
        "Written by `python -m backfill.cli.reference > docs/reference.md`; a test says when it is out of date.",
        "",
        "The answer of a command goes to stdout, progress and notes go to stderr.",
    ]


def _commands() -> Iterator[str]:
    group: Any = typer.main.get_command(app)
    yield from ("", "## Commands")
    for name, command in _named(group.commands):
        usage = " ".join(["backfill", name, *(_shape(argument) for argument in _parameters(command, "argument"))])
        yield from ("", f"### {name}", "", f"`{usage}`", "", inspect.cleandoc(command.help), "")
        rows = [f"| {_spelled(parameter)} | {parameter.help} |" for parameter in command.params]
        yield from ("| | |", "|---|---|", *rows, "") if rows else ()
        yield from (f"    {example}" for example in _examples(command.epilog))


def _named(commands: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Commands by the words that call them; of a group, each of its commands."""
    for name, command in commands.items():
        inner = getattr(command, "commands", None)
        yield from [(f"{name} {rest}", one) for rest, one in _named(inner)] if inner else [(name, command)]


def _parameters(command: Any, kind: str) -> list[Any]:
    return [parameter for parameter in command.params if parameter.param_type_name == kind]


def _shape(argument: Any) -> str:
    shown = str(argument.metavar or argument.name.upper())
    return shown if argument.required else f"[{shown}]"


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_shape(parameter)}`"
    value = "" if parameter.is_flag else " " + (parameter.metavar or parameter.type.name.upper().removesuffix(" RANGE"))
    names = " ".join(f"`{name}{value}`" for name in [*parameter.opts, *parameter.secondary_opts])
    return names + (" (required)" if parameter.required else "")


def _examples(epilog: str) -> list[str]:
    return [line.strip() for line in epilog.splitlines()[2:]]


def _codes() -> Iterator[str]:
    yield from ("", "## Exit codes", "", "| code | meaning |", "|---|---|")
    for code, meaning in EXIT_CODES.items():
        escaped = meaning.replace("|", "\\|")
        yield f"| {code} | {escaped} |"


def _outcomes() -> Iterator[str]:
    from backfill.results import keeping, outcomes, refill

    yield from (
        "",
        "## Outcomes",
        "",
        "Month by month or cumulative, for every run of every arm; a table shows medians and the 5–95 % of runs.",
    )
    for module in (outcomes, refill, keeping):
        own = {
            name: found for name, found in vars(module).items() if getattr(found, "__module__", "") == module.__name__
        }
        for name, found in own.items():
            if (
                not name.startswith("_")
                and inspect.isfunction(found)
                and "results" in inspect.signature(found).parameters
            ):
                yield from ("", f"### {name}", "", _prose(found))


def _prose(function: Any) -> str:
    """A docstring as Markdown: its examples left out, every formula and every argument a paragraph of its own."""
    text = (inspect.getdoc(function) or "").partition(">>>")[0].rstrip()
    return re.sub(r"(?<!\n)\n(?=[A-Za-z_, -]+( =|:) )", "\n\n", text)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(reference())

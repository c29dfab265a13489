"""Questions about worlds that are written down: which there are, what they hold, whether one is right."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backfill.cli.entry import DONE, MISTAKE, app
from backfill.cli.options import AS_JSON, PLUGINS, examples, taken
from backfill.cli.streams import answer, document
from backfill.errors import BackfillError, Problem, ScenarioProblems, UnknownName
from backfill.words import one_line

if TYPE_CHECKING:
    from backfill.scenario import Scenario


@app.command(
    epilog=examples("backfill scenarios", "backfill scenarios japan_patriot", "backfill scenarios mine.yaml --json")
)
def scenarios(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A packaged scenario or a file.")] = None,
    *,
    plugins: PLUGINS = None,
    json: AS_JSON = False,
) -> None:
    """List the worlds, or what is in one.

    For a world: its question, roles and arms, and every number with the path that `--set` takes.
    """
    from backfill.scenario import load
    from backfill.scenario.shelf import heads

    taken(plugins)
    if name is not None:
        _describe(load(name), as_json=json)
        return
    rows = [asdict(head) for head in heads()]
    if json:
        document({"scenarios": rows})
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        answer(f"{row['name']:<{width}}  {row['label']:<9}  {one_line(row['title'])}")


def _describe(world: Scenario, *, as_json: bool) -> None:
    """The question, the roles, the arms and all the numbers of a world."""
    if as_json:
        document(_as_data(world))
        return
    roles = world.setting.roles
    answer(f"{one_line(world.title)} · {world.label}")
    answer(one_line(world.question))
    named = [("donor", roles.donor), ("backfiller", roles.backfiller), ("aided", roles.aided)]
    parts = [f"{role} {code}" for role, code in named if code is not None]
    answer(" · ".join([*parts, ", ".join(roles.items)]))
    if world.setting.frozen is not None:
        newest = world.newest_source
        said = f"; newest source @{newest[0]} of {newest[1].isoformat()}" if newest else ""
        answer(f"frozen on {world.setting.frozen.isoformat()}{said}")
    answer("arms")
    width = max(len(arm) for arm in world.arm_names)
    for arm, title in _arm_titles(world).items():
        answer(f"  {arm:<{width}}  {title}".rstrip())
    answer("numbers, each by the path that --set takes: value (low to high) unit, source, grade")
    for row in world.paths():
        answer(_number_line(row))


def _number_line(row: dict[str, Any]) -> str:
    sources = "".join(f" @{source}" for source in row["sources"])
    return f"  {row['path']} = {row['text']}{sources}  [{row['grade']}]"


def _as_data(world: Scenario) -> dict[str, Any]:
    roles = world.setting.roles
    return {
        "name": world.name,
        "label": world.label,
        "title": world.title,
        "question": world.question,
        "roles": {"donor": roles.donor, "backfiller": roles.backfiller, "aided": roles.aided, "items": roles.items},
        "arms": _arm_titles(world),
        "numbers": world.paths(),
    }


def _arm_titles(world: Scenario) -> dict[str, str]:
    arms = world.setting.arms
    return {arm: one_line(arms[arm].title) if arm in arms else "" for arm in world.arm_names}


@app.command(epilog=examples("backfill new mine.yaml --from japan_patriot", "backfill run mine.yaml"))
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not exist.")],
    *,
    parent: Annotated[str, typer.Option("--from", metavar="NAME", help="The packaged scenario to start from.")],
) -> None:
    """Start a scenario of your own.

    Writes a short file that extends another scenario, with one arm in it, ready to run and to change.
    """
    from backfill.cli.starter import starter
    from backfill.scenario import load, names

    text = starter(load(parent), parent)
    if parent not in names():
        raise UnknownName(f"--from {parent}: expected a packaged scenario, one of {', '.join(names())}")
    try:
        with file.open("x", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
    except FileExistsError as taken:
        raise BackfillError(f"{file} exists; nothing of yours is overwritten") from taken
    except OSError as failure:
        raise BackfillError(f"{file} cannot be written: {failure.strerror}") from failure
    answer(f"wrote {file} · next: {shlex.join(['backfill', 'run', str(file)])}")


@app.command(epilog=examples("backfill check mine.yaml", "backfill check *.yaml --strict --json"))
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenario files.")],
    *,
    strict: Annotated[bool, typer.Option("--strict", help="An unsourced number is an error, not a note.")] = False,
    plugins: PLUGINS = None,
    json: AS_JSON = False,
) -> None:
    """Find the mistakes in scenario files.

    All of them at once, each by file, line and column; exit code 2 if there is one.
    """
    taken(plugins)
    found = {file: _problems(file, strict=strict) for file in files}
    problems = [problem for of_file in found.values() for problem in of_file]
    errors = [problem for problem in problems if problem.level == "error"]
    if json:
        document(
            {"errors": len(errors), "notes": len(problems) - len(errors), "problems": list(map(_as_row, problems))}
        )
    else:
        _say(found)
    raise typer.Exit(MISTAKE if errors else DONE)


def _problems(file: str, *, strict: bool) -> tuple[Problem, ...]:
    from backfill.scenario import check_file

    try:
        return tuple(check_file(file, strict=strict))
    except ScenarioProblems as known:
        return known.problems


def _say(found: dict[str, tuple[Problem, ...]]) -> None:
    for file, problems in found.items():
        for problem in problems:
            answer(str(problem))
        if not any(problem.level == "error" for problem in problems):
            answer(f"{file}: no mistakes")


def _as_row(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "file": place.file if place else problem.origin,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "level": problem.level,
        "path": problem.path,
        "found": problem.found,
        "nearest": problem.nearest or None,
        "expected": problem.expected,
    }


@app.command(epilog=examples("backfill schema > scenario.schema.json"))
def schema() -> None:
    """Print the JSON Schema of a scenario file.

    For editors that complete and check while one types.
    """
    from backfill.scenario import json_schema

    document(json_schema())

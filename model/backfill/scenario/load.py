"""Loading a world by its name or its file, and checking it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backfill.errors import Place, Problem, ScenarioProblems, UnknownName
from backfill.plugins import use
from backfill.scenario import sources
from backfill.scenario.finish import in_order
from backfill.scenario.layers import layers
from backfill.scenario.shelf import Shelf, path_of
from backfill.scenario.validate import problem
from backfill.scenario.variants import Scenario
from backfill.scenario.verbs import as_verbs


def load(name: str | Path, sets: Sequence[str] = (), *, plugins: Sequence[str] = ()) -> Scenario:
    """A scenario by its name or its file, with `path=value` applied after every arm.

    plugins: modules that register doctrines, allocation rules or actors which it may name
    Raises ScenarioProblems with every error of the file, its catalogue, its arms and doctrines at once;
    UnknownName if there is no such scenario.
    """
    modules = use(plugins)
    path = path_of(name)
    scenario, problems = opened(path, shown=str(name) if path == Path(str(name)) else path.name, sets=sets)
    if scenario is None or any(problem_.level == "error" for problem_ in problems):
        raise ScenarioProblems(problems)
    return replace(scenario, notes=tuple(problems), plugins=modules)


def check_file(path: str | Path, *, strict: bool = False) -> list[Problem]:
    """Every error and note of a scenario file, its catalogue, arms and doctrines; nothing is raised for a mistake.

    strict: a number without a source in a public scenario is an error
    """
    try:
        file = path_of(path)
    except UnknownName:
        file = Path(path)
    _, problems = opened(file, shown=str(path) if file == Path(path) else file.name)
    return [_as_error(found) for found in problems] if strict else problems


def _as_error(note: Problem) -> Problem:
    return replace(note, level="error") if note.found.endswith("a number without a source") else note


def opened(path: Path, *, shown: str, sets: Sequence[str] = ()) -> tuple[Scenario | None, list[Problem]]:
    """A scenario with all that is wrong with it; None if its file cannot be understood at all."""
    shelf = Shelf()
    found = layers(path, shown, shelf)
    if found is None:
        return None, in_order(shelf.problems)
    sources.write_cited(found.draft.raw, found.sourcebook, sources.cited_by(found.draft.raw))
    scenario = Scenario(path.stem, found)
    problems = [*shelf.problems, *found.draft.problems]
    for text in sets:
        scenario, wrong = _with_set(scenario, text)
        problems += wrong
    for arm, under in scenario.variants():
        _, wrong = scenario.resolved(arm, under)
        problems += wrong
    return scenario, in_order(problems)


def _with_set(scenario: Scenario, text: str) -> tuple[Scenario, list[Problem]]:
    """A scenario with one `path=value` of the command line."""
    origin = f"--set {text}"
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        return scenario, [
            problem("(top)", repr(text), "a path, = and a value: states.USA.floor=50 %", "", Place(origin, 0, 0))
        ]
    try:
        read = Shelf.value(value.strip(), origin)
    except ScenarioProblems as fault:
        return scenario, [problem(path, one.found, one.expected, "", Place(origin, 0, 0)) for one in fault.problems]
    return scenario.patched(as_verbs("set", path.strip(), read, origin)), []

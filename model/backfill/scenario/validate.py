"""From a tree to the models of the schema; every fault is told at the place where it was written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from backfill.errors import Place, Problem
from backfill.reading.document import Map
from backfill.reading.words import listed, nearest
from backfill.scenario import shape, tree
from backfill.scenario.fields import shown
from backfill.scenario.schema import Setting
from backfill.scenario.sources import Reading

_KINDS = {
    "model_type": "a map of fields",
    "tuple_type": "a list: [first, second]",
    "string_type": "a text",
}

_MAPS = {
    "seasons": "months of the year and factors: {11: 1.3, 12: 1.3}",
    "amount": "calendar years and amounts: {2025: 4 million usd}",
    "expires": "months and shares: {2031-06: 25 %}",
    "split": "states and their parts: {USA: 60 %, JPN: 40 %}",
    "shares": "states and their parts: {USA: 60 %, JPN: 40 %}",
    "months": "months and shares: {2031-04: 100 %}",
    "relations": "pairs of states and how close they are: {USA-JPN: 0.9}",
    "worth": "items and what a unit counts: {new: 1, old: 60 %}",
    "parts": "items and their parts: {new: 40 %, old: 60 %}",
}
"""Maps from something else than names: what stands in them."""


def understood(raw: Map, known: Reading) -> tuple[Setting | None, list[Problem]]:
    """The setting that a tree describes, and all that is wrong with it.

    What is wrong is left out, so that meaning can be checked over the rest; None if a part is missing
    without which nothing can be said.
    """
    problems: list[Problem] = []
    base = tree.located(raw, raw.place, "")
    dropped: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        try:
            return Setting.model_validate(base, context=known), problems
        except ValidationError as fault:
            errors = fault.errors(include_url=False, include_input=True)
            problems += [found for found in _told(errors, base) if found.found and found.path not in dropped]
            if not _without(base, errors, dropped):
                break
    return None, problems


_MOST_ROUNDS = 8


def _told(errors: list[Any], base: Map) -> Iterable[Problem]:
    """One problem for each mistake; a missing field whose misspelling stands beside it is one mistake."""
    unknown = {path for error in errors if error["type"] == "extra_forbidden" for path in [_path(error, base)]}
    for error in errors:
        if error["type"] == "missing" and _misspelt(error, base, unknown):
            continue
        yield _problem(error, base)


def _misspelt(error: Any, base: Map, unknown: set[str]) -> bool:
    above = ".".join(_steps(error["loc"][:-1], base))
    field = str(error["loc"][-1])
    beside = [path.rpartition(".")[2] for path in unknown if path.rpartition(".")[0] == above]
    return any(nearest(word, [field]) for word in beside)


def _steps(loc: tuple[Any, ...], base: Map) -> list[str]:
    """The steps of a pydantic location that stand in the tree as written."""
    found: list[str] = []
    value: Any = base
    for step in loc:
        name = str(step)
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            continue
        found.append(name)
    return found


def _path(error: Any, base: Map) -> str:
    steps = _steps(error["loc"], base)
    context = error.get("ctx") or {}
    if context.get("at"):
        steps.append(str(context["at"]))
    if error["type"] == "missing":
        steps = [*_steps(error["loc"][:-1], base), str(error["loc"][-1])]
    return ".".join(steps) or "(top)"


def _problem(error: Any, base: Map) -> Problem:
    path = _path(error, base)
    context = error.get("ctx") or {}
    unknown = str(context.get("found", "")).startswith("the unknown field")
    is_name = unknown or error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",)
    place = (tree.key_place if is_name else tree.place_of)(base, path)
    found, expected, near = _in_words(error, context, path, base)
    return problem(path, found, expected, near, place)


def problem(
    path: str, found: str, expected: str, near: str = "", place: Place | None = None, level: str = "error"
) -> Problem:
    """A problem at a place; a place without a line is an origin such as `--set x=1`."""
    if place is not None and not place.line:
        return Problem(path, found, expected, near, None, level, origin=place.file)
    return Problem(path, found, expected, near, place, level)


def _in_words(error: Any, context: dict[str, Any], path: str, base: Map) -> tuple[str, str, str]:
    kind = error["type"]
    name = path.rpartition(".")[2]
    if kind == "mistake":
        return context["found"], context["expected"], context["nearest"]
    if kind == "extra_forbidden":
        fields = shape.fields(tree_path(path), base)
        return f"the unknown field {name!r}", f"one of {listed(fields)}", nearest(name, fields)
    if kind == "missing":
        return f"no {name!r}", f"{name}: a field that must be said", ""
    if kind == "literal_error":
        words = [word.strip().strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        return shown(error["input"]), f"one of {', '.join(words)}", nearest(str(error["input"]), words)
    if kind == "dict_type":
        return shown(error["input"]), _MAPS.get(name, "a map of names"), ""
    return shown(error["input"]), _KINDS.get(kind, error["msg"]), ""


def tree_path(path: str) -> str:
    """The path of what holds the last step."""
    return path.rpartition(".")[0]


def _without(base: Map, errors: list[Any], dropped: set[str]) -> bool:
    """Take out what is wrong and note its path; False if nothing can be taken out any more."""
    before = len(dropped)
    for error in errors:
        dropped |= _drop(base, _steps(error["loc"], base))
    return len(dropped) > before


def _drop(base: Map, steps: list[str]) -> set[str]:
    """Drop the value at a path, or what holds it, if it stands in a list."""
    for end in range(len(steps), 0, -1):
        around = tree.get(base, ".".join(steps[: end - 1])) if end > 1 else base
        if isinstance(around, Map):
            around.pop(steps[end - 1], None)
            return {".".join(steps[:end])}
    return set()

"""Whether the scenario takes what factors put into it, checked at as few points as show every word once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from backfill.errors import Place, Problem
from backfill.scenario import Scenario
from backfill.scenario.arms import BASELINE
from backfill.scenario.validate import problem
from backfill.studies.design import Design, Point
from backfill.studies.designs.desk import Desk, joined
from backfill.studies.designs.factors import Factor
from backfill.studies.designs.layout import Plan
from backfill.studies.designs.sharing import words_of

MOST_WITNESSES = 400
"""Points that are checked before the first run; what only other combinations show is told when they are lived."""


def check_points(desk: Desk, design: Design, plan: Plan) -> None:
    """Resolve the points that show every word of every factor, in every arm, and tell what is wrong at its place."""
    told: set[tuple[str, ...]] = set()
    for point in _witnesses(design):
        world = design.at(point.number)
        for arm in design.arms:
            for wrong in world.resolved(arm, None)[1]:
                found = _placed(wrong, design, point, plan.factors)
                mark = (found.path,) if found.path.endswith(".between") else (found.path, found.found)
                if wrong.level == "error" and mark not in told:
                    told.add(mark)
                    desk.problems.append(_with_its_arm(found, wrong, world, arm))


def _witnesses(design: Design) -> Iterator[Point]:
    """The first points, in their order, in which a factor says a word that it has not said before."""
    seen: set[tuple[str, object]] = set()
    many = 0
    words = words_of(design, range(len(design.points)))
    for point, (_around, *kinds) in zip(design.points, words, strict=True):
        said = {*zip(point.settings, kinds, strict=True)} or {("", "")}
        if said - seen and many < MOST_WITNESSES:
            many += 1
            yield point
        seen |= said


def _placed(wrong: Problem, design: Design, point: Point, factors: Mapping[str, Factor]) -> Problem:
    """A mistake of a point at the value, or at the path, that makes it."""
    for name, value in point.settings.items():
        path = design.paths[name]
        if wrong.place is None and wrong.origin == f"--set {path}={value}":
            where, place = _written(factors[name], str(value), is_path=wrong.found.startswith(repr(path)))
            return problem(where, wrong.found, wrong.expected, wrong.nearest, place)
    said = ", ".join(f"{name} {value}" for name, value in point.settings.items())
    found = f"{wrong.found} (at point {point.number}: {said})" if said else wrong.found
    return Problem(wrong.path, found, wrong.expected, wrong.nearest, wrong.place, wrong.level, wrong.origin)


def _with_its_arm(found: Problem, wrong: Problem, world: Scenario, arm: str) -> Problem:
    """A path that an arm does not have, though the baseline has it, is told with the arm and what to do."""
    is_path = found.path.startswith("factors.") and found.path.endswith(".path")
    if not is_path or arm == BASELINE or any(wrong.found == one.found for one in world.resolved(BASELINE, None)[1]):
        return found
    told = f"{found.found.partition(';')[0]}, which arm {arm!r} replaces by something else"
    return replace(found, found=told, nearest="", expected="a path of every arm; arms: names those that have it")


def _written(factor: Factor, value: str, *, is_path: bool) -> tuple[str, Place | None]:
    """Where a factor says its path, its range, or a value."""
    path = joined("factors", factor.name)
    if is_path or (value not in factor.at and factor.span is None):
        return joined(path, "path"), factor.place
    return factor.at.get(value, (joined(path, "between"), factor.span_at))

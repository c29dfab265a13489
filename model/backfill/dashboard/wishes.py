"""What the page wants to know, read from its address: complete and within bounds, or refused in sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.dashboard.answers import Refused, required
from backfill.dashboard.sliders import OutOfRange, sliders_of
from backfill.reading.words import nearest
from backfill.scenario.verbs import as_verbs

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from backfill.scenario import Scenario

USUAL_RUNS, MOST_RUNS = 200, 1000
FIRST_RUNS = 50
MOST_ARMS = 5
SEED = 1
"""The same random futures for every page, unless others are asked for."""
_WHOLE = re.compile(r"[0-9]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Wish:
    """A world, its arms beside the baseline, numbers held fixed (path and text), how many runs and which.

    written: the world before any number was held     which: the same words for the same world
    """

    scenario: Scenario
    written: Scenario
    arms: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...]
    runs: int
    seed: int
    which: str

    @property
    def helpings(self) -> list[list[range]]:
        """First a few runs, then all of them."""
        if self.runs <= FIRST_RUNS:
            return [[range(self.runs)]]
        first = range(FIRST_RUNS)
        return [[first], [first, range(FIRST_RUNS, self.runs)]]


def wish_of(request: Request) -> Wish:
    """Read the address. Raises Refused with all that is wrong with it, one sentence a line."""
    asked = request.query_params
    name = required(request, "scenario")
    written = request.app.state.worlds.open(name)
    wrong: list[str] = []
    arms = _arms(asked, written, wrong)
    runs = _whole(asked, "runs", USUAL_RUNS, wrong)
    if not 1 <= runs <= MOST_RUNS:
        wrong.append(
            f"runs: found {runs:,}; this page works out 1 to {MOST_RUNS:,} at once. "
            "For more: backfill run or backfill sweep"
        )
    seed = _whole(asked, "seed", SEED, wrong)
    fixed = _fixed(asked, written, wrong)
    if wrong:
        raise Refused("\n".join(wrong))
    world = written
    for path, text in fixed:
        world = world.patched(as_verbs("set", path, text, f"{path} in the address"))
    return Wish(world, written, arms, fixed, runs, seed, which=f"{name} {id(written)} {fixed}")


def _arms(asked: QueryParams, scenario: Scenario, wrong: list[str]) -> tuple[str, ...]:
    names = tuple(name for name in dict.fromkeys(asked.get("arms", "").split(",")) if name and name != "baseline")
    for name in names:
        if name not in scenario.arm_names:
            near = nearest(name, scenario.arm_names)
            wrong.append(
                f"arms: found {name!r}, which this scenario does not have" + (f"; nearest: {near}" if near else "")
            )
    if len(names) > MOST_ARMS:
        wrong.append(f"arms: found {len(names)}; this page compares {MOST_ARMS} with the baseline at most")
    return tuple(name for name in scenario.arm_names if name in names)


def _whole(asked: QueryParams, name: str, usual: int, wrong: list[str]) -> int:
    text = asked.get(name, "").strip()
    if not text:
        return usual
    if not _WHOLE.fullmatch(text):
        wrong.append(f"{name}: found {text[:60]!r}; expected a whole number, not below zero")
        return usual
    return int(text)


def _fixed(asked: QueryParams, scenario: Scenario, wrong: list[str]) -> tuple[tuple[str, str], ...]:
    sliders = sliders_of(scenario)
    found: dict[str, str] = {}
    for entry in asked.getlist("set"):
        path, _, typed = entry.partition("=")
        if path not in sliders:
            near = nearest(path, list(sliders))
            wrong.append(
                f"set: found {path[:120]!r}, which is no uncertain number of this scenario"
                + (f"; nearest: {near}" if near else "")
            )
            continue
        try:
            found[path] = sliders[path].text_for(typed)
        except OutOfRange as mistake:
            wrong.append(str(mistake))
    return tuple(sorted(found.items()))

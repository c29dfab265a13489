"""Which points of a design are one world with other numbers, and what those numbers are in each of its runs.

Words split blocks: doctrines, dates of events and of law, lists, answers on file. Numbers do not, where nothing else
hangs on them: parts that must add up count as words here, and so does the order of worths, in which a state uses items.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel

from backfill.errors import BackfillError
from backfill.numbers import Varied
from backfill.reading.number import Number
from backfill.reading.number_line import Line, NumberFault, parse
from backfill.scenario import Setting, numbers_of, tree

if TYPE_CHECKING:
    from backfill.studies.design import Design

_PARTS_OF_A_WHOLE = frozenset({"split", "months", "expires", "shares"})
"""Shares that a scenario refuses if they add up to more than a whole."""
_WORTH = "worth"

Words = tuple[Hashable, ...]


def words_of(design: Design, numbers: Iterable[int]) -> list[Words]:
    """What each of some points says apart from plain numbers: points that agree in it may live side by side."""
    return [_words_at(design, number) for number in numbers]


def _words_at(design: Design, number: int) -> Words:
    """What a point says, worked out once."""
    if number not in design.known:
        design.known[number] = _words(design, number)
    found: Words = design.known[number]
    return found


def _words(design: Design, number: int) -> Words:
    settings = design.points[number].settings
    said = {factor: _plain_words(design.paths[factor], value) for factor, value in settings.items()}
    around = tuple(said.items())
    known = _known_of(design, number, around)
    kinds = (_kind_of(value, known.reads.get(factor, "")) for factor, value in settings.items())
    return ((around, _order(settings, known)), *kinds)


def _order(settings: Mapping[str, Any], known: _Known) -> tuple[int, ...]:
    """The ranks of all worths at a point: who has the same ranks puts items in the same order."""
    values = dict(known.worths)
    for factor, moved in known.moves.items():
        line = _line(settings[factor], known.reads.get(factor, ""))
        if line is not None:
            values |= dict.fromkeys(moved, line.value)
    steps = sorted({*values.values()})
    return tuple(steps.index(value) for value in values.values())


def _plain_words(path: str, value: Any) -> str:
    """What a value says if it cannot be a plain number; nothing if it can."""
    return "" if may_be_number(path, value) else json.dumps(value, sort_keys=True, default=str)


def may_be_number(path: str, value: Any) -> bool:
    """Whether a value at a path may differ from run to run."""
    steps = path.split(".")
    is_law = steps[0] in tree.RAW_PARTS or (steps[0] == "items" and "parts" in steps)
    if is_law or {*steps} & _PARTS_OF_A_WHOLE:
        return False
    plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return plain and str(value)[:1] in set("0123456789+u") and "@" not in str(value)


@dataclass(frozen=True)
class _Known:
    """What is known of the points that say the same words.

    reads:  how the value of each factor is read where it is a number: a key of KINDS
    worths: every worth by its path
    moves:  the worths that a factor sets
    """

    reads: dict[str, str] = field(default_factory=dict)
    worths: dict[str, float] = field(default_factory=dict)
    moves: dict[str, list[str]] = field(default_factory=dict)


def _known_of(design: Design, number: int, around: Words) -> _Known:
    """What is known of the points that say the same words, worked out once for all of them."""
    if around not in design.known:
        design.known[around] = _found_at(design, number)
    found: _Known = design.known[around]
    return found


def _found_at(design: Design, number: int) -> _Known:
    world, found = design.at(number), _Known()
    for arm in design.arms:
        try:
            numbers = numbers_of(world.arm(arm))
        except BackfillError:
            continue  # who lives through this point will say what is wrong with it
        found.worths.update({path: one.value for path, one in numbers.items() if _WORTH in path.split(".")})
        for factor in design.points[number].settings:
            kinds = {numbers[path].reads for path in matching(numbers, design.paths[factor])}
            if len(kinds) == 1:
                found.reads[factor] = kinds.pop()
    hits = {factor: matching(found.worths, design.paths[factor]) for factor in design.points[number].settings}
    found.moves.update({factor: paths for factor, paths in hits.items() if paths})
    return found


def _kind_of(value: Any, reads: str) -> Hashable:
    """What must agree between values that differ from run to run; the value itself where it is no number."""
    line = _line(value, reads)
    if line is None:
        return str(value)
    top = max(line.value, line.high)
    return (line.kind, line.of, top == 0, math.isinf(line.value), math.isinf(top))


def _line(value: Any, reads: str) -> Line | None:
    try:
        return parse(str(value), reads) if reads else None
    except NumberFault:
        return None


def matching(paths: Iterable[str], pattern: str) -> list[str]:
    """The paths that fit a pattern, in which `*` stands for anything within one step."""
    steps = pattern.split(".")
    return [
        path
        for path in paths
        if path == pattern
        or ("*" in pattern and path.count(".") == len(steps) - 1 and all(map(fnmatchcase, path.split("."), steps)))
    ]


def varied_in(design: Design, points: Sequence[int], setting: Setting, runs: int) -> dict[str, Varied]:
    """The numbers of a setting that differ between points, each point with so many runs, one after the other."""
    numbers = numbers_of(setting)
    found: dict[str, Varied] = {}
    for factor, path in design.paths.items():
        said = [design.points[point].settings.get(factor) for point in points]
        if any(value != said[0] for value in said):
            found |= {hit: _varied(said, numbers[hit], runs) for hit in matching(numbers, path)}
    return found


def _varied(said: Sequence[Any], number: Number, runs: int) -> Varied:
    lines = [parse(str(value), number.reads) for value in said]
    limits = np.array([(line.value, line.low, line.high) for line in lines])
    return Varied(*np.repeat(limits.T, runs, axis=1))


def spanning(setting: Setting, varied: Mapping[str, Varied]) -> Setting:
    """The setting in which every number that varies has a range that spans all of its values.

    So whatever is laid out for the longest delay or the latest date is laid out for every point.
    """

    def wide(number: Number) -> Number:
        here = varied.get(number.same_as or number.path)
        if here is None:
            return number
        return replace(number, low=float(here.low.min()), high=float(here.high.max()))

    found: Setting = _renumbered(setting, wide)
    return found


def _renumbered(value: Any, change: Any) -> Any:
    """A part of a setting with every number changed; what holds none stays the same object."""
    if isinstance(value, Number):
        return change(value)
    if isinstance(value, BaseModel):
        parts = {**value.__dict__, **(value.model_extra or {})}
        changed = {name: new for name, part in parts.items() if (new := _renumbered(part, change)) is not part}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        entries = {name: _renumbered(part, change) for name, part in value.items()}
        return entries if any(entries[name] is not part for name, part in value.items()) else value
    if isinstance(value, tuple):
        row = tuple(_renumbered(part, change) for part in value)
        return row if any(new is not part for new, part in zip(row, value, strict=True)) else value
    return value

"""Which entries an arm stands for: `a+b`, and what each includes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backfill.errors import Place, Problem, UnknownName
from backfill.reading.document import Items, Map
from backfill.reading.words import listed, nearest
from backfill.scenario import tree
from backfill.scenario.validate import problem

BASELINE = "baseline"

Sets = dict[str, tuple[str, Any, Place]]
"""What arms set: path to the arm, the value and its place."""


def entries(raw: Map, part: str) -> Map:
    """The entries of a part that are maps."""
    found = raw.get(part)
    chosen = Map(raw.place)
    if not isinstance(found, Map):
        return chosen
    for name, entry in found.items():
        if isinstance(entry, Map):
            chosen.write(name, entry, key_at=found.keys_at[name], place=found.place_of(name))
    return chosen


def expanded(raw: Map, name: str, problems: list[Problem]) -> list[str]:
    """The arms that `a+b` stands for, in order, each with what it includes before it.

    Raises UnknownName; what the arms disagree about is added to the problems.
    """
    arms = entries(raw, "arms")
    found: list[str] = []
    together = []
    for arm in [name] if name in arms else name.split("+"):
        check_known(arm, (BASELINE, *arms), "arm")
        if arm != BASELINE:
            together.append(_take(arms, arm, (), found, problems))
    _disagreements(together, problems)
    return found


def _take(arms: Map, arm: str, around: tuple[str, ...], found: list[str], problems: list[Problem]) -> Sets:
    """Put an arm and what it includes into the list; returns what they set. Its own word outweighs what it includes."""
    if arm in around:
        ring = " includes ".join([*around[around.index(arm) :], arm])
        place = arms[arm].place_of("includes")
        problems.append(
            problem(f"arms.{arm}.includes", f"a ring: {ring}", "an arm that is not included in itself", "", place)
        )
        return {}
    inner = [_take(arms, other, (*around, arm), found, problems) for other in _included(arms, arm)]
    _disagreements(inner, problems)
    if arm not in found:
        found.append(arm)
    whole: Sets = {}
    for sets in (*inner, _own(arms, arm)):
        whole |= sets
    return whole


def _included(arms: Map, arm: str) -> list[str]:
    included = arms[arm].get("includes")
    names = included if isinstance(included, Items) else ()
    return [name for name in names if isinstance(name, str) and name in arms]


def _own(arms: Map, arm: str) -> Sets:
    sets = arms[arm].get("set")
    if not isinstance(sets, Map):
        return {}
    return {path: (arm, tree.plain(value), sets.place_of(path)) for path, value in sets.items()}


def _disagreements(together: Sequence[Sets], problems: list[Problem]) -> None:
    """Paths that arms side by side set to different values."""
    seen: Sets = {}
    for sets in together:
        for path, (arm, value, place) in sets.items():
            other, before, there = seen.get(path, (arm, value, place))
            if before != value:
                said = f"{value!r} in {arm} and {before!r} in {other} ({there})"
                problems.append(problem(path, said, "arms that agree", "", place))
        seen |= sets


def check_known(name: str, legal: Sequence[str], what: str) -> None:
    """Raise UnknownName with the nearest legal name."""
    if name not in legal:
        near = nearest(name, legal)
        hint = f"; nearest: {near}" if near else ""
        raise UnknownName(f"found no {what} {name!r}{hint}\n  expected one of {listed(legal)}")

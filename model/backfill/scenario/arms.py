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


def expanded(raw: Map, name: str, problems: list[Problem]) -> list[str]:
    """The arms that `a+b` stands for, in order, each with what it includes before it."""
    arms = entries(raw, "arms")
    found: list[str] = []

    def take(arm: str, around: tuple[str, ...]) -> None:
        if arm == BASELINE or arm in found:
            return
        if arm in around:
            place = arms[arm].place_of("includes")
            problems.append(
                problem(f"arms.{arm}.includes", f"a ring: {' includes '.join([*around, arm])}", "no ring", "", place)
            )
            return
        included = arms[arm].get("includes")
        for other in included if isinstance(included, Items) else ():
            if isinstance(other, str) and other in arms:
                take(other, (*around, arm))
        found.append(arm)

    for arm in [name] if name in arms else name.split("+"):
        check_known(arm, (BASELINE, *arms), "arm")
        take(arm, ())
    problems += _disagreements(arms, found) if "+" in name else []
    return found


def _disagreements(arms: Map, names: list[str]) -> list[Problem]:
    """Paths that two arms set to different values."""
    seen: dict[str, tuple[str, Any, Place]] = {}
    problems = []
    for arm in names:
        entries = arms[arm].get("set")
        for path, value in entries.items() if isinstance(entries, Map) else ():
            if path in seen and tree.plain(seen[path][1]) != tree.plain(value):
                other, there, place = seen[path]
                said = f"{tree.plain(value)!r} in {arm} and {tree.plain(there)!r} in {other} ({place})"
                problems.append(problem(path, said, "arms that agree", "", entries.place_of(path)))
            seen[path] = (arm, value, entries.place_of(path))
    return problems


def check_known(name: str, legal: Sequence[str], what: str) -> None:
    if name not in legal:
        near = nearest(name, legal)
        hint = f"; nearest: {near}" if near else ""
        raise UnknownName(f"found no {what} {name!r}{hint}\n  expected one of {listed(legal)}")


def entries(raw: Map, part: str) -> Map:
    """The entries of a part that are maps."""
    found = raw.get(part)
    entries = Map(raw.place)
    if not isinstance(found, Map):
        return entries
    for name, entry in found.items():
        if isinstance(entry, Map):
            entries.write(name, entry, key_at=found.keys_at[name], place=found.place_of(name))
    return entries

"""A file of law, or of a capital's answers, by itself: every mistake in it at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backfill.errors import Problem, ScenarioProblems
from backfill.reading.document import Map, read_file
from backfill.rules.book import Rulebook

KINDS = {"policy": "policies", "consent": "consent"}
"""The first word of a file, and the folder in which such files lie; a file is called as its state."""


def check_law(path: Path, shown: str, kind: str) -> list[Problem]:
    """All that is wrong with a file of a kind (a key of KINDS); nothing is raised for a mistake."""
    try:
        _read(read_file(path, shown), path.stem, kind)
    except ScenarioProblems as fault:
        return list(fault.problems)
    return []


def _read(law: Map, code: str, kind: str) -> Rulebook:
    if kind == "consent":
        return Rulebook.from_raw({}, {}, {code: law}, whole=True)
    own = law.pop("rules", None)
    rules: dict[str, Any] = own if isinstance(own, Map) else {}
    for rule in rules.values():
        if isinstance(rule, Map):
            rule.write("jurisdiction", code, key_at=rule.place, place=rule.place)
    if own is not None and not isinstance(own, Map):
        raise ScenarioProblems(
            [Problem("rules", "something else than a map", "a map of rules by id", "", law.place_of("rules"))]
        )
    return Rulebook.from_raw({code: law}, rules, {}, whole=True)

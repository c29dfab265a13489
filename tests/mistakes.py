"""Folders of files with one mistake each: the first line of a file says where it is told and what was meant."""

from __future__ import annotations

from pathlib import Path

from backfill.errors import Problem


def files_with_a_mistake(folder: Path) -> list[str]:
    """The names of those files; the others are what they stand on."""
    return sorted(path.name for path in folder.glob("*.yaml") if path.read_text(encoding="utf-8").startswith("# "))


def expected_of(name: str) -> str:
    """What the first line of a file says is told of it."""
    return Path(name).read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def headline(problem: Problem) -> str:
    """Where a mistake is told, and the nearest word."""
    first = str(problem).splitlines()[0]
    return f"{first}; nearest: {problem.nearest}" if problem.nearest else first

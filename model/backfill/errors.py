"""What can go wrong, named after what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class BackfillError(Exception):
    """Anything that this package refuses or reports; never a bug in itself."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something is written: file, line and column, both counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One mistake: where it stands, what was found, what was expected, the nearest valid word.

    `path` is the dotted path of the value; `level` is "error" or "note". `place` is None only for what
    was never written in a file and names its origin in `origin` instead, such as `--set floor=50`.
    """

    path: str
    found: str
    expected: str
    nearest: str = ""
    place: Place | None = None
    level: str = "error"
    origin: str = ""

    def __str__(self) -> str:
        where = str(self.place) if self.place else self.origin or "(scenario)"
        found = f"found {self.found}" + (f"; nearest: {self.nearest}" if self.nearest else "")
        lines = [f"{where}: {self.level}: {self.path}", f"  {found}"]
        return "\n".join([*lines, f"  expected {self.expected}"] if self.expected else lines)


class ScenarioProblems(BackfillError):
    """All the problems of a scenario at once, errors and notes, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class UnknownName(BackfillError):
    """A scenario, arm, state, item or path that does not exist; the message names the nearest."""


class UnitsLost(BackfillError):
    """The conservation law is broken: units were created or lost. The message says where and when."""


class MissingExtra(BackfillError):
    """An optional part of the package is not installed; the message names the extra."""

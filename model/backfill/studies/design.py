"""A design: one question put to many worlds. Which points there are, how often each is lived through, what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.scenario import Scenario
from backfill.scenario.verbs import as_verbs

Written = Any
"""A value as it stands in a file: `60 %`, `flow`, 36; a list or a map where the path takes one."""


@dataclass(frozen=True)
class Point:
    """One combination of what the factors may be; its number stays for ever.

    settings: what each factor is there, as it is written; a factor that drops out is not among them
    """

    number: int
    settings: Mapping[str, Written]


@dataclass(frozen=True)
class StopWhen:
    """When a point has been lived through often enough: an interval is narrow.

    interval: its coverage, 0.9     narrower_than: its full width     arm: whose; empty: of every arm
    """

    outcome: str
    interval: float
    narrower_than: float
    arm: str = ""

    @property
    def raw(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        said: dict[str, Any] = {"outcome": self.outcome, "interval": self.interval, "narrower_than": self.narrower_than}
        return said | ({"arm": self.arm} if self.arm else {})


@dataclass(frozen=True)
class Replications:
    """How often each point is lived through: `most` times, or fewer where precision is reached earlier.

    first: runs before the first look; looks follow after 2, 4, 8 ... times as many
    """

    first: int
    most: int
    stop_when: StopWhen | None = None

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many runs it is asked whether they are enough; the last is all of them.

        >>> Replications(100, 1000, StopWhen("pass_through", 0.9, 0.05)).looks
        (100, 200, 400, 800, 1000)
        """
        found = [self.first]
        while found[-1] < self.most:
            found.append(min(2 * found[-1], self.most))
        return tuple(found)

    @property
    def raw(self) -> Any:
        """As data that JSON can hold."""
        if self.stop_when is None:
            return self.most
        return {"first": self.first, "most": self.most, "stop_when": self.stop_when.raw}


@dataclass(frozen=True)
class Keep:
    """What is stored of every run.

    outcomes: names of outcomes; empty: all of them
    series:   for each course the quantiles over runs that are stored; none of them: every run
    """

    outcomes: tuple[str, ...] = ()
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def raw(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        series = {name: list(shares) or "each run" for name, shares in self.series.items()}
        outcomes = {"outcomes": list(self.outcomes)} if self.outcomes else {}
        return outcomes | ({"series": series} if series else {})


@dataclass(frozen=True)
class SobolSample:
    """Points from which Sobol indices can be told: the rows of the matrices of Saltelli et al. (2010).

    factors: those with a column of their own
    a, b:    the points of the rows of A and B
    mixed:   for each factor the points of A with its column taken from B
    around:  what all other factors are there
    """

    factors: tuple[str, ...]
    a: tuple[int, ...]
    b: tuple[int, ...]
    mixed: tuple[tuple[int, ...], ...]
    around: Mapping[str, Written]

    @property
    def raw(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        mixed = [list(rows) for rows in self.mixed]
        return {
            "factors": list(self.factors),
            "a": list(self.a),
            "b": list(self.b),
            "ab": mixed,
            "around": dict(self.around),
        }


@dataclass(frozen=True)
class Design:
    """Points with their numbers, and all that it takes to live through them.

    name:    the file's name without its ending
    paths:   the dotted path of each factor
    central: every number that is no factor at its central value, instead of drawn
    raw:     the design as data that JSON can hold, needing no other file; two designs are equal if these are
    sobol:   which points are which rows of samples for Sobol indices
    known:   what was worked out about its points before
    beneath: the factors that give way to an arm which changes their number, as numbers that are drawn do
    """

    name: str = field(compare=False)
    title: str = field(compare=False)
    scenario: Scenario = field(compare=False)
    arms: tuple[str, ...] = field(compare=False)
    seed: int = field(compare=False)
    points: tuple[Point, ...] = field(compare=False)
    replications: Replications = field(compare=False)
    central: bool = field(compare=False)
    keep: Keep = field(compare=False)
    paths: Mapping[str, str] = field(compare=False)
    raw: dict[str, Any]
    sobol: tuple[SobolSample, ...] = field(default=(), compare=False)
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    beneath: frozenset[str] = field(default=frozenset(), compare=False)

    def at(self, number: int) -> Scenario:
        """The world of a point: what its factors say is set in every arm, as `--set` does; not yet checked."""
        world = self.scenario
        for factor, value in self.points[number].settings.items():
            path = self.paths[factor]
            verbs = as_verbs("set", path, value, f"--set {path}={value}")
            world = world.patched_beneath(path, verbs) if factor in self.beneath else world.patched(verbs)
        return world


def read_design(path: str | Path, changes: Sequence[str] = (), *, plugins: Sequence[str] = ()) -> Design:
    """A design from its file, YAML or a stored `design.json`, with every point numbered from 0.

    changes: `path=value`: of a field of the design (`seed=2`, `replications=50`), else of its scenario
    plugins: modules that register what the scenario names
    Raises ScenarioProblems with all the mistakes at once; UnknownName if there is no such file.
    """
    from backfill.errors import ScenarioProblems
    from backfill.studies.designs.reading import opened_design

    found, problems = opened_design(path, changes, plugins=plugins)
    if found is None:
        raise ScenarioProblems(problems)
    return found

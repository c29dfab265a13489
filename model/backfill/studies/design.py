"""A design: one question put to many worlds. Which points there are, how often each is lived through, what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    interval: its coverage, 0.9     narrower_than: its full width
    """

    outcome: str
    interval: float
    narrower_than: float


@dataclass(frozen=True)
class Replications:
    """How often each point is lived through: `most` times, or fewer where precision is reached earlier.

    first: runs before the first look; looks follow after 2, 4, 8 ... times as many
    """

    first: int
    most: int
    stop_when: StopWhen | None = None


@dataclass(frozen=True)
class Keep:
    """What is stored of every run.

    outcomes: names of outcomes; empty: all of them
    series:   for each course the quantiles over runs that are stored; none of them: every run
    """

    outcomes: tuple[str, ...] = ()
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Design:
    """Points with their numbers, and all that it takes to live through them.

    name:    the file's name without its ending
    paths:   the dotted path of each factor
    central: every number that is no factor at its central value, instead of drawn
    raw:     the design as data that JSON can hold, needing no other file; two designs are equal if these are
    known:   what was worked out about its points before
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
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def at(self, number: int) -> Scenario:
        """The world of a point: what its factors say is set in every arm, as `--set` does; not yet checked."""
        world = self.scenario
        for factor, value in self.points[number].settings.items():
            path = self.paths[factor]
            world = world.patched(as_verbs("set", path, value, f"--set {path}={value}"))
        return world

"""A block of a study: some points, some replications, every arm. What one process works out at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """A block of a study: replications first .. first + runs - 1 of each of its points, every arm in the same futures.

    points: the numbers of points that share their words, so that they can be lived through together
    """

    number: int
    points: tuple[int, ...]
    first: int
    runs: int

"""Which outcomes tell who slipped, and by how much, where events change the order of a queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backfill.arrays import Floats
from backfill.ordering.displacement import NOBODY, Displacement
from backfill.records.recorder import Labels, Outcome

if TYPE_CHECKING:
    from backfill.world import World

NAMES = ("displaced", "slipped", "delayed")
"""Unit-months lost so far, units that are late now, units that came or will come late."""


def displacement(world: World, keep: Sequence[str] | None) -> list[Outcome]:
    """Who slips at each line that events re-order; the usual order is only kept where somebody asks for it."""
    if keep is not None and not set(keep) & set(NAMES):
        return []
    lines = [line for line in world.finished_lines if line.deliveries.reorderings]
    watched = [(line.name, line.deliveries.watch()) for line in lines]
    rows: tuple[Labels, ...] = tuple((name, customer) for name, kept in watched for customer in kept.customers)
    nobody: tuple[Labels, ...] = tuple((name, NOBODY) for name, kept in watched if kept.may_be_idle)

    def of(read: Callable[[Displacement], Floats]) -> list[Floats]:
        return [units for _name, kept in watched for units in read(kept)]

    def displaced() -> list[Floats]:
        idle = [kept.lost_to_nobody for _name, kept in watched if kept.may_be_idle]
        return [*of(lambda kept: kept.displaced()), *idle]

    dims = ("queue", "customer")
    return [
        Outcome("displaced", dims, (*rows, *nobody), displaced),
        Outcome("slipped", dims, rows, lambda: of(lambda kept: kept.slipped())),
        Outcome("delayed", dims, rows, lambda: of(lambda kept: kept.delayed)),
    ]

"""What the headline of a world asks for beyond the usual: needs that come back to a requirement, one promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.agents.position import Position
from backfill.arrays import Floats, PerRun, add_up
from backfill.giving.promises import Promise
from backfill.records.recorder import Labels, Outcome

if TYPE_CHECKING:
    from backfill.giving.pledges import Pledge
    from backfill.world import World

REFILL = ("held_of_need", "wanted_of_need")
"""Equivalents of each need of the question that the donor holds, and that it wants, at the end of a month."""
KEEPING = ("announced_units", "arrived_units", "due_month")
"""Of the promise of the question: units in all, units that arrive in a month, and the month in which it is due."""


def headline_outcomes(world: World) -> list[Outcome]:
    """What has to be recorded for the headline of the scenario; nothing for pass-through and for units."""
    asked = world.setting.outcomes
    if asked.headline == "refill":
        return _refill(world)
    if asked.headline == "promise":
        every: list[Promise | Pledge] = [*world.promises, *world.pledges]
        found = [one for one in every if one.name == asked.promise]
        return [outcome for one in found for outcome in _keeping(world, one)]
    return []


def _refill(world: World) -> list[Outcome]:
    donor, items = world.setting.roles.donor, world.setting.roles.items
    needs = [need for need in dict.fromkeys(map(world.need_of, items)) if (donor, need) in world.positions]
    held: list[Position] = [world.positions[donor, need] for need in needs]
    names: tuple[Labels, ...] = tuple((need,) for need in needs)
    return [
        Outcome("held_of_need", ("need",), names, lambda: [position.equivalents() for position in held]),
        Outcome("wanted_of_need", ("need",), names, lambda: [_each(world, p.requirement) for p in held]),
    ]


def _keeping(world: World, one: Promise | Pledge) -> list[Outcome]:
    """A promise is as large as what was announced; a pledge as its package."""

    def total() -> Floats:
        return _each(world, one.announced if isinstance(one, Promise) else one.total)

    def arrived() -> Floats:
        if isinstance(one, Promise):
            return one.received
        lanes = [lane for item in one.left for lane in world.lanes_of(one.route, item)]
        return _each(world, add_up(world.shipments.arrived[lane] for lane in lanes))

    due = _due(world, one)
    return [
        Outcome("announced_units", (), ((),), lambda: [total()]),
        Outcome("arrived_units", (), ((),), lambda: [arrived()]),
        Outcome("due_month", (), ((),), lambda: [due]),
    ]


def _due(world: World, one: Promise | Pledge) -> Floats:
    """The month in which it is due: as it says, else the first date that the scenario asks about, else the last month.

    [runs]
    """
    asked = world.setting.outcomes.by
    otherwise = asked[0] if asked else world.setting.horizon[1]
    if isinstance(one, Promise):
        return _each(world, float(otherwise) if one.event.due is None else one.due.astype(float))
    return _each(world, otherwise if one.event.arrives is None else one.event.arrives)


def _each(world: World, value: PerRun) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=float), (world.runs,))

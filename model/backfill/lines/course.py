"""How the capacity of a line moves: straight lines between announced points, then what was decided since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun
from backfill.blueprint import events
from backfill.kernels.production import straight_lines
from backfill.months import month_of
from backfill.reading.number import Number
from backfill.reading.number_line import BEFORE
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


def course(world: World, name: str, entry: schema.Line, *, slipped: bool) -> Floats:
    """Units a month over time: straight lines between announced points, then what was decided since.

    slipped: with the delays of decisions as drawn, or as announced.      [slots, runs] or [slots, 1]
    """
    months = np.arange(world.first, world.first + world.slots, dtype=float)[:, np.newaxis]
    points = announced_points(world, entry)
    rates: Floats = straight_lines(points, months)
    decisions = [event for event in events(world.setting, schema.CapacityDecision) if event.line == name]
    for event in sorted(decisions, key=lambda decision: decision.date):
        if np.all(np.isfinite(rates)):
            start = max(points[-1][0], float(month_of(event.date)))
            rates = _decided(world, event, months, rates, start, slipped=slipped)
    return rates


def announced_points(world: World, entry: schema.Line) -> list[tuple[float, PerRun]]:
    """Months and the rates announced for them; a step is a step on the point before."""
    points: list[tuple[float, PerRun]] = []
    for month, number in sorted(entry.capacity.items()):
        before = points[-1][1] if points else 0.0
        points.append((float(month), _rate(world, number, before)))
    return points


def _rate(world: World, number: Number, before: PerRun) -> PerRun:
    """A rate, or what holds before it and so much more.  [runs]"""
    said = world.draws.of(number)
    return before * (1.0 + said) if number.of == BEFORE else said


def _decided(
    world: World, event: schema.CapacityDecision, months: Floats, rates: Floats, start: float, *, slipped: bool
) -> Floats:
    """The rates after a decision: a step, or a straight line from what holds at `start` to what was decided."""
    slip = 0.0 if event.slip is None or not slipped else world.draws.of(event.slip)
    here = rates[int(np.clip(start - world.first, 0, len(rates) - 1))]
    reached, rate = world.draws.of(event.by) + slip, _rate(world, event.becomes, here)
    if event.at_once:
        return np.where(months >= np.floor(reached), rate, rates)
    return np.where(months > start, straight_lines([(start, here), (reached, rate)], months), rates)

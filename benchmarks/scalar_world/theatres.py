"""Wars in one run: what comes in each month, and what is used up at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from backfill import blueprint
from backfill.scenario import schema
from scalar_world.arithmetic import count, share_in_proportion

if TYPE_CHECKING:
    from scalar_world.states import Stance
    from scalar_world.world import ScalarWorld


class Theatre(mesa.Agent):
    """A war in one run."""

    def __init__(self, world: ScalarWorld, name: str, entry: schema.Conflict) -> None:
        super().__init__(world)
        self.world, self.name, self.entry = world, name, entry
        self.tension, self.expected, self.demand, self.met = 0.0, 0.0, 0.0, 0.0
        self.begun = entry.onset is None
        factors = (entry.per_target, entry.other_targets)
        first, second = (1.0 if factor is None else world.of(factor) for factor in factors)
        self.per_attack = first * second
        self.dispersion = world.of(entry.dispersion) if entry.dispersion else math.inf
        self.phases = [e for e in blueprint.events(world.setting, schema.Phase) if e.conflict == name]
        shocks = blueprint.events(world.setting, schema.Shock)
        self.shocked_in = {month for e in shocks if e.conflict == name for month in e.months}

    def escalate(self) -> None:
        month = self.world.month
        self.tension *= 0.9
        if self.entry.onset is not None and not self.begun:
            self.begun = self.world.uniform("onset", self.name, month) < self.world.of(self.entry.onset)
            self.tension = 1.0 if self.begun else self.tension
        if month in self.shocked_in:
            self.tension = 1.0
        engaged = 1.0 if self.entry.engaged is None else self.world.at(self.entry.engaged, month)
        self.expected = self.attacks(month) * engaged * self.per_attack

    def attacks(self, month: int) -> float:
        rate = self.world.of(self.entry.attacks)
        for phase in self.phases:
            if phase.since <= month < phase.until:
                rate *= self.world.of(phase.intensity)
        return rate * self.begun

    def consume(self) -> None:
        mean = self.expected if any(stance.can_engage for stance in self.fighters()) else 0.0
        self.demand = 0.0
        if mean > 0:
            uniform = self.world.uniform("demand", self.name, self.world.month)
            self.demand = count(uniform, mean, self.dispersion)
        left = self.demand
        for stance in self.fighters():
            order = [item for name in self.entry.uses for item in self.world.needs.get(name, (name,))]
            if stance.can_engage:
                left -= stance.use(left, [item for item in order if item in stance.items])
        self.met = self.demand - left

    def fighters(self) -> list[Stance]:
        return [self.world.stances[state] for state in self.entry.fighting]


class Shock:
    """Rounds that some states fire at once, in proportion to what they hold."""

    def __init__(self, world: ScalarWorld, event: schema.Shock) -> None:
        self.world, self.event = world, event
        total, share, fired = float(round(world.of(event.units))), 0.0, 0.0
        self.months = {}
        for month, part in sorted(event.months.items()):
            share += world.of(part)
            self.months[month] = float(round(total * share)) - fired
            fired += self.months[month]

    def strike(self) -> None:
        if self.world.month not in self.months:
            return
        holdings = [(s, item) for s in self.event.states for item in self.world.stances[s].items]
        rows = [self.world.rows(*holding) for holding in holdings]
        held = [sum(self.world.stock[row] for row in own) for own in rows]
        for own, units in zip(rows, share_in_proportion(held, self.months[self.world.month]), strict=True):
            left_to_fire = units
            for row in own:
                taken = min(self.world.stock[row], left_to_fire)
                self.world.stock[row] -= taken
                left_to_fire -= taken

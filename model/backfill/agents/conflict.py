"""A theatre of war: how hot it is, and what is fired in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from backfill.arrays import Floats, PerRun
from backfill.chance import negative_binomial
from backfill.reading.number import Number
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.agents.position import Position
    from backfill.world import World

TENSION_DECAY = 0.9
"""What is left of last month's tension when nothing happens."""


class Conflict(mesa.Agent):
    """A theatre in all runs at once.

    tension:   1 in a month of a shock that names the theatre or of its onset, else 0.9 of last month's   [runs]
    expected:  interceptors (equivalents) that this month's attacks call for, before chance              [runs]
    begun:     whether the war has broken out; a theatre without an onset is at war from the start       [runs]
    """

    model: World

    def __init__(self, world: World, name: str, entry: schema.Conflict) -> None:
        super().__init__(world)
        self.name, self.entry = name, entry
        self._draws, self._chance = world.draws, world.chance
        self.tension = np.zeros(world.runs)
        self.expected: PerRun = 0.0
        self.begun = np.full(world.runs, entry.onset is None)
        self.per_attack = self._factor(entry.per_target) * self._factor(entry.other_targets)
        self.dispersion = self._factor(entry.dispersion) if entry.dispersion else np.inf
        self._phases = [
            event
            for event in world.setting.events.values()
            if isinstance(event, schema.Phase) and event.conflict == name
        ]
        self.demand = np.zeros(world.runs)
        self.met = np.zeros(world.runs)

    def _factor(self, number: Number | None) -> PerRun:
        return 1.0 if number is None else self._draws.of(number)

    # --- phase 2 ----------------------------------------------------------------------------------------------

    def escalate(self) -> None:
        """Tension fades or jumps; attacks follow their series, its phases and the outbreak of war."""
        month = self.model.month
        self.tension = self.tension * TENSION_DECAY
        self._break_out(month)
        if self.model.shocked(self.name):
            self.tension = np.ones_like(self.tension)
        self.expected = self.attacks(month) * self.engaged(month) * self.per_attack

    def _break_out(self, month: int) -> None:
        if self.entry.onset is None:
            return
        starts = ~self.begun & (self._chance.uniform("onset", self.name, month) < self._draws.of(self.entry.onset))
        self.begun = self.begun | starts
        self.tension = np.where(starts, 1.0, self.tension)

    def attacks(self, month: int) -> PerRun:
        """Targets that come within a month: the rate, or the series and what holds before and after it."""
        rate = self._rate(month)
        for phase in self._phases:
            if phase.since <= month < phase.until:
                rate = rate * self._draws.of(phase.intensity)
        return rate if self.entry.onset is None else rate * self.begun

    def _rate(self, month: int) -> PerRun:
        attacks = self.entry.attacks
        if isinstance(attacks, Number):
            return self._draws.of(attacks)
        if month in attacks.values:
            launched: PerRun = self._factor(attacks.scale) * attacks.values[month]
            return launched
        before = not attacks.values or month < min(attacks.values)
        return self._draws.of(attacks.before if before else attacks.after)

    def engaged(self, month: int) -> PerRun:
        """The share of targets that come within reach of a battery."""
        return 1.0 if self.entry.engaged is None else self.model.at(self.entry.engaged, month)

    # --- phase 5 ----------------------------------------------------------------------------------------------

    def consume(self) -> None:
        """Draw the month's demand, and meet it from the stocks of those who fight, first named first."""
        fighters = self.model.census.fighters(self)
        able = np.zeros(self.model.runs, dtype=bool)
        for position in fighters:
            able |= position.can_engage
        mean = np.where(able, self.expected, 0.0)
        self.demand = np.zeros(self.model.runs)
        if mean.any():
            uniform = self._chance.uniform("demand", self.name, self.model.month)
            self.demand = negative_binomial(uniform, mean, self.dispersion)
        left = self.demand
        for position in fighters:
            left = self._fire(position, left)
        self.met = self.demand - left

    @property
    def leakers(self) -> Floats:
        """Targets within reach that nobody could engage for want of rounds: unmet demand over rounds for a target."""
        return (self.demand - self.met) / np.maximum(self.per_attack, 1e-9)

    def _fire(self, position: Position, left: Floats) -> Floats:
        asked = np.where(position.can_engage, left, 0.0)
        met = position.use(asked, self.model.census.preference(position, self.entry.uses))
        return left - met

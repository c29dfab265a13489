"""A theatre of war: how hot it is, and what is fired in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.agents.engagement import engagement_of
from backfill.agents.intensity import Intensity, War
from backfill.agents.numbered import Numbered
from backfill.agents.position import use_in_order
from backfill.arrays import Floats, Masks, PerRun
from backfill.reading.number import Number
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World

TENSION_DECAY = 0.9
"""What is left of last month's tension when nothing happens."""


class Conflict(Numbered):
    """A theatre in all runs at once.

    tension:   1 in a month of a shock that names the theatre or of an outbreak, else 0.9 of last month's   [runs]
    intensity: how hot it is, as a factor of what usually comes; 0 in peace                                [runs]
    attacks:   targets that come this month; of a theatre that says `fires`, rounds that are called for     [runs]
    coming:    of these, what comes within reach of a battery                                              [runs]
    expected:  equivalents that this month's attacks call for, before chance                               [runs]
    demand:    equivalents called for; met: what the fighters fired                                        [runs]
    """

    model: World

    def __init__(self, world: World, name: str, entry: schema.Conflict) -> None:
        super().__init__(world)
        self.name, self.entry = name, entry
        self._draws = world.draws
        self.war = War(world, name, entry)
        self._heat = Intensity(world, name, entry)
        self.engagement = engagement_of(world, name, entry)
        self.course: Any = entry.fires if entry.attacks is None else entry.attacks
        self.split = {state: self._draws.of(entry.split[state]) for state in entry.fighting if state in entry.split}
        self.tension = np.zeros(world.runs)
        self.intensity: PerRun = 1.0
        self.attacks: PerRun = 0.0
        self.coming: PerRun = 0.0
        self.expected: PerRun = 0.0
        self.demand = np.zeros(world.runs)
        self.met = np.zeros(world.runs)

    # --- phase 2 ----------------------------------------------------------------------------------------------

    def escalate(self) -> None:
        """Tension fades or jumps; attacks follow their course, its phases, season and noise, while there is war."""
        month = self.model.month
        self.tension = self.tension * TENSION_DECAY
        starts = self.war.turn(month)
        if starts is not None:
            self.tension = np.where(starts, 1.0, self.tension)
        if self.model.shocked(self.name):
            self.tension = np.ones_like(self.tension)
        self.intensity = self._intensity(month)
        self.attacks = self._rate(month) * self.intensity
        self.coming = self.attacks * self.engaged(month)
        self.expected = self.coming * self.engagement.rounds

    def _intensity(self, month: int) -> PerRun:
        self._heat.move(month)
        factor: PerRun = self._heat.phase(month)
        if not self._is_observed(month):
            factor = factor * self._heat.weather(month)
        return factor if self.entry.onset is None else np.where(self.war.under_way, factor, 0.0)

    def _is_observed(self, month: int) -> bool:
        return isinstance(self.course, schema.Series) and month in self.course.values

    def _rate(self, month: int) -> PerRun:
        """What comes in a month as the scenario says it: a rate, dated rates, or a series and what is around it."""
        course = self.course
        if isinstance(course, Number):
            return self._draws.of(course)
        if isinstance(course, dict):
            return self.model.draws.at(course, month)
        if month in course.values:
            scale = 1.0 if course.scale is None else self._draws.of(course.scale)
            launched: PerRun = scale * course.values[month]
            return launched
        before = not course.values or month < min(course.values)
        return self._draws.of(course.before if before else course.after)

    def engaged(self, month: int) -> PerRun:
        """The share of targets that come within reach of a battery."""
        return 1.0 if self.entry.engaged is None else self.model.draws.at(self.entry.engaged, month)

    def expected_of(self, state: str) -> PerRun:
        """What falls to a fighter of the expected use: its part of the split, else what the split leaves, or all.

        [runs]
        """
        if not self.split:
            return self.expected
        left: PerRun = 1.0
        for part in self.split.values():
            left = np.maximum(left - part, 0.0)
        return self.expected * self.split.get(state, left)

    # --- phase 5 ----------------------------------------------------------------------------------------------

    def consume(self) -> None:
        """Draw the month's demand; each fighter meets its part, then all of them what is left, first named first."""
        self.demand = self.engagement.call(np.where(self._able(), self.coming, 0.0))
        left = self._fire_parts(self.demand)
        for state in self.entry.fighting:
            left = left - self._fire(state, left)
        self.met = self.demand - left

    def _able(self) -> Masks:
        """Where somebody can fight.  [runs]"""
        able = np.zeros(self.model.runs, dtype=bool)
        for position in self.model.census.fighters(self):
            able |= position.can_engage
        return able

    def _fire_parts(self, demand: Floats) -> Floats:
        """Let each fighter with a part of the split fire it, in whole rounds on their running total; what is left."""
        share: PerRun = 0.0
        asked_before: PerRun = 0.0
        left = demand
        for state, part in self.split.items():
            share = np.minimum(share + part, 1.0)
            asked = np.rint(demand * share)
            left = left - self._fire(state, asked - asked_before)
            asked_before = asked
        return left

    def _fire(self, state: str, wanted: Floats) -> Floats:
        """What a state fires of what is wanted of it.  [runs]"""
        return use_in_order(self.model.census.arsenal(self, state), wanted)

    @property
    def leakers(self) -> Floats:
        """Targets within reach that nobody engaged, and with an `engagement` those that were missed.  [runs]"""
        return self.engagement.leaked(self.met)

    @property
    def intercepted(self) -> Floats:
        """Targets destroyed, where the kill probability of a round is known.  [runs]"""
        return self.engagement.intercepted(self.met)

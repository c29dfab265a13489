"""How what comes in a theatre turns into rounds: called for directly, so many a target, or salvo by salvo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun, add_up
from backfill.chance import binomial, negative_binomial
from backfill.kernels.engagement import got_through, missed_by_salvo, rounds_for_a_target
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World

LEAST = 1e-9
"""What is divided by where a scenario says that nothing is fired."""


class Fires:
    """Rounds that are called for directly, as ground forces call for shells: nothing comes, nothing leaks.

    The count is negative binomial with variance mean + mean^2 / dispersion.

    rounds: equivalents for one of what comes: 1   [runs]
    """

    def __init__(self, world: World, name: str, entry: schema.Conflict) -> None:
        self._name, self._world = name, world
        self._dispersion = np.inf if entry.dispersion is None else world.draws.of(entry.dispersion)
        self.rounds: PerRun = 1.0
        self.demand = np.zeros(world.runs)

    def _count(self, mean: Floats) -> Floats:
        """A whole number of rounds or targets, by chance.  [runs]"""
        if not mean.any():
            return np.zeros(self._world.runs)
        uniform = self._world.chance.uniform("demand", self._name, self._world.month)
        return negative_binomial(uniform, mean, self._dispersion)

    def call(self, coming: Floats) -> Floats:
        """The rounds that this month calls for, where so many targets or rounds are expected.  [runs]"""
        self.demand = self._count(coming * self.rounds)
        return self.demand

    def leaked(self, _met: Floats) -> Floats:
        """Targets that get through: nobody counts any.  [runs]"""
        return np.zeros(self._world.runs)

    def intercepted(self, _met: Floats) -> Floats:
        """Targets destroyed: nobody counts any.  [runs]"""
        return np.zeros(self._world.runs)


class FixedUse(Fires):
    """So many rounds for each target within reach, and some for other targets: the sum is drawn as one number.

    An engaged target is destroyed with the chance 1 - (1 - p)^n, p the kill probability of a round, n rounds at it.

    rounds: for a target, those for other targets included   [runs]
    """

    def __init__(self, world: World, name: str, entry: schema.Conflict) -> None:
        super().__init__(world, name, entry)
        at_target = 1.0 if entry.per_target is None else world.draws.of(entry.per_target)
        others = 1.0 if entry.other_targets is None else world.draws.of(entry.other_targets)
        self.rounds = at_target * others
        kill = 0.0 if entry.kill is None else world.draws.of(entry.kill)
        self._kill = 1.0 - np.asarray(missed_by_salvo(kill, at_target))

    def leaked(self, met: Floats) -> Floats:
        """Targets within reach that nobody could engage for want of rounds: unmet demand over rounds for a target."""
        return (self.demand - met) / np.maximum(self.rounds, LEAST)

    def intercepted(self, met: Floats) -> Floats:
        """Targets destroyed: those engaged, times the chance that the rounds for one of them destroy it."""
        return met / np.maximum(self.rounds, LEAST) * self._kill


class Salvos(Fires):
    """Targets are drawn, then engaged: a salvo at each, and after a look another at each that is still there.

    Which targets outlive a salvo is drawn too, so that use varies as much as a compound count does (Ross, Introduction
    to Probability Models). Other targets are engaged alike, and not counted among those that leak.

    rounds:   for a target, on average, others included     [runs]
    targets:  within reach this month, others included      [runs]
    outlived: what would get through all salvos              [runs]
    """

    def __init__(self, world: World, name: str, entry: schema.Conflict) -> None:
        super().__init__(world, name, entry)
        plan, draws = entry.engagement, world.draws
        if plan is None or entry.kill is None:
            raise ValueError(f"the engagement in {name} has a plan and a kill probability")
        self._kill, self._looks = draws.of(entry.kill), plan.looks or 1
        self._shots = np.maximum(draws.whole(plan.shots), 1.0)
        self._others: PerRun = 1.0 if entry.other_targets is None else draws.of(entry.other_targets)
        self.rounds = self._others * rounds_for_a_target(self._kill, self._shots, self._looks)
        self.targets, self.outlived = np.zeros(world.runs), np.zeros(world.runs)

    def call(self, coming: Floats) -> Floats:
        """The rounds of all salvos at the targets that come.  [runs]"""
        self.targets = self._count(coming * self._others)
        seen = [self.targets]
        for look in range(self._looks):
            seen.append(self._outlive(seen[look], look))
        self.outlived = seen[-1]
        self.demand = self._shots * add_up(seen[:-1])
        return self.demand

    def _outlive(self, targets: Floats, look: int) -> Floats:
        if not targets.any():
            return targets
        uniform = self._world.chance.uniform("salvo", f"{self._name}.{look + 1}", self._world.month)
        return binomial(uniform, targets, missed_by_salvo(self._kill, self._shots))

    def leaked(self, met: Floats) -> Floats:
        """Targets that nobody could engage for want of rounds, and those that were engaged and missed."""
        return got_through(self.targets, self.outlived, self._share(met)) / np.maximum(self._others, LEAST)

    def intercepted(self, met: Floats) -> Floats:
        """Targets destroyed: what came and did not get through."""
        return (self.targets - self.outlived) * self._share(met) / np.maximum(self._others, LEAST)

    def _share(self, met: Floats) -> Floats:
        """Rounds fired, of those called for.  [runs]"""
        return met / np.maximum(self.demand, 1.0)


def engagement_of(world: World, name: str, entry: schema.Conflict) -> Fires:
    """How a theatre uses rounds, by what the scenario says of it."""
    if entry.fires is not None:
        return Fires(world, name, entry)
    return FixedUse(world, name, entry) if entry.engagement is None else Salvos(world, name, entry)

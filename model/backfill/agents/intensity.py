"""Whether there is war in a theatre, and how hot it is this month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole
from backfill.chance import normal
from backfill.months import NEVER
from backfill.reading.number import Number
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


class War:
    """Peace and war in a theatre: with an onset it breaks out by chance, lasts for a while, and may break out again.

    Each month of peace has the chance `onset`; the length of each war is drawn anew. Without an onset there is war
    from the start, without a length a war goes on.

    under_way: where there is war   [runs]      ends: the first month after it   [runs]
    """

    def __init__(self, world: World, name: str, entry: schema.Conflict) -> None:
        self._name, self._entry = name, entry
        self._draws, self._chance = world.draws, world.chance
        self.under_way: Masks = np.full(world.runs, entry.onset is None)
        self.ends: Whole = np.full(world.runs, NEVER, dtype=np.intp)

    def turn(self, month: int) -> Masks | None:
        """Wars that are over end, others break out; where one did. None where there is no chance of it.  [runs]"""
        if self._entry.onset is None:
            return None
        goes_on = self.under_way & (month < self.ends)
        starts = ~goes_on & (self._chance.uniform("onset", self._name, month) < self._draws.of(self._entry.onset))
        self.under_way = goes_on | starts
        if self._entry.lasts is not None and starts.any():
            self.ends = np.where(starts, month + self._months(self._entry.lasts, month), self.ends)
        return starts

    def _months(self, lasts: Number, month: int) -> Whole:
        """Whole months, one at least, that a war lasts which begins in a month.  [runs]"""
        drawn = self._draws.anew(lasts, lambda: self._chance.uniform("lasts", self._name, month))
        return np.minimum(np.maximum(np.rint(drawn), 1.0), NEVER).astype(np.intp)


class Intensity:
    """How hot a theatre is, as a factor of what usually comes in a month.

    factor = phases * season * exp(x - s^2 / 2), x(t) = r x(t - 1) + s sqrt(1 - r^2) z(t), z standard normal

    with s the `noise` and r its `persistence`: a stationary AR(1) in logs (Box and Jenkins 1970), whose exponential
    has the mean exp(s^2 / 2), so that the factor has the mean 1 in every month. Months that were observed have their
    season and their noise in them: there only phases count.

    deviation: x   [runs]
    """

    def __init__(self, world: World, name: str, entry: schema.Conflict) -> None:
        self._name, self._draws, self._chance = name, world.draws, world.chance
        self._phases = [
            event
            for event in world.setting.events.values()
            if isinstance(event, schema.Phase) and event.conflict == name
        ]
        self._seasons = {month: world.draws.of(factor) for month, factor in entry.seasons.items()}
        self._is_noisy = entry.noise is not None
        self._noise: PerRun = 0.0 if entry.noise is None else world.draws.of(entry.noise)
        self._persistence: PerRun = 0.0 if entry.persistence is None else world.draws.of(entry.persistence)
        self.deviation: PerRun = 0.0
        if self._is_noisy:
            self.deviation = self._noise * self._shock(world.first - 1)

    def _shock(self, month: int) -> Floats:
        return normal(self._chance.uniform("intensity", self._name, month))

    def move(self, month: int) -> None:
        """A month passes: part of the deviation stays, chance adds to it."""
        if self._is_noisy:
            step = self._noise * np.sqrt(1.0 - np.square(self._persistence))
            self.deviation = self._persistence * self.deviation + step * self._shock(month)

    def phase(self, month: int) -> PerRun:
        """The product of the phases in force.  [runs]"""
        factor: PerRun = 1.0
        for phase in self._phases:
            if phase.since <= month < phase.until:
                factor = factor * self._draws.of(phase.intensity)
        return factor

    def weather(self, month: int) -> PerRun:
        """Season and noise of a month that nobody observed; the noise is 1 on average.  [runs]"""
        season = self._seasons.get(month % 12 + 1, 1.0)
        return season * np.exp(self.deviation - np.square(self._noise) / 2.0) if self._is_noisy else season

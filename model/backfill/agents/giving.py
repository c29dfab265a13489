"""The channels through which a state gives: how each decides, when it is open, how willing the state is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backfill.arrays import Floats, Masks, PerRun
from backfill.blueprint import nearest
from backfill.numbers import Draws
from backfill.reading.number import Number
from backfill.scenario.schema import Channel, Doctrine, Setting

NOWHERE: Masks = np.asarray(a=False)


@dataclass
class Giving:
    """One channel through which a state gives: its doctrine, when it is open, and how willing the state is now.

    deviation: how far the log-odds of the will stand from their mean  [runs]
    fraction:  the part of the last offers that made no whole unit, in equivalents  [runs]
    offering:  where something is let go this month; left: what is left of it  [runs]
    given:     what was put under contract so far on the account that its doctrine keeps, in equivalents  [runs]
    together:  the other channel, where both draw on one account
    reserve:   uncommitted stock that its doctrine leaves alone, in equivalents
    barred:    where somebody forbids the state to let anything go this month  [] or [runs]
    """

    name: str
    doctrine: Doctrine
    windows: tuple[tuple[int, int], ...]
    mean_will: PerRun
    share: PerRun
    units: PerRun
    months_open: int
    deviation: Floats
    fraction: Floats
    will: Floats
    offering: Masks
    left: Floats
    numbers: Mapping[str, PerRun]
    barred: Masks
    given: Floats
    reserve: PerRun = 0.0
    together: Giving | None = None

    def draw(self, spent: Floats) -> None:
        """Take what was handed out from this month's offer, and from that of a channel on the same account."""
        for channel in (self, self.together):
            if channel is not None:
                channel.given = channel.given + spent
                channel.left = channel.left - spent if channel is self else np.maximum(channel.left - spent, 0.0)

    def number(self, name: str, otherwise: float) -> PerRun:
        """A number of its doctrine's own, drawn; what it is if the scenario does not say.  [runs]"""
        return self.numbers.get(name, otherwise)

    def bar(self, where: Masks) -> None:
        """Where nothing more is put under contract through this channel this month; contracts are kept.  [runs]"""
        self.barred = self.barred | where

    def open_in(self, month: int) -> bool:
        """Whether the channel is open; without windows it always is."""
        return not self.windows or any(since <= month <= until for since, until in self.windows)


def channel_of(setting: Setting, state: str, need: str, name: str, draws: Draws, runs: int) -> Giving:
    """A channel as the scenario describes it; a state that says nothing gives dated packages only."""
    entry = setting.states[state]
    said: Channel = nearest(entry, need, name) or Channel()
    doctrine = said.doctrine or nearest(entry, need, "doctrine") or Doctrine(kind="packages")
    will: Number | None = said.will or nearest(entry, need, "will")
    share: Number | None = doctrine.share or nearest(entry, need, "flow_share")
    mean = 1.0 if will is None else draws.of(will)
    windows = said.windows or ()
    return Giving(
        name=name,
        doctrine=doctrine,
        windows=windows,
        mean_will=mean,
        share=1.0 if share is None else draws.of(share),
        units=draws.of(doctrine.units) if doctrine.units else 0.0,
        months_open=sum(until - since + 1 for since, until in windows or (setting.horizon,)),
        deviation=np.zeros(runs),
        fraction=np.zeros(runs),
        will=np.broadcast_to(np.asarray(mean, dtype=float), (runs,)),
        offering=np.zeros(runs, dtype=bool),
        left=np.zeros(runs),
        numbers={name: draws.of(number) for name, number in doctrine.numbers.items()},
        barred=NOWHERE,
        given=np.zeros(runs),
    )

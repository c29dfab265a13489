"""What may leave for whom, month by month: the export rules as the simulation meets them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from backfill.arrays import Masks, Whole
from backfill.chance import Chance
from backfill.doubts import Doubt, doubts_of, worlds_of_law
from backfill.months import last_day, month_of
from backfill.numbers import Draws
from backfill.rules import Rulebook, Transfer
from backfill.rules.register import goods_of
from backfill.scenario.schema import Setting

Way = tuple[str, str, str, str, str | None]
"""Exporter, destination, item, origin of the lot, and a state by way of which it goes."""


class Gate:
    """The rules of a scenario, asked once for each route and origin, and again only when the law changes.

    draws, chance: what becomes of uncertain law in each run; without them it stays as it is on file
    """

    def __init__(self, setting: Setting, draws: Draws | None = None, chance: Chance | None = None) -> None:
        since, until = setting.horizon
        self._setting, self._draws, self._chance = setting, draws, chance
        self._months = range(since, until + 1)
        self._book = Rulebook.from_raw(setting.policies, setting.rules, setting.consent)
        self._doubts = [] if draws is None or chance is None else doubts_of(setting, self._book, draws, chance)
        self._masks: dict[Way, Masks] = {}
        self._possible: dict[Way, Masks] = {}
        self._books: dict[tuple[str, ...], list[Rulebook]] = {}

    def mask(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> Masks:
        """In which months units of an origin may go from one state to another, perhaps by way of a third.

        The law of a month is that of its last day. An open case, a promise or a pledge is the official request.
        Only a way that uncertain law touches differs from run to run.  [months] or [months, runs]
        """
        way = (exporter, destination, item, origin, via)
        if way not in self._masks:
            self._masks[way] = self._drawn(way)
        return self._masks[way]

    def may(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> bool:
        """Whether some month may open a way, whatever becomes of uncertain law: the same in every block of runs."""
        return bool(self._in_every_law((exporter, destination, item, origin, via)).any())

    def on_trust(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> Masks:
        """In which months a way is open only because the scenario permits what no law on file determines.

        [months] or [months, runs]
        """
        way = (exporter, destination, item, origin, via)
        return np.asarray(self.mask(*way) & ~self._distrustful.mask(*way))

    @cached_property
    def _distrustful(self) -> Gate:
        """The same law where silence allows nothing."""
        rules = self._setting.export_rules.model_copy(update={"undetermined": "deny"})
        return Gate(self._setting.model_copy(update={"export_rules": rules}), self._draws, self._chance)

    def _drawn(self, way: Way) -> Masks:
        """The answers of the law that holds in each month of each run.  [months] or [months, runs]"""
        answers = self._in_every_law(way)
        if len(answers) == 1:
            the_same: Masks = answers[0]
            return the_same
        which: Whole = sum(
            (doubt.holds.astype(np.intp) << number for number, doubt in enumerate(self._touching(way))),
            start=np.zeros_like(self._doubts[0].holds, dtype=np.intp),
        )
        drawn: Masks = answers[which, np.arange(len(self._months))[:, np.newaxis]]
        return drawn

    def _in_every_law(self, way: Way) -> Masks:
        """The answers under each set of doubts that touch a way and may come true.  [laws, months]"""
        if way not in self._possible:
            answers = np.array([self._by_epoch(book, way) for book in self._laws(self._touching(way))])
            self._possible[way] = answers[:1] if (answers == answers[0]).all() else answers
        return self._possible[way]

    def _laws(self, doubts: Sequence[Doubt]) -> list[Rulebook]:
        names = tuple(doubt.name for doubt in doubts)
        if names not in self._books:
            self._books[names] = worlds_of_law(self._book, doubts)
        return self._books[names]

    def _touching(self, way: Way) -> list[Doubt]:
        """The doubts about the law of somebody who has a say in a way: a claimant, or a group."""
        if not self._doubts:
            return []
        transfers = [transfer for hop in self._hops(way) for transfer in self._transfers(hop)]
        asked = {claim[0] for transfer in transfers for claim in self._book.claims(transfer)}
        return [doubt for doubt in self._doubts if doubt.of & asked]

    def _by_epoch(self, book: Rulebook, way: Way) -> Masks:
        """One answer for each span in which the law stands still.  [months]"""
        claimants = {state for hop in self._hops(way) for state in self._transfer(hop, self._months[0]).claimants()}
        changes = {month_of(day) for day in book.change_days_for(claimants)}
        answers = np.empty(len(self._months), dtype=bool)
        for index, month in enumerate(self._months):
            if index == 0 or month in changes:
                hops = [self._transfer(hop, month) for hop in self._hops(way)]
                answers[index:] = all(book.allowed(hop, self._setting.export_rules.undetermined) for hop in hops)
        return answers

    def _hops(self, way: Way) -> list[tuple[str, str, str, str]]:
        """Each hop: from, to, item, and the origin of the goods, which behind the first is who sent them."""
        exporter, destination, item, origin, via = way
        if via is None:
            return [(exporter, destination, item, origin)]
        return [(exporter, via, item, origin), (via, destination, item, exporter)]

    def _transfers(self, hop: tuple[str, str, str, str]) -> Sequence[Transfer]:
        """A hop at both ends of the horizon: who has a say may change with the membership of a group."""
        return [self._transfer(hop, month) for month in (self._months[0], self._months[-1])]

    def _transfer(self, hop: tuple[str, str, str, str], month: int) -> Transfer:
        exporter, destination, item, origin = hop
        goods = goods_of(item, self._setting.items[item])
        traits = {**goods.traits(), "origin": origin, "request_official": True}
        return Transfer(exporter, destination, last_day(month), **traits)

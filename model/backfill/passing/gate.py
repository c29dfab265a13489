"""What may leave for whom, month by month: the export rules as the simulation meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from backfill.arrays import Masks, Whole
from backfill.chance import Chance
from backfill.months import last_day, month_of
from backfill.numbers import Draws
from backfill.passing.doubts import Doubt, doubts_of, worlds_of_law
from backfill.passing.passage import NOBODY, Passage, Verdict, Veto, terms_of
from backfill.rules import Rulebook, Transfer
from backfill.rules.law import Answer
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
        self._book = Rulebook.shared(setting.policies, setting.rules, setting.consent)
        self._doubts = [] if draws is None or chance is None else doubts_of(setting, self._book, draws, chance)
        self._masks: dict[Way, Masks] = {}
        self._passages: dict[Way, Passage] = {}
        self._verdicts: dict[Way, list[list[Verdict]]] = {}
        self._books: dict[tuple[str, ...], list[Rulebook]] = {}

    def mask(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> Masks:
        """In which months units of an origin may go from one state to another, perhaps by way of a third.

        Every consent is as its file has it: what is granted there is in hand at once. The law of a month is that of
        its last day. An open case, a promise or a pledge is the official request.
        Only a way that uncertain law touches differs from run to run.  [months] or [months, runs]
        """
        way = (exporter, destination, item, origin, via)
        if way not in self._masks:
            self._masks[way] = self._by_month(way, lambda verdict: verdict.allowed, dtype=bool)
        return self._masks[way]

    def passage(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> Passage:
        """The same way with its consents apart: in which months nobody bars it, and who must consent on which terms."""
        way = (exporter, destination, item, origin, via)
        if way not in self._passages:
            self._passages[way] = Passage(
                self._lawful(way),
                self._by_month(way, lambda verdict: verdict.hopeful, dtype=bool),
                tuple(self._veto(way, *asked) for asked in self._asked_on(way)),
            )
        return self._passages[way]

    def may(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> bool:
        """Whether some month may open a way, whatever becomes of law and consents: the same in every block of runs."""
        verdicts = self._in_every_law((exporter, destination, item, origin, via))
        return any(verdict.hopeful for months in verdicts for verdict in months)

    def on_trust(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> Masks:
        """In which months a way is open only because the scenario permits what no law and no answer on file determines.

        A consent that is not on file and is drawn by relations is not taken on trust.  [months] or [months, runs]
        """
        way = (exporter, destination, item, origin, via)
        pairs = [(self._lawful(way), self._distrustful._lawful(way))]  # noqa: SLF001 - the same class
        if not self._setting.relations:
            pairs.append((self.mask(*way), self._distrustful.mask(*way)))
        trusted = np.array(False)
        for open_, determined in pairs:
            here, sure, before = _side_by_side(open_, determined, trusted)
            trusted = before | (here & ~sure)
        return trusted

    def _lawful(self, way: Way) -> Masks:
        """In which months nobody bars a way, consents apart.  [months] or [months, runs]"""
        return np.asarray(self._by_month(way, lambda verdict: verdict.lawful, dtype=bool))

    @cached_property
    def _distrustful(self) -> Gate:
        """The same law where silence allows nothing."""
        rules = self._setting.export_rules.model_copy(update={"undetermined": "deny"})
        return Gate(self._setting.model_copy(update={"export_rules": rules}), self._draws, self._chance)

    def _asked_on(self, way: Way) -> list[tuple[str, int]]:
        """Who must consent on which hop of a way, in some month of some law."""
        verdicts = self._in_every_law(way)
        return sorted({asked for months in verdicts for verdict in months for asked, _terms in verdict.asked})

    def _veto(self, way: Way, giver: str, hop: int) -> Veto:
        verdicts = self._in_every_law(way)
        said = [dict(verdict.asked).get((giver, hop)) for months in verdicts for verdict in months]
        terms = tuple(dict.fromkeys(one for one in said if one is not None))

        def which(verdict: Verdict) -> int:
            found = dict(verdict.asked).get((giver, hop))
            return NOBODY if found is None else terms.index(found)

        return Veto(giver, terms, self._by_month(way, which, dtype=np.intp))

    def _by_month(self, way: Way, read: Callable[[Verdict], object], *, dtype: type) -> Any:
        """Something of the verdicts of the law that holds in each month of each run.  [months] or [months, runs]"""
        verdicts = self._in_every_law(way)
        answers: Any = np.array([[read(verdict) for verdict in months] for months in verdicts], dtype=dtype)
        if (answers == answers[0]).all():
            return answers[0]
        return answers[self._law_in_force(way), np.arange(len(self._months))[:, np.newaxis]]

    def _law_in_force(self, way: Way) -> Whole:
        """Which of the laws of a way holds.  [months, runs]"""
        which: Whole = np.zeros_like(self._doubts[0].holds, dtype=np.intp)
        for number, doubt in enumerate(self._touching(way)):
            which += doubt.holds.astype(np.intp) << number
        return which

    def _in_every_law(self, way: Way) -> list[list[Verdict]]:
        """The verdicts under each set of doubts that touch a way and may come true.  [laws, months]"""
        if way not in self._verdicts:
            self._verdicts[way] = [self._by_epoch(book, way) for book in self._laws(self._touching(way))]
        return self._verdicts[way]

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

    def _by_epoch(self, book: Rulebook, way: Way) -> list[Verdict]:
        """One verdict for each span in which the law stands still, repeated for its months.  [months]"""
        claimants = {state for hop in self._hops(way) for state in self._transfer(hop, self._months[0]).claimants()}
        changes = {month_of(day) for day in book.change_days_for(claimants)}
        verdicts: list[Verdict] = []
        for month in self._months:
            if not verdicts or month in changes:
                verdict = self._judge(book, [self._transfer(hop, month) for hop in self._hops(way)])
            verdicts.append(verdict)
        return verdicts

    def _judge(self, book: Rulebook, hops: Sequence[Transfer]) -> Verdict:
        """Where somebody bars a way, nobody is asked."""
        undetermined = self._setting.export_rules.undetermined
        if not all(book.lawful(hop, undetermined) for hop in hops):
            return Verdict(allowed=False, lawful=False, hopeful=False, asked=())
        asked = [((giver, n), one) for n, hop in enumerate(hops) for giver, one in terms_of(book.judge(hop)).items()]
        return Verdict(
            allowed=all(book.allowed(hop, undetermined) for hop in hops),
            lawful=True,
            hopeful=all(self._may_consent(terms.answer) for _giver, terms in asked),
            asked=tuple(asked),
        )

    def _may_consent(self, answer: Answer | None) -> bool:
        """Whether consent is within reach: by the answer on file, by relations, or because a gap counts as a permit."""
        if answer is None:
            return bool(self._setting.relations) or self._setting.export_rules.undetermined == "permit"
        return answer.may_be_yes

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


def _side_by_side(*masks: Masks) -> list[Masks]:
    """Answers that may or may not differ from run to run, in one shape; what holds in every month may be one answer."""
    most = max(mask.ndim for mask in masks)
    return [mask[:, np.newaxis] if 0 < mask.ndim < most else mask for mask in masks]

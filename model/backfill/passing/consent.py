"""Consents: what a case asks of states whose conditions travel with a lot, and what they answer in their own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks, PerRun
from backfill.months import NEVER, REQUEST_DAY, month_of, months_later
from backfill.numbers import Draws
from backfill.passing.passage import Terms, Veto
from backfill.passing.transfers import Case, Lane
from backfill.reading.number import Number
from backfill.reading.number_line import Line
from backfill.rules.law import Answer
from backfill.scenario import schema
from backfill.scenario.schema import Setting

if TYPE_CHECKING:
    from backfill.world import World

REFUSAL_MONTHS = 12
"""A refusal that nothing has changed is asked about again after so long."""
EVEN = 0.5
"""How close two states are of whom the scenario says nothing; the will of a state that has no say in a need."""


def weighed(supplier: PerRun, recipient: PerRun, will: PerRun) -> PerRun:
    """How likely a state consents whose answer is not on file: the geometric mean of relations and will.

    supplier, recipient: its relation to either, from 0 to 1      will: its readiness to give itself      [runs]

    No consent without any of the three, certain consent with all of them in full.

    >>> float(weighed(0.9, 0.6, 0.4).round(6))
    0.6
    """
    return np.cbrt(np.asarray(supplier) * recipient * will)


class Relations:
    """How close states are, the same from both sides: fully to themselves, by even odds where nothing is said."""

    def __init__(self, setting: Setting, draws: Draws) -> None:
        self._known = {frozenset(pair.split("-")): draws.of(number) for pair, number in setting.relations.items()}
        self.told = bool(setting.relations)

    def between(self, one: str, other: str) -> PerRun:
        """From 0 to 1.  [runs]"""
        return 1.0 if one == other else self._known.get(frozenset((one, other)), EVEN)


class Question:
    """One state is asked to let the lots of an item and an origin go from a supplier to a recipient.

    now:      on which terms of the veto it must be asked this month; NOBODY where it need not be     [] or [runs]
    terms:    on which of them it was asked last      ordinal: how often it was asked                 [runs]
    waiting, granted, refused: how the question stands, at most one of them                           [runs]
    due:      the month in which the answer falls due       answered: that of the last one           [runs]
    ended:    where a consent that was in hand is gone this month, because the giver now refuses      [runs]
    """

    def __init__(self, world: World, lane: Lane, veto: Veto, relations: Relations) -> None:
        self.world, self.lane, self.veto, self.giver = world, lane, veto, veto.giver
        self.supplier, self.recipient, self.need = lane.route.supplier, lane.route.recipient, lane.route.need
        self.name = f"{self.giver}.{self.supplier}-{self.recipient}.{lane.item}"
        self._relations = relations
        self._hopeless = np.array([*(not self._may_be_yes(terms) for terms in veto.terms), False])
        self._steps = [
            month_of(event.date)
            for event in world.setting.events.values()
            if isinstance(event, schema.WillStep) and event.state == self.giver
        ]
        nowhere = np.zeros(world.runs, dtype=bool)
        self.waiting: Masks = nowhere
        self.granted: Masks = nowhere
        self.refused: Masks = nowhere
        self.ended: Masks = nowhere
        self.terms, self.ordinal, self.due, self.answered = (np.zeros(world.runs, dtype=np.intp) for _ in range(4))
        self.now = veto.at(0)

    @property
    def cleared(self) -> Masks:
        """Where nothing stands in the way: the consent is in hand, or nobody has to be asked.  [runs]"""
        cleared: Masks = self.granted | (self.now < 0)
        return cleared

    def move(self, case: Case) -> None:
        """One month: what has changed is noted, the question is put where it is open, answers that are due come in."""
        month = self.world.month
        self.now = self.veto.at(self.world.index)
        self._reconsider(month)
        held = self.world.ledger.stock[self.lane.from_row] > 0
        self._put(case.opened & (case.asked > 0) & held, month)
        case.wait(self.waiting, month)
        self._hear(month)

    def lapse(self, where: Masks) -> None:
        """A question and a consent end with their case; a refusal is remembered."""
        self.waiting, self.granted = self.waiting & ~where, self.granted & ~where

    def _reconsider(self, month: int) -> None:
        """Other terms or a step of the giver's will reopen a refusal, and so does time; a bar ends everything.

        A consent in hand is kept as long as it is needed and the giver does not now refuse for certain.
        """
        needed, hopeless = self.now >= 0, self._hopeless[self.now]
        fresh = (month - self.answered < REFUSAL_MONTHS) & (month not in self._steps)
        self.refused = self.refused & needed & (self.terms == self.now) & fresh
        self.ended = self.granted & needed & hopeless
        self.granted = self.granted & needed & ~hopeless
        self.waiting = self.waiting & needed

    def _put(self, wanted: Masks, month: int) -> None:
        """Ask where there is a reason to; under new terms once more, and the earlier of both answers counts."""
        again = self.waiting & (self.terms != self.now)
        first = wanted & (self.now >= 0) & ~(self.waiting | self.granted | self.refused)
        put = again | first
        if put.any():
            self.terms = np.where(put, self.now, self.terms)
            self.ordinal = self.ordinal + put
            due = month + months_later(np.minimum(self._delay(), NEVER), REQUEST_DAY)
            self.due = np.where(again, np.minimum(self.due, due), np.where(first, due, self.due))
            self.waiting = self.waiting | put

    def _hear(self, month: int) -> None:
        """Answers that fall due: yes or no, once for each time of asking."""
        answering = self.waiting & (self.due <= month)
        if answering.any():
            agreed = self.world.answer(self)
            self.granted = self.granted | (answering & agreed)
            self.refused = self.refused | (answering & ~agreed)
            self.answered = np.where(answering, month, self.answered)
            self.waiting = self.waiting & ~answering

    # --- what the answer is made of ---------------------------------------------------------------------------

    def agreed(self, will: PerRun) -> Masks:
        """Whether the answer is yes, for a giver of some will.  [runs]"""
        luck = self._by_ordinal(lambda ordinal: self.world.chance.uniform("consent", self.name, ordinal))
        likely = self._by_terms(lambda terms: self._likely(terms.answer, will))
        return luck < likely

    def _likely(self, answer: Answer | None, will: PerRun) -> PerRun:
        """With the chance on file; else by relations and will; else as the scenario takes what is not on file."""
        if answer is not None:
            odds = self._odds(answer)
            return odds if answer.fixed == "grant" else 1.0 - odds
        if self._relations.told:
            near = self._relations.between
            return weighed(near(self.giver, self.supplier), near(self.giver, self.recipient), will)
        return float(self.world.setting.export_rules.undetermined == "permit")

    def _odds(self, answer: Answer) -> PerRun:
        if answer.odds is None:
            return answer.chance
        entry = answer.name if answer.name == "otherwise" else f"answers.{answer.name}"
        return self.world.draws.of(_number(answer.odds, f"consent.{self.giver}.{entry}.chance"))

    def _may_be_yes(self, terms: Terms) -> bool:
        """Whether consent is within reach on some terms."""
        if terms.answer is not None:
            return terms.answer.may_be_yes
        return self._relations.told or self.world.setting.export_rules.undetermined == "permit"

    def _delay(self) -> Floats:
        """Months from asking to the answer: as the file says, else as the procedure of the pair.  [runs]"""
        return self._by_terms(lambda terms: self._by_ordinal(lambda ordinal: self._lasting(terms.answer, ordinal)))

    def _lasting(self, answer: Answer | None, ordinal: int) -> PerRun:
        procedures = self.world.procedures
        said = procedures.stage(self.supplier, self.recipient, "consent")
        if answer is not None and answer.delay is not None:
            said = _number(answer.delay, f"consent.{self.giver}.{answer.name}.after")
        return 0.0 if said is None else procedures.lasting(said, f"consent.{self.name}", ordinal)

    def _by_terms(self, read: Callable[[Terms], PerRun]) -> Floats:
        """Something that depends on the terms on which each run asks.  [runs]"""
        values = np.zeros(self.world.runs)
        for number, terms in enumerate(self.veto.terms):
            values = np.where(self.terms == number, read(terms), values)
        return values

    def _by_ordinal(self, read: Callable[[int], PerRun]) -> Floats:
        """Something that depends on how often each run has asked.  [runs]"""
        values = np.zeros(self.world.runs)
        for ordinal in np.unique(self.ordinal[self.ordinal > 0]):
            values = np.where(self.ordinal == ordinal, read(int(ordinal)), values)
        return values


def _number(line: Line, path: str) -> Number:
    """A number of a file of answers, drawn at its path."""
    return Number(line.value, line.low, line.high, line.kind, "", path=path)


class Consents:
    """The questions of all cases: one for each giver, item and origin of a case, whatever the channel of the gift."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._relations = Relations(world.setting, world.draws)
        self._of_lane: dict[int, list[Question]] = {}
        self._of_case: list[list[Question]] = [list(self._raise(case)) for case in world.cases]
        self._place = {id(case): number for number, case in enumerate(world.cases)}

    def _raise(self, case: Case) -> Iterator[Question]:
        known: dict[tuple[str, str, str], Question] = {}
        for number in (lane for lanes in case.lanes.values() for lane in lanes):
            lane = self.world.shipments.lanes[number]
            for veto in lane.vetoes:
                key = (veto.giver, lane.item, lane.origin)
                if key not in known:
                    known[key] = Question(self.world, lane, veto, self._relations)
                    yield known[key]
                self._of_lane.setdefault(number, []).append(known[key])

    def of(self, case: Case) -> list[Question]:
        """The questions that a case may have to put."""
        return self._of_case[self._place[id(case)]]

    def opened(self, number: int) -> Masks:
        """Where a lane is open this month: nobody bars it, and every consent that it needs is in hand.  [] or [runs]"""
        opened = self.world.shipments.lanes[number].open_at(self.world.index)
        for question in self._of_lane.get(number, ()):
            opened = opened & question.cleared
        return opened

    def move(self, case: Case) -> Masks:
        """Put the questions of a case and hear the answers; where its last consent is gone, it ends.  [] or [runs]"""
        gone = np.asarray(a=False)
        for question in self.of(case):
            question.move(case)
            gone = gone | question.ended
        return gone & ~self.world.case_permitted(case) if self.of(case) else gone

    def lapse(self, case: Case) -> None:
        """What was asked and granted for a case ends with it."""
        for question in self.of(case):
            question.lapse(~case.opened)

    def stages(self, case: Case) -> dict[str, Masks]:
        """Where a case stands: with its government, with those who must consent, refused by them, or open.  [runs]"""
        decided, permitted = case.matured(self.world.month), self.world.case_permitted(case)
        waiting = np.asarray(a=False)
        refused = np.asarray(a=False)
        for question in self.of(case):
            waiting, refused = waiting | question.waiting, refused | question.refused
        shut = decided & ~permitted
        return {
            "decision": case.opened & ~decided,
            "consent": shut & (waiting | ~refused),
            "refused": shut & refused & ~waiting,
            "open": decided & permitted,
        }

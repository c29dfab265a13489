"""Law in doubt: a rule that may come into force some month, a finding that may be made, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backfill.arrays import Masks, PerRun
from backfill.chance import Chance
from backfill.numbers import Draws
from backfill.rules import Rulebook
from backfill.rules.law import Source, Standing, Window
from backfill.scenario.schema import Finding, RuleChange, Setting

_SOURCE = "in_doubt"


@dataclass(frozen=True)
class Doubt:
    """One event of uncertain law.

    of:    whose law it touches: rules of these states and groups
    holds: where the rule is in force, or the finding made   [months, runs]
    """

    name: str
    event: RuleChange | Finding
    of: frozenset[str]
    holds: Masks

    def come_true(self, book: Rulebook) -> Rulebook:
        """The law in which the rule is in force on every day, or the finding stands."""
        return _enacted(book, self.event) if isinstance(self.event, RuleChange) else _found(book, self.event)


def doubts_of(setting: Setting, book: Rulebook, draws: Draws, chance: Chance) -> list[Doubt]:
    """The uncertain law of a setting, with what becomes of it in each run."""
    first, last = setting.horizon
    months = range(first, last + 1)
    found = []
    for name, event in setting.events.items():
        if isinstance(event, RuleChange):
            wanted = {rule for rule in event.rules if rule in setting.rules}
            owners = {code for code, law in book.policies.items() if wanted & {rule.id for rule in law.rules}}
            found.append(Doubt(name, event, frozenset(owners), _from_some_month(name, event, months, draws, chance)))
        elif isinstance(event, Finding):
            found.append(Doubt(name, event, frozenset((event.by,)), _for_a_while(name, event, months, draws, chance)))
    return found


def _from_some_month(name: str, event: RuleChange, months: range, draws: Draws, chance: Chance) -> Masks:
    """In force from the month in which the hazard strikes, and ever after.  [months, runs]"""
    hazard: PerRun = draws.of(event.chance)
    struck = np.zeros(chance.runs, dtype=bool)
    rows = []
    for month in months:
        if event.since <= month and (event.until is None or month < event.until):
            struck = struck | (chance.uniform("law", name, month) < hazard)
        rows.append(struck)
    return np.array(rows)


def _for_a_while(name: str, event: Finding, months: range, draws: Draws, chance: Chance) -> Masks:
    """Made or not once in a run, for the months that the event names.  [months, runs]"""
    made = chance.uniform("law", name) < draws.of(event.chance)
    inside = [event.since <= month and (event.until is None or month < event.until) for month in months]
    return np.array(inside)[:, np.newaxis] & made


def _enacted(book: Rulebook, event: RuleChange) -> Rulebook:
    known = {rule.id: rule for law in book.policies.values() for rule in law.rules}
    now = {name: replace(known[name], status="in_force", window=Window()) for name in event.rules if name in known}
    return book.with_rules(now)


def _found(book: Rulebook, event: Finding) -> Rulebook:
    law = book.policies[event.by]
    source = Source(_SOURCE, event.title or "A finding that a scenario supposes")
    standing = Standing(event.state, event.token, Window(), _SOURCE)
    more = replace(law, standings=(*law.standings, standing), sources={**law.sources, _SOURCE: source})
    return Rulebook({**book.policies, event.by: more}, book.consent)


def worlds_of_law(book: Rulebook, doubts: Sequence[Doubt]) -> list[Rulebook]:
    """The law for each set of doubts that came true; its place in the list counts the first as 1, then 2, 4 ..."""
    books = [book]
    for doubt in doubts:
        books += [doubt.come_true(one) for one in books]
    return books

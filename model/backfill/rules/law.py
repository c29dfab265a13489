"""Export law as it was read: dated rules, standings of states, and what capitals answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from backfill.reading.number_line import Line
from backfill.rules.conditions import ALWAYS, Condition

SEVERITY = {"permit": 0, "undetermined": 1, "consent_required": 2, "deny": 3}
"""The four outcomes, from the mildest to the most severe."""


@dataclass(frozen=True)
class Window:
    """A span of days, the first counted and the last not; open where nothing is said.

    never: the window does not open at all
    """

    since: dt.date | None = None
    until: dt.date | None = None
    never: bool = False

    def holds(self, on: dt.date) -> bool:
        """Whether a day lies inside."""
        return not self.never and not self.is_ahead(on) and not self.is_over(on)

    def is_ahead(self, on: dt.date) -> bool:
        """Whether the window opens only after a day."""
        return self.never or (self.since is not None and on < self.since)

    def is_over(self, on: dt.date) -> bool:
        """Whether the window has closed by a day."""
        return self.until is not None and on >= self.until

    def edges(self) -> tuple[dt.date, ...]:
        """The days on which it opens and closes."""
        return () if self.never else tuple(day for day in (self.since, self.until) if day is not None)


@dataclass(frozen=True)
class Source:
    """Where something was read, or why it was assumed (then without address)."""

    id: str
    title: str
    url: str = ""
    grade: str = "assumed"


@dataclass(frozen=True)
class Obligation:
    """A step that a permit brings with it; its delay is shown and moves nothing."""

    name: str
    kind: str
    by: str = ""
    to: str = ""
    text: str = ""
    delay: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule of one state: what it says, from when to when, under which conditions, over which other rules.

    effect: permit, consent_required, deny, or none for a rule that only defeats others
    travels: conditions that stay with the goods, in words
    force:   policy, statute, treaty or contract, where it differs from that of the whole policy
    """

    id: str
    title: str
    effect: str
    window: Window = Window()
    status: str = "in_force"
    when: Condition = ALWAYS
    defeats: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    travels: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    confidence: str = "high"
    note: str = ""
    force: str = ""

    def binds(self, on: dt.date) -> bool:
        """Whether the rule is law on a day."""
        return self.status == "in_force" and self.window.holds(on)


@dataclass(frozen=True)
class Standing:
    """A token that a state has for a span of days."""

    state: str
    token: str
    window: Window
    source: str


@dataclass(frozen=True)
class Member:
    """A state that a group binds for a span of days."""

    state: str
    window: Window
    source: str


@dataclass(frozen=True)
class Policy:
    """The export law of one state, or of a group of states that binds its members.

    default: what holds where no rule speaks, by the day from which it does
    force:   policy, statute, treaty or contract
    members: whom a group binds, and when
    for_all: whether it binds every state there is
    """

    jurisdiction: str
    default: tuple[tuple[dt.date, str], ...]
    force: str = "policy"
    rules: tuple[Rule, ...] = ()
    standings: tuple[Standing, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    for_all: bool = False

    @property
    def is_group(self) -> bool:
        """Whether it binds others than the state whose name it has."""
        return self.for_all or bool(self.members)

    def binds(self, state: str, on: dt.date) -> bool:
        """Whether a group binds a state on a day."""
        return self.for_all or any(window.holds(on) for window in self._memberships.get(state, ()))

    @cached_property
    def _memberships(self) -> dict[str, list[Window]]:
        """When each state was a member."""
        found: dict[str, list[Window]] = {}
        for one in self.members:
            found.setdefault(one.state, []).append(one.window)
        return found

    def force_of(self, rule: Rule) -> str:
        """Whether a rule is policy, statute, treaty or contract."""
        return rule.force or self.force

    def with_rules(self, changes: Mapping[str, Rule | None]) -> Policy:
        """The same law with some of its rules changed; None takes a rule away."""
        changed = (changes.get(rule.id, rule) for rule in self.rules)
        return replace(self, rules=tuple(rule for rule in changed if rule is not None))

    def default_on(self, on: dt.date) -> str:
        """What holds on a day where no rule speaks; before the first date nobody knows."""
        return next((effect for since, effect in reversed(self.default) if on >= since), "undetermined")

    def statuses(self, on: dt.date) -> dict[str, frozenset[str]]:
        """The tokens of every state on a day."""
        found: dict[str, set[str]] = {}
        for standing in self.standings:
            if standing.window.holds(on):
                found.setdefault(standing.state, set()).add(standing.token)
        return {state: frozenset(tokens) for state, tokens in found.items()}

    def cited(self, rules: Sequence[Rule], state: str, on: dt.date) -> tuple[Source, ...]:
        """Where some rules were read, and the tokens of a state for which they ask."""
        asked = {leaf.value for rule in rules for leaf in rule.when.leaves() if leaf.fact == "dest.status"}
        refs = [ref for rule in rules for ref in rule.refs]
        refs += [
            standing.source
            for standing in self.standings
            if standing.state == state and standing.token in asked and standing.window.holds(on)
        ]
        return tuple(self.sources[ref] for ref in dict.fromkeys(refs))

    def edges(self) -> set[dt.date]:
        """The days on which something in it begins or ends."""
        windows = [rule.window for rule in self.rules if rule.status == "in_force"]
        windows += [standing.window for standing in self.standings]
        windows += [member.window for member in self.members]
        return {day for window in windows for day in window.edges()} | {
            day for day, _ in self.default if day > dt.date.min
        }


@dataclass(frozen=True)
class Answer:
    """What a capital answers when it is asked.

    chance: how likely that answer is, between 0 and 1; odds: the same with its range, if it was said
    after:  how long it takes, as written; delay: the same as a number
    """

    name: str
    word: str
    window: Window = Window()
    when: Condition = ALWAYS
    chance: float = 1.0
    after: str = ""
    delay: Line | None = None
    refs: tuple[str, ...] = ()
    title: str = ""
    odds: Line | None = None

    @property
    def fixed(self) -> str:
        """The answer as it is on file, where none is drawn: its chance and its time are told and not used."""
        return self.word

    @property
    def may_be_yes(self) -> bool:
        """Whether consent is possible at all, whatever is drawn."""
        least, most = (self.chance, self.chance) if self.odds is None else (self.odds.low, self.odds.high)
        return most > 0 if self.word == "grant" else least < 1


@dataclass(frozen=True)
class Consent:
    """The answers of one capital, and what it says otherwise."""

    giver: str
    answers: tuple[Answer, ...] = ()
    otherwise: Answer | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)

    def edges(self) -> set[dt.date]:
        """The days on which an answer begins or ends."""
        return {day for answer in self.answers for day in answer.window.edges()}

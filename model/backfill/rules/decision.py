"""What export law says to a transfer: the answer, who gave it, and why nobody else's words decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from backfill.rules.conditions import All, Condition, Facts, Leaf, unknown_facts
from backfill.rules.law import SEVERITY, Answer, Obligation, Rule, Source
from backfill.rules.transfer import Transfer


@dataclass(frozen=True)
class Missed:
    """A rule in force that did not hold: the first of its conditions that failed, or the facts that nobody knows.

    other_role: the rule is for a claimant in another role
    """

    rule: Rule
    failing: str
    unknown: tuple[str, ...] = ()
    other_role: bool = False


@dataclass(frozen=True)
class Trace:
    """One claimant's answer.

    state:    whose law answers: a state's own, or that of a group that binds it
    member:   the claimant that a group binds; nobody where it binds all, or where a state answers for itself
    because:  rule, default, no policy, or unknown fact
    force:    whether its law is policy, statute, treaty or contract
    matched:  rules in force whose conditions hold
    defeated: those of them that another one beats, each with the rule that beats it
    silent:   rules in force whose conditions do not hold, or cannot be judged
    doubtful: those of them that cannot be judged for want of a fact
    asleep:   rules that are not in force on the day
    """

    state: str
    role: str
    outcome: str
    because: str
    matched: tuple[Rule, ...] = ()
    defeated: tuple[tuple[Rule, Rule], ...] = ()
    deciding: tuple[Rule, ...] = ()
    silent: tuple[Rule, ...] = ()
    doubtful: tuple[Rule, ...] = ()
    asleep: tuple[Rule, ...] = ()
    facts: Facts = field(default_factory=dict, repr=False, compare=False)
    sources: tuple[Source, ...] = ()
    on: dt.date | None = None
    force: str = ""
    member: str = ""
    for_group: bool = False

    @property
    def giver(self) -> str:
        """Who must be asked where this answer is that consent is needed."""
        return self.member or self.state

    @cached_property
    def missed(self) -> tuple[Missed, ...]:
        """Rules in force that did not hold, with the reason."""
        return tuple(_missed(rule, self.facts) for rule in self.silent)

    @cached_property
    def resting(self) -> tuple[Rule, ...]:
        """Rules that would hold if they were in force."""
        return tuple(rule for rule in self.asleep if rule.when.holds(self.facts))

    @property
    def outweighed(self) -> tuple[Rule, ...]:
        """Rules that held and were milder than the one that decided."""
        beaten = {rule.id for rule, _ in self.defeated}
        decided = {rule.id for rule in self.deciding}
        return tuple(rule for rule in self.matched if rule.effect != "none" and rule.id not in beaten | decided)

    @property
    def standing(self) -> tuple[Rule, ...]:
        """Rules that held and were not defeated."""
        beaten = {rule.id for rule, _ in self.defeated}
        return tuple(rule for rule in self.matched if rule.id not in beaten)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Facts for want of which nobody can say whether the deciding rules hold."""
        facts = {fact for rule in self.deciding for fact in unknown_facts(rule.when, self.facts)}
        return tuple(sorted(facts)) if self.because == "unknown fact" else ()

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "state": self.state,
            "member": self.member or None,
            "role": self.role,
            "outcome": self.outcome,
            "because": self.because,
            "force": self.force or None,
            "needs_fact": list(self.unknown),
            "matched": [rule.id for rule in self.matched],
            "defeated": [{"rule": rule.id, "by": by.id} for rule, by in self.defeated],
            "deciding": [_as_json(rule) for rule in self.deciding],
            "outweighed": [rule.id for rule in self.outweighed],
            "missed": [
                {"rule": miss.rule.id, "first_false": miss.failing, "needs_fact": list(miss.unknown)}
                for miss in self.missed
            ],
            "not_in_force": [rule.id for rule in self.resting],
        }


@dataclass(frozen=True)
class Asked:
    """A state that must consent, and what it answers; None if its answers are not on file."""

    giver: str
    role: str
    answer: Answer | None
    sources: tuple[Source, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        said = self.answer
        return {
            "giver": self.giver,
            "role": self.role,
            "answer": said.fixed if said else None,
            "case": said.name if said else None,
            "chance": said.chance if said else None,
            "after": (said.after or None) if said else None,
        }


@dataclass(frozen=True)
class Decision:
    """The answer to a transfer: the most severe among its claimants."""

    transfer: Transfer
    outcome: str
    traces: tuple[Trace, ...]
    asked: tuple[Asked, ...] = field(default=())

    @property
    def consents(self) -> tuple[str, ...]:
        """The states that must consent."""
        return tuple(one.giver for one in self.asked)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Claimants without a policy on file."""
        return tuple(trace.state for trace in self.traces if trace.because == "no policy")

    @property
    def obligations(self) -> tuple[tuple[str, Obligation], ...]:
        """Steps that the transfer brings with it, each with the state that asks for them; none if it is denied."""
        if self.outcome == "deny":
            return ()
        found = [(trace.state, step) for trace in self.traces for rule in trace.standing for step in rule.obligations]
        return tuple(dict.fromkeys(found))

    @property
    def travels(self) -> tuple[str, ...]:
        """Conditions that stay with the goods; none if the transfer is denied."""
        if self.outcome == "deny":
            return ()
        return tuple(dict.fromkeys(text for trace in self.traces for rule in trace.standing for text in rule.travels))

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the rules that decided were read, and where the answers come from."""
        read = [source for trace in self.traces for source in trace.sources]
        return tuple(dict.fromkeys(read + [source for one in self.asked for source in one.sources]))

    def as_json(self) -> dict[str, Any]:
        """The same as plain data, fit for strict JSON."""
        transfer = self.transfer
        return {
            "from": transfer.exporter,
            "to": transfer.destination,
            "item": transfer.item,
            "origin": transfer.origin or transfer.exporter,
            "on": transfer.on.isoformat(),
            "transfer": transfer.as_json(),
            "outcome": self.outcome,
            "claimants": [trace.as_json() for trace in self.traces],
            "consents_needed": [one.as_json() for one in self.asked],
            "obligations": [
                {"state": state, "name": step.name, "kind": step.kind, "by": step.by, "to": step.to}
                | {"text": step.text, "delay": step.delay or None}
                for state, step in self.obligations
            ],
            "travels": list(self.travels),
            "gaps": list(self.gaps),
            "sources": [{"id": one.id, "title": one.title, "url": one.url or None} for one in self.sources],
        }


@dataclass(frozen=True)
class RouteDecision:
    """The answer to a way through several states: the most severe among its hops."""

    hops: tuple[Decision, ...]

    @property
    def outcome(self) -> str:
        """The most severe answer on the way."""
        return most_severe(hop.outcome for hop in self.hops)


def most_severe(outcomes: Iterable[str]) -> str:
    """The most severe of some answers.

    >>> most_severe(["permit", "consent_required", "undetermined"])
    'consent_required'
    """
    return max(outcomes, key=SEVERITY.__getitem__)


def _missed(rule: Rule, facts: Facts) -> Missed:
    unknown = unknown_facts(rule.when, facts) if rule.when.holds(facts) is None else ()
    return Missed(rule, rule.when.failing(facts), unknown, _asks_another(rule.when, facts))


def _asks_another(condition: Condition, facts: Facts) -> bool:
    """Whether a condition wants a claimant in another role."""
    parts = condition.parts if isinstance(condition, All) else (condition,)
    return any(isinstance(part, Leaf) and part.fact == "role" and not part.holds(facts) for part in parts)


def _as_json(rule: Rule) -> dict[str, Any]:
    since = rule.window.since.isoformat() if rule.window.since else None
    said = {"rule": rule.id, "title": rule.title, "effect": rule.effect, "since": since}
    return {**said, "confidence": rule.confidence, "note": rule.note or None}

"""The rulebook: the law of every state on file, and the one judge of every transfer."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from backfill.errors import ScenarioProblems
from backfill.reading.document import Map, read_file
from backfill.rules.clerk import Clerk, place_of
from backfill.rules.decision import Asked, Decision, RouteDecision, Trace, most_severe
from backfill.rules.facts import facts_of
from backfill.rules.law import SEVERITY, Answer, Consent, Policy, Rule
from backfill.rules.reading import read_consent, read_policy
from backfill.rules.transfer import Transfer

_MOST_DECISIONS = 50_000
"""Decisions that are kept before all of them are forgotten."""
_MOST_BOOKS = 16
"""Books that are kept before the first of them is forgotten: the arms of a scenario have few laws between them."""


class Rulebook:
    """Policies and answers by state, and the policies of groups that bind states.

    Within one state's law the rules in force whose conditions hold speak; one that another of them defeats is
    silent; the most severe effect that is left decides, and the default where nothing is left. Over all claimants
    the most severe answer holds: permit < undetermined < consent_required < deny. A group, such as the European Union,
    is a claimant of its own beside each member. The order of rules, files and claimants means nothing.
    """

    def __init__(self, policies: Mapping[str, Policy], consent: Mapping[str, Consent]) -> None:
        """Keep the law and the answers of each state under its code."""
        self.policies = dict(policies)
        self.consent = dict(consent)
        self._statuses: dict[tuple[str, int], dict[str, frozenset[str]]] = {}
        self._partings: dict[tuple[str, int], tuple[tuple[Rule, ...], tuple[Rule, ...]]] = {}
        self._decided: dict[tuple[int, Transfer], Decision] = {}

    @classmethod
    def from_raw(
        cls,
        policies: Mapping[str, Any],
        rules: Mapping[str, Any],
        consent: Mapping[str, Any],
        *,
        whole: bool = False,
    ) -> Self:
        """The book of a scenario: files of law without their rules, all rules by id, files of answers.

        rules: each with its `jurisdiction`; a rule that was switched off is not among them
        whole: nothing was switched off, so that every rule which is defeated must be there
        Raises ScenarioProblems with everything that is wrong.
        """
        clerk = Clerk()
        by_state = _by_state(clerk, policies, rules)
        laws = {code: read_policy(clerk, code, raw, by_state[code], whole=whole) for code, raw in policies.items()}
        answers = {code: read_consent(clerk, code, raw) for code, raw in consent.items()}
        if clerk.problems:
            raise ScenarioProblems(clerk.problems)
        return cls(laws, answers)

    @classmethod
    def shared(
        cls, policies: Mapping[str, Any], rules: Mapping[str, Any], consent: Mapping[str, Any], *, whole: bool = False
    ) -> Rulebook:
        """The book of `from_raw`; worlds in which the same law is written, word for word, share what it has decided.

        Raises ScenarioProblems with everything that is wrong.
        """
        written = repr((policies, rules, consent, whole))
        book = _SHARED.get(written)
        if book is None:
            book = cls.from_raw(policies, rules, consent, whole=whole)
            if len(_SHARED) >= _MOST_BOOKS:
                _SHARED.pop(next(iter(_SHARED)), None)
            _SHARED[written] = book
        return book

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """The book of a folder with `policies/` and `consent/`, a file for each state. Raises ScenarioProblems."""
        policies, consent = (_files(Path(folder) / part) for part in ("policies", "consent"))
        rules: dict[str, Any] = {}
        clerk = Clerk()
        for code, law in policies.items():
            own = law.pop("rules", None)
            for name, rule in own.items() if isinstance(own, Mapping) else ():
                if name in rules:
                    clerk.complain(f"rules.{name}", f"the rule {name!r} a second time", "every id once")
                rules[name] = _with_jurisdiction(rule, code)
        if clerk.problems:
            raise ScenarioProblems(clerk.problems)
        return cls.from_raw(policies, rules, consent, whole=True)

    def judge(self, transfer: Transfer) -> Decision:
        """What the law says, claimant by claimant, before anybody uses discretion.

        Between two days on which any law changes one answer holds, and is given again.
        """
        epoch = bisect_right(self._edges, transfer.on)
        key = (epoch, replace(transfer, on=dt.date.min))
        known = self._decided.get(key)
        if known is None:
            if len(self._decided) >= _MOST_DECISIONS:
                self._decided.clear()
            known = self._decided[key] = self._judge(transfer)
        return known if known.transfer.on == transfer.on else _on_the_day(known, transfer)

    def with_rules(self, changes: Mapping[str, Rule | None]) -> Self:
        """The same law with some rules in place of those that have their ids; None takes a rule away."""
        policies = {code: policy.with_rules(changes) for code, policy in self.policies.items()}
        return type(self)(policies, self.consent)

    def claims(self, transfer: Transfer) -> tuple[tuple[str, str, str], ...]:
        """Who answers to a transfer: whose law, in which role, and for a group the member that it binds.

        A group that binds all answers once, others once for each claimant that they bind.
        """
        states = transfer.claimants()
        own = [(state, role, "") for state, role in states.items()]
        for_all = [(code, states[transfer.exporter], "") for code, policy in self._groups if policy.for_all]
        bound = [
            (code, role, state)
            for code, policy in self._groups
            for state, role in states.items()
            if not policy.for_all and policy.binds(state, transfer.on)
        ]
        return (*own, *bound, *for_all)

    @cached_property
    def _groups(self) -> tuple[tuple[str, Policy], ...]:
        return tuple((code, self.policies[code]) for code in sorted(self.policies) if self.policies[code].is_group)

    def _judge(self, transfer: Transfer) -> Decision:
        traces = tuple(self._trace(*claim, transfer) for claim in self.claims(transfer))
        outcome = most_severe(trace.outcome for trace in traces)
        needed = {trace.giver: trace for trace in reversed(traces) if trace.outcome == "consent_required"}
        asked = [self._ask(trace, transfer) for trace in reversed(needed.values())] if outcome != "deny" else []
        return Decision(transfer, outcome, traces, tuple(asked))

    def judge_route(self, transfers: Sequence[Transfer]) -> RouteDecision:
        """What the law says to a way of several hops, each given with the origin of the goods."""
        return RouteDecision(tuple(self.judge(transfer) for transfer in transfers))

    def allowed(self, transfer: Transfer, undetermined: str = "permit") -> bool:
        """Whether a transfer may happen: permitted, or every consent that it needs is granted.

        undetermined: what holds where a claimant's law or a giver's answer is not on file, permit or deny; a fact that
        nobody knows allows nothing
        """
        on_trust = undetermined == "permit"
        granted = [one.answer.fixed == "grant" if one.answer else on_trust for one in self.judge(transfer).asked]
        return self.lawful(transfer, undetermined) and all(granted)

    def lawful(self, transfer: Transfer, undetermined: str = "permit") -> bool:
        """Whether nobody bars a transfer, so that consents are all that it can still need.

        undetermined: what holds where a claimant's law is not on file; a fact that nobody knows allows nothing
        """
        return all(_opens(trace, on_trust=undetermined == "permit") for trace in self.judge(transfer).traces)

    def answer(self, giver: str, transfer: Transfer) -> str | None:
        """What a state answers when it is asked to consent: grant, refuse, or None if that is not on file.

        The answer on file holds as it is given: its chance and its time are told here; a simulation draws them.
        """
        found = self.answer_of(giver, transfer)
        return found.fixed if found else None

    def answer_of(self, giver: str, transfer: Transfer) -> Answer | None:
        """The answer that applies, with its chance and its time; where several do, a refusal goes first."""
        file = self.consent.get(giver)
        if file is None:
            return None
        role = transfer.claimants().get(giver, "")
        facts = facts_of(transfer, giver, role, self._standings(giver, transfer.on))
        fitting = [one for one in file.answers if one.window.holds(transfer.on) and one.when.holds(facts)]
        return min(fitting, key=lambda one: (one.fixed == "grant", one.name), default=file.otherwise)

    @cached_property
    def _edges(self) -> tuple[dt.date, ...]:
        edges = [policy.edges() for policy in self.policies.values()]
        edges += [consent.edges() for consent in self.consent.values()]
        return tuple(sorted(set[dt.date]().union(*edges)))

    def change_days(self) -> tuple[dt.date, ...]:
        """The days on which any answer may change, in order; between two of them the law stands still."""
        return self._edges

    def change_days_for(self, states: Iterable[str]) -> frozenset[dt.date]:
        """The days on which an answer to these claimants may change: by their law, that of groups, or their answers."""
        named = {*states, *(code for code, _ in self._groups)}
        return frozenset[dt.date]().union(*(self._edges_by_code.get(code, ()) for code in named))

    @cached_property
    def _edges_by_code(self) -> dict[str, frozenset[dt.date]]:
        """The days on which the law or the answers of a state or group change."""
        found: dict[str, frozenset[dt.date]] = {code: frozenset(law.edges()) for code, law in self.policies.items()}
        for code, consent in self.consent.items():
            found[code] = found.get(code, frozenset()) | consent.edges()
        return found

    def regime_since(self, on: dt.date) -> dt.date:
        """The day from which every policy on file has had the default that it has on a day."""
        days = [since for policy in self.policies.values() for since, _ in policy.default if since <= on]
        return max(days, default=dt.date.min)

    def _standings(self, state: str, on: dt.date) -> Mapping[str, frozenset[str]]:
        """The tokens of all states as one state sees them on a day, in its own tables and in those that bind it."""
        epoch = bisect_right(self._edges, on)
        if (state, epoch) not in self._statuses:
            tables = [law.statuses(on) for code, law in self.policies.items() if code == state or law.binds(state, on)]
            named = {one for table in tables for one in table}
            merged = {one: frozenset().union(*(table.get(one, ()) for table in tables)) for one in named}
            self._statuses[state, epoch] = merged
        return self._statuses[state, epoch]

    def _awake(self, policy: Policy, on: dt.date) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        """The rules of a law that are in force on a day, and those that are not."""
        key = (policy.jurisdiction, bisect_right(self._edges, on))
        if key not in self._partings:
            in_force = tuple(rule for rule in policy.rules if rule.binds(on))
            asleep = tuple(rule for rule in policy.rules if not rule.binds(on))
            self._partings[key] = in_force, asleep
        return self._partings[key]

    def _trace(self, state: str, role: str, member: str, transfer: Transfer) -> Trace:
        """One claimant's answer with its reasons."""
        policy = self.policies.get(state)
        if policy is None:
            return Trace(state, role, "undetermined", "no policy", on=transfer.on)
        facts = facts_of(transfer, member or state, role, self._standings(state, transfer.on))
        in_force, asleep = self._awake(policy, transfer.on)
        said = [(rule, rule.when.holds(facts)) for rule in in_force]
        matched = tuple(rule for rule, answer in said if answer)
        silent = tuple(rule for rule, answer in said if not answer)
        beaten = {rule_id for by in matched for rule_id in by.defeats}
        unknown = [rule for rule, answer in said if answer is None and rule.effect != "none"]
        doubtful = tuple(rule for rule in unknown if rule.id not in beaten)
        defeated = tuple((rule, by) for rule in matched for by in matched if rule.id in by.defeats)
        outcome, because, deciding = _decide(policy, transfer.on, matched, defeated, doubtful)
        return Trace(
            state,
            role,
            outcome,
            because,
            matched=matched,
            defeated=defeated,
            deciding=deciding,
            silent=silent,
            doubtful=doubtful,
            asleep=asleep,
            facts=facts,
            sources=policy.cited(deciding, transfer.destination, transfer.on),
            on=transfer.on,
            force=policy.force_of(deciding[0]) if deciding else policy.force,
            member=member,
            for_group=policy.is_group,
        )

    def _ask(self, trace: Trace, transfer: Transfer) -> Asked:
        answer = self.answer_of(trace.giver, transfer)
        known = self.consent[trace.giver].sources if answer else {}
        refs = (*answer.refs, *(answer.delay.sources if answer.delay else ())) if answer else ()
        return Asked(trace.giver, trace.role, answer, tuple(known[ref] for ref in dict.fromkeys(refs)))


_SHARED: dict[str, Rulebook] = {}
"""Books by what is written in them."""


def _decide(
    policy: Policy,
    on: dt.date,
    matched: Sequence[Rule],
    defeated: Sequence[tuple[Rule, Rule]],
    doubtful: tuple[Rule, ...],
) -> tuple[str, str, tuple[Rule, ...]]:
    """The most severe effect that is left, else the default.

    doubtful: rules that nobody can judge for want of a fact; a bar among them never leaves a permit standing, and a
    heading among them leaves open whether a closed list covers the case
    """
    beaten = {rule.id for rule, _ in defeated}
    speaking = [rule for rule in matched if rule.id not in beaten and rule.effect != "none"]
    outcome = most_severe(rule.effect for rule in speaking) if speaking else policy.default_on(on)
    bars = tuple(rule for rule in doubtful if SEVERITY[rule.effect] > SEVERITY[outcome])
    headings = () if speaking or outcome != "deny" else tuple(rule for rule in doubtful if rule.effect == "permit")
    if bars and outcome == "permit":
        return "undetermined", "unknown fact", bars
    if headings:
        return "undetermined", "unknown fact", headings
    deciding = tuple(rule for rule in speaking if rule.effect == outcome)
    return outcome, "rule" if speaking else "default", deciding


def _opens(trace: Trace, *, on_trust: bool) -> bool:
    """Whether one claimant lets it pass, consents apart; a bar that nobody can judge stays shut."""
    if trace.because == "unknown fact" or any(rule.effect == "deny" for rule in trace.doubtful):
        return False
    return {"permit": True, "consent_required": True, "undetermined": on_trust, "deny": False}[trace.outcome]


def _on_the_day(known: Decision, transfer: Transfer) -> Decision:
    """A decision of another day on which the same law held, as that of the day of this transfer."""
    traces = tuple(replace(trace, on=transfer.on) for trace in known.traces)
    return replace(known, transfer=transfer, traces=traces)


def _by_state(clerk: Clerk, policies: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The rules of each state; a rule of a state without a policy is a mistake."""
    found: dict[str, dict[str, Any]] = {code: {} for code in policies}
    for name, rule in rules.items():
        code = rule.get("jurisdiction") if isinstance(rule, Mapping) else None
        if isinstance(code, str) and code in found:
            found[code][name] = rule
        else:
            expected = f"a state whose policy is on file: {', '.join(found) or 'there is none'}"
            clerk.complain(f"rules.{name}.jurisdiction", repr(code), expected, "", place_of(rule, "jurisdiction"))
    return found


def _files(folder: Path) -> dict[str, Map]:
    return {path.stem: read_file(path, f"{folder.name}/{path.name}") for path in sorted(folder.glob("*.yaml"))}


def _with_jurisdiction(rule: Any, code: str) -> Any:
    if isinstance(rule, Map):
        rule.write("jurisdiction", code, key_at=rule.place, place=rule.place)
    return rule

"""Law under inspection: what stands in the files and cannot be meant, and which rules no case puts to the test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

from backfill.errors import Place, Problem
from backfill.rules.book import Rulebook
from backfill.rules.casebook import Case, judge
from backfill.rules.conditions import Leaf
from backfill.rules.decision import Decision
from backfill.rules.law import Answer, Consent, Policy, Rule, Window
from backfill.rules.transfer import ROLES

BY_CASE = ("licensor", "joint_development_partner", "via_programme_pool", "special_circumstances", "known_atrocities")
"""Tokens that the item decides, or a case, and that no table need hold."""


def findings(book: Rulebook, cases: Sequence[Case] | None = None) -> list[Problem]:
    """Faults of a rulebook that could be read: what its files say and cannot mean.

    cases: also what is wrong with them, such as one question with two answers
    What is no sentence of the language at all (unknown facts and tokens, missing references, defeats of rules that are
    not there) is refused when the files are read.
    """
    found = [fault for policy in book.policies.values() for fault in _of_policy(policy)]
    found += [fault for consent in book.consent.values() for fault in _of_consent(consent)]
    found += _strangers(book)
    return found + ([*_twice(cases)] if cases else [])


def unexercised(book: Rulebook, cases: Sequence[Case]) -> list[str]:
    """Rules that decide none of the cases, neither by their effect nor by what they defeat."""
    used = {name for verdict in judge(book, cases) for name in decisive(verdict.decision)}
    return sorted(rule.id for policy in book.policies.values() for rule in policy.rules if rule.id not in used)


def decisive(decision: Decision) -> set[str]:
    """The rules on which a decision stands: those that decided it or let it pass, and those that defeated others."""
    said = {
        rule.id for trace in decision.traces if trace.outcome in (decision.outcome, "permit") for rule in trace.deciding
    }
    return said | {by.id for trace in decision.traces for _, by in trace.defeated}


def _of_policy(policy: Policy) -> Iterator[Problem]:
    yield from _default_gaps(policy)
    yield from _spell_faults(policy)
    yield from _uncited(policy)
    for rule in policy.rules:
        yield from _of_rule(policy, rule)


def _of_rule(policy: Policy, rule: Rule) -> Iterator[Problem]:
    path = f"rules.{rule.id}"
    if not rule.refs:
        yield _fault(policy.jurisdiction, f"{path}.refs", "nothing", "at least one source")
    if rule.status == "in_force" and rule.window.never:
        yield _fault(policy.jurisdiction, f"{path}.since", "a rule in force that never begins", "a day")
    if rule.status == "adopted" and rule.window.since is not None:
        found = f"{rule.window.since}, of a rule that was only adopted"
        yield _fault(policy.jurisdiction, f"{path}.since", found, "never, or status: in_force")
    if rule.effect == "none" and not (rule.defeats or rule.obligations or rule.travels):
        yield _fault(policy.jurisdiction, path, "a rule without any effect", "defeats, obligations or travels")
    yield from _idle_defeats(policy, rule)
    yield from _idle_tokens(policy, rule)


def _idle_defeats(policy: Policy, rule: Rule) -> Iterator[Problem]:
    """A defeat of a rule that is not there, or that has ended before this one begins, or never speaks in its role."""
    known = {one.id: one for one in policy.rules}
    for beaten in rule.defeats:
        where, expected = f"rules.{rule.id}.defeats", "a rule of the same state, for the same days and role"
        if beaten not in known:
            yield _fault(policy.jurisdiction, where, f"{beaten}, which is not there", expected)
        elif not _meet(rule.window, known[beaten].window):
            yield _fault(policy.jurisdiction, where, f"{beaten}, which is never in force with it", expected)
        elif not _roles(rule) & _roles(known[beaten]):
            yield _fault(policy.jurisdiction, where, f"{beaten}, which is for other claimants", expected)


def _idle_tokens(policy: Policy, rule: Rule) -> Iterator[Problem]:
    """Tokens of an exporter that no table of the policy gives to anybody."""
    held = {standing.token for standing in policy.standings}
    for leaf in rule.when.leaves():
        if leaf.fact == "exporter.status" and leaf.value not in held:
            found = f"{leaf.value}, which no table of {policy.jurisdiction} gives to anybody"
            yield _fault(policy.jurisdiction, f"rules.{rule.id}.when.{leaf.fact}", found, "a token of its tables")


def _default_gaps(policy: Policy) -> Iterator[Problem]:
    """Rules that were in force before anything was the default."""
    first = policy.default[0][0] if policy.default else dt.date.max
    for rule in policy.rules:
        since = rule.window.since
        if rule.status == "in_force" and since is not None and since < first:
            found = f"{since}, before the first day on which a default holds ({first})"
            yield _fault(policy.jurisdiction, f"rules.{rule.id}.since", found, "a default from that day")
    for (_, one), (day, other) in pairwise(policy.default):
        if one == other:
            yield _fault(policy.jurisdiction, "default", f"{day}: {other}, as before", "a day on which it changes")


def _spell_faults(policy: Policy) -> Iterator[Problem]:
    """Two spells of one state under one token that overlap or could be one."""
    windows: dict[tuple[str, str], list[Window]] = {}
    for standing in policy.standings:
        windows.setdefault((f"statuses.{standing.token}", standing.state), []).append(standing.window)
    for member in policy.members:
        windows.setdefault(("binds", member.state), []).append(member.window)
    for (table, state), spells in windows.items():
        for one, other in pairwise(sorted(spells, key=lambda window: window.since or dt.date.min)):
            if _meet(one, other) or (one.until is not None and one.until == other.since):
                found = f"two spells that meet: until {one.until}, since {other.since}"
                yield _fault(policy.jurisdiction, f"{table}.{state}", found, "one spell, or days between them")


def _uncited(policy: Policy) -> Iterator[Problem]:
    """Sources on file that nothing cites."""
    used = {ref for rule in policy.rules for ref in rule.refs}
    used |= {ref for rule in policy.rules for step in rule.obligations for ref in _marks(step.delay)}
    used |= {standing.source for standing in policy.standings} | {member.source for member in policy.members}
    for name in policy.sources:
        if name not in used:
            yield _fault(policy.jurisdiction, f"sources.{name}", "a source that nothing cites", "a reference to it")


def _of_consent(consent: Consent) -> Iterator[Problem]:
    """Answers that never fit, sources that nothing cites, questions that nobody answers."""
    path = f"consent.{consent.giver}"
    if consent.otherwise is None:
        yield Problem(f"{path}.otherwise", "nothing", "an answer for what no other covers", origin="lint")
    answers = [*consent.answers, *([consent.otherwise] if consent.otherwise else [])]
    used = {ref for answer in answers for ref in (*answer.refs, *(answer.delay.sources if answer.delay else ()))}
    for name in consent.sources:
        if name not in used:
            yield Problem(f"{path}.sources.{name}", "a source that nothing cites", "a reference to it", origin="lint")
    for answer in answers:
        yield from _of_answer(answer, f"{path}.{'' if answer.name == 'otherwise' else 'answers.'}{answer.name}")


def _of_answer(answer: Answer, path: str) -> Iterator[Problem]:
    if not answer.refs:
        yield Problem(f"{path}.refs", "nothing", "a source or an assumption", origin="lint")
    if answer.window.never:
        yield Problem(f"{path}.since", "an answer that never begins", "a day", origin="lint")


def _strangers(book: Rulebook) -> Iterator[Problem]:
    """Tokens for a destination that some rule asks for and no table, and no case, can ever give."""
    held = {standing.token for policy in book.policies.values() for standing in policy.standings}
    for policy in book.policies.values():
        for rule in policy.rules:
            asked = {leaf.value for leaf in rule.when.leaves() if leaf.fact == "dest.status"}
            for token in sorted(asked - held - set(BY_CASE) - {"conflict_party_unsc"}):
                found = f"{token}, which no table gives to anybody"
                yield _fault(policy.jurisdiction, f"rules.{rule.id}.when.dest.status", found, "a token of a table")


def _twice(cases: Sequence[Case]) -> Iterator[Problem]:
    """Cases with one name, and one question with two answers."""
    names: dict[str, Case] = {}
    asked: dict[object, Case] = {}
    for case in cases:
        if case.id in names:
            yield Problem("id", f"{case.id!r} a second time", "every id once", "", case.place)
        other = asked.get(case.transfer)
        if other and other.expected != case.expected:
            yield Problem("expected", f"{case.expected}, where {other.id} expects {other.expected}", "", "", case.place)
        names[case.id] = asked[case.transfer] = case


def _roles(rule: Rule) -> set[str]:
    """The roles in which a rule may speak."""
    asked = [leaf for leaf in rule.when.leaves() if leaf.fact == "role"]
    return set(ROLES).intersection(*[_words(leaf) for leaf in asked])


def _words(leaf: Leaf) -> set[str]:
    return set(leaf.value) if isinstance(leaf.value, tuple) else {str(leaf.value)}


def _meet(one: Window, other: Window) -> bool:
    """Whether there is a day in both; a window that does not open yet may open at any time."""
    if one.never or other.never:
        return True
    ends = (one.until or dt.date.max, other.until or dt.date.max)
    return max(one.since or dt.date.min, other.since or dt.date.min) < min(ends)


def _marks(text: str) -> list[str]:
    """The sources that a number line cites."""
    return [word[1:] for word in text.split() if word.startswith("@")]


def _fault(state: str, path: str, found: str, expected: str) -> Problem:
    return Problem(path, found, expected, "", Place(f"policies/{state}.yaml", 0, 0))

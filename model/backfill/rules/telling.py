"""One rule, or all of them, as a reader wants them told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from backfill.errors import UnknownName
from backfill.reading.words import listed, nearest
from backfill.rules.book import Rulebook
from backfill.rules.law import Policy, Rule
from backfill.rules.names import Names
from backfill.rules.words import OUTCOMES, block, step_in_words, without_sources

WIDTH = 100
_EFFECTS = {"permit": "permit", "consent_required": "consent", "deny": "deny", "none": "defeats"}


def rules_of(book: Rulebook, state: str | None = None, on: dt.date | None = None) -> list[tuple[Policy, Rule]]:
    """The rules on file by whose they are, then by day; only those of a state, and in force on a day, if asked."""
    if state is not None and state not in book.policies:
        near = nearest(state, book.policies)
        hint = f"; nearest: {near}" if near else ""
        raise UnknownName(f"found no law of {state!r}{hint}\n  expected one of {listed(book.policies)}")
    policies = [policy for code, policy in sorted(book.policies.items()) if state in (None, code)]
    pairs = [(policy, rule) for policy in policies for rule in sorted(policy.rules, key=_age)]
    return [(policy, rule) for policy, rule in pairs if on is None or rule.binds(on)]


def find(book: Rulebook, name: str) -> tuple[Policy, Rule]:
    """A rule by its id. Raises UnknownName."""
    known = {rule.id: (policy, rule) for policy in book.policies.values() for rule in policy.rules}
    if name not in known:
        near = nearest(name, known)
        hint = f"; nearest: {near}" if near else ""
        raise UnknownName(f"found no rule {name!r}{hint}\n  expected an id that `backfill rules list` shows")
    return known[name]


def list_in_words(pairs: Iterable[tuple[Policy, Rule]], names: Names) -> str:
    """A line for each rule under the name of whoever made it."""
    lines: list[str] = []
    code = ""
    for policy, rule in pairs:
        if policy.jurisdiction != code:
            code = policy.jurisdiction
            lines += ["", f"{names.plain(code)} ({code}) · {policy.force} · otherwise {_defaults(policy)}"]
        start = f"  {rule.id:<22}  {_EFFECTS[rule.effect]:<7}  {_dates(rule):<24}  "
        first, *rest = block(rule.title, indent=0, width=WIDTH - len(start))
        lines += [start + first, *(" " * len(start) + line for line in rest)]
    return "\n".join(lines[1:]) if lines else "no rule is in force"


def rule_in_words(policy: Policy, rule: Rule, names: Names) -> str:
    """Everything about one rule."""
    rows = [
        ("of", f"{names.plain(policy.jurisdiction)} ({policy.force_of(rule)})"),
        ("says", OUTCOMES[rule.effect]),
        ("in force", _dates(rule)),
        ("when", rule.when.in_words()),
        ("defeats", ", ".join(rule.defeats)),
        ("defeated by", ", ".join(_beaten_by(policy, rule))),
        *(("brings", step_in_words(step)) for step in rule.obligations),
        *(("travels", text) for text in rule.travels),
        ("confidence", rule.confidence),
        ("note", rule.note),
        *(("source", _source(policy, ref)) for ref in rule.refs),
    ]
    lines = [f"{rule.id} · {rule.title}"]
    for label, text in rows:
        first, *rest = block(text, indent=0, width=WIDTH - 15) or [""]
        lines += [f"  {label:<11}  {first}", *(f"{'':<15}{line}" for line in rest)] if text else []
    return "\n".join(lines)


def rule_as_json(policy: Policy, rule: Rule) -> dict[str, Any]:
    """The same as plain data."""
    window = rule.window
    return {
        "rule": rule.id,
        "title": rule.title,
        "jurisdiction": policy.jurisdiction,
        "force": policy.force_of(rule),
        "effect": rule.effect,
        "status": rule.status,
        "since": window.since.isoformat() if window.since else None,
        "until": window.until.isoformat() if window.until else None,
        "never": window.never,
        "when": rule.when.in_words(),
        "defeats": list(rule.defeats),
        "defeated_by": _beaten_by(policy, rule),
        "obligations": [
            {"name": step.name, "kind": step.kind, "by": step.by or None, "to": step.to or None}
            | {"text": step.text or None, "delay": without_sources(step.delay) or None}
            for step in rule.obligations
        ],
        "travels": list(rule.travels),
        "confidence": rule.confidence,
        "note": rule.note or None,
        "sources": [
            {"id": ref, "title": policy.sources[ref].title, "url": policy.sources[ref].url or None} for ref in rule.refs
        ],
    }


def _age(rule: Rule) -> tuple[dt.date, str]:
    return rule.window.since or dt.date.min, rule.id


def _dates(rule: Rule) -> str:
    """From when to when, or that it is not law."""
    if rule.status != "in_force":
        return rule.status
    if rule.window.never:
        return "never"
    since, until = rule.window.since, rule.window.until
    return f"{since or 'always'} to {until}" if until else (f"from {since}" if since else "always")


def _defaults(policy: Policy) -> str:
    """What holds where no rule speaks."""
    spells = [effect if since == dt.date.min else f"{effect} from {since}" for since, effect in policy.default]
    return ", ".join(spells)


def _beaten_by(policy: Policy, rule: Rule) -> list[str]:
    return [other.id for other in policy.rules if rule.id in other.defeats]


def _source(policy: Policy, ref: str) -> str:
    source = policy.sources[ref]
    return f"{source.title}{f', {source.url}' if source.url else ''} ({source.grade})"

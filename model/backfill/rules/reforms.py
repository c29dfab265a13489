"""Law as it might be: a rule enacted, a rule repealed, peace where there is war."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backfill.rules.book import Rulebook
from backfill.rules.law import Policy, Rule, Window

Reform = Callable[[Rulebook], Rulebook]
WAR = ("active_combat", "conflict_risk")


def enacted(name: str) -> Reform:
    """The law with a rule in force on every day, whatever its status and its dates."""
    return _changing(lambda rule: replace(rule, status="in_force", window=Window()) if rule.id == name else rule)


def repealed(name: str) -> Reform:
    """The law without a rule."""
    return _changing(lambda rule: None if rule.id == name else rule)


def at_peace(state: str) -> Reform:
    """The law of a world in which no fighting is under way in a state."""

    def calm(policy: Policy) -> Policy:
        kept = tuple(one for one in policy.standings if one.state != state or one.token not in WAR)
        return replace(policy, standings=kept)

    return _with_policies(calm)


def _changing(change: Callable[[Rule], Rule | None]) -> Reform:
    def reform(policy: Policy) -> Policy:
        changed = (change(rule) for rule in policy.rules)
        return replace(policy, rules=tuple(rule for rule in changed if rule is not None))

    return _with_policies(reform)


def _with_policies(change: Callable[[Policy], Policy]) -> Reform:
    return lambda book: Rulebook({code: change(policy) for code, policy in book.policies.items()}, book.consent)

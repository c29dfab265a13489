"""Law as it might be: a rule enacted, a rule repealed, peace where there is war."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backfill.rules.book import Rulebook
from backfill.rules.law import Policy, Rule, Window

Reform = Callable[[Rulebook], Rulebook]
WAR = ("active_combat", "conflict_risk")


def enacted(rule: Rule) -> Reform:
    """The law with a rule in force on every day, whatever its status and its dates."""
    return lambda book: book.with_rules({rule.id: replace(rule, status="in_force", window=Window())})


def repealed(rule: Rule) -> Reform:
    """The law without a rule."""
    return lambda book: book.with_rules({rule.id: None})


def at_peace(state: str) -> Reform:
    """The law of a world in which no fighting is under way in a state."""

    def calm(policy: Policy) -> Policy:
        kept = tuple(one for one in policy.standings if one.state != state or one.token not in WAR)
        return replace(policy, standings=kept)

    return lambda book: Rulebook({code: calm(policy) for code, policy in book.policies.items()}, book.consent)

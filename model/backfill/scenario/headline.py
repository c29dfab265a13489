"""Whether a world can answer what its headline asks."""

from __future__ import annotations

from collections.abc import Iterator

from backfill.errors import Problem
from backfill.scenario.schema import Setting

WANTED = ("requirement", "readiness")
"""What tells how much a state wants: the level itself, or how much of it is in stock."""


def headlines(setting: Setting) -> Iterator[Problem]:
    """Pass-through needs a backfiller, a refill a requirement, a promise its event; only units have a family ahead."""
    outcomes, roles = setting.outcomes, setting.roles
    if outcomes.headline == "pass_through" and roles.backfiller is None:
        expected = "a backfiller: who hands on to the donor; or outcomes.headline: units, refill or promise"
        yield Problem("roles", "no backfiller, and a headline of pass_through", expected)
    if outcomes.headline == "promise" and outcomes.promise is None:
        yield Problem("outcomes", "a headline of promise without one", "promise: an event, a promise or a pledge")
    if outcomes.headline != "promise" and outcomes.promise is not None:
        yield Problem("outcomes.promise", f"a promise, and a headline of {outcomes.headline}", "headline: promise")
    if outcomes.lead is not None:
        yield from _lead(setting, outcomes.lead)
    if outcomes.headline == "refill":
        yield from _without_requirement(setting)


def _lead(setting: Setting, lead: str) -> Iterator[Problem]:
    """A family ahead of others means units, and is part of the question."""
    outcomes, items = setting.outcomes, setting.roles.items
    if outcomes.headline != "units":
        yield Problem("outcomes.lead", f"a lead, and a headline of {outcomes.headline}", "headline: units")
    family = outcomes.families.get(lead)
    for item in () if family is None else family.items:
        if item not in items:
            found = f"{lead} with {item}, which roles.items leaves out"
            yield Problem("outcomes.lead", found, "a family of items of the question")


def _without_requirement(setting: Setting) -> Iterator[Problem]:
    """A need of the question of which nobody says how much the donor wants."""
    donor = setting.roles.donor
    state = setting.states.get(donor)
    if state is None:
        return
    for need in dict.fromkeys(_need_of(setting, item) for item in setting.roles.items):
        stances = (state.needs.get(need), state.items.get(need), state, setting.defaults.state)
        if all(getattr(stance, level, None) is None for stance in stances for level in WANTED):
            found = f"no requirement for {need}, and a headline of refill"
            yield Problem(f"states.{donor}", found, "requirement, or readiness: the level at which it is refilled")


def _need_of(setting: Setting, item: str) -> str:
    return next((name for name, need in setting.needs.items() if item in need.worth), item)

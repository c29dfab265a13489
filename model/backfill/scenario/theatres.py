"""What a theatre means, checked: one way of saying what is fired, and nothing that has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from backfill.errors import Problem
from backfill.reading.words import listed, nearest
from backfill.scenario import shape, tree
from backfill.scenario.schema import Conflict, Engagement, Setting
from backfill.scenario.verbs import Draft

COURSES = ("attacks", "fires")
OF_TARGETS = ("engaged", "per_target", "engagement", "other_targets", "kill")
"""Fields that speak of targets, which nobody counts where rounds are called for directly."""

MOST_LOOKS = 20
EVENNESS = "more than nothing: the smaller, the less even; left out, as even as chance allows"
ROUNDING = 1e-9


def theatres(setting: Setting, draft: Draft) -> Iterator[Problem]:
    """Everything in the theatres of a setting that can be read but makes no sense."""
    for name, conflict in setting.conflicts.items():
        path = f"conflicts.{name}"
        yield from _course(path, conflict, draft)
        yield from _engagement(path, conflict, draft)
        yield from _idle(path, conflict, draft)
        yield from _evenness(path, conflict)
        yield from _split(path, conflict)


def _course(path: str, conflict: Conflict, draft: Draft) -> Iterator[Problem]:
    """What comes is said once: as attacks, or as rounds that are called for."""
    said = [part for part in COURSES if getattr(conflict, part) is not None]
    if len(said) == 2:
        yield Problem(f"{path}.fires", "both attacks and fires", "one of them")
    if not said and not _meant(path, draft):
        yield Problem(path, "neither attacks nor fires", "attacks, or fires: rounds that are called for directly")
    if said == ["fires"]:
        for field in OF_TARGETS:
            if getattr(conflict, field) is not None:
                yield Problem(f"{path}.{field}", f"{field!r} with fires", "it with attacks only")


def _meant(path: str, draft: Draft) -> bool:
    """Whether a course is written there that cannot be read, or under a misspelt name: that is told already."""
    others = set(shape.fields_of(Conflict)) - set(COURSES)
    written = [word for word in tree.get(draft.raw, path) or () if word not in others]
    return any(word in COURSES or nearest(word, COURSES) for word in written)


def _engagement(path: str, conflict: Conflict, draft: Draft) -> Iterator[Problem]:
    """An engagement says how many rounds a target takes, and needs the chance that one of them destroys it."""
    plan = conflict.engagement
    if plan is None:
        return
    if conflict.per_target is not None:
        expected = "one of them: rounds follow from the engagement"
        yield Problem(f"{path}.per_target", "both per_target and engagement", expected)
    if conflict.fires is None and not _said(path, "kill", draft):
        expected = "kill: the chance that one round destroys its target"
        yield Problem(f"{path}.engagement", "an engagement without kill", expected)
    if plan.shots.low < 1 or plan.shots.unlimited:
        yield Problem(f"{path}.engagement.shots", repr(plan.shots.text), "a number of rounds, one at least")
    yield from _looks(f"{path}.engagement", plan, draft)


def _looks(path: str, plan: Engagement, draft: Draft) -> Iterator[Problem]:
    expected = f"looks: the salvos at most, 1 to {MOST_LOOKS}"
    if plan.kind == "salvo" and plan.looks is not None:
        yield Problem(f"{path}.looks", "'looks' with salvo", "it with shoot_look_shoot only")
    elif plan.kind == "shoot_look_shoot" and not _said(path, "looks", draft):
        yield Problem(path, "shoot_look_shoot without looks", expected)
    elif plan.looks is not None and not 1 <= plan.looks <= MOST_LOOKS:
        yield Problem(f"{path}.looks", repr(str(plan.looks)), expected)


def _said(path: str, field: str, draft: Draft) -> bool:
    """Whether a field is written, be it so that it cannot be read: that is told already."""
    return tree.get(draft.raw, f"{path}.{field}") is not None


def _idle(path: str, conflict: Conflict, draft: Draft) -> Iterator[Problem]:
    """A word that would have no effect without another."""
    for field, needed in (("lasts", "onset"), ("persistence", "noise")):
        if getattr(conflict, field) is not None and not _said(path, needed, draft):
            yield Problem(f"{path}.{field}", f"{field!r} without {needed}", f"{needed}, which it belongs to")


def _evenness(path: str, conflict: Conflict) -> Iterator[Problem]:
    """Use that is less even than anything has no variance that could be drawn."""
    if conflict.dispersion is not None and conflict.dispersion.low <= 0 and not conflict.dispersion.same_as:
        yield Problem(f"{path}.dispersion", repr(conflict.dispersion.text), EVENNESS)


def _split(path: str, conflict: Conflict) -> Iterator[Problem]:
    """Parts of those who fight, no more than the whole."""
    for state in conflict.split:
        if state not in conflict.fighting:
            said, near = f"{state!r}, which does not fight here", nearest(state, conflict.fighting)
            yield Problem(f"{path}.split.{state}", said, f"one of {listed(conflict.fighting)}", near)
    total = sum(share.value for share in conflict.split.values())
    if total > 1 + ROUNDING:
        yield Problem(f"{path}.split", f"parts of {100 * total:g} % in all", "100 % at most")

"""Order books and queues, checked: allocation rules that exist, classes that are heeded, events that move somebody."""

from __future__ import annotations

from collections.abc import Iterator

from backfill.errors import Problem
from backfill.reading.words import listed, nearest
from backfill.registry import ALLOCATION_RULES
from backfill.scenario import schema
from backfill.scenario.schema import Setting

PLACES = ("first", "behind", "exempt")


def queueing(setting: Setting) -> Iterator[Problem]:
    """What cannot be meant of a line's order book, or of an event that re-orders it."""
    for maker, entry in setting.manufacturers.items():
        for label, line in entry.lines.items():
            yield from _allocation(f"manufacturers.{maker}.lines.{label}", line)
            yield from _classes(f"manufacturers.{maker}.lines.{label}.priority", line)
    for name, event in setting.events.items():
        if isinstance(event, schema.Queue):
            yield from _places(f"events.{name}", event)
            yield from _months(f"events.{name}", event)


def _allocation(path: str, line: schema.Line) -> Iterator[Problem]:
    """A rule that somebody has registered; classes only where the rule heeds them."""
    if line.allocation is None:
        return
    if line.allocation not in ALLOCATION_RULES:
        near = nearest(line.allocation, ALLOCATION_RULES)
        yield Problem(f"{path}.allocation", repr(line.allocation), f"one of {listed(ALLOCATION_RULES)}", near)
    elif line.allocation == "proportional" and line.priority:
        said = "classes at a line that serves everybody in proportion"
        yield Problem(f"{path}.priority", said, "allocation: priority, or no classes")


def _classes(path: str, line: schema.Line) -> Iterator[Problem]:
    """Everybody has one class."""
    taken: set[str] = set()
    for index, names in enumerate(line.priority):
        for place, name in enumerate(names):
            if name in taken:
                yield Problem(f"{path}.{index}.{place}", f"{name!r} a second time", "every name in one class")
            taken.add(name)


def _places(path: str, event: schema.Queue) -> Iterator[Problem]:
    """Somebody changes places, and everybody has one place."""
    if not (event.first or event.behind):
        yield Problem(path, "a queue in which nobody changes places", "first or behind")
    if event.share is not None and not event.first:
        yield Problem(f"{path}.share", "a share that nobody takes", "first: who takes it")
    taken: dict[str, str] = {}
    for place in PLACES:
        for index, name in enumerate(getattr(event, place)):
            if taken.setdefault(name, place) != place:
                said = f"{name!r}, who is {taken[name]} already"
                yield Problem(f"{path}.{place}.{index}", said, "every name in one of first, behind, exempt")


def _months(path: str, event: schema.Queue) -> Iterator[Problem]:
    """A line delivers once a month, in the order that holds at the end of the month."""
    until = event.until
    if until is not None and event.since < until and (until.year, until.month) == (event.since.year, event.since.month):
        said = f"{until.isoformat()}, in the month of since: no month's deliveries change"
        yield Problem(f"{path}.until", said, "a day in a later month: lines deliver once a month, at its end")

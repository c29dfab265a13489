"""What a promise and a gift in exchange for it have to say, so that both mean something."""

from __future__ import annotations

from collections.abc import Iterator

from backfill.errors import Problem
from backfill.scenario import schema
from backfill.scenario.schema import Setting


def mistakes(path: str, event: schema.Happening, setting: Setting) -> Iterator[Problem]:
    """What is missing, or contradicts itself, in a promise or a pledge."""
    if isinstance(event, schema.Promise):
        yield from _promise(path, event, setting)
    if isinstance(event, schema.Pledge):
        yield from _pledge(path, event, setting)


def _promise(path: str, event: schema.Promise, setting: Setting) -> Iterator[Problem]:
    if event.units is None and event.for_ is None:
        yield Problem(path, "no units", "units, or for: a pledge, and swap")
    if (event.for_ is None) != (event.swap is None):
        said = ("for", "swap") if event.swap is None else ("swap", "for")
        yield Problem(path, f"{said[0]} without {said[1]}", "for: a pledge, and swap: units of this for one of that")
    gift = setting.events.get(event.for_ or "")
    if isinstance(gift, schema.Pledge) and gift.from_ != event.to:
        yield Problem(
            f"{path}.for", f"{event.for_!r}, a gift of {gift.from_}", f"a gift of {event.to}, who is promised"
        )
    if event.withdrawn is not None and event.withdrawn < event.date:
        found = f"{event.withdrawn.isoformat()}, before date: {event.date.isoformat()}"
        yield Problem(f"{path}.withdrawn", found, "a day after the promise")


def _pledge(path: str, event: schema.Pledge, setting: Setting) -> Iterator[Problem]:
    if event.fair is not None and event.against is None:
        yield Problem(f"{path}.fair", "fair without against", "against: a promise, whose worth can be compared")
    claim = setting.events.get(event.against or "")
    if not isinstance(claim, schema.Promise):
        return
    if claim.to != event.from_:
        yield Problem(
            f"{path}.against", f"{event.against!r}, made to {claim.to}", f"a promise to {event.from_}, who gives"
        )
    if event.fair is not None:
        yield from _worth(path, event, claim, setting)


def _worth(path: str, event: schema.Pledge, claim: schema.Promise, setting: Setting) -> Iterator[Problem]:
    """Items of one need are compared by their worth, others by their prices, which have to be known."""
    items = [item for item in (event.item, event.rest, *event.parts, claim.item) if item in setting.items]
    if len({_need(setting, item) for item in items}) > 1:
        for item in (item for item in items if setting.items[item].cost is None):
            said = f"a swap of items of different needs, and no price of {item}"
            yield Problem(f"{path}.fair", said, f"items.{item}.cost")


def _need(setting: Setting, item: str) -> str:
    return next((name for name, need in setting.needs.items() if item in need.worth), item)

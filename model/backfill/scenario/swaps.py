"""What a promise and a gift in exchange for it have to say, so that both mean something."""

from __future__ import annotations

from collections.abc import Iterator

from backfill.errors import Problem
from backfill.scenario import schema, tree
from backfill.scenario.schema import Setting
from backfill.scenario.verbs import Draft


def mistakes(path: str, event: schema.Happening, setting: Setting, draft: Draft) -> Iterator[Problem]:
    """What is missing, or contradicts itself, in a promise or a pledge; what cannot be read was told before."""
    if isinstance(event, schema.Promise):
        said = {name for name in ("units", "for", "swap") if tree.get(draft.raw, f"{path}.{name}") is not None}
        yield from _incomplete(path, said)
        yield from _promise(path, event, setting)
    if isinstance(event, schema.Pledge):
        yield from _pledge(path, event, setting)


def _incomplete(path: str, said: set[str]) -> Iterator[Problem]:
    if not said & {"units", "for"}:
        yield Problem(path, "no units", "units, or for: a pledge, and swap")
    if len(said & {"for", "swap"}) == 1:
        one, other = ("for", "swap") if "for" in said else ("swap", "for")
        yield Problem(path, f"{one} without {other}", "for: a pledge, and swap: units of this for one of that")


def _promise(path: str, event: schema.Promise, setting: Setting) -> Iterator[Problem]:
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
    if event.in_step and event.against is None:
        yield Problem(f"{path}.in_step", "in_step without against", "against: a promise, with which it keeps step")
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

"""A small world of gifts and promises, for the tests of how donors decide and of what promises are worth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from backfill.giving.promises import Promise
from backfill.scenario import load, numbers_of
from backfill.world import World

ARROW = "arrow: {name: Arrow, cost: 2 million usd}"
BOTH = f"{ARROW}, bolt: {{name: Bolt, cost: 1 million usd}}"
NOTHING = "items: {arrow: {stock: 0}}"
HUNGRY = f"{NOTHING}, load: 1, fire_units: {{2030-01: 1000}}"
AT_ONCE = "contract: 0 days, handover: 0 days, transit: 0 days"
OWED = "kind: promise, from: XAL, to: XDA, item: arrow"


def write(
    folder: Path, *more: str, events: dict[str, str] | None = None, until: str = "2031-12", **states: str
) -> Path:
    """Write a world of three states down: a donor, an ally with a hundred arrows, a state at war."""
    items = BOTH if any("bolt" in text for text in (*states.values(), *(events or {}).values())) else ARROW
    stances = {"XDA": "items: {arrow: {stock: 100}}", "XAL": "items: {arrow: {stock: 100}}", "XWA": NOTHING} | states
    text = [
        "scenario: 1",
        "title: A small world of gifts",
        "label: fictional",
        f"horizon: 2030-01 to {until}",
        "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
        f"items: {{{items}}}",
        "states:",
        *(f"  {code}: {{{stance}}}" for code, stance in stances.items()),
        *(["events:"] if events else []),
        *(f"  {name}: {{{event}}}" for name, event in (events or {}).items()),
        *more,
    ]
    path = folder / "gifts.yaml"
    path.write_text("\n".join(text), encoding="utf-8")
    return path


def raised(path: Path, runs: range = range(1)) -> World:
    """The world of a file."""
    setting = load(path).setting
    return World(setting, runs, 1, numbers_of(setting))


def months(world: World) -> Iterator[int]:
    """Every month of a world, once it is over, counted from the first."""
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        yield month - world.first


def lived(world: World) -> World:
    """The world at the end of its horizon."""
    world.run()
    return world


def aid(world: World) -> list[float]:
    """Units that arrive at aided states, by month, in the first run."""
    return lived(world).recorder.tables["aid"].sum(axis=1)[:, 0].tolist()


def promise_named(world: World, name: str) -> Promise:
    """A promise of a world."""
    return next(promise for promise in world.promises if promise.name == name)


def same_alone(path: Path, outcomes: tuple[str, ...], runs: int = 8) -> None:
    """Every run alone is its row among the others, in these outcomes, which are not the same in all runs."""
    together = lived(raised(path, range(runs))).recorder.tables
    for replication in range(runs):
        alone = lived(raised(path, range(replication, replication + 1))).recorder.tables
        for name in outcomes:
            assert np.array_equal(alone[name][..., 0], together[name][..., replication]), (name, replication)
    for name in outcomes:
        assert (together[name] != together[name][..., :1]).any(), name

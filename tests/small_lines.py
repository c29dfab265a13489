"""Small worlds of production lines, and how to read what they recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backfill.scenario import load, numbers_of
from backfill.world import World

ARROW = "arrow: {name: Arrow}"
SEEKER = "seeker: {name: Seeker, kind: component, needs: {chip: 2}}"
TIERS = f"arrow: {{name: Arrow, needs: {{seeker: 1}}}}, {SEEKER}, chip: {{name: Chip, kind: material}}"
NO_ARROWS = "{items: {arrow: {stock: 0}}}"
BIG_ORDER = "orders: {big: {customer: XDA, units: 5000, placed: 2030-01}}"


def text_of(lines: dict[str, str], *more: str, items: str = ARROW, until: str = "2033-12", abroad: str = "") -> str:
    """A world of three states that hold nothing, with one maker for each line: NAME.NAME, in Donora or in Allia."""
    return "\n".join(
        [
            "scenario: 1",
            "title: A small world of lines",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            f"items: {{{items}}}",
            f"states: {{XDA: {NO_ARROWS}, XAL: {{}}, XWA: {NO_ARROWS}}}",
            "manufacturers:",
            *(
                f"  {name}: {{state: {'XAL' if name == abroad else 'XDA'}, lines: {{{name}: {{{said}}}}}}}"
                for name, said in lines.items()
            ),
            *more,
        ]
    )


def arrows(capacity: str, *more: str, lead: int = 2) -> dict[str, str]:
    """One line of arrows, with what else is said of it."""
    return {"works": ", ".join([f"item: arrow, capacity: {capacity}, lead_time: {lead} months", *more])}


def lived(path: Path, text: str, replications: range = range(1)) -> World:
    """Write a world down, raise it and live through it."""
    path.write_text(text, encoding="utf-8")
    setting = load(path).setting
    world = World(setting, replications, 1, numbers_of(setting))
    world.run()
    return world


def table(world: World, name: str, *labels: str) -> np.ndarray:
    """What was recorded of one thing.  [months, runs]"""
    outcome = next(outcome for outcome in world.recorder.outcomes if outcome.name == name)
    return np.asarray(world.recorder.tables[name][:, outcome.rows.index(labels)], dtype=float)


def months_of(world: World, name: str, *labels: str) -> list[float]:
    """The same in the first run."""
    return table(world, name, *labels)[:, 0].tolist()

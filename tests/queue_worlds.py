"""Tiny worlds of one line and a few customers, for claims about its order book."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backfill.scenario import load, numbers_of
from backfill.world import World

CUSTOMERS = ("XBB", "XBC", "XBD")


def order(customer: str, units: int, placed: str = "2029-12", over: int = 1) -> str:
    return f"{{customer: {customer}, units: {units}, placed: {placed}, over: {over} months}}"


def text_of(
    orders: dict[str, str], *more: str, capacity: str = "10 per month", line: str = "", until: str = "2031-12"
) -> str:
    """One line of arrows with a lead time of a month and nobody to take the rest, some orders, and other parts."""
    named = ", ".join(f"{name}: {said}" for name, said in orders.items())
    said = f"item: arrow, capacity: {capacity}, lead_time: 1 months, orders: {{{named}}}{line}"
    return "\n".join(
        [
            "scenario: 1",
            "title: A queue",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            "items: {arrow: {name: Arrow}}",
            "states:",
            *(f"  {code}: {{items: {{arrow: {{stock: 0}}}}}}" for code in ("XDA", "XAL", "XWA", *CUSTOMERS)),
            f"manufacturers: {{works: {{state: XAL, lines: {{arrow: {{{said}}}}}}}}}",
            *more,
        ]
    )


def queue(since: str = "2030-03-01", until: str = "2030-06-01", **said: str) -> str:
    parts = {"kind": "queue", "since": since, "until": until, "lines": "[works.arrow]"} | said
    return "{" + ", ".join(f"{name}: {value}" for name, value in parts.items() if value) + "}"


def events(**said: str) -> str:
    return "\n".join(["events:", *(f"  {name}: {event}" for name, event in said.items())])


def lived(world: World) -> np.ndarray:
    """What the line delivered.  [months, accounts, runs]"""
    given = []
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        given.append(world.finished_lines[0].deliveries.delivered.copy())
    return np.array(given)


def had(world: World) -> dict[str, list[float]]:
    """What each customer was given, month by month, in the first run."""
    given = lived(world)
    found: dict[str, list[float]] = {}
    for number, account in enumerate(world.finished_lines[0].book.accounts):
        before = found.get(account.customer, [0.0] * len(given))
        found[account.customer] = [old + new for old, new in zip(before, given[:, number, 0], strict=True)]
    return found


def raised(text: str, path: Path, replications: range = range(1), keep: list[str] | None = None) -> World:
    """Write a world down and raise it."""
    path.write_text(text, encoding="utf-8")
    setting = load(path).setting
    return World(setting, replications, 1, numbers_of(setting), keep=keep)

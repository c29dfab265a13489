"""What is said of production lines, checked: what belongs together, and numbers that make sense where they stand."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backfill.errors import Problem
from backfill.reading.number import Number
from backfill.reading.number_line import BEFORE
from backfill.scenario import schema, tree
from backfill.scenario.schema import Setting
from backfill.scenario.verbs import Draft

TOGETHER = {
    "ramp": ("ceiling", "ceiling: a rate that a long order book leads to"),
    "ceiling": ("ramp", "ramp: the months from the announced capacity to the ceiling"),
    "fall": ("ceiling", "ceiling and ramp, or no fall"),
    "investment": ("ceiling", "ceiling and ramp, or no investment"),
    "fails": ("repair", "repair: the mean months until a repair is done"),
    "repair": ("fails", "fails: the mean months between failures"),
    "restart": ("idle_after", "idle_after: the months without work after which the line is cold"),
    "idle_after": ("restart", "restart: the months that it takes to start a cold line again"),
    "learning": ("built_before", "built_before: the units built before the horizon"),
    "built_before": ("learning", "learning: what a unit still costs after each doubling, such as 85 %"),
}
"""Fields of a line that mean nothing alone: the one each of them needs, and what to say."""

MONTHLY = ("fails", "repair")
POSITIVE = ("learning", "built_before")
FINITE = ("ceiling", "built_before")


def making(setting: Setting, draft: Draft) -> Iterator[Problem]:
    """Everything about lines and what they build of that can be read but makes no sense."""
    yield from _parts(setting)
    for name, maker in setting.manufacturers.items():
        for label, line in maker.lines.items():
            path = f"manufacturers.{name}.lines.{label}"
            yield from _together(path, line, draft)
            yield from _limits(path, line)
            yield from _first_point(path, line)
            yield from _priced(path, line, setting, draft)


def _parts(setting: Setting) -> Iterator[Problem]:
    """A unit is built of components: some of each."""
    for name, item in setting.items.items():
        for part, units in item.needs.items():
            path, known = f"items.{name}.needs.{part}", setting.items.get(part)
            if units == 0:
                yield Problem(path, "0 of a part", "1 or more, or the part left out")
            if known is not None and known.is_finished and not _needed_by(setting, name, part):
                yield Problem(path, f"{part!r}, which is {known.kind}", "a component, a material: what lines build of")


def _needed_by(setting: Setting, part: str, item: str, done: tuple[str, ...] = ()) -> bool:
    """Whether an item needs a part, step by step: then the two are a ring, which is told elsewhere."""
    entry = setting.items.get(item)
    below = [need for need in entry.needs if need not in done] if entry else []
    return part in below or any(_needed_by(setting, part, need, (*done, item)) for need in below)


def _together(path: str, line: schema.Line, draft: Draft) -> Iterator[Problem]:
    """What means nothing alone; a partner that is written but cannot be read is told already."""
    if line.idles and line.rest_to is not None:
        yield Problem(f"{path}.idles", f"a line that idles and gives the rest to {line.rest_to}", "one of the two")
    for field, (other, expected) in TOGETHER.items():
        if getattr(line, field) is not None and tree.get(draft.raw, f"{path}.{other}") is None:
            yield Problem(f"{path}.{field}", f"{field} without {other}", expected)


def _limits(path: str, line: schema.Line) -> Iterator[Problem]:
    """Times of a chain of months, numbers by which something is divided, levels that can be reached."""
    for field in MONTHLY:
        number: Number | None = getattr(line, field)
        if number is not None and number.low < 1:
            expected = "a month at least: what lasts less belongs in the capacity"
            yield Problem(f"{path}.{field}", repr(number.text), expected)
    for field in POSITIVE:
        number = getattr(line, field)
        if number is not None and number.low <= 0:
            yield Problem(f"{path}.{field}", repr(number.text), "more than nothing")
    for field in FINITE:
        number = getattr(line, field)
        if number is not None and math.isinf(max(number.value, number.high)):
            yield Problem(f"{path}.{field}", repr(number.text), "a number: nothing grows towards no limit")


def _first_point(path: str, line: schema.Line) -> Iterator[Problem]:
    """A step needs a rate before it."""
    for month, number in list(line.capacity.items())[:1]:
        if number.of == BEFORE:
            dated = f".{number.path.rpartition('.')[2]}" if month else ""
            yield Problem(
                f"{path}.capacity{dated}", f"the step {number.text!r} on nothing", "a rate at the first point"
            )


def _priced(path: str, line: schema.Line, setting: Setting, draft: Draft) -> Iterator[Problem]:
    prices = (f"{path}.price", f"items.{line.item}.cost")
    unpriced = all(tree.get(draft.raw, price) is None for price in prices)
    if line.learning is not None and line.item in setting.items and unpriced:
        yield Problem(f"{path}.learning", "learning without a price", f"price, or items.{line.item}.cost")

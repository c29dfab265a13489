"""Where nothing may be `unlimited`: what is counted, waited for or shared out in the end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backfill.errors import Problem
from backfill.scenario import schema
from backfill.scenario.numbering import numbers_in
from backfill.scenario.schema import Setting

LEVELS = ("requirement", "objective", "cover", "stock", "units", "equivalents", "per_fire_unit")
STAGES = ("decision", "contract", "handover", "transit")
EXPECTED = "a number: unlimited may stand where it leaves out a limit, such as in capacity or at_most"


def finite(setting: Setting) -> Iterator[Problem]:
    """Numbers without a limit in places where the model has to count up to them."""
    for number in numbers_in(setting):
        if math.isinf(max(number.value, number.high)) and not number.same_as and _has_an_end(number.path, setting):
            yield Problem(number.path, repr(number.text), EXPECTED)


def _has_an_end(path: str, setting: Setting) -> bool:
    match path.split("."):
        case ["states" | "defaults", *_, field]:
            return field in LEVELS
        case ["manufacturers", _, "lines", _, "lead_time"] | ["manufacturers", _, "lines", _, "orders", _, "units"]:
            return True
        case ["conflicts", _, "attacks" | "fires", *_]:
            return True
        case ["transfers", _, stage]:
            return stage in STAGES
        case ["events", name, field]:
            event = setting.events[name]
            return field in ("lag", *STAGES) or (field == "becomes" and isinstance(event, schema.Requirement))
    return False

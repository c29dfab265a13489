"""The arithmetic of the month in plain floats, for one run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import special

from backfill.chance import SMALLEST
from backfill.reading.number import DAYS_PER_MONTH, Number

ROUNDING = 1e-9
MID_MONTH = 14


def months_later(duration: float, day: int) -> int:
    return math.floor((duration * DAYS_PER_MONTH + day) / DAYS_PER_MONTH + ROUNDING)


def triangular(uniform: float, number: Number) -> float:
    width = number.high - number.low
    if uniform * width < number.value - number.low:
        return number.low + math.sqrt(uniform * width * (number.value - number.low))
    return number.high - math.sqrt((1.0 - uniform) * width * (number.high - number.value))


def count(uniform: float, mean: float, dispersion: float) -> float:
    """The negative binomial quantile: a guess, then steps of one."""
    if mean == 0:
        return 0.0
    likely = dispersion / (dispersion + mean)
    shape = mean / (1.0 + mean / dispersion)
    root = 1.0 - 1.0 / (9.0 * shape) + float(special.ndtri(max(uniform, SMALLEST))) / (3.0 * math.sqrt(shape))
    found = round(mean * max(root, 0.0) ** 3)
    while special.betainc(dispersion, found + 1, likely) < uniform:
        found += 1
    while found > 0 and special.betainc(dispersion, found, likely) >= uniform:
        found -= 1
    return float(found)


def share_in_proportion(wanted: Sequence[float], supply: float) -> list[float]:
    asked = sum(wanted)
    given = min(asked, supply)
    if given == asked:
        return list(wanted)
    shares = [want * given // asked for want in wanted]
    by_remainder = sorted(range(len(wanted)), key=lambda row: (shares[row] * asked - wanted[row] * given, row))
    for row in by_remainder[: int(given - sum(shares))]:
        shares[row] += 1.0
    return shares


def whole_steps(rates: Sequence[float]) -> list[float]:
    steps, running, before = [], 0.0, 0
    for rate in rates:
        running += rate
        now = math.floor(running + ROUNDING)
        steps.append(float(now - before))
        before = now
    return steps


def straight_line(points: Sequence[tuple[float, float]], month: float) -> float:
    start, rate = points[0]
    found = rate
    for at, becomes in points[1:]:
        if month >= at:
            found = becomes
        elif month >= start:
            found = rate + min(max((month - start) / max(at - start, ROUNDING), 0.0), 1.0) * (becomes - rate)
        start, rate = at, becomes
    return found


def build(carry: float, capacity: float, due: float, possible: float) -> tuple[float, float, float]:
    whole = math.floor(carry + capacity + ROUNDING)
    can = min(whole, possible)
    bound = 0.0 if due <= can else 1.0 if whole <= possible else 2.0
    return float(min(can, due)), carry + capacity - whole, bound

"""A range within which a factor is put anywhere, and how a value in it is written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from backfill.arrays import Floats
from backfill.numbers import spread_of
from backfill.reading.dates import NotADate, is_month, month, written
from backfill.reading.number import Number
from backfill.reading.number_line import BEFORE, KINDS, STEP, parse

DIGITS = 6
"""Significant digits, counted from the width of a range, with which a value in it is written."""

_NUMERAL = r"\+?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_UNIT = r"[A-Za-z%][A-Za-z% ]*?"
_DATE = r"[0-9]{4}-[0-9]{2}"
_BETWEEN = re.compile(
    rf"(?P<low>{_DATE}|{_NUMERAL}) *(?P<unit>{_UNIT})? +to +(?P<high>{_DATE}|{_NUMERAL}) *(?P<last>{_UNIT})?", re.ASCII
)
_STEPS = re.compile(rf"(?P<span>.+?) +by +(?P<step>{_NUMERAL}) *(?P<unit>{_UNIT})?", re.ASCII)
_MONTHS = {"month": 1, "months": 1, "year": 12, "years": 12, "": 1}

BETWEEN, STEPS = "a range: 0 % to 100 %, or own", "equal steps: 20 % to 80 % by 20 %"


class NotASpan(ValueError):
    """A text that is no range; the message says what was expected."""


@dataclass(frozen=True)
class Span:
    """A range as it is written: two numerals and a unit, or two months.

    number: the number of the scenario whose range, and whose shape, it is; None: every value equally likely
    """

    low: Fraction
    high: Fraction
    unit: str = ""
    dates: bool = False
    number: Number | None = None

    def at(self, shares: Floats) -> list[str]:
        """The values at which so large a part of the range lies below, as they are written.  [points]"""
        if self.number is not None:
            return [self.said(Fraction(value) / self._factor) for value in spread_of(self.number, shares).tolist()]
        width = self.high - self.low
        return [self.said(self.low + width * Fraction(share)) for share in shares.tolist()]

    @property
    def _factor(self) -> Fraction:
        """What a numeral of the unit is in the canonical unit of the number."""
        if self.number is None or self.dates:
            return Fraction(1)
        units = STEP.units if self.number.of == BEFORE else KINDS[self.number.reads].units
        return units[self.unit]

    def said(self, value: Fraction) -> str:
        """A value as it is written; with six digits of the width of the range, a month as a whole one."""
        if self.dates:
            return written(round(value))
        width = float(self.high - self.low) or float(abs(self.high)) or 1.0
        digits = min(max(DIGITS - math.ceil(math.log10(width)), 0), 15)
        numeral = f"{float(value):.{digits}f}"
        numeral = numeral.rstrip("0").rstrip(".") if "." in numeral else numeral
        sign = "+" if self.number is not None and self.number.of == BEFORE else ""
        return f"{sign}{numeral} {self.unit}".strip()


def between(text: str) -> Span:
    """The range that `0 % to 100 %` means. Raises NotASpan.

    >>> import numpy as np
    >>> between("0 % to 100 %").at(np.array([0.0, 0.5, 0.333333333]))
    ['0 %', '50 %', '33.3333 %']
    >>> between("2028-01 to 2028-12").at(np.array([0.25]))
    ['2028-04']
    """
    found = _BETWEEN.fullmatch(text.strip())
    if not found:
        raise NotASpan(BETWEEN)
    units = {" ".join(unit.split()) for unit in (found["unit"], found["last"]) if unit}
    dates = is_month(found["low"])
    if len(units) > 1 or dates != is_month(found["high"]) or (dates and units):
        raise NotASpan(f"{BETWEEN}; both ends in one unit")
    low, high = (_value(found[end], dates=dates) for end in ("low", "high"))
    if high <= low:
        raise NotASpan(f"{BETWEEN}; the smaller end first")
    return Span(low, high, next(iter(units), ""), dates)


def _value(numeral: str, *, dates: bool) -> Fraction:
    try:
        return Fraction(month(numeral) if dates else numeral.removeprefix("+"))
    except NotADate as wrong:
        raise NotASpan(str(wrong)) from None


def own_range(number: Number) -> Span:
    """The range of a number of the scenario, in the unit in which it is written. Raises NotASpan."""
    if not number.ranged or not math.isfinite(number.high) or not number.reads:
        raise NotASpan(f"a number with a range in the scenario; {number.text!r} has none")
    if number.kind == "month":
        return Span(Fraction(round(number.low)), Fraction(round(number.high)), dates=True, number=number)
    unit = parse(number.text, number.reads).unit
    whole = Span(Fraction(0), Fraction(1), unit, number=number)
    low, high = (Fraction(end) / whole._factor for end in (number.low, number.high))  # noqa: SLF001
    return Span(low, high, unit, number=number)


def steps(text: str, most: int) -> list[str]:
    """The values of `20 % to 80 % by 20 %`, both ends counted. Raises NotASpan.

    >>> steps("20 % to 80 % by 20 %", 100), steps("2024-01 to 2025-01 by 6 months", 100)
    (['20 %', '40 %', '60 %', '80 %'], ['2024-01', '2024-07', '2025-01'])
    """
    found = _STEPS.fullmatch(text.strip())
    if not found:
        raise NotASpan(STEPS)
    span, unit = between(found["span"]), " ".join((found["unit"] or "").split())
    step = Fraction(found["step"])
    if span.dates:
        step *= _MONTHS.get(unit, 0)
    if step <= 0 or (unit != span.unit and unit and not span.dates):
        raise NotASpan(f"{STEPS}; a step above zero, in the unit of both ends")
    many = (span.high - span.low) // step + 1
    if many > most:
        raise NotASpan(f"{STEPS}; {most:,} steps at most")
    return [_exact(span, span.low + step * index) for index in range(many)]


def _exact(span: Span, value: Fraction) -> str:
    if span.dates:
        return written(int(value))
    numeral = f"{float(value):.12f}".rstrip("0").rstrip(".")
    return f"{numeral} {span.unit}".strip()

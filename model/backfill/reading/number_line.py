"""The number line: how `7 (4 to 10) per year @source` is read, and what is said when it cannot be."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from backfill.reading.dates import NotADate, month
from backfill.reading.words import nearest

_NUMBER = r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_DATE = r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?"
_LINE = re.compile(
    rf"(?P<value>{_DATE}|{_NUMBER}|unlimited|never)"
    rf"(?: *\( *(?P<low>{_DATE}|{_NUMBER}|unlimited|never) +to +(?P<high>{_DATE}|{_NUMBER}|unlimited|never) *\))?"
    r"(?: *(?P<unit>[A-Za-z%][A-Za-z% ]*?))?"
    r"(?P<sources>(?: +@[A-Za-z][A-Za-z0-9_-]*)*)",
    re.ASCII,
)
_ANY_UNIT = re.compile(r"(?P<before>[^@]*?)(?P<sources>(?: +@.*)?)", re.ASCII)
_DAYS = Fraction(36525, 1200)

RATE = {"per month": Fraction(1), "per year": Fraction(1, 12), "per day": _DAYS}
TIME = {
    "days": 1 / _DAYS, "day": 1 / _DAYS, "months": Fraction(1), "month": Fraction(1),
    "years": Fraction(12), "year": Fraction(12),
}  # fmt: skip
MONEY = {"usd": Fraction(1, 1000), "million usd": Fraction(1000), "billion usd": Fraction(1_000_000)}
PERCENT = {"": Fraction(1), "%": Fraction(1, 100)}
CHANCE = {"%": Fraction(1, 100), "% per month": Fraction(1, 100)}
BEFORE = "before"
"""What a step is a share of: the rate that held before it."""


@dataclass(frozen=True)
class Kind:
    """What a place in a scenario expects: its units (factor to the canonical one) and its bounds.

    steps: whether `+20 %` may stand there, a step on what held before
    """

    name: str
    units: dict[str, Fraction]
    expected: str
    most: float = math.inf
    words: tuple[str, ...] = ()
    of: dict[str, str] | None = None
    steps: bool = False


KINDS = {
    "count": Kind("count", {"": Fraction(1)}, "a number of units: 40, or 40 (20 to 60)", words=("unlimited",)),
    "rate": Kind("rate", RATE, "a rate: 510 per year, or 42 per month", words=("unlimited",)),
    "capacity": Kind("rate", RATE, "a rate: 510 per year, or 42 per month", words=("unlimited",), steps=True),
    "share": Kind("share", PERCENT, "a share: 40 % or 0.4, between 0 and 1", most=1),
    "chance": Kind("share", CHANCE, "a chance: 3 % per month", most=1),
    "factor": Kind("factor", PERCENT, "a plain number, not below zero: 1.5, or 150 %"),
    "money": Kind("money", MONEY, "an amount: 4.2 million usd", words=("unlimited",)),
    "duration": Kind("duration", TIME, "a time: 24 months, 2 years or 15 days", words=("unlimited",)),
    "level": Kind(
        "count", {"": Fraction(1), "% of requirement": Fraction(1, 100), "%": Fraction(1, 100)},
        "units, or a share: 10 % of requirement", of={"% of requirement": "requirement", "%": "requirement"},
        words=("unlimited",),
    ),
    "procurement": Kind(
        "rate", {**RATE, "% of output": Fraction(1, 100)}, "a rate, 36 per year, or a share, 36 % of output",
        of={"% of output": "output"},
    ),
    "month": Kind("month", {"": Fraction(1)}, "a month: 2028-07, or 2028-07 (2028-01 to 2030-01)", words=("never",)),
}  # fmt: skip

STEP = Kind("step", {"%": Fraction(1, 100)}, "a step on what held before: +20 %, or +20 (10 to 30) %")


class NumberFault(ValueError):
    """A number that cannot be read: what was found, what was expected, the nearest right form."""

    def __init__(self, found: str, expected: str, nearest: str = "") -> None:
        super().__init__(found)
        self.found, self.expected, self.nearest = found, expected, nearest


@dataclass(frozen=True)
class Line:
    """A number line taken apart, its values in the canonical unit of its kind."""

    value: float
    low: float
    high: float
    kind: str
    of: str
    unit: str
    sources: tuple[str, ...]
    ranged: bool


@lru_cache(maxsize=20_000)
def parse(text: str, kind: str) -> Line:
    """Read a number line of a kind (a key of KINDS). Raises NumberFault.

    >>> parse("24 months", "duration").value == parse("2 years", "duration").value
    True
    >>> parse("70 (40 to 90) % @will", "share")
    Line(value=0.7, low=0.4, high=0.9, kind='share', of='', unit='%', sources=('will',), ranged=True)
    """
    what = KINDS[kind]
    written = _LINE.fullmatch(text.strip())
    if not written:
        raise _unreadable(text, what)
    unit = " ".join((written["unit"] or "").split())
    value, low, high = (written[part] for part in ("value", "low", "high"))
    if what.steps and unit in STEP.units:
        what, value, low, high = STEP, *_rises(text, value, low, high)
    if value in what.words and not unit:
        unit = next(iter(what.units))
    if unit not in what.units:
        raise _wrong_unit(text, unit, what)
    middle = _canonical(value, unit, what, text)
    least, most = (_canonical(part, unit, what, text) if part else middle for part in (low, high))
    if not least <= middle <= most:
        said = f"low <= value <= high, but {value} is not between {low} and {high}"
        raise NumberFault(repr(text), said)
    share_of = (what.of or {}).get(unit, "")
    of, name = (BEFORE, what.name) if what is STEP else (share_of, "share" if share_of else what.name)
    sources = tuple(word[1:] for word in written["sources"].split())
    return Line(middle, least, most, name, of, unit, sources, low is not None)


def _rises(text: str, value: str, *limits: str | None) -> tuple[str, str | None, str | None]:
    """The numerals of a step without their plus; the first must have one, or it would be taken for a level."""
    if not value.startswith("+"):
        raise NumberFault(repr(text), STEP.expected, f"+{text.strip()}" if value[:1].isdigit() else "")
    low, high = (limit.removeprefix("+") if limit else limit for limit in limits)
    return value.removeprefix("+"), low, high


def _canonical(part: str, unit: str, what: Kind, text: str) -> float:
    """One numeral in the canonical unit; exact until the last step, so that equal quantities are equal."""
    if part in ("unlimited", "never"):
        if part not in what.words:
            raise NumberFault(repr(text), what.expected)
        return math.inf
    if what.name == "month":
        return float(_as_month(part, text, what))
    if re.fullmatch(_DATE, part, re.ASCII):
        raise NumberFault(f"the date {part!r}", what.expected)
    number = float(Fraction(part) * what.units[unit])
    most = 1.0 if what.of and unit in what.of else what.most
    if part.startswith("+"):
        raise NumberFault(f"a step, {part!r}", what.expected)
    if not 0 <= number <= most:
        low = (
            ", not below zero" if number < 0 and "between" not in what.expected and "below" not in what.expected else ""
        )
        raise NumberFault(text, what.expected + low, f"{part} %" if most < number <= 100 and not unit else "")
    return number


def _as_month(part: str, text: str, what: Kind) -> int:
    try:
        return month(part)
    except NotADate as fault:
        raise NumberFault(repr(text), f"{what.expected}; {fault}") from None


def _wrong_unit(text: str, unit: str, what: Kind) -> NumberFault:
    if not unit:
        return NumberFault(f"{text!r} without a unit", what.expected)
    return NumberFault(f"the unit {unit!r} in {text!r}", what.expected, _near_unit(unit, what))


def _near_unit(unit: str, what: Kind) -> str:
    return nearest(unit, [name for name in what.units if name])


def _unreadable(text: str, what: Kind) -> NumberFault:
    """Name the usual reasons why a number line cannot be read."""
    if not text.isascii():
        odd = next(character for character in text if not character.isascii())
        return NumberFault(f"the character {odd!r} in {text!r}", f"plain digits and letters; {what.expected}")
    if re.search(r"[0-9],[0-9]{3}", text):
        return NumberFault(
            repr(text), f"digits without commas; {what.expected}", re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text)
        )
    if re.search(r"\([^()]*(-|,|\.\.)[^()]*\)", text) and " to " not in text:
        return NumberFault(repr(text), "a range with 'to': 7 (4 to 10)")
    if re.match(r"\s*@", text):
        return NumberFault(repr(text), "the number before its source: 7 (4 to 10) @source")
    return NumberFault(repr(text), what.expected)

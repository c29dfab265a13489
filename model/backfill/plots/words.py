"""How a figure says numbers, months and names, so that every sentence on it is true and fits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backfill.words import DASH, MINUS, MONTHS, cut, decides, possessive, signed, state_name, with_article
from backfill.words import capital as sentence
from backfill.words import count as several
from backfill.words import long_month as month_words
from backfill.words import number as whole
from backfill.words import one_line as plain

__all__ = [
    "DASH",
    "MINUS",
    "MONTHS",
    "Scale",
    "about",
    "cut",
    "doctrine_words",
    "lines_of",
    "month_number",
    "month_words",
    "plain",
    "possessive",
    "scale_for",
    "sentence",
    "several",
    "signed",
    "spelled",
    "spoken",
    "state_name",
    "whole",
    "with_article",
]

SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


LARGE, MILLION = 100_000, 1_000_000
"""Where numbers are said in thousands and in millions, to three digits."""


@dataclass(frozen=True)
class Scale:
    """What numbers of a panel are counted in: 1, or 1,000 where seven digits would only seem exact."""

    each: int = 1

    @property
    def words(self) -> str:
        """What a subtitle says of it; empty for plain units."""
        return "" if self.each == 1 else "thousand"

    def number(self, value: float) -> str:
        """A value in this scale, to three digits where it is large."""
        return whole(_three_digits(value / self.each) if self.each > 1 else value)

    def signed(self, value: float) -> str:
        """A difference in this scale."""
        return signed(_three_digits(value / self.each) if self.each > 1 else value)


def scale_for(values: Iterable[float]) -> Scale:
    """The scale in which the largest of some values is easily read.

    >>> scale_for([2.0, 514_919.0]).number(514_919.0), scale_for([2.0, 3_196.0]).number(3_196.0)
    ('515', '3,196')
    """
    return Scale(1000 if max(map(abs, values), default=0.0) >= LARGE else 1)


def about(value: float) -> str:
    """A number inside a sentence: whole ones as they are, large ones to three digits.

    >>> about(3_196.2), about(514_919.0), about(-2_400_013.0)
    ('3,196', '515 thousand', '−2.40 million')
    """
    size = abs(_three_digits(value))
    if size < LARGE:
        return whole(value)
    if size < MILLION:
        return f"{whole(_three_digits(value) / 1000)} thousand"
    exact = _three_digits(value) / MILLION
    return f"{whole(exact, max(0, 2 - math.floor(math.log10(abs(exact)))))} million"


def _three_digits(value: float) -> float:
    """A value of 1,000 or more to three digits; a smaller one as it is."""
    size = abs(value)
    return value if size < 1000 or not math.isfinite(size) else round(value, 2 - math.floor(math.log10(size)))


def spelled(count: int) -> str:
    """Small counts as words.

    >>> spelled(6), spelled(40)
    ('six', '40')
    """
    return SMALL[count] if 0 <= count < len(SMALL) else whole(count)


def month_number(label: str) -> int:
    """The month that `2022-01` names: year * 12 + month - 1.

    >>> month_number("2022-01")
    24264
    """
    year, month = label.split("-")[:2]
    return int(year) * 12 + int(month) - 1


def spoken(name: str) -> str:
    """The id of an arm or event as words: no_backfill is said `no backfill`, a+b is said `a + b`."""
    return name.replace("_", " ").replace("+", " + ")


def lines_of(text: str, width: int, most: int) -> list[str]:
    """The text in as few lines as it needs, at most `most`, about equally long; what does not fit is cut.

    >>> lines_of("one two three four", 10, 2)
    ['one two', 'three four']
    """
    words = [cut(word, width) for word in _kept_together(plain(text).split())]
    filled = _filled(words, width)
    if len(filled) > most:
        rest = " ".join(filled[most - 1 :])
        return [*filled[: most - 1], cut(rest, width)]
    narrowest = next(room for room in range(1, width + 1) if len(_filled(words, room)) <= max(len(filled), 1))
    return _filled(words, narrowest) or [""]


def _kept_together(words: list[str]) -> list[str]:
    """A number and what it counts stay in one line.

    >>> _kept_together(["costs", "1.01", "million", "more"])
    ['costs', '1.01 million', 'more']
    """
    found: list[str] = []
    for word in words:
        if found and word in ("thousand", "million", "%"):
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def _filled(words: list[str], width: int) -> list[str]:
    """Words laid into lines one after the other."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def doctrine_words(setting: Any) -> str:
    """How the donor decides to give: `Gifts by headroom, sales by flow`, empty if the scenario is silent."""
    return sentence(decides(setting))

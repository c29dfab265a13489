"""How a figure says numbers, months and names, so that every sentence on it is true and fits."""

from __future__ import annotations

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
    "cut",
    "doctrine_words",
    "lines_of",
    "month_number",
    "month_words",
    "plain",
    "possessive",
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
    words = [cut(word, width) for word in plain(text).split()]
    filled = _filled(words, width)
    if len(filled) > most:
        rest = " ".join(filled[most - 1 :])
        return [*filled[: most - 1], cut(rest, width)]
    narrowest = next(room for room in range(1, width + 1) if len(_filled(words, room)) <= max(len(filled), 1))
    return _filled(words, narrowest) or [""]


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

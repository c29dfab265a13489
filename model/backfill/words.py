"""How numbers, months and states are said in a table and in a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
UNDEFINED = DASH
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WITH_ARTICLE = (
    *("United ", "Netherlands", "Philippines", "Czech Republic", "European Union", "Bahamas", "Maldives", "Comoros"),
    *("Central African", "Democratic Republic", "Dominican", "Marshall", "Solomon", "Seychelles", "Holy See"),
    *("Security Council", "Arms Trade Treaty"),
)
MOST_NAME = 28
MOST_SUBJECT = 48


def number(value: float, decimals: int = 0) -> str:
    """Units to whole ones, shares to two digits, a thousands comma and a true minus; never a minus before zero.

    >>> number(1234.4), number(-0.3), number(-0.256, 2)
    ('1,234', '0', '−0.26')
    """
    text = f"{abs(value):,.{decimals}f}"
    negative = value < 0 and any(digit in text for digit in "123456789")
    return (MINUS if negative else "") + text


def signed(value: float, decimals: int = 0) -> str:
    """A difference says its sign; zero has none.

    >>> signed(30), signed(0.2), signed(-0.25, 1)
    ('+30', '0', '−0.2')
    """
    text = number(value, decimals)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def interval(low: float, high: float, decimals: int = 0) -> str:
    """From low to high; with a word in between where a minus would meet the dash.

    >>> interval(380, 440), interval(-0.1, 0.25, 2)
    ('380–440', '−0.10 to 0.25')
    """
    first, last = number(low, decimals), number(high, decimals)
    return f"{first} to {last}" if MINUS in first + last else f"{first}{DASH}{last}"


def percent(share: float) -> str:
    """A share in whole per cent.

    >>> percent(0.414)
    '41 %'
    """
    return f"{number(100 * share)} %"


def in_runs(share: float) -> str:
    """In which share of runs something is so; neither all nor none where that is the rounding's.

    >>> in_runs(1.0), in_runs(0.414), in_runs(0.998), in_runs(0.001)
    ('in every run', 'in 41 % of runs', 'in nearly every run', 'in hardly any run')
    """
    if share == 1:
        return "in every run"
    rounded = round(100 * share)
    return (
        "in nearly every run" if rounded == 100 else f"in {percent(share)} of runs" if rounded else "in hardly any run"
    )


def quoted(text: str) -> str:
    """A user's words inside a sentence, so that one sees where they end."""
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"


def count(many: int, noun: str, nouns: str = "") -> str:
    """A count with its noun; the plural where it is irregular.

    >>> count(1, "run"), count(200, "run"), count(2, "criterion", "criteria")
    ('1 run', '200 runs', '2 criteria')
    """
    return f"{many:,} {noun if many == 1 else nouns or noun + 's'}"


def short_month(label: str) -> str:
    """The head of a column.

    >>> short_month("2025-12")
    'Dec 2025'
    """
    year, month = label.split("-")
    return f"{MONTHS[int(month) - 1][:3]} {year}"


def long_month(label: str) -> str:
    """A month inside a sentence.

    >>> long_month("2030-12")
    'December 2030'
    """
    year, month = label.split("-")
    return f"{MONTHS[int(month) - 1]} {year}"


def with_article(name: str) -> str:
    """The name of a state inside a sentence.

    >>> with_article("United States"), with_article("Japan")
    ('the United States', 'Japan')
    """
    return f"the {name}" if name.startswith(WITH_ARTICLE) else name


def possessive(name: str) -> str:
    """What belongs to a state: Japan's."""
    return name + APOSTROPHE + ("" if name.endswith("s") else "s")


def capital(text: str) -> str:
    """The text with a capital at its start; the rest stays as written."""
    return text[:1].upper() + text[1:]


def listed(words: Sequence[str]) -> str:
    """Words one after the other.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def one_line(text: str) -> str:
    """A user's words in one line, without anything that could steer a terminal."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())


def cut(text: str, most: int) -> str:
    """At most so many columns, ended by an ellipsis if something is missing."""
    if width(text) <= most:
        return text
    kept = text
    while kept and width(kept) >= most:
        kept = kept[:-1]
    return kept.rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def width(text: str) -> int:
    """Columns that a text takes on a terminal: Chinese and Japanese letters take two, accents none.

    >>> width("Ukraine"), width("日本")
    (7, 4)
    """
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def state_name(setting: Any, code: str) -> str:
    """What the scenario calls a state; its code if it has no name."""
    state = setting.states.get(code)
    return cut(one_line(getattr(state, "name", "") or code), MOST_NAME)


def decides(setting: Any) -> str:
    """How the donor decides to give: `gifts by headroom, sales by flow`; empty if the scenario is silent."""
    state = setting.states.get(setting.roles.donor)
    ways = [doctrine_of(state, channel) for channel in ("gift", "sale")]
    if ways[0] == ways[1]:
        return f"gifts and sales by {ways[0]}" if ways[0] else ""
    said = [f"{noun} by {way}" for noun, way in zip(("gifts", "sales"), ways, strict=True) if way]
    return ", ".join(said)


def doctrine_of(state: Any, channel: str) -> str:
    """What the doctrine of a state for one channel is called; empty if it has none."""
    found = getattr(getattr(state, channel, None), "doctrine", None) or getattr(state, "doctrine", None)
    return found.kind.replace("_", " ") if found is not None else ""


CAUSES = {
    "transit": "in transit",
    "procedure": "under contract",
    "rule": "barred by law",
    "consent": "no consent",
    "decision": "not yet decided",
    "floor": "kept for a floor",
    "will": "not let go",
    "strings": "lots with strings",
    "money": "no money",
    "component": "parts run short",
    "capacity": "lines too slow",
    "queue": "waits its turn at a line",
    "stock": "nobody has it",
}
"""What keeps units from a state that asks for them."""


def cause_words(cause: str) -> str:
    """What a cause is called; one that this file does not know by its own name.

    >>> cause_words("rule"), cause_words("bad_luck")
    ('barred by law', 'bad luck')
    """
    return CAUSES.get(cause, cause.replace("_", " "))


CONTAINERS = {
    *("states", "manufacturers", "lines", "events", "conflicts", "items", "needs", "defaults"),
    *("parts", "transfers", "contracts", "orders", "arms"),
}
SAID_OTHERWISE = {
    "inventory equivalents": "first stock",
    "inventory units": "first stock",
    "inventory per fire unit": "rounds for each fire unit",
}


def path_words(setting: Any, path: str) -> str:
    """The address of a number as words: what has a title or a name, then what is said of it.

    `states.USA.floor` reads `United States: floor`; what nobody named is called by its id.
    """
    node, subject, said = setting, "", list[str]()
    for step in path.split("."):
        node = node.get(step) if isinstance(node, dict) else getattr(node, step, None)
        name = _own_name(node)
        subject, said = (name, []) if name else (subject, [*said, step])
    rest = " ".join(step.replace("_", " ") for step in said if step not in CONTAINERS)
    rest = SAID_OTHERWISE.get(rest, rest.replace("inventory ", "first stock, "))
    return f"{cut(subject, MOST_SUBJECT)}: {rest}" if subject and rest else subject or rest


def _own_name(node: Any) -> str:
    """The title or the name that a part of a scenario gives itself."""
    words = (getattr(node, field, "") for field in ("title", "name"))
    return next((one_line(word) for word in words if isinstance(word, str) and word), "")


_LONG = re.compile(r"(?<![\w.])\d{1,6}\.\d{3,}(?![\w.])")


def few_digits(text: str) -> str:
    """A setting as one reads it: long decimals in four digits, as a sample draws them.

    >>> few_digits("80.93186 %"), few_digits("2.5 %")
    ('80.93 %', '2.5 %')
    """
    return _LONG.sub(lambda found: f"{float(found[0]):.4g}", text)


_MARKS = re.compile(r"[\\`*_\[\]<>|~$^]|(?<=\])\(|^[#=+!-]")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")


def markdown(text: str) -> str:
    r"""A user's words in a Markdown file: nothing in them becomes a mark, a link, a list or a tag.

    >>> print(markdown("a * b (see [x])"), markdown("1. first"))
    a \* b (see \[x\]) 1\. first
    """
    marked = _MARKS.sub(lambda found: "\\" + found.group(), one_line(text))
    return _NUMBERED.sub(r"\1\\\2", marked).replace("://", ":\\/\\/")

"""How a figure says numbers, months and names, so that every sentence on it is true and fits."""

from __future__ import annotations

from typing import Any

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
MOST_NAME = 28
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WITH_ARTICLE = (
    *("United ", "Netherlands", "Philippines", "Czech Republic", "European Union", "Bahamas", "Maldives", "Comoros"),
    *("Central African", "Democratic Republic", "Dominican", "Marshall", "Solomon", "Seychelles", "Holy See"),
    *("Security Council", "Arms Trade Treaty"),
)


def whole(number: float) -> str:
    """Units to whole ones, with a thousands comma and a true minus.

    >>> whole(1234.4), whole(-0.3)
    ('1,234', '0')
    """
    rounded = round(float(number))
    return (MINUS if rounded < 0 else "") + f"{abs(rounded):,}"


def signed(number: float) -> str:
    """A difference: its sign is always said, but for zero.

    >>> signed(30), signed(0.2)
    ('+30', '0')
    """
    rounded = round(float(number))
    return ("+" if rounded > 0 else "") + whole(rounded)


def spelled(count: int) -> str:
    """Small counts as words.

    >>> spelled(6), spelled(40)
    ('six', '40')
    """
    return SMALL[count] if 0 <= count < len(SMALL) else whole(count)


def several(count: int, noun: str) -> str:
    """A count with its noun in the right number.

    >>> several(1, "month"), several(21, "month")
    ('1 month', '21 months')
    """
    return f"{whole(count)} {noun}" + ("" if count == 1 else "s")


def month_number(label: str) -> int:
    """The month that `2022-01` names: year * 12 + month - 1.

    >>> month_number("2022-01")
    24264
    """
    year, month = label.split("-")[:2]
    return int(year) * 12 + int(month) - 1


def month_words(label: str) -> str:
    """A month in words.

    >>> month_words("2030-12")
    'December 2030'
    """
    number = month_number(label)
    return f"{MONTHS[number % 12]} {number // 12}"


def with_article(name: str) -> str:
    """The name of a state inside a sentence.

    >>> with_article("United States"), with_article("Japan")
    ('the United States', 'Japan')
    """
    return f"the {name}" if name.startswith(WITH_ARTICLE) else name


def possessive(name: str) -> str:
    """What belongs to a state: Japan's."""
    return name + APOSTROPHE + ("" if name.endswith("s") else "s")


def sentence(text: str) -> str:
    """The text with a capital at its start; the rest stays as written."""
    return text[:1].upper() + text[1:]


def spoken(name: str) -> str:
    """The id of an arm or event as words: no_backfill is said `no backfill`, a+b is said `a + b`."""
    return name.replace("_", " ").replace("+", " + ")


def plain(text: str) -> str:
    """The text in one line, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())


def cut(text: str, most: int) -> str:
    """At most so many characters, ended by an ellipsis if something is missing.

    >>> len(cut("a very long name", 9))
    9
    """
    return text if len(text) <= most else text[: max(most - 1, 0)].rstrip(" ,;:.") + ELLIPSIS


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


def state_name(setting: Any, code: str) -> str:
    """What the scenario calls a state, cut if it is long; its code if it has no name."""
    state = setting.states.get(code)
    return cut(plain(getattr(state, "name", "") or code), MOST_NAME)


def doctrine_words(setting: Any) -> str:
    """How the donor decides to give: `Gifts by headroom, sales by flow`, empty if the scenario is silent."""
    state = setting.states.get(setting.roles.donor)
    common = getattr(state, "doctrine", None) or getattr(setting.defaults.state, "doctrine", None)
    gift, sale = (_kind(getattr(state, channel, None), common) for channel in ("gift", "sale"))
    if gift and sale and gift != sale:
        return f"Gifts by {gift}, sales by {sale}"
    return f"Gifts by {gift or sale}" if gift or sale else ""


def _kind(channel: Any, common: Any) -> str:
    doctrine = getattr(channel, "doctrine", None) or common
    return spoken(doctrine.kind) if doctrine is not None else ""

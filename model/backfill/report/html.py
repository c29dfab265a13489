"""Markup in which whatever is not markup already is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f]+\Z", re.IGNORECASE)
_EMPTY = frozenset({"meta"})


class Html(str):
    """Text that is markup; any other text is a user's and becomes markup by `text`."""

    __slots__ = ()


def text(words: str) -> Html:
    """Words as they are to be read.

    >>> text("<b>"), text(Html("<b>"))
    ('&lt;b&gt;', '<b>')
    """
    return words if isinstance(words, Html) else Html(escape(words))


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after the other, each escaped unless it is markup."""
    return Html(text(between).join(text(part) for part in parts))


def element(name: str, /, *inside: str, **attributes: str) -> Html:
    """An element with what is inside it; a trailing underscore of an attribute falls away, others become hyphens.

    >>> element("p", "a < b", class_="x")
    '<p class="x">a &lt; b</p>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value
    )
    return Html(f"<{name}{said}>" if name in _EMPTY else f"<{name}{said}>{joined(inside)}</{name}>")


def link(address: str, words: str) -> Html:
    """A link if the address is one of the web, else only its words.

    >>> link("javascript:alert(1)", "law")
    'law'
    """
    return element("a", words, href=address) if _ADDRESS.match(address) else text(words)


def grid(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = True, told: bool = False
) -> Html:
    """A table that scrolls on a narrow screen; its first column names the rows.

    numbers: whether the other columns hold numbers, which stand at the right
    told: whether the caption stands above the table already, as text
    """
    top = joined(element("th", cell, scope="col") for cell in head)
    body = joined(
        element("tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])) for row in rows
    )
    table = element(
        "table",
        element("caption", element("span", caption, class_="unseen") if told else caption),
        element("thead", element("tr", top)),
        element("tbody", body),
        class_="numbers" if numbers else "words",
    )
    return element("div", table, class_="wide", role="region", aria_label=caption, tabindex="0")

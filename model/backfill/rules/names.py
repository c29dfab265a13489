"""States and days as a sentence calls them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from backfill.reading.countries import NAMES, is_code
from backfill.words import MONTHS, listed, one_line, with_article

BODIES = {
    "UNO": "United Nations",
    "UN": "Security Council",
    "EU": "European Union",
    "ATT": "Arms Trade Treaty",
}


class Names:
    """What states are called: as a scenario says, else as the world does, else by their code."""

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._own = {code: one_line(name) for code, name in (own or {}).items() if name}

    def __call__(self, code: str) -> str:
        """The name inside a sentence: the United States."""
        return with_article(self.plain(code))

    def plain(self, code: str) -> str:
        """The name alone: United States."""
        return self._own.get(code) or NAMES.get(code) or BODIES.get(code, code)

    def first(self, code: str) -> str:
        """The name at the beginning of a sentence: The United States."""
        name = self(code)
        return name[:1].upper() + name[1:]

    def listed(self, codes: Iterable[str]) -> str:
        """Several names: Japan, Italy and the United Kingdom."""
        return listed([self(code) for code in codes])

    def is_state(self, code: str) -> bool:
        """Whether a claimant is a state and no body."""
        return is_code(code)


def written(on: dt.date) -> str:
    """A day in a sentence, in English whatever the locale.

    >>> written(dt.date(2023, 12, 22))
    '22 December 2023'
    """
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"

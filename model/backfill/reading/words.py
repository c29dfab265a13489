"""The word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

WHAT_PEOPLE_SAY = {
    "hold": "pause", "stop": "pause", "freeze": "pause", "suspend": "pause",
    "gift": "pledge", "donation": "pledge", "package": "pledge", "aid": "pledge",
    "refill": "promise", "backfill": "promise", "swap": "promise",
    "escalation": "phase", "surge": "phase", "attack": "shock", "money": "budget", "fund": "budget",
    "expansion": "capacity", "ramp": "capacity", "objective": "requirement", "readiness": "will",
    "reprioritise": "queue", "priority": "queue",
    "country": "states", "countries": "states", "wars": "conflicts", "factories": "manufacturers",
    "threshold": "floor", "inventory": "stock", "start": "since", "begin": "since", "end": "until",
    "on": "date", "when": "date", "donor": "from", "recipient": "to", "quantity": "units", "amount": "units",
    "remove": "without", "drop": "without", "enable": "with", "disable": "without", "license": "licence",
    "UK": "GBR", "GB": "GBR", "US": "USA", "DE": "DEU", "GER": "DEU", "Germany": "DEU", "JP": "JPN", "Japan": "JPN",
    "UA": "UKR", "Ukraine": "UKR", "FR": "FRA", "PL": "POL", "NL": "NLD", "ES": "ESP", "SE": "SWE", "IL": "ISR",
    "CH": "CHE", "SUI": "CHE", "Switzerland": "CHE", "TW": "TWN", "KR": "KOR", "NO": "NOR", "DK": "DNK", "GR": "GRC",
    "RO": "ROU", "EE": "EST", "Israel": "ISR", "Poland": "POL", "Taiwan": "TWN", "KSA": "SAU", "UAE": "ARE",
}  # fmt: skip
"""Words in use for things that have another name here."""


def nearest(word: str, legal: Iterable[str]) -> str:
    """The legal word closest to the one that was written, or nothing.

    >>> nearest("flor", ["name", "floor", "will"]), nearest("hold", ["pause", "pledge"]), nearest("zzz", ["pause"])
    ('floor', 'pause', '')
    """
    words = sorted(set(legal))
    meant = WHAT_PEOPLE_SAY.get(word) or WHAT_PEOPLE_SAY.get(word.lower(), "")
    if meant in words and not _with_the_word(word, words):
        return meant
    same = [legal_word for legal_word in words if legal_word.lower() == word.lower()]
    close = same or get_close_matches(word[:200], words, n=1, cutoff=0.6) or _with_the_word(word, words)
    return close[0] if close else ""


def _with_the_word(word: str, words: Iterable[str]) -> list[str]:
    """The one name of several words of which the word is one.

    >>> _with_the_word("refill", ["years_to_refill", "regret"]), _with_the_word("aid", ["aid_lost", "aid_won"])
    (['years_to_refill'], [])
    """
    found = [name for name in words if "_" in name and word.lower() in name.split("_")]
    return found if len(found) == 1 else []


def hint(word: str, legal: Iterable[str]) -> str:
    """The end of a message: the word that was meant, if one is close.

    >>> hint("flor", ["name", "floor"]), hint("zzz", ["pause"])
    ('; nearest: floor', '')
    """
    near = nearest(word, legal)
    return f"; nearest: {near}" if near else ""


def listed(words: Iterable[str], most: int = 40) -> str:
    """Words for a message, not too many of them."""
    every = list(words)
    return ", ".join(every[:most]) + (" ..." if len(every) > most else "")

"""The clerk who reads a file of law field by field and writes down everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from backfill.errors import Place, Problem
from backfill.reading.countries import is_code
from backfill.reading.dates import NotADate, day
from backfill.reading.number_line import Line, NumberFault, parse
from backfill.reading.words import listed, nearest
from backfill.rules.law import Source, Window

BODIES = ("UNO",)
"""Recipients that are no states: the United Nations."""

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}", re.ASCII)
GROUP = re.compile(r"[A-Z]{2,8}", re.ASCII)
"""What a group of states may be called: EU, UN, ATT."""

GRADES = ("high", "medium", "low")


class Clerk:
    """Reads values where they are due; what does not fit becomes a problem and an empty value."""

    def __init__(self) -> None:
        """Nothing is wrong yet."""
        self.problems: list[Problem] = []

    def complain(self, path: str, found: str, expected: str, near: str = "", place: Place | None = None) -> None:
        """Write a mistake down."""
        self.problems.append(Problem(path, found, expected, near, place))

    def fields(self, raw: Any, path: str, known: Collection[str], due: Collection[str] = ()) -> Mapping[str, Any]:
        """A map with known fields only, of which some must be there; an empty one if it is none."""
        if not isinstance(raw, Mapping):
            self.complain(path, _shown(raw), "a map: name, colon, value", "", getattr(raw, "place", None))
            return {}
        for key in raw:
            if key not in known:
                found = f"the unknown field {str(key)!r}"
                self.complain(
                    f"{path}.{key}", found, f"one of {listed(known)}", nearest(str(key), known), key_at(raw, key)
                )
        for key in due:
            if key not in raw:
                self.complain(f"{path}.{key}", "nothing", f"the field {key}", "", getattr(raw, "place", None))
        return raw

    def entries(self, raw: Mapping[str, Any], key: str, path: str) -> Iterator[tuple[str, Any, str]]:
        """The named entries of a map of maps: name, value, path."""
        inner = raw.get(key, {})
        if not isinstance(inner, Mapping):
            self.complain(f"{path}.{key}", _shown(inner), "a map of names", "", place_of(raw, key))
            return
        for name, value in inner.items():
            if not NAME.fullmatch(str(name)):
                self.complain(
                    f"{path}.{key}.{name}",
                    repr(str(name)),
                    "a name of letters, digits, _ and -",
                    "",
                    key_at(inner, name),
                )
            yield str(name), value, f"{path}.{key}.{name}"

    def text(self, raw: Mapping[str, Any], key: str, path: str) -> str:
        """A text, or nothing."""
        value = raw.get(key, "")
        if isinstance(value, str):
            return str(value)
        self.complain(f"{path}.{key}", _shown(value), "a text", "", place_of(raw, key))
        return ""

    def word(self, raw: Mapping[str, Any], key: str, path: str, known: Sequence[str], default: str = "") -> str:
        """One word of a closed set; the default where nothing is written."""
        if key not in raw:
            return default
        value = raw[key]
        if isinstance(value, str) and value in known:
            return str(value)
        near = nearest(str(value), known) if isinstance(value, str) else ""
        self.complain(f"{path}.{key}", _shown(value), f"one of {listed(known)}", near, place_of(raw, key))
        return default or known[0]

    def words(self, raw: Mapping[str, Any], key: str, path: str) -> tuple[str, ...]:
        """A list of words, or nothing."""
        value = raw.get(key, ())
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            return tuple(str(one) for one in value)
        self.complain(f"{path}.{key}", _shown(value), "a list of words: [one, other]", "", place_of(raw, key))
        return ()

    def cited(self, raw: Mapping[str, Any], key: str, path: str, sources: Mapping[str, Source]) -> tuple[str, ...]:
        """Ids of sources that are there."""
        value = raw.get(key, ())
        ids = (str(value),) if isinstance(value, str) else self.words(raw, key, path)
        for one in ids:
            if one not in sources:
                self.complain(
                    f"{path}.{key}",
                    repr(one),
                    "a source or an assumption of this file",
                    nearest(one, sources),
                    place_of(raw, key),
                )
        return ids

    def window(self, raw: Mapping[str, Any], path: str) -> Window:
        """The days from `since`, which counts, to `until`, which does not; `never` opens or closes nothing."""
        since, until = (self._day(raw, key, path) for key in ("since", "until"))
        if since and until and until <= since:
            self.complain(
                f"{path}.until",
                repr(str(raw["until"])),
                f"a day after since, which is {raw['since']}",
                "",
                place_of(raw, "until"),
            )
        return Window(since, until, never=raw.get("since") == "never")

    def _day(self, raw: Mapping[str, Any], key: str, path: str) -> Any:
        value = raw.get(key)
        if value in (None, "never"):
            return None
        try:
            return day(value) if isinstance(value, str) else self._no_day(raw, key, path, "a day as text: 2023-12-22")
        except NotADate as fault:
            return self._no_day(raw, key, path, f"{fault}, or never")

    def _no_day(self, raw: Mapping[str, Any], key: str, path: str, expected: str) -> None:
        self.complain(f"{path}.{key}", _shown(raw[key]), expected, "", place_of(raw, key))

    def number(
        self, raw: Mapping[str, Any], key: str, path: str, kind: str, sources: Mapping[str, Source]
    ) -> Line | None:
        """A number line of a kind, with sources that are there; None if nothing is said."""
        if key not in raw:
            return None
        try:
            line = parse(str(raw[key]), kind)
        except NumberFault as fault:
            self.complain(f"{path}.{key}", fault.found, fault.expected, fault.nearest, place_of(raw, key))
            return None
        for one in line.sources:
            if one not in sources:
                self.complain(
                    f"{path}.{key}",
                    f"the source @{one}",
                    "a source or an assumption of this file",
                    nearest(one, sources),
                    place_of(raw, key),
                )
        return line

    def code(self, value: Any, path: str, place: Place | None) -> str:
        """A state, or a body such as UNO, by three capital letters."""
        if is_party(value):
            return str(value)
        self.complain(path, _shown(value), "a state by its ISO 3166 alpha-3 code", "", place)
        return ""

    def sources(self, raw: Mapping[str, Any], path: str) -> dict[str, Source]:
        """The sources of a file and its assumptions, by id."""
        found: dict[str, Source] = {}
        for name, entry, where in self.entries(raw, "sources", path):
            fields = self.fields(entry, where, ("title", "url", "grade", "note"), due=("title", "url", "grade"))
            url = self.text(fields, "url", where)
            if url and not url.startswith(("http://", "https://")):
                self.complain(
                    f"{where}.url", repr(url), "an address that begins with http", "", place_of(fields, "url")
                )
            found[name] = Source(
                name, self.text(fields, "title", where), url, self.word(fields, "grade", where, GRADES, "high")
            )
        for name, entry, where in self.entries(raw, "assumptions", path):
            if not isinstance(entry, str):
                self.complain(
                    where, _shown(entry), "a sentence that gives the reason", "", getattr(entry, "place", None)
                )
            found[name] = Source(name, str(entry))
        return found


def is_party(value: Any) -> bool:
    """Whether a value names a state, real or invented, or a body that may receive arms."""
    return isinstance(value, str) and (is_code(value) or value in BODIES)


def place_of(raw: Any, key: str) -> Place | None:
    """Where a value stands, if anybody wrote it down."""
    own = getattr(raw.get(key), "place", None) if isinstance(raw, Mapping) else None
    places = getattr(raw, "places", {})
    found = own or (places.get(key) if isinstance(places, Mapping) else None) or getattr(raw, "place", None)
    return found if isinstance(found, Place) else None


def key_at(raw: Any, key: str) -> Place | None:
    """Where a name stands, if anybody wrote it down."""
    found = getattr(raw, "keys_at", {}).get(key) or getattr(key, "place", None)
    return found if isinstance(found, Place) else None


def _shown(value: Any) -> str:
    """A value as messages show it."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a map"
    return "a list" if isinstance(value, list | tuple) else repr(str(value) if isinstance(value, str) else value)

"""A file of the world, read into plain data in which every value still knows its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Self

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from backfill.errors import Place, Problem, ScenarioProblems
from backfill.reading.faults import syntax_fault

MOST_DEPTH = 12
MOST_DEPTH_STORED = 24  # a stored scenario holds files of law within itself
MOST_ENTRIES = 50_000
MOST_CHARACTERS = 2_000
MOST_BYTES = 1_000_000

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?", re.ASCII)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None, "~": None}


class Map(dict[str, Any]):
    """Named things, with the place of each name (`keys_at`) and of each value (`places`).

    path: the dotted path of the map in its scenario, once it is settled
    """

    def __init__(self, place: Place, path: str = "") -> None:
        super().__init__()
        self.place = place
        self.path = path
        self.keys_at: dict[str, Place] = {}
        self.places: dict[str, Place] = {}

    def write(self, key: str, value: Any, *, key_at: Place, place: Place) -> None:
        """Set a value together with its place."""
        self[key] = value
        self.keys_at.setdefault(key, key_at)
        self.places[key] = place

    def place_of(self, key: str) -> Place:
        """Where a value stands; the map's own place if nobody knows."""
        return self.places.get(key, self.place)


class Said(str):
    """A word or a number as it was written, with its place and its path."""

    __slots__ = ("path", "place")
    place: Place
    path: str

    def __new__(cls, text: str, place: Place, path: str) -> Self:
        said = super().__new__(cls, text)
        said.place, said.path = place, path
        return said

    def __reduce__(self) -> tuple[type[Said], tuple[str, Place, str]]:
        return Said, (str(self), self.place, self.path)


class Items(list[Any]):
    """Values in a row, with their places."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []

    def write(self, value: Any, place: Place) -> None:
        """Append a value together with its place."""
        self.append(value)
        self.places.append(place)


def read_file(path: Path, shown: str | None = None) -> Map:
    """Read one YAML 1.2 or JSON file.

    shown: how the file is called in messages (its name, if not said)
    Raises ScenarioProblems with a single problem if the file is missing, too large or not well formed.
    """
    name = shown or path.name
    try:
        content = first_bytes(path)
    except OSError as fault:
        refuse(Place(name, 0, 0), f"a file that cannot be read: {fault.strerror or fault}", "a file of text")
    if len(content) > MOST_BYTES:
        refuse(Place(name, 0, 0), f"more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        refuse(Place(name, line, 1), "bytes that are not UTF-8", "a file saved as UTF-8")
    return read_json(text, name) if path.suffix == ".json" else read_text(text, name)


def first_bytes(path: Path) -> bytes:
    """A file as far as it may be read, and one byte more by which a longer one betrays itself."""
    with path.open("rb") as handle:
        return handle.read(MOST_BYTES + 1)


def read_text(text: str, file: str) -> Map:
    """Read YAML text; `file` is its name in messages."""
    try:
        found = _Builder(file, text).document()
    except MarkedYAMLError as fault:
        raise ScenarioProblems([syntax_fault(fault, file, text)]) from None
    except YAMLError:
        _refuse_unprintable(text, file)
    except RecursionError:
        refuse(Place(file, 0, 0), "entries within entries without end", f"a depth of {MOST_DEPTH} at most")
    return found


def read_json(text: str, file: str) -> Map:
    """Read a stored scenario; its values have no lines."""
    nowhere = Place(file, 0, 0)
    try:
        found = json.loads(text, object_pairs_hook=partial(_as_pairs, nowhere))
        json.dumps(found, ensure_ascii=False).encode()  # halves of characters are no text
        return _as_map(with_place(found, nowhere), nowhere)
    except json.JSONDecodeError as fault:
        refuse(Place(file, fault.lineno, fault.colno), fault.msg, "a JSON document")
    except (RecursionError, ValueError):
        refuse(nowhere, "a document beyond all limits", f"a depth of {MOST_DEPTH} at most and ordinary numbers")


def with_place(value: Any, place: Place, depth: int = 0) -> Any:
    """Plain data from Python, every part of which stands at one place. Raises ScenarioProblems if it is too deep."""
    if depth > MOST_DEPTH_STORED:
        refuse(place, f"more than {MOST_DEPTH_STORED} levels", "entries that are not nested so deeply")
    if isinstance(value, dict):
        found = Map(place)
        for key, part in value.items():
            found.write(str(key), with_place(part, place, depth + 1), key_at=place, place=place)
        return found
    if isinstance(value, (list, tuple)):
        row = Items(place)
        for part in value:
            row.write(with_place(part, place, depth + 1), place)
        return row
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def scalar(text: str) -> Any:
    """What an unquoted word means: yes or no, nothing, a number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if not _DECIMAL.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def is_whole(text: str) -> bool:
    """Whether a text has no halves of characters, which no file can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def refuse(place: Place, found: str, expected: str, *, path: str = "(top)", nearest: str = "") -> NoReturn:
    """Stop reading a file at its first fault."""
    raise ScenarioProblems([Problem(path, found, expected, nearest, place)])


class _Builder:
    """Makes maps, rows and words of the events of a parser, and refuses what the language does not have."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.entries = 0
        self.events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)

    def document(self) -> Map:
        """The only document of the file, which must be a map."""
        found: Any = None
        documents = 0
        for event in self.events:
            place = self.place(event)
            if isinstance(event, DocumentStartEvent):
                documents += 1
                self.check_start(event, documents, place)
            elif isinstance(event, (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent)):
                found = self.value(event, (), place)
        return _as_map(found, Place(self.file, 1, 1))

    def check_start(self, event: DocumentStartEvent, documents: int, place: Place) -> None:
        """No directives, one document."""
        if event.version or event.tags:
            line = next(number for number, words in enumerate(self.lines, start=1) if words.startswith("%"))
            refuse(Place(self.file, line, 1), "a line that begins with %", "no directives: the language is YAML 1.2")
        if documents > 1:
            refuse(place, "a second document", "one document in a file")

    def place(self, event: Event) -> Place:
        """Where an event begins."""
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def value(self, event: Event, path: tuple[str, ...], at: Place) -> Any:
        """One value, whatever it is; `at` is its place."""
        self.check_limits(event, path, at)
        if isinstance(event, MappingStartEvent):
            return self.map(path, at)
        if isinstance(event, SequenceStartEvent):
            return self.row(path, at)
        if isinstance(event, ScalarEvent):
            return self.word(event, path, at)
        refuse(at, "something that is not a value", "a word, a list or a map", path=dotted(path))

    def check_limits(self, event: Event, path: tuple[str, ...], at: Place) -> None:
        """No anchors, aliases and tags; not too deep, not too much."""
        self.entries += 1
        anchor, tag = getattr(event, "anchor", None), getattr(event, "ctag", None)
        if isinstance(event, AliasEvent):
            refuse(at, f"the alias *{anchor}", "the value itself: aliases are not read", path=dotted(path))
        if anchor:
            refuse(at, f"the anchor &{anchor}", "the value itself: anchors are not read", path=dotted(path))
        if tag:
            refuse(at, f"the tag {tag}", "the value itself: tags are not read", path=dotted(path))
        if len(path) > MOST_DEPTH:
            refuse(at, f"more than {MOST_DEPTH} levels", f"a depth of {MOST_DEPTH} at most", path=dotted(path[:3]))
        if self.entries > MOST_ENTRIES:
            refuse(at, f"more than {MOST_ENTRIES:,} entries", f"at most {MOST_ENTRIES:,}", path=dotted(path))

    def word(self, event: ScalarEvent, path: tuple[str, ...], at: Place) -> Any:
        """A text, a number, yes or no, or nothing."""
        text: str = event.value
        if len(text) > MOST_CHARACTERS:
            refuse(at, f"a text of {len(text):,} characters", f"at most {MOST_CHARACTERS:,}", path=dotted(path))
        if not is_whole(text):
            refuse(at, "half a character", "text that can be written as UTF-8", path=dotted(path))
        return scalar(text) if event.style is None else text

    def map(self, path: tuple[str, ...], at: Place) -> Map:
        """Named things, each name once."""
        found = Map(at)
        while not isinstance(event := next(self.events), MappingEndEvent):
            key_at = self.place(event)
            key = self.key(event, path, key_at)
            inner = (*path, key)
            if key in found:
                line = found.keys_at[key].line
                refuse(key_at, f"{key!r} a second time", f"once; the first is in line {line}", path=dotted(inner))
            value_event = next(self.events)
            place = key_at if _is_nothing(value_event) else self.place(value_event)
            found.write(key, self.value(value_event, inner, place), key_at=key_at, place=place)
        return found

    def key(self, event: Event, path: tuple[str, ...], at: Place) -> str:
        """A name; never a list or a map, never a merge key."""
        self.check_limits(event, path, at)
        if not isinstance(event, ScalarEvent):
            refuse(at, "a list or a map where a name is due", "a name", path=dotted(path))
        name: str = event.value
        if name == "<<":
            refuse(at, "a merge key", "the fields themselves: merge keys are not read", path=dotted(path))
        if len(name) > MOST_CHARACTERS or not is_whole(name):
            refuse(
                at, f"a name of {len(name):,} characters", f"at most {MOST_CHARACTERS:,} whole ones", path=dotted(path)
            )
        return name

    def row(self, path: tuple[str, ...], at: Place) -> Items:
        """Values in their order."""
        found = Items(at)
        while not isinstance(event := next(self.events), SequenceEndEvent):
            place = self.place(event)
            found.write(self.value(event, (*path, str(len(found))), place), place)
        return found


def dotted(path: tuple[str, ...]) -> str:
    """A path as it is written in messages."""
    return ".".join(path) or "(top)"


def _is_nothing(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.style is None and not event.value


def _as_map(found: Any, place: Place) -> Map:
    if not isinstance(found, Map):
        refuse(place, "nothing" if found is None else "a text or a list", "a map: name, colon, value")
    return found


def _as_pairs(place: Place, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            refuse(place, f"{key!r} a second time", "every name once")
        found[key] = value
    return found


def _refuse_unprintable(text: str, file: str) -> NoReturn:
    """YAML allows no control characters; say where the first one is."""
    for number, line in enumerate(text.splitlines(), start=1):
        for column, character in enumerate(line, start=1):
            if not character.isprintable() and character != "\t":
                refuse(Place(file, number, column), f"the control character {character!r}", "text that can be printed")
    refuse(Place(file, 0, 0), "something that is not YAML", "a map: name, colon, value")

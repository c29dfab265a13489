"""Where worlds are kept: files beside the scenario first, then those that come with the package."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.errors import BackfillError, Place, Problem, ScenarioProblems, UnknownName
from backfill.reading.document import Map, read_file, read_text
from backfill.reading.words import listed, nearest
from backfill.scenario import sources, tree

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}", re.ASCII)
HINDCASTS = "hindcasts"
"""The folder of the packaged forecasts, apart from the worlds that ask about what is to come."""
_ENDINGS = (".yaml", ".yml", ".json")


def packaged() -> Path:
    """The folder of the worlds that come with the package: inside it, or in the checkout around it."""
    inside = Path(__file__).resolve().parents[1] / "scenarios"
    checkout = Path(__file__).resolve().parents[3] / "scenarios"
    for folder in (inside, checkout):
        if folder.is_dir():
            return folder
    raise BackfillError("the scenarios that belong to this installation are missing")


def names() -> tuple[str, ...]:
    """The names of the scenarios that come with the package."""
    return tuple(sorted(path.stem for path in packaged().glob("*.yaml")))


def hindcasts() -> tuple[str, ...]:
    """The names of the packaged forecasts of what has happened since: hindcasts/NAME."""
    return tuple(sorted(f"{HINDCASTS}/{path.stem}" for path in (packaged() / HINDCASTS).glob("*.yaml")))


def path_of(name: str | Path) -> Path:
    """The file that a name or a path means. Raises UnknownName with the nearest name."""
    text = str(name)
    given = Path(text)
    if text.startswith(f"{HINDCASTS}/") and text in hindcasts():
        return packaged() / f"{text}.yaml"
    if text.endswith(_ENDINGS) or len(given.parts) > 1:
        if given.is_file():
            return given
        raise UnknownName(f"found no file {text!r}")
    if _NAME.fullmatch(text) and (packaged() / f"{text}.yaml").is_file():
        return packaged() / f"{text}.yaml"
    near = nearest(text, names())
    hint = f"; nearest: {near}" if near else ""
    raise UnknownName(f"found no scenario {text!r}{hint}\n  expected one of {listed(names())}, or a file")


@dataclass
class Shelf:
    """The files that one load opens, each read once; what is wrong with them is kept."""

    problems: list[Problem] = field(default_factory=list)
    strict: bool = False
    _read: dict[Path, Map | None] = field(default_factory=dict)

    def read(self, path: Path, shown: str) -> Map | None:
        """A file's content, or None if it cannot be read."""
        key = path.resolve()
        if key not in self._read:
            try:
                self._read[key] = read_file(path, shown)
            except ScenarioProblems as fault:
                self.problems += fault.problems
                self._read[key] = None
        return self._read[key]

    def table(self, path: Path, shown: str) -> sources.Library:
        """The rows of a source table."""
        sourcebook, problems = sources.read_table(path, shown)
        self.problems += problems
        return sourcebook

    def find(self, name: object, folder: str, beside: Path) -> tuple[Path, str] | None:
        """The file of a plain name, and how messages call it: beside the scenario, else among the packaged ones."""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return None
        for place in dict.fromkeys((beside, packaged())):
            path = place / folder / f"{name}.yaml"
            if path.is_file():
                return path, _shown(path)
        return None

    def find_below(self, name: str, beside: Path) -> tuple[Path, str] | None:
        """A file by its relative path, never outside the scenario's folder and the packaged one."""
        for place in dict.fromkeys((beside, packaged())):
            path = place / name
            if path.is_file() and path.resolve().is_relative_to(place.resolve()):
                return path, _shown(path)
        return None

    @staticmethod
    def value(text: str, origin: str) -> Any:
        """A value of the command line, read as in a file; every part of it stands at its origin."""
        found = read_text(f"value: {text}", origin)
        if len(found) != 1:
            raise ScenarioProblems([Problem("(top)", repr(text), "one value", "", Place(origin, 0, 0))])
        return tree.plain(found["value"])

    def complain(self, path: str, found: str, expected: str, near: str = "", place: Place | None = None) -> None:
        """Keep a mistake."""
        self.problems.append(Problem(path, found, expected, near, place))


def _shown(path: Path) -> str:
    """How messages call a file: from where the user stands, or by its place in the package."""
    whole = path.resolve()
    return (whole.relative_to(packaged()) if whole.is_relative_to(packaged()) else path).as_posix()


@dataclass(frozen=True)
class Head:
    """What a packaged scenario says of itself before anything in it is checked."""

    name: str
    label: str
    title: str
    question: str


_LABELS = ("public", "user", "fictional")


def heads() -> tuple[Head, ...]:
    """The packaged scenarios with their titles: worlds of public numbers first, invented ones last, each by name."""
    shelf = Shelf()
    found = [_head(shelf, name) for name in names()]
    return tuple(sorted(found, key=lambda head: (_LABELS.index(head.label), head.name)))


def _head(shelf: Shelf, name: str) -> Head:
    """The head of a scenario; what it does not say is its parent's, as in everything else."""
    words: dict[str, str] = {}
    path: Path | None = packaged() / f"{name}.yaml"
    seen: set[Path] = set()
    while path is not None and path not in seen:
        seen.add(path)
        content: dict[str, object] = shelf.read(path, path.name) or {}
        words = {key: str(content[key]) for key in ("label", "title", "question") if key in content} | words
        path = _parent(path, content.get("extends"))
    label = words.get("label", "user")
    return Head(name, label if label in _LABELS else "user", words.get("title", name), words.get("question", ""))


def _parent(path: Path, parent: object) -> Path | None:
    """The file that a scenario extends: beside it, or a packaged one."""
    if not isinstance(parent, str):
        return None
    near = [path.parent / parent, path.parent / f"{parent}.yaml", packaged() / f"{parent}.yaml"]
    return next((place for place in near if place.is_file()), None)

"""A scenario before it is understood: maps within maps, addressed by dotted paths."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from backfill.errors import Place
from backfill.reading.document import Items, Map, Said

RAW_PARTS = ("policies", "rules", "consent")
"""Parts that another reader understands: they are passed on as plain data."""


def copied(value: Any) -> Any:
    """A copy of a tree, places included."""
    if isinstance(value, Map):
        found = Map(value.place, value.path)
        found.keys_at, found.places = dict(value.keys_at), dict(value.places)
        for key, part in value.items():
            found[key] = copied(part)
        return found
    if isinstance(value, Items):
        row = Items(value.place)
        row.extend(copied(part) for part in value)
        row.places = list(value.places)
        return row
    return value


def plain(value: Any) -> Any:
    """The same data without places, fit for JSON."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


def get(tree: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for step in path.split("."):
        if isinstance(tree, Map):
            tree = tree.get(step)
        elif isinstance(tree, Items) and step.isdecimal() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    return tree


def place_of(tree: Any, path: str) -> Place | None:
    """Where the value at a path is written; of what is not there, the place of the nearest thing around it."""
    place: Place | None = getattr(tree, "place", None)
    for step in path.split("."):
        if isinstance(tree, Map) and step in tree:
            place, tree = tree.place_of(step), tree[step]
        elif isinstance(tree, Items) and step.isdecimal() and int(step) < len(tree):
            place, tree = tree.places[int(step)], tree[int(step)]
        elif not isinstance(tree, (Map, Items)):
            break
    return place


def key_place(tree: Map, path: str) -> Place | None:
    """Where the name at the end of a path is written."""
    above, _, name = path.rpartition(".")
    around = get(tree, above) if above else tree
    return around.keys_at.get(name) if isinstance(around, Map) else place_of(tree, path)


def matching(tree: Map, pattern: str) -> list[str]:
    """The paths that exist and fit a pattern, in which `*` stands for anything within one step."""
    found: list[tuple[str, Any]] = [("", tree)]
    for step in pattern.split("."):
        found = [
            (f"{path}.{name}".lstrip("."), value)
            for path, part in found
            for name, value in _parts(part)
            if fnmatchcase(name, step)
        ]
    return [path for path, _ in found]


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Map):
        yield from value.items()
    elif isinstance(value, Items):
        yield from ((str(index), part) for index, part in enumerate(value))


def located(value: Any, place: Place, path: str) -> Any:
    """The tree as the schema reads it: every word knows its place and its path."""
    if isinstance(value, Map):
        found = Map(value.place, path)
        found.keys_at, found.places = value.keys_at, value.places
        for key, part in value.items():
            inner = f"{path}.{key}" if path else key
            found[key] = plain(part) if path in RAW_PARTS else located(part, value.place_of(key), inner)
        return found
    if isinstance(value, Items):
        row = Items(value.place)
        row.places = value.places
        row.extend(located(part, value.places[i], f"{path}.{i}") for i, part in enumerate(value))
        return row
    if isinstance(value, bool) or value is None:
        return value
    return Said(str(value), place, path)

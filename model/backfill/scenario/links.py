"""Numbers that lean on others: `same_as` takes the value of another, `drawn_with` its uniform."""

from __future__ import annotations

from typing import Any

from backfill.errors import Problem
from backfill.reading.document import Map
from backfill.reading.words import nearest
from backfill.scenario import tree
from backfill.scenario.validate import problem

LINKS = ("same_as", "drawn_with")
_ELSEWHERE = (*tree.RAW_PARTS, "arms", "doctrines", "sources", "assumptions")


def linked(raw: Map) -> list[Problem]:
    """Give every number with `same_as` the value that stands there, and every link the path at the end of its chain."""
    problems: list[Problem] = []
    for path, block in list(_blocks(raw, "")):
        for link in LINKS:
            if isinstance(block.get(link), str):
                _follow(raw, path, block, link, problems)
    return problems


def _blocks(value: Any, path: str) -> Any:
    """Every number in block form that names another."""
    if isinstance(value, Map):
        if any(link in value for link in LINKS):
            yield path, value
            return
        for key, part in value.items():
            inner = f"{path}.{key}" if path else key
            if inner not in _ELSEWHERE:
                yield from _blocks(part, inner)


def _follow(raw: Map, path: str, block: Map, link: str, problems: list[Problem]) -> None:
    """Write the end of a chain of links into a block, or say why it has none."""
    there, wrong = _end(raw, path, link, str(block[link]))
    if wrong is None:
        _take(block, link, there, tree.get(raw, there))
    else:
        problems.append(problem(f"{path}.{link}", *wrong, block.place_of(link)))


def _end(raw: Map, path: str, link: str, target: str) -> tuple[str, tuple[str, str, str] | None]:
    """The path at which a chain of links ends, and what is wrong if it does not."""
    seen = [path]
    while True:
        there = _written(raw, target)
        if there is None:
            return "", (repr(target), "the path of a number of this scenario", nearest(target, _numbers(raw, "")))
        if there in seen:
            ring = " -> ".join([*seen[seen.index(there) :], there])
            return "", (f"a ring: {ring}", "a number that does not lean on this one", "")
        onward = _onward(tree.get(raw, there), link)
        if onward is None:
            return there, None
        seen.append(there)
        target = onward


def _onward(value: Any, link: str) -> str | None:
    """The next number of a chain: for a uniform, also through the number whose value is taken."""
    if not isinstance(value, Map):
        return None
    names = (link,) if link == "same_as" else LINKS
    return next((str(value[name]) for name in names if isinstance(value.get(name), str)), None)


def _written(raw: Map, path: str) -> str | None:
    """The path at which a number is written: there, or where the state inherits it."""
    if _is_number(tree.get(raw, path)):
        return path
    steps = path.split(".")
    if steps[0] == "states" and len(steps) > 2:
        default = ".".join(["defaults", "state", *steps[2:]])
        return default if _is_number(tree.get(raw, default)) else None
    return None


def _is_number(value: Any) -> bool:
    if isinstance(value, Map):
        return "value" in value or any(link in value for link in LINKS)
    return (
        isinstance(value, (int, float, str))
        and not isinstance(value, bool)
        and str(value).removeprefix("+")[:1].isdigit()
    )


def _take(block: Map, link: str, path: str, value: Any) -> None:
    """Write the end of a chain into a block, with the value that stands there."""
    place = block.place_of(link)
    block.write(link, path, key_at=place, place=place)
    if link == "drawn_with":
        return
    whole = value if isinstance(value, Map) else {"value": value}
    for key in ("value", "low", "high", "unit", "distribution", "source"):
        block.pop(key, None)
        if key in whole:
            block.write(key, tree.copied(whole[key]), key_at=place, place=place)


def _numbers(value: Any, path: str) -> list[str]:
    """The paths of everything that looks like a number."""
    if _is_number(value):
        return [path]
    if not isinstance(value, Map):
        return []
    inner = {f"{path}.{key}" if path else key: part for key, part in value.items()}
    return [number for below, part in inner.items() if below not in _ELSEWHERE for number in _numbers(part, below)]

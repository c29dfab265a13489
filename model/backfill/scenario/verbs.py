"""The four verbs: `set` what exists, `add` what does not, switch on `with`, switch off `without`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from backfill.errors import Place, Problem
from backfill.reading.document import Items, Map, with_place
from backfill.reading.words import listed, nearest
from backfill.rules.reading import ANSWER_FIELDS
from backfill.scenario import inherit, shape, tree
from backfill.scenario.validate import problem

FIXED = ("scenario", "label", "catalogue", "extends", "sources", "arms", "doctrines")
_NAMED = ("events.*", "conflicts.*", "actors.*", "rules.*")
_SWITCHES = "an event, order, line, conflict, actor or rule of this scenario"


@dataclass
class Draft:
    """A scenario in the making: its tree, what is switched off, what patches wrote, what is wrong."""

    raw: Map
    off: set[str] = field(default_factory=set)
    patched: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    shortened: bool = False

    def copy(self) -> Draft:
        """A draft that may be changed without changing this one."""
        return Draft(tree.copied(self.raw), set(self.off), list(self.patched), list(self.problems), self.shortened)


def apply(draft: Draft, verbs: Map, at: str, *, patch: bool = True) -> None:
    """Apply the verbs of an entry in the order add, set, with, without; `at` is its path in messages."""
    for path, value, places in _pairs(draft, verbs, "add", at):
        _add(draft, path, value, places, patch=patch)
    for path, value, places in _pairs(draft, verbs, "set", at):
        _set(draft, path, value, places, patch=patch)
    for verb, switch in (("with", draft.off.difference_update), ("without", draft.off.update)):
        for index, (pattern, place) in enumerate(_patterns(draft, verbs, verb, at)):
            switch(_switched(draft, pattern, place, _join(at, f"{verb}.{index}")))


def _join(at: str, rest: str) -> str:
    return f"{at}.{rest}" if at else rest


def _pairs(draft: Draft, verbs: Map, verb: str, at: str) -> list[tuple[str, Any, tuple[Place, Place]]]:
    """The paths and values of `set` or `add`, with the places of both."""
    entries = verbs.get(verb)
    if entries is None and verb not in verbs:
        return []
    if not isinstance(entries, Map):
        if at:  # an entry of the schema, which says so itself
            return []
        found = "nothing" if entries is None else "a text or a list"
        draft.problems.append(problem(_join(at, verb), found, "a map of paths and values", "", verbs.place_of(verb)))
        return []
    return [(path, value, (entries.keys_at[path], entries.place_of(path))) for path, value in entries.items()]


def _patterns(draft: Draft, verbs: Map, verb: str, at: str) -> list[tuple[str, Place]]:
    """What `with` or `without` names, with the places."""
    entries = verbs.get(verb)
    if entries is None and verb not in verbs:
        return []
    if not isinstance(entries, Items) or not all(isinstance(entry, str) for entry in entries):
        if at:  # an entry of the schema, which says so itself
            return []
        draft.problems.append(
            problem(
                _join(at, verb),
                "something else than a list of names",
                "a list: [events.gift]",
                "",
                verbs.place_of(verb),
            )
        )
        return []
    return list(zip(entries, entries.places, strict=True))


def _switched(draft: Draft, pattern: str, place: Place, at: str) -> list[str]:
    """The things that a pattern switches on or off."""
    hits = [path for path in tree.matching(draft.raw, pattern) if is_switch(path)]
    if not hits and not _lacks_law(draft.raw, pattern):
        legal = [path for path in switches(draft.raw) if path.partition(".")[0] == pattern.partition(".")[0]]
        near = "" if "*" in pattern else nearest(pattern, legal or switches(draft.raw))
        draft.problems.append(problem(at, repr(pattern), _SWITCHES, near, place))
    return hits


def is_switch(path: str) -> bool:
    """Whether what stands at a path can be switched off."""
    steps = path.split(".")
    if len(steps) == 2:
        return f"{steps[0]}.*" in _NAMED
    makers = steps[0] == "manufacturers" and len(steps) in (4, 6) and steps[2] == "lines"
    return makers and (len(steps) == 4 or steps[4] in ("orders", "contracts"))


def switches(raw: Map) -> list[str]:
    """Everything that can be switched off."""
    patterns = (*_NAMED, "manufacturers.*.lines.*", "manufacturers.*.lines.*.*.*")
    return [path for pattern in patterns for path in tree.matching(raw, pattern) if is_switch(path)]


def _add(draft: Draft, path: str, value: Any, place: tuple[Place, Place], *, patch: bool) -> None:
    """Write a new entry; what holds it must exist, or be known to the schema."""
    steps = path.split(".")
    if _is_fixed(draft, path, place[0]):
        return
    if tree.get(draft.raw, path) is not None:
        draft.problems.append(
            problem(path, f"{path!r}, which exists", "a new path; set: changes what exists", "", place[0])
        )
    elif len(steps) == 1 or not all(steps) or not _can_hold(draft.raw, path):
        near = nearest(path, tree_paths(draft.raw, path))
        draft.problems.append(
            problem(path, f"{path!r}, which the language does not know", "a path to a new entry", near, place[0])
        )
    else:
        _write(draft, path, value, place, patch=patch)


def _set(draft: Draft, path: str, value: Any, place: tuple[Place, Place], *, patch: bool) -> None:
    """Replace what stands at a path, or write a field that the schema knows there."""
    if _is_fixed(draft, path, place[0]):
        return
    hits = tree.matching(draft.raw, path) if "*" in path else [path]
    hits = hits or _fields_behind(draft.raw, path)
    if not hits or (hits == [path] and not _may_set(draft.raw, path)):
        if not _lacks_law(draft.raw, path):
            draft.problems.append(_unknown(draft.raw, path, place[0]))
        return
    for hit in hits:
        shadow = inherit.shadowing(draft.raw, hit)
        if shadow:
            expected = f"a path that somebody inherits; nearer values stand at {listed(shadow, 6)}"
            draft.problems.append(problem(hit, f"{hit!r}, which nobody would inherit", expected, shadow[0], place[0]))
        else:
            _write(draft, hit, value, place, patch=patch)


def _lacks_law(raw: Map, path: str) -> bool:
    """Whether a path leads into rules whose file could not be read, which has been told already."""
    wanted, known = tree.get(raw, "export_rules.policies"), raw.get("policies")
    found = known if isinstance(known, Map) else {}
    codes = wanted if isinstance(wanted, Items) else ()
    return path.startswith("rules.") and any(isinstance(code, str) and code not in found for code in codes)


def _is_fixed(draft: Draft, path: str, place: Place) -> bool:
    if path.partition(".")[0] not in FIXED:
        return False
    draft.problems.append(problem(path, f"{path!r}, which is fixed", "a path to anything else", "", place))
    return True


def _fields_behind(raw: Map, pattern: str) -> list[str]:
    """A pattern whose last step is a field that the schema knows but nobody wrote yet."""
    above, _, name = pattern.rpartition(".")
    if "*" in name or not above:
        return []
    return [f"{hit}.{name}" for hit in tree.matching(raw, above) if name in shape.fields(hit, raw)]


def _may_set(raw: Map, path: str) -> bool:
    """Whether a path exists, or leads over fields of the schema to one that may be written."""
    if _exists(raw, path):
        return True
    if path.partition(".")[0] in tree.RAW_PARTS:
        return _fits_an_answer(raw, path)
    above, _, name = path.rpartition(".")
    while above and not _exists(raw, above):
        above, _, name = above.rpartition(".")
    holder = shape.at(above, raw)
    known = isinstance(holder, type) and issubclass(holder, BaseModel) and name in shape.fields(above, raw)
    if holder is dict or not known:
        return False
    rest = path[len(above) + 1 if above else 0 :].split(".")
    return _reaches(shape.at(f"{above}.{name}" if above else name, raw), rest[1:])


def _fits_an_answer(raw: Map, path: str) -> bool:
    """Whether a path leads to something that an answer on file may say, such as its chance."""
    above, _, name = path.rpartition(".")
    part, *steps = above.split(".")
    is_answer = steps[1:] == ["otherwise"] or (len(steps) == 3 and steps[1] == "answers")
    return part == "consent" and is_answer and name in ANSWER_FIELDS and isinstance(tree.get(raw, above), Map)


def _reaches(here: Any, steps: list[str]) -> bool:
    """Whether fields lead from a model to the end of a path, never through a name that does not exist."""
    for step in steps:
        if not (isinstance(here, type) and issubclass(here, BaseModel)) or step not in shape.fields_of(here):
            return False
        here = shape.below(here, step)
    return True


def _exists(raw: Map, path: str) -> bool:
    """Whether a value is written at a path; a doctrine's word counts as its kind."""
    above, _, name = path.rpartition(".")
    around = tree.get(raw, above) if above else raw
    return (isinstance(around, Map) and name in around) or tree.get(raw, path) is not None


def _can_hold(raw: Map, path: str) -> bool:
    """Whether the schema has room for an entry at a path whose surroundings exist or are fields."""
    if path.partition(".")[0] == "rules":
        return path.count(".") in (1, 2)
    above = path.rpartition(".")[0]
    holder = shape.at(above, raw)
    if isinstance(holder, tuple):
        return _exists(raw, above) or _may_set(raw, above)
    return _may_set(raw, path) or isinstance(tree.get(raw, above), Map)


def _unknown(raw: Map, path: str, place: Place) -> Problem:
    """A path that leads nowhere, with the nearest word at the step where it goes astray."""
    above = ""
    for step in path.split("."):
        inner = f"{above}.{step}" if above else step
        if not _exists(raw, inner) and step not in shape.fields(above, raw):
            break
        above = inner
    here = tree.get(raw, above) if above else raw
    legal = [*shape.fields(above, raw), *(here if isinstance(here, Map) else ())]
    legal = legal if above else [name for name in legal if name not in FIXED]
    near = nearest(step, legal)
    whole = f"{above}.{near}" if above else near
    rest = path[len(inner) :]
    expected = f"a path of this scenario; after {above or 'the start'} comes one of {listed(sorted(set(legal)), 12)}"
    return problem(
        path, repr(path), expected if legal else "a path of this scenario", f"{whole}{rest}" if near else "", place
    )


def tree_paths(raw: Map, path: str) -> list[str]:
    """Paths beside a path, to find the nearest of them."""
    above = path.rpartition(".")[0]
    fields = shape.fields(above, raw)
    return [f"{above}.{name}" for name in fields] if above else list(fields)


def _write(draft: Draft, path: str, value: Any, place: tuple[Place, Place], *, patch: bool) -> None:
    """Write a value, making the maps that lead to it; a word for a doctrine becomes the map it is short for."""
    around = draft.raw
    *above, name = path.split(".")
    for step in above:
        inner: Any = around.get(step) if isinstance(around, Map) else None
        if isinstance(inner, Items):
            draft.problems.append(
                problem(path, f"{path!r}, a place in a list", "the whole list: lists are replaced whole", "", place[0])
            )
            return
        if not isinstance(inner, Map):
            inner = _opened(inner, step, place[0])
            around.write(step, inner, key_at=place[0], place=place[0])
        around = inner
    if path == "horizon" and patch:
        draft.shortened = True
    around.write(name, tree.copied(value), key_at=place[0], place=place[1])
    if patch:
        draft.patched.append(path)


def _opened(value: Any, step: str, place: Place) -> Map:
    """The map that a plain value is short for: a doctrine by its kind, a number by its value."""
    found = Map(place)
    if value is not None:
        found.write("kind" if step == "doctrine" else "value", value, key_at=place, place=place)
    return found


def as_verbs(verb: str, path: str, value: Any, origin: str) -> Map:
    """Verbs that were not written in a file; `origin` is how messages name them."""
    place = Place(origin, 0, 0)
    if verb in ("set", "add"):
        found: Map = with_place({verb: {path: value}}, place)
    else:
        found = with_place({verb: [path]}, place)
    return found

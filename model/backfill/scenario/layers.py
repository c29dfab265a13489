"""A scenario put together: its parent or its catalogue, itself, then the law and the series that it names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from backfill.errors import Place, Problem, ScenarioProblems
from backfill.reading.dates import written
from backfill.reading.document import Items, Map, with_place
from backfill.reading.observed import read_observed
from backfill.reading.series import read_series, without_gaps
from backfill.reading.words import listed, nearest
from backfill.scenario import shape, sources, tree
from backfill.scenario.shelf import Shelf, packaged
from backfill.scenario.validate import problem
from backfill.scenario.verbs import Draft, apply

VERBS = ("set", "add", "with", "without")
CHILD = ("title", "label", "question", "sources", "assumptions", "outcomes", "arms", "doctrines")
LAYERED = ("items", "needs", "states", "manufacturers", "conflicts", "transfers")
CATALOGUE = ("catalogue", "title", "source_files", "sources", "assumptions", "counts", *LAYERED)
ALWAYS = "always"
"""Patches that hold after every arm: how `--set` is kept in a stored scenario."""


@dataclass
class Layers:
    """What a scenario is made of before any arm."""

    draft: Draft
    sourcebook: sources.Library = field(default_factory=dict)
    always: list[Map] = field(default_factory=list)


def layers(path: Path, shown: str, shelf: Shelf) -> Layers | None:
    """Everything that a file stands on, put together; None if the file cannot be read."""
    return _layers(path, shown, shelf, ())


def _layers(path: Path, shown: str, shelf: Shelf, children: tuple[Path, ...]) -> Layers | None:
    own = shelf.read(path, shown)
    if own is None:
        return None
    own = tree.copied(own)
    found = _on_parent(own, path, shelf, children) if "extends" in own else _on_catalogue(own, path, shelf)
    if found is None:
        return None
    verbs = {verb: own for verb in VERBS if verb in own}
    draft = found.draft
    _complete(draft, path.parent, shelf)
    if verbs:
        apply(draft, own, "", patch="extends" in own)
    if "extends" in own:
        _complete(draft, path.parent, shelf)
    for name in (*VERBS, "extends", "catalogue", ALWAYS):
        if name in draft.raw:
            del draft.raw[name]
    return found


def _on_parent(own: Map, path: Path, shelf: Shelf, children: tuple[Path, ...]) -> Layers | None:
    """A child on its parent, which is finished first, verbs included."""
    name, place = own["extends"], own.place_of("extends")
    there = shelf.find(name, "", path.parent)
    ring = (*children, path.resolve())
    if there is None:
        beside = [file.stem for folder in (path.parent, packaged()) for file in folder.glob("*.yaml") if file != path]
        expected = "the plain name of a scenario beside this one, or of a packaged one"
        shelf.complain("extends", repr(name), expected, nearest(str(name), beside), place)
        return None
    if there[0].resolve() in ring:
        names = [file.stem for file in ring[ring.index(there[0].resolve()) :]]
        said = f"a ring: {' extends '.join([*names, names[0]])}"
        shelf.complain("extends", said, "a parent that does not extend its child", "", place)
        return None
    parent = _layers(*there, shelf, ring)
    return _as_child(own, parent, shelf) if parent else None


def _as_child(own: Map, parent: Layers, shelf: Shelf) -> Layers:
    """What a child may say itself, over what its parent says."""
    raw = parent.draft.raw
    for name, value in own.items():
        if name in CHILD:
            merged = name in ("sources", "assumptions", "arms", "doctrines") and isinstance(raw.get(name), Map)
            _over(raw, own, name, deep=merged and isinstance(value, Map))
        elif name not in ("scenario", "extends", ALWAYS, *VERBS):
            expected = f"one of {listed(('scenario', 'extends', *CHILD, *VERBS))}; set: changes the parent"
            near = nearest(name, ("scenario", "extends", *CHILD, *VERBS))
            shelf.complain(name, f"the field {name!r} in a child", expected, near, own.keys_at.get(name))
    parent.sourcebook |= sources.of_file(own)
    parent.always += _always(own)
    parent.draft.shortened = parent.draft.shortened or "horizon" in own
    return parent


def _over(raw: Map, own: Map, name: str, *, deep: bool) -> None:
    """Write a field of a child over the parent's; deep: entry by entry."""
    if deep:
        for key, value in own[name].items():
            raw[name].write(key, value, key_at=own[name].keys_at[key], place=own[name].place_of(key))
            raw[name].keys_at[key] = own[name].keys_at[key]
    else:
        raw.write(name, own[name], key_at=own.keys_at[name], place=own.place_of(name))


def _on_catalogue(own: Map, path: Path, shelf: Shelf) -> Layers:
    """A scenario on its catalogues; what it does not name is not in its world."""
    found = Layers(Draft(own))
    named = own.get("catalogue", None)
    for index, (name, place) in enumerate(_names(named, own, "catalogue", shelf)):
        there = shelf.find(name, "catalogue", path.parent)
        if there is None:
            expected = "the plain name of a file in the folder catalogue/"
            near = nearest(name, [file.stem for file in (packaged() / "catalogue").glob("*.yaml")])
            shelf.complain(f"catalogue.{index}", repr(name), expected, near, place)
            continue
        catalogue = shelf.read(*there)
        if catalogue is not None:
            found.sourcebook |= _catalogue_sources(catalogue, there[0], shelf)
            _lay_under(own, catalogue)
    found.sourcebook |= sources.of_file(own)
    found.always += _always(own)
    return found


def _names(value: Any, own: Map, part: str, shelf: Shelf) -> list[tuple[str, Place]]:
    """Plain names in a list, or one of them, with their places."""
    if value is None:
        return []
    if isinstance(value, str):
        return [(value, own.place_of(part))]
    if isinstance(value, Items) and all(isinstance(name, str) for name in value):
        return list(zip(value, value.places, strict=True))
    shelf.complain(
        part, "something else than a list of names", "a list of plain names: [patriot]", "", own.place_of(part)
    )
    return []


def _always(own: Map) -> list[Map]:
    value = own.get(ALWAYS)
    return [entry for entry in value if isinstance(entry, Map)] if isinstance(value, Items) else []


def _catalogue_sources(catalogue: Map, path: Path, shelf: Shelf) -> sources.Library:
    """The sources that a catalogue lends, from its tables and from itself."""
    _check_catalogue(catalogue, shelf)
    sourcebook: sources.Library = {}
    for name, place in _names(catalogue.get("source_files"), catalogue, "source_files", shelf):
        table = shelf.find_below(name, path.parent)
        if table is None:
            shelf.complain("source_files", repr(name), "a CSV file below the catalogue's folder", "", place)
        else:
            sourcebook |= shelf.table(*table)
    return sourcebook | sources.of_file(catalogue)


def _check_catalogue(catalogue: Map, shelf: Shelf) -> None:
    for name in catalogue:
        if name not in CATALOGUE:
            near, place = nearest(name, CATALOGUE), catalogue.keys_at[name]
            shelf.complain(name, f"the unknown field {name!r}", f"one of {listed(CATALOGUE)}", near, place)
    if str(catalogue.get("catalogue")) != "1":
        shelf.complain("catalogue", "another version, or none", "catalogue: 1", "", catalogue.place_of("catalogue"))


def _lay_under(own: Map, catalogue: Map) -> None:
    """Start each entry of a scenario from the catalogue's entry of that name, field by field."""
    for part in LAYERED:
        mine, theirs = own.get(part), catalogue.get(part)
        if isinstance(mine, Map) and isinstance(theirs, Map):
            for name in mine:
                if name in theirs:
                    _under(mine, name, theirs, f"{part}.{name}", own)


def _under(mine: Map, name: str, theirs: Map, path: str, own: Map) -> None:
    """Fill in what an entry does not say; numbers, lists, doctrines and series are taken whole."""
    if name not in mine:
        mine.write(name, tree.copied(theirs[name]), key_at=theirs.keys_at[name], place=theirs.place_of(name))
        return
    here, there = mine[name], theirs[name]
    if isinstance(here, Map) and isinstance(there, Map) and _by_fields(path, own):
        for inner in there:
            _under(here, inner, there, f"{path}.{inner}", own)


def _by_fields(path: str, own: Map) -> bool:
    """Whether the schema has an entry at a path, or a map of entries, rather than a value."""
    here = shape.at(path, own)
    if isinstance(here, tuple):
        here = here[1]
    name = getattr(here, "__name__", "")
    return isinstance(here, type) and issubclass(here, BaseModel) and name not in ("Doctrine", "Series")


def _complete(draft: Draft, beside: Path, shelf: Shelf) -> None:
    """Read the law, the answers and the series that a scenario names."""
    rules = draft.raw.get("export_rules")
    if isinstance(rules, Map):
        for part, folder in (("policies", "policies"), ("consent", "consent")):
            for index, (code, place) in enumerate(_codes(rules, part)):
                _read_law(
                    draft,
                    part,
                    code,
                    shelf.find(code, folder, beside),
                    shelf,
                    at=(f"export_rules.{part}.{index}", place),
                )
    observed = draft.raw.get("observed")
    for name, entry in observed.items() if isinstance(observed, Map) else ():
        if isinstance(entry, Map) and "file" in entry and "rows" not in entry:
            _read_observed(entry, f"observed.{name}", beside, shelf)
    conflicts = draft.raw.get("conflicts")
    for name, conflict in conflicts.items() if isinstance(conflicts, Map) else ():
        for part in ("attacks", "fires") if isinstance(conflict, Map) else ():
            course = conflict.get(part)
            if isinstance(course, Map) and "series" in course and "values" not in course:
                _read_values(course, f"conflicts.{name}.{part}", beside, shelf)


def _read_observed(entry: Map, path: str, beside: Path, shelf: Shelf) -> None:
    """Put the rows of a file of observations into the comparison that names it."""
    name, place = entry.get("file"), entry.place_of("file")
    if not isinstance(name, str):
        return  # the schema says what is wrong
    file = shelf.find_below(name, beside)
    if file is None:
        shelf.complain(f"{path}.file", repr(name), "a CSV file below the scenario's folder", "", place)
        return
    try:
        rows = read_observed(*file)
    except ScenarioProblems as fault:
        shelf.problems += [_within(wrong, path) for wrong in fault.problems]
    else:
        entry.write("rows", with_place(rows, place), key_at=place, place=place)


def _codes(rules: Map, part: str) -> list[tuple[str, Place]]:
    value = rules.get(part)
    if not isinstance(value, Items):
        return []
    return [(code, place) for code, place in zip(value, value.places, strict=True) if isinstance(code, str)]


def _read_law(
    draft: Draft, part: str, code: str, there: tuple[Path, str] | None, shelf: Shelf, *, at: tuple[str, Place]
) -> None:
    """One file of policies/ or consent/, as it stands; rules lie together, each with its jurisdiction."""
    raw = draft.raw
    known = raw.get(part)
    if isinstance(known, Map) and code in known:
        return
    if there is None:
        shelf.complain(at[0], repr(code), f"a state with a file in {part}/", "", at[1])
        return
    law = shelf.read(*there)
    if law is None:
        return
    law = tree.copied(law)
    top = Place(there[1], 1, 1)
    rules = law.pop("rules", None) if part == "policies" else None
    _room(raw, part, top).write(code, law, key_at=top, place=top)
    if isinstance(rules, Map):
        _read_rules(_room(raw, "rules", top), rules, code, shelf)


def _room(raw: Map, part: str, place: Place) -> Map:
    if not isinstance(raw.get(part), Map):
        raw.write(part, Map(place), key_at=place, place=place)
    found: Map = raw[part]
    return found


def _read_rules(known: Map, rules: Map, code: str, shelf: Shelf) -> None:
    for name, rule in rules.items():
        if name in known:
            shelf.complain(
                f"rules.{name}", f"the rule {name!r} a second time", "every id once", "", rules.keys_at[name]
            )
        if isinstance(rule, Map):
            rule.write("jurisdiction", code, key_at=rule.place, place=rule.place)
        known.write(name, rule, key_at=rules.keys_at[name], place=rules.place_of(name))


def _read_values(course: Map, path: str, beside: Path, shelf: Shelf) -> None:
    """Put the values of a series into the scenario, a value for each month between the first and the last."""
    name, column, gaps = (course.get(key) for key in ("series", "column", "gaps"))
    if not isinstance(name, str) or not isinstance(column, str) or gaps not in ("zero", "straight line", "error"):
        return  # the schema says what is wrong
    place = course.place_of("series")
    file = shelf.find_below(name, beside)
    if file is None:
        shelf.complain(f"{path}.series", repr(name), "a CSV file below the scenario's folder", "", place)
        return
    try:
        values = read_series(*file, column=column, where=_where(course))
        whole = without_gaps(values, str(gaps), course.place_of("gaps"))
    except ScenarioProblems as fault:
        shelf.problems += [_within(wrong, path) for wrong in fault.problems]
    else:
        found = {written(month): int(value) if value.is_integer() else value for month, value in whole.items()}
        course.write("values", with_place(found, place), key_at=place, place=place)


def _where(course: Map) -> dict[str, tuple[str, ...]]:
    where = course.get("where")
    rows = where.items() if isinstance(where, Map) else ()
    return {key: tuple(map(str, words)) if isinstance(words, list) else (str(words),) for key, words in rows}


def _within(wrong: Problem, path: str) -> Problem:
    return problem(f"{path}.{wrong.path}", wrong.found, wrong.expected, wrong.nearest, wrong.place, wrong.level)

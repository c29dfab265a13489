"""Loading a world by its name or its file, and varying it: arms, doctrines, `--set`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from backfill.errors import Place, Problem, ScenarioProblems, UnknownName
from backfill.reading.document import Items, Map
from backfill.reading.number import Number
from backfill.reading.words import listed, nearest
from backfill.scenario import check, inherit, links, sources, tree
from backfill.scenario.layers import Layers, layers
from backfill.scenario.schema import Setting
from backfill.scenario.shelf import Shelf, path_of
from backfill.scenario.validate import problem, understood
from backfill.scenario.verbs import Draft, apply, as_verbs

BASELINE = "baseline"


def load(name: str | Path, sets: Sequence[str] = ()) -> Scenario:
    """A scenario by its name or its file, with `path=value` applied after every arm.

    Raises ScenarioProblems with every error of the file, its catalogue, its arms and doctrines at once;
    UnknownName if there is no such scenario.
    """
    path = path_of(name)
    scenario, problems = opened(path, shown=str(name) if path == Path(str(name)) else path.name, sets=sets)
    if scenario is None or any(problem_.level == "error" for problem_ in problems):
        raise ScenarioProblems(problems)
    return replace(scenario, notes=tuple(problems))


def check_file(path: str | Path, *, strict: bool = False) -> list[Problem]:
    """Every error and note of a scenario file, its catalogue, arms and doctrines; nothing is raised for a mistake.

    strict: a number without a source in a public scenario is an error
    """
    _, problems = opened(Path(path), shown=str(path))
    return [_as_error(found) for found in problems] if strict else problems


def _as_error(note: Problem) -> Problem:
    return replace(note, level="error") if note.found.endswith("a number without a source") else note


def opened(path: Path, *, shown: str, sets: Sequence[str] = ()) -> tuple[Scenario | None, list[Problem]]:
    """A scenario with all that is wrong with it; None if its file cannot be understood at all."""
    shelf = Shelf()
    found = layers(path, shown, shelf)
    if found is None:
        return None, _in_order(shelf.problems)
    scenario = Scenario(path.stem, found)
    problems = [*shelf.problems, *found.draft.problems]
    for text in sets:
        scenario, wrong = _with_set(scenario, text)
        problems += wrong
    for arm, under in scenario._variants():
        _, wrong = scenario._resolved(arm, under)
        problems += wrong
    return scenario, _in_order(problems)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, file by file, in the order of the lines."""
    unique = list(dict.fromkeys(problems))
    files = list(dict.fromkeys(found.place.file for found in unique if found.place))

    def order(found: Problem) -> tuple[int, int, int]:
        place = found.place
        return (files.index(place.file), place.line, place.column) if place else (len(files), 0, 0)

    return sorted(unique, key=order)


def _with_set(scenario: Scenario, text: str) -> tuple[Scenario, list[Problem]]:
    """A scenario with one `path=value` of the command line."""
    origin = f"--set {text}"
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        return scenario, [problem("(top)", repr(text), "a path, = and a value: states.USA.floor=50 %", "", Place(origin, 0, 0))]
    try:
        read = Shelf.value(value.strip(), origin)
    except ScenarioProblems as fault:
        return scenario, [problem(path, one.found, one.expected, "", Place(origin, 0, 0)) for one in fault.problems]
    return scenario._patched(as_verbs("set", path.strip(), read, origin)), []


@dataclass(frozen=True)
class Scenario:
    """A world and its variants: arms, doctrines under which they are repeated, patches that hold in all of them.

    name: the file's name without its ending
    notes: what `check` remarks without refusing the scenario
    """

    name: str
    _layers: Layers
    _patches: tuple[Map, ...] = ()
    notes: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        """Settings are resolved once and kept."""
        object.__setattr__(self, "_cache", {})

    @property
    def setting(self) -> Setting:
        """The baseline."""
        return self.arm()

    @property
    def title(self) -> str:
        """What the scenario is called."""
        return self.setting.title

    @property
    def question(self) -> str:
        """What it is to answer."""
        return self.setting.question

    @property
    def label(self) -> str:
        """Whether its numbers are public, a user's own, or invented."""
        return self.setting.label

    @property
    def arm_names(self) -> tuple[str, ...]:
        """The baseline, then the arms of the file in their order."""
        return (BASELINE, *_entries(self._raw, "arms"))

    @property
    def doctrine_names(self) -> tuple[str, ...]:
        """The other ways the donor may decide, under which every arm is repeated."""
        return tuple(_entries(self._raw, "doctrines"))

    @property
    def _raw(self) -> Map:
        return self._layers.draft.raw

    def arm(self, name: str = BASELINE, under: str | None = None) -> Setting:
        """The setting of an arm, or of several as `a+b`; `under` names a doctrine of the file.

        Raises UnknownName, or ScenarioProblems if the arms do not fit together.
        """
        setting, problems = self._resolved(name, under)
        errors = [found for found in problems if found.level == "error"]
        if setting is None or errors:
            raise ScenarioProblems(_in_order(errors))
        return setting

    def numbers(self, arm: str = BASELINE) -> dict[str, Number]:
        """The numbers of an arm by the path at which each is drawn."""
        return {number.path: number for number in _numbers_in(self.arm(arm))}

    def __getitem__(self, path: str) -> Number:
        """The number at a path of the baseline, inherited or not. Raises UnknownName."""
        numbers = self.numbers()
        steps = path.split(".")
        inherited = ".".join(["defaults", "state", *steps[2:]])
        for known in (path, inherited) if steps[0] == "states" else (path,):
            if known in numbers:
                return numbers[known]
        near = nearest(path, numbers)
        raise UnknownName(f"found no number {path!r}" + (f"; nearest: {near}" if near else ""))

    def set(self, path: str, value: Any) -> Scenario:
        """A new scenario in which what stands at a path has another value, in every arm."""
        return self._valid(as_verbs("set", path, value, f"set({path!r})"))

    def add(self, path: str, value: Any) -> Scenario:
        """A new scenario with a new entry, in every arm."""
        return self._valid(as_verbs("add", path, value, f"add({path!r})"))

    def with_(self, name: str) -> Scenario:
        """A new scenario in which something is switched on, in every arm."""
        return self._valid(as_verbs("with", name, None, f"with_({name!r})"))

    def without(self, name: str) -> Scenario:
        """A new scenario in which something is switched off, in every arm."""
        return self._valid(as_verbs("without", name, None, f"without({name!r})"))

    @property
    def raw(self) -> dict[str, Any]:
        """The whole scenario as plain data that can be written as JSON and loaded again, needing no other file."""
        whole = tree.copied(self._raw)
        patches = [*self._layers.always, *self._patches]
        names = set().union(*(sources.cited_in(patch) for patch in patches)) if patches else set()
        sources.write_cited(whole, self._layers.library, names)
        found: dict[str, Any] = tree.plain(whole)
        if self._layers.draft.off:
            found["without"] = sorted(self._layers.draft.off)
        if patches:
            found["always"] = [tree.plain(patch) for patch in patches]
        return found

    def paths(self) -> list[dict[str, Any]]:
        """One row for each number of the baseline: path, value, range, unit, sources, grade."""
        return [_row_of(number) for number in self.numbers().values()]

    def _variants(self) -> Iterator[tuple[str, str | None]]:
        """Every arm, and every doctrine on the baseline."""
        yield from ((arm, None) for arm in self.arm_names)
        yield from ((BASELINE, doctrine) for doctrine in self.doctrine_names)

    def _patched(self, verbs: Map) -> Scenario:
        return replace(self, _patches=(*self._patches, verbs))

    def _valid(self, verbs: Map) -> Scenario:
        """A patched scenario whose every variant still makes sense."""
        found = self._patched(verbs)
        problems = [wrong for arm, under in found._variants() for wrong in found._resolved(arm, under)[1]]
        if any(wrong.level == "error" for wrong in problems):
            raise ScenarioProblems(_in_order(problems))
        return replace(found, notes=tuple(_in_order(problems)))

    def _resolved(self, name: str, under: str | None) -> tuple[Setting | None, list[Problem]]:
        """A variant and all that is wrong with it, from memory if it was asked for before."""
        cache: dict[tuple[str, str | None], tuple[Setting | None, list[Problem]]] = self.__dict__["_cache"]
        if (name, under) not in cache:
            cache[name, under] = self._resolve(name, under)
        return cache[name, under]

    def _resolve(self, name: str, under: str | None) -> tuple[Setting | None, list[Problem]]:
        draft = self._layers.draft.copy()
        draft.problems = []
        for arm in _expanded(self._raw, name, draft.problems):
            apply(draft, _entries(self._raw, "arms")[arm], f"arms.{arm}")
        for patch in (*self._layers.always, *self._patches):
            apply(draft, patch, "")
        if under is not None:
            _check_known(under, self.doctrine_names, "doctrine")
            apply(draft, _entries(self._raw, "doctrines")[under], f"doctrines.{under}")
        return finished(draft, self._layers.library)


def finished(draft: Draft, library: sources.Library) -> tuple[Setting | None, list[Problem]]:
    """The setting that a draft describes: links followed, sources asked, defaults inherited, the rest switched off."""
    raw = draft.raw
    problems = [*draft.problems, *links.linked(raw)]
    sources.write_cited(raw, library, set())
    states = _entries(raw, "states")
    known = sources.Reading(tuple(states), library, str(raw.get("label", "user")), tuple(draft.patched))
    setting, wrong = understood(raw, known)
    problems += [*wrong, *known.notes]
    if setting is None:
        return None, problems
    problems += check.meaning(setting, draft)
    return _switched_off(inherit.with_defaults(setting), draft.off), problems


def _switched_off(setting: Setting, off: set[str]) -> Setting:
    """The setting without what is switched off."""
    for path in sorted(off, reverse=True):
        around: Any = setting
        *above, name = path.split(".")
        for step in above:
            around = around.get(step) if isinstance(around, dict) else getattr(around, step, None)
        if isinstance(around, dict):
            around.pop(name, None)
    return setting


def _entries(raw: Map, part: str) -> Map:
    """The entries of a part that are maps."""
    found = raw.get(part)
    entries = Map(raw.place)
    for name, entry in found.items() if isinstance(found, Map) else ():
        if isinstance(entry, Map):
            entries.write(name, entry, key_at=found.keys_at[name], place=found.place_of(name))
    return entries


def _expanded(raw: Map, name: str, problems: list[Problem]) -> list[str]:
    """The arms that `a+b` stands for, in order, each with what it includes before it."""
    arms = _entries(raw, "arms")
    found: list[str] = []

    def take(arm: str, around: tuple[str, ...]) -> None:
        if arm == BASELINE or arm in found:
            return
        if arm in around:
            place = arms[arm].place_of("includes")
            problems.append(problem(f"arms.{arm}.includes", f"a ring: {' includes '.join([*around, arm])}", "no ring", "", place))
            return
        included = arms[arm].get("includes")
        for other in included if isinstance(included, Items) else ():
            if isinstance(other, str) and other in arms:
                take(other, (*around, arm))
        found.append(arm)

    for arm in name.split("+"):
        _check_known(arm, (BASELINE, *arms), "arm")
        take(arm, ())
    problems += _disagreements(arms, found) if "+" in name else []
    return found


def _disagreements(arms: Map, names: list[str]) -> list[Problem]:
    """Paths that two arms set to different values."""
    seen: dict[str, tuple[str, Any, Place]] = {}
    problems = []
    for arm in names:
        entries = arms[arm].get("set")
        for path, value in entries.items() if isinstance(entries, Map) else ():
            if path in seen and tree.plain(seen[path][1]) != tree.plain(value):
                said = f"{tree.plain(value)!r} in {arm} and {tree.plain(seen[path][1])!r} in {seen[path][0]} ({seen[path][2]})"
                problems.append(problem(path, said, "arms that agree", "", entries.place_of(path)))
            seen[path] = (arm, value, entries.place_of(path))
    return problems


def _check_known(name: str, legal: Sequence[str], what: str) -> None:
    if name not in legal:
        near = nearest(name, legal)
        hint = f"; nearest: {near}" if near else ""
        raise UnknownName(f"found no {what} {name!r}{hint}\n  expected one of {listed(legal)}")


def _numbers_in(value: Any) -> Iterator[Number]:
    """Every number of a setting."""
    if isinstance(value, Number):
        yield value
    elif isinstance(value, BaseModel):
        for part in value.__dict__.values():
            yield from _numbers_in(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _numbers_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from _numbers_in(part)


def _row_of(number: Number) -> dict[str, Any]:
    return {
        "path": number.path, "text": number.text, "value": number.value, "low": number.low, "high": number.high,
        "kind": number.kind, "sources": number.sources, "grade": number.grade, "note": number.note,
    }  # fmt: skip

"""A world and its variants: arms, the doctrines under which they are repeated, patches that hold in all of them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from backfill.errors import Problem, ScenarioProblems, UnknownName
from backfill.reading.document import Map
from backfill.reading.number import Number
from backfill.reading.words import nearest
from backfill.scenario import sources, tree
from backfill.scenario.arms import BASELINE, check_known, entries, expanded
from backfill.scenario.finish import finished, in_order, numbers_of
from backfill.scenario.freezing import newest
from backfill.scenario.layers import Layers
from backfill.scenario.schema import Setting
from backfill.scenario.verbs import Draft, apply, as_verbs

Resolved = tuple[Setting | None, list[Problem]]


@dataclass(frozen=True)
class Scenario:
    """A world and its variants: arms, doctrines under which they are repeated, patches that hold in all of them.

    name: the file's name without its ending
    notes: what `check` remarks without refusing the scenario
    plugins: modules that register what it names, so that other processes can import them
    _beneath: paths with patches that give way to an arm which changes what stands there
    """

    name: str
    _layers: Layers
    _patches: tuple[Map, ...] = ()
    notes: tuple[Problem, ...] = ()
    plugins: tuple[str, ...] = ()
    _known: dict[tuple[str, str | None], Resolved] = field(default_factory=dict, compare=False, repr=False)
    _beneath: tuple[tuple[str, Map], ...] = ()

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
        return (BASELINE, *entries(self._raw, "arms"))

    @property
    def doctrine_names(self) -> tuple[str, ...]:
        """The other ways the donor may decide, under which every arm is repeated."""
        return tuple(entries(self._raw, "doctrines"))

    @property
    def _raw(self) -> Map:
        return self._layers.draft.raw

    @property
    def _every_patch(self) -> tuple[Map, ...]:
        """What holds after every arm: patches of the stored file, then those made since."""
        return (*self._layers.always, *self._patches)

    @property
    def _cited(self) -> set[str]:
        """The sources that patches cite; those of the file are written into it when it is read."""
        return {name for patch in self._every_patch for name in sources.cited_in(patch)}

    def __repr__(self) -> str:
        return f"Scenario({self.name}: {', '.join(self.arm_names)})"

    def arm(self, name: str = BASELINE, under: str | None = None) -> Setting:
        """The setting of an arm, or of several as `a+b`; `under` names a doctrine of the file.

        Raises UnknownName, or ScenarioProblems if the arms do not fit together.
        """
        setting, problems = self.resolved(name, under)
        errors = [found for found in problems if found.level == "error"]
        if setting is None or errors:
            raise ScenarioProblems(in_order(errors))
        return setting

    def numbers(self, arm: str = BASELINE) -> dict[str, Number]:
        """The numbers of an arm by the path at which each is drawn."""
        return numbers_of(self.arm(arm))

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
    def newest_source(self) -> tuple[str, dt.date] | None:
        """The cited source that was published last, and when; None if none has a date."""
        cited = sources.cited_by(self._raw) | self._cited
        return newest(self._layers.sourcebook, cited)

    @property
    def raw(self) -> dict[str, Any]:
        """The whole scenario as plain data that can be written as JSON and loaded again, needing no other file."""
        draft = self._layers.draft.copy()
        for _, patch in self._beneath:
            apply(draft, patch, "")
        whole = draft.raw
        sources.write_cited(whole, self._layers.sourcebook, self._cited)
        found: dict[str, Any] = tree.plain(whole)
        if self._layers.draft.off:
            found["without"] = sorted(self._layers.draft.off)
        if self._every_patch:
            found["always"] = [tree.plain(patch) for patch in self._every_patch]
        return found

    @property
    def written(self) -> dict[str, Any]:
        """The whole scenario as `raw`, but with every patch in its place: each value stands where it is read."""
        draft = self._layers.draft.copy()
        draft.problems = []
        for patch in (*self._every_patch, *(patch for _, patch in self._beneath)):
            apply(draft, patch, "")
        sources.write_cited(draft.raw, self._layers.sourcebook, self._cited)
        found: dict[str, Any] = tree.plain(draft.raw)
        return found | ({"without": sorted(draft.off)} if draft.off else {})

    def paths(self) -> list[dict[str, Any]]:
        """One row for each number of the baseline: path, value, range, unit, sources, grade."""
        return [_row_of(number) for number in self.numbers().values()]

    def variants(self) -> Iterator[tuple[str, str | None]]:
        """Every arm, and every doctrine on the baseline."""
        yield from ((arm, None) for arm in self.arm_names)
        yield from ((BASELINE, doctrine) for doctrine in self.doctrine_names)

    def patched(self, verbs: Map) -> Scenario:
        """The scenario with verbs that are applied after every arm, not yet checked."""
        return replace(self, _patches=(*self._patches, verbs), _known={})

    def patched_beneath(self, path: str, verbs: Map) -> Scenario:
        """The scenario with a value that holds wherever no arm changes what stands at its path, not yet checked."""
        return replace(self, _beneath=(*self._beneath, (path, verbs)), _known={})

    def _valid(self, verbs: Map) -> Scenario:
        """A patched scenario whose every variant still makes sense."""
        found = self.patched(verbs)
        problems = [wrong for arm, under in found.variants() for wrong in found.resolved(arm, under)[1]]
        if any(wrong.level == "error" for wrong in problems):
            raise ScenarioProblems(in_order(problems))
        return replace(found, notes=tuple(in_order(problems)))

    def resolved(self, name: str, under: str | None) -> Resolved:
        """A variant and all that is wrong with it, from memory if it was asked for before."""
        if (name, under) not in self._known:
            self._known[name, under] = self._resolve(name, under)
        return self._known[name, under]

    def _resolve(self, name: str, under: str | None) -> Resolved:
        draft = self._layers.draft.copy()
        draft.problems = []
        for arm in expanded(self._raw, name, draft.problems):
            apply(draft, entries(self._raw, "arms")[arm], f"arms.{arm}")
        for patch in (*self._every_patch, *self._giving_way(draft)):
            apply(draft, patch, "")
        sources.write_cited(draft.raw, self._layers.sourcebook, self._cited)
        if under is not None:
            check_known(under, self.doctrine_names, "doctrine")
            apply(draft, entries(self._raw, "doctrines")[under], f"doctrines.{under}")
        return finished(draft, self._layers.sourcebook, first=name == BASELINE and under is None)

    def _giving_way(self, changed: Draft) -> Iterator[Map]:
        """The patches at whose paths an arm has left what stands in the baseline."""
        if not self._beneath:
            return
        baseline = self._layers.draft.copy()
        for patch in self._every_patch:
            apply(baseline, patch, "")
        for path, patch in self._beneath:
            before, now = (tree.get(raw, path) for raw in (baseline.raw, changed.raw))
            if tree.plain(before) == tree.plain(now):
                yield patch


def _row_of(number: Number) -> dict[str, Any]:
    """A number as a row of a table; what is unlimited or never has no value."""
    value, low, high = (None if math.isinf(part) else part for part in (number.value, number.low, number.high))
    return {
        "path": number.path,
        "text": number.text,
        "value": value,
        "low": low,
        "high": high,
        "unit": _UNIT.sub("", number.text),
        "kind": number.kind,
        "sources": number.sources,
        "grade": number.grade,
        "note": number.note,
    }


_UNIT = re.compile(r"^(unlimited|never|[0-9.-]+)( *\([^)]*\))? *")

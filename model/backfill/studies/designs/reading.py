"""From a file to a design: read, understood, numbered, and every mistake told at its place."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.errors import Place, Problem, ScenarioProblems, UnknownName
from backfill.plugins import use
from backfill.reading.document import Map, read_file, read_json, with_place
from backfill.reading.words import nearest
from backfill.scenario import Scenario, tree
from backfill.scenario.fields import shown
from backfill.scenario.finish import in_order
from backfill.scenario.load import opened
from backfill.scenario.shelf import Shelf, names, packaged
from backfill.studies.design import Design, Keep, Point, Replications, SobolSample
from backfill.studies.designs.checking import check_points
from backfill.studies.designs.desk import Desk
from backfill.studies.designs.factors import BENEATH, read_factors
from backfill.studies.designs.layout import Drawing, Plan, combined, samples
from backfill.studies.designs.settled import check_kept, read_arms, read_keep, read_replications
from backfill.studies.designs.table import read_table

VERSION = 1
FIELDS = (
    "design", "title", "question", "scenario", "arms", "seed", "factors", "layout", "points", "others", "replications",
    "keep",
)  # fmt: skip
STORED = ("name", "sobol")
"""What only a stored design has."""
OTHERS = ("drawn", "central")
LONGEST_STORED = 400_000_000


@dataclass
class _Draft:
    """A design in the making.

    changes: what is set in its scenario
    """

    desk: Desk
    raw: Map
    path: Path
    changes: list[str] = field(default_factory=list)

    @property
    def is_stored(self) -> bool:
        """Whether it holds its whole scenario, as only a design does that was read and checked before."""
        return isinstance(self.raw.get("scenario"), Map)


def opened_design(
    path: str | Path, changes: Sequence[str] = (), *, plugins: Sequence[str] = ()
) -> tuple[Design | None, list[Problem]]:
    """A design with all that is wrong with it; None if there is an error."""
    use(plugins)
    file = Path(path)
    if not file.is_file():
        raise UnknownName(f"found no file {str(path)!r}\n  expected a design: a file that begins with design: 1")
    try:
        raw = _stored(file) if file.suffix == ".json" else read_file(file, str(path))
    except ScenarioProblems as fault:
        return None, list(fault.problems)
    draft = _Draft(Desk(), raw, file)
    for text in changes:
        _change(draft, text)
    design = _design(draft)
    return (None if draft.desk.is_wrong else design), in_order(draft.desk.problems)


def _stored(file: Path) -> Map:
    if file.stat().st_size > LONGEST_STORED:
        raise ScenarioProblems(
            [Problem("(top)", f"more than {LONGEST_STORED:,} bytes", "a design", "", Place(str(file), 0, 0))]
        )
    try:
        return read_json(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as fault:
        said = f"a file that cannot be read: {fault}"
        raise ScenarioProblems([Problem("(top)", said, "a stored design", "", Place(str(file), 0, 0))]) from None


def _change(draft: _Draft, text: str) -> None:
    """One `path=value`: the design's own, if it has such a field, else the scenario's."""
    path, equals, value = text.partition("=")
    origin, first = f"--set {text}", path.strip().partition(".")[0]
    if not equals or not path.strip() or not value.strip():
        draft.desk.complain("(top)", repr(text), "a path, = and a value: seed=2", "", Place(origin, 0, 0))
    elif first not in FIELDS or first in ("design", "title", "question", "scenario"):
        draft.changes.append(text)
    else:
        try:
            said = Shelf.value(value.strip(), origin)
        except ScenarioProblems as fault:
            draft.desk.problems += fault.problems
            return
        _write(draft.raw, path.strip().split("."), said, Place(origin, 0, 0))


def _write(raw: Map, steps: Sequence[str], value: Any, place: Place) -> None:
    around = raw
    for step in steps[:-1]:
        if not isinstance(around.get(step), Map):
            around.write(step, Map(place), key_at=place, place=place)
        around = around[step]
    around.write(steps[-1], with_place(value, place), key_at=place, place=place)


def _design(draft: _Draft) -> Design | None:
    """What a draft describes, as far as it can be understood."""
    desk, raw = draft.desk, draft.raw
    fields = (*FIELDS, *STORED) if draft.is_stored else FIELDS
    desk.map(raw, "", raw.place, fields, due=("design", "scenario"))
    if str(raw.get("design", VERSION)) != str(VERSION):
        _refuse_version(desk, raw)
    if "layout" in raw and "points" in raw:
        desk.complain("points", "both layout and points", "one of them", "", raw.keys_at["points"])
    scenario = _scenario(draft)
    seed = desk.whole(raw, "seed", "", least=0, most=None)
    factors = read_factors(desk, raw, scenario)
    table = read_table(desk, raw, factors, draft.path.parent)
    plan = Drawing(desk, raw, factors, scenario, seed).plan(table)
    arms = read_arms(desk, raw, scenario)
    settled = (read_replications(desk, raw, scenario, arms), read_keep(desk, raw))
    check_kept(desk, raw, *settled)
    central = desk.word(raw, "others", "", OTHERS) == "central"
    title = desk.text(raw, "title", "") or (scenario.title if scenario else "")
    if desk.is_wrong or scenario is None:
        return None
    settings = combined(plan, desk)
    if desk.is_wrong:
        return None
    design = _put_together(
        draft, plan, settings, scenario, arms=arms, seed=seed, settled=settled, central=central, title=title
    )
    if not draft.is_stored:
        check_points(desk, design, plan)
    return design


def _refuse_version(desk: Desk, raw: Map) -> None:
    said = raw["design"]
    newer = isinstance(said, int) and said > VERSION
    expected = f"design: {VERSION}, the version of the language" + ("; a newer backfill reads it" if newer else "")
    desk.complain("design", shown(said), expected, "", raw.place_of("design"))


def _put_together(
    draft: _Draft,
    plan: Plan,
    settings: Sequence[Mapping[str, Any]],
    scenario: Scenario,
    *,
    arms: tuple[str, ...],
    seed: int,
    settled: tuple[Replications, Keep],
    central: bool,
    title: str,
) -> Design:
    name = str(draft.raw["name"]) if draft.is_stored and "name" in draft.raw else draft.path.stem
    replications, keep = settled
    paths = {name: factor.path for name, factor in plan.factors.items()}
    beneath = frozenset(name for name, factor in plan.factors.items() if factor.beneath)
    points = tuple(Point(number, dict(said)) for number, said in enumerate(settings))
    sobol = tuple(_stored_samples(draft.desk, draft.raw)) if draft.is_stored else tuple(_samples(plan, points))
    raw: dict[str, Any] = {
        "design": VERSION,
        "name": name,
        "title": title,
        "scenario": {"name": scenario.name, "resolved": scenario.raw},
        "arms": list(arms),
        "seed": seed,
        "factors": {
            name: {"path": path} | ({BENEATH: True} if name in beneath else {}) for name, path in paths.items()
        },
        "points": [dict(point.settings) for point in points],
        "others": OTHERS[1] if central else OTHERS[0],
        "replications": replications.raw,
        "keep": keep.raw,
    }
    if sobol:
        raw["sobol"] = [sample.raw for sample in sobol]
    question = draft.desk.text(draft.raw, "question", "")
    if question:
        raw["question"] = question
    return Design(
        name, title, scenario, arms, seed, points, replications, central, keep, paths, raw, sobol, beneath=beneath
    )  # fmt: skip


def _samples(plan: Plan, points: Sequence[Point]) -> Iterator[SobolSample]:
    """Which points are the rows of A, of B and of A with a column of B, once for everything around them."""
    for part, inner, outer in samples(plan):
        for start in range(0, len(points), outer):
            for offset in range(inner):
                rows = [start + offset + row * inner for row in range(len(part.rows))]
                matrices = [tuple(rows[at : at + part.indices]) for at in range(0, len(rows), part.indices)]
                said = points[rows[0]].settings
                around = {name: value for name, value in said.items() if name not in part.factors}
                yield SobolSample(_columns(plan, part.factors), matrices[0], matrices[1], tuple(matrices[2:]), around)


def _columns(plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    """The factors that have a column of their own in a sample; numbers that are drawn with another have none."""
    return tuple(name for name in names if not plan.factors[name].partner)


def _stored_samples(desk: Desk, raw: Map) -> Iterator[SobolSample]:
    """The samples of a stored design, as it says them."""
    if "sobol" not in raw:
        return
    try:
        for said in tree.plain(raw["sobol"]):
            mixed = tuple(tuple(row) for row in said["ab"])
            yield SobolSample(tuple(said["factors"]), tuple(said["a"]), tuple(said["b"]), mixed, dict(said["around"]))
    except (KeyError, TypeError, ValueError):
        desk.complain("sobol", "rows that cannot be read", "the rows of a stored design", "", raw.place_of("sobol"))


# --- the scenario -------------------------------------------------------------------------------------------------


def _scenario(draft: _Draft) -> Scenario | None:
    """The world of a design: inside it, in a file beside it, or a packaged one."""
    if "scenario" not in draft.raw:
        return None
    found = _inside(draft) if draft.is_stored else _named(draft)
    if found is None:
        return None
    scenario, problems = found
    errors = [wrong for wrong in problems if wrong.level == "error"]
    draft.desk.problems += errors
    return None if errors else scenario


def _named(draft: _Draft) -> tuple[Scenario | None, list[Problem]] | None:
    said, place = draft.raw["scenario"], draft.raw.place_of("scenario")
    there = _file_of(said, draft.path)
    if there is None:
        near = nearest(
            str(said), [*names(), *(file.name for file in draft.path.parent.glob("*.yaml") if file != draft.path)]
        )
        expected = "the name of a packaged scenario, or a file beside the design"
        draft.desk.complain("scenario", shown(said), expected, near, place)
        return None
    return opened(there[0], shown=there[1], sets=draft.changes)


def _file_of(said: Any, design: Path) -> tuple[Path, str] | None:
    """The file of a scenario: below the design's folder, else among the packaged ones; never the design itself."""
    if not isinstance(said, str):
        return None
    for beside in (design.parent, packaged()):
        is_file = said.endswith((".yaml", ".yml", ".json"))
        found = Shelf().find_below(said, beside) if is_file else Shelf().find(said, "", beside)
        if found is not None and found[0].resolve() != design.resolve():
            return found
    return None


def _inside(draft: _Draft) -> tuple[Scenario | None, list[Problem]] | None:
    """The scenario that a stored design holds."""
    said = tree.plain(draft.raw["scenario"])
    if not isinstance(said.get("resolved"), dict) or not isinstance(said.get("name"), str):
        expected = "a scenario with its name and resolved, as a stored design has it"
        draft.desk.complain("scenario", "a map", expected, "", draft.raw.place_of("scenario"))
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{Path(said['name']).name}.json"
        file.write_text(json.dumps(said["resolved"], ensure_ascii=False), encoding="utf-8")
        return opened(file, shown=str(draft.path), sets=draft.changes)

"""What a design says beside its points: arms, how often each point is lived through, what is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from backfill.reading.document import Items, Map
from backfill.reading.number_line import NumberFault, parse
from backfill.results import tables
from backfill.results.outcomes import NO_BACKFILL
from backfill.scenario import Scenario
from backfill.scenario.fields import shown
from backfill.studies.design import Keep, Replications, StopWhen
from backfill.studies.designs import keeping
from backfill.studies.designs.desk import Desk

USUAL_RUNS = 100
EACH_RUN = "each run"
STOPS_FOR = ("pass_through", "aid")
_WIDTH = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?", re.ASCII)


def read_arms(desk: Desk, raw: Map, scenario: Scenario | None) -> tuple[str, ...]:
    """The arms of every point; all of the scenario where none is named."""
    known = scenario.arm_names if scenario else ()
    if "arms" not in raw:
        return known
    found = desk.words(raw["arms"], "arms", raw.place_of("arms"), of="arms")
    for index, (name, place) in enumerate(found if known else ()):
        for part in [name] if name in known else name.split("+"):
            desk.known(part, f"arms.{index}", place, known, "an arm")
    return tuple(name for name, _ in found)


def read_replications(desk: Desk, raw: Map, scenario: Scenario | None, arms: Sequence[str]) -> Replications:
    """A number of runs, or from how many to how many, and when it is enough."""
    said, path = raw.get("replications", USUAL_RUNS), "replications"
    if not isinstance(said, Map):
        many = desk.whole(raw, path, "", usual=USUAL_RUNS)
        return Replications(many, many)
    fields = desk.map(said, path, raw.place_of(path), ("first", "most", "stop_when"), due=("most",))
    most = desk.whole(fields, "most", path, usual=USUAL_RUNS)
    first = desk.whole(fields, "first", path, usual=min(USUAL_RUNS, most))
    if first > most:
        found = f"{first}, more than most: {most}"
        desk.complain(f"{path}.first", found, "as many as most, or fewer", "", fields.place_of("first"))
    stop = _stop_when(desk, fields, f"{path}.stop_when", arms) if "stop_when" in fields else None
    if stop and scenario is not None and NO_BACKFILL not in scenario.arm_names:
        found, expected = f"a scenario without the arm {NO_BACKFILL}", "one with it: what it has less is measured"
        desk.complain(f"{path}.stop_when", found, expected, "", fields.place_of("stop_when"))
    return Replications(first if stop else most, most, stop)


def check_kept(desk: Desk, raw: Map, replications: Replications, keep: Keep) -> None:
    """Whether what a point stops by is among the outcomes that are stored: it is told from these alone."""
    if replications.stop_when is not None and not keeping.is_kept(tables.AID_GAINED, keep):
        fields: Map = raw["keep"]
        found = f"{', '.join(keep.outcomes)}, without {keeping.HEADLINE}"
        expected = f"{keeping.HEADLINE} among them, since replications.stop_when is told from it"
        desk.complain("keep.outcomes", found, expected, keeping.HEADLINE, fields.place_of("outcomes"))


def _stop_when(desk: Desk, fields: Map, path: str, arms: Sequence[str]) -> StopWhen | None:
    legal = ("outcome", "interval", "narrower_than", "arm")
    said = desk.map(fields["stop_when"], path, fields.place_of("stop_when"), legal, due=("narrower_than",))
    width, place = said.get("narrower_than", 1), said.place_of("narrower_than")
    if isinstance(width, bool) or not _WIDTH.fullmatch(str(width)) or float(width) <= 0:
        desk.complain(f"{path}.narrower_than", shown(width), "the full width of an interval: 0.05", "", place)
        width = 1
    arm = desk.text(said, "arm", path)
    if arm and arms:
        desk.known(arm, f"{path}.arm", said.place_of("arm"), arms, "an arm of this design")
    return StopWhen(desk.word(said, "outcome", path, STOPS_FOR), _interval(desk, said, path), float(width), arm)


def _interval(desk: Desk, said: Map, path: str) -> float:
    """The coverage of an interval: a share between 50 % and 99.9 %."""
    try:
        share = parse(str(said.get("interval", "90 %")), "share").value
    except NumberFault as wrong:
        desk.complain(f"{path}.interval", wrong.found, wrong.expected, wrong.nearest, said.place_of("interval"))
        return 0.9
    if not 0.5 <= share <= 0.999:
        expected = "a share between 50 % and 99.9 %"
        desk.complain(f"{path}.interval", shown(said["interval"]), expected, "", said.place_of("interval"))
    return share


def read_keep(desk: Desk, raw: Map) -> Keep:
    """Outcomes and courses that are stored; every outcome and no course where nothing is said."""
    if "keep" not in raw:
        return Keep()
    fields = desk.map(raw["keep"], "keep", raw.place_of("keep"), ("outcomes", "series"))
    outcomes: list[str] = []
    if "outcomes" in fields:
        place = fields.place_of("outcomes")
        for index, (name, at) in enumerate(desk.words(fields["outcomes"], "keep.outcomes", place, of="outcomes")):
            if desk.known(name, f"keep.outcomes.{index}", at, list(keeping.OUTCOMES), "an outcome"):
                outcomes.append(name)
    return Keep(tuple(outcomes), _series(desk, fields) if "series" in fields else {})


def _series(desk: Desk, fields: Map) -> dict[str, tuple[float, ...]]:
    legal = (*keeping.COURSES, *tables.COURSES)
    said = desk.map(fields["series"], "keep.series", fields.place_of("series"))
    return {
        name: _shares(desk, said, name)
        for name in said
        if desk.known(name, f"keep.series.{name}", said.keys_at[name], legal, "a course")
    }


def _shares(desk: Desk, said: Map, name: str) -> tuple[float, ...]:
    """Quantiles over runs, or none for each run."""
    value, path, place = said[name], f"keep.series.{name}", said.place_of(name)
    if value == EACH_RUN:
        return ()
    if not isinstance(value, Items) or not value:
        desk.complain(path, shown(value), f"quantiles, [5 %, 50 %, 95 %], or {EACH_RUN}", EACH_RUN, place)
        return ()
    return tuple(_share(desk, part, f"{path}.{index}", value.places[index]) for index, part in enumerate(value))


def _share(desk: Desk, value: Any, path: str, place: Any) -> float:
    try:
        return parse(str(value), "share").value
    except NumberFault as wrong:
        desk.complain(path, wrong.found, wrong.expected, wrong.nearest, place)
        return 0.0

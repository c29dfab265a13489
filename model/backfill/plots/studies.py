"""Which figures a stored study can show, as far as it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from backfill.plots.gallery import Gallery
from backfill.plots.mattering import what_matters
from backfill.plots.points import answer_of, drawn_answer
from backfill.plots.surface import drawn_surface, surface_of
from backfill.studies.headlining import is_headline
from backfill.studies.mattering import HEADLINE, Drivers, drivers_of
from backfill.studies.summing import UNITS

if TYPE_CHECKING:
    from backfill.studies.study import Study

BY_POINT, SURFACE, DRIVERS = "outcome_by_point", "answer_surface", "drivers"
EMPTY = "no run of it is done yet"


def gallery_of_study(study: Study) -> Gallery:
    """The headline at each point and over two factors, and what it leans on; nothing before the first block is done."""
    if not study.dates:
        return Gallery({}, dict.fromkeys((BY_POINT, SURFACE, DRIVERS), EMPTY))
    drawings: dict[str, Callable[[], Figure]] = {}
    refused, files = {}, {}
    answer, surface, drivers = answer_of(study), surface_of(study), telling_drivers(study)
    if answer is None:
        refused[BY_POINT] = "no point of this study has an answer to the question of its scenario"
    else:
        drawings[BY_POINT] = partial(drawn_answer, study, answer)
    if surface is None:
        refused[SURFACE] = "no two factors of this study make a grid that has an answer"
    else:
        drawings[SURFACE] = partial(drawn_surface, study, surface)
    if drivers is None:
        refused[DRIVERS] = "too few points and runs, or nothing that differs, to say what an outcome leans on"
    else:
        drawings[DRIVERS] = partial(what_matters, study, drivers)
        files[DRIVERS] = file_of(drivers)
    return Gallery(drawings, refused, files=files)


def telling_drivers(study: Study) -> Drivers | None:
    """What the headline leans on, or else the units to the aided state; None where neither can be told."""
    known = study.outcomes_by()
    asked = [HEADLINE] if "backfill_gained" in known else []
    asked += [*(name for name in known if is_headline(name)), *([UNITS] if UNITS in known else [])]
    for outcome in asked:
        found = drivers_of(study, outcome)
        if any(ranking.found for ranking in found.rankings):
            return found
    return None


def file_of(drivers: Drivers) -> str:
    """What the file of these bars is called."""
    return f"drivers_{drivers.outcome}_{drivers.arm}".replace("+", "_")

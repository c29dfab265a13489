"""What drove the results of a study: which factors, over its points, and which drawn numbers, over runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from backfill.report.html import Html, element, grid, joined
from backfill.report.pictures import figure
from backfill.results.tables import AID_GAINED, BACKFILL_GAINED
from backfill.studies.headlining import LATE, REFILL, SHARE
from backfill.studies.mattering import HEADLINE, drivers_of
from backfill.words import capital, number, path_words, quoted, short_month, state_name, with_article

if TYPE_CHECKING:
    from backfill.studies.mattering import Drivers, Ranking, Weight
    from backfill.studies.study import Study

UNITS = "units_to_aided"
MOST_WEIGHTS, MOST_OUTCOMES = 8, 3
NOTHING = "One point, and no number was drawn: there is nothing that could have driven it."


def what_drove(study: Study) -> list[Drivers]:
    """What the headline leans on in the first arm, then what the units do; only what is stored."""
    return [drivers_of(study, outcome) for outcome in _asked(study)]


def _asked(study: Study) -> list[str]:
    """The outcomes of the headline that are stored by the last date, the units behind them."""
    stored = study.outcomes_by() if study.dates else []
    if study.design.scenario.setting.outcomes.headline == "pass_through":
        own = [HEADLINE] if {AID_GAINED, BACKFILL_GAINED} <= set(stored) else []
    else:
        own = [name for name in stored if name.startswith(REFILL) or name in (SHARE, LATE)]
    return [*own[: MOST_OUTCOMES - 1], *([UNITS] if UNITS in stored else [])]


def first_sentence(study: Study, found: Sequence[Drivers]) -> str:
    """What the headline leans on most, or why that cannot be told."""
    return _said(study, found[0]) if found else ""


def section_of(study: Study, found: Sequence[Drivers]) -> Html:
    """For each outcome a sentence, the figure of the first one, and the numbers."""
    return joined(part for number, drivers in enumerate(found) for part in _parts(study, drivers, drawn=not number))


def _parts(study: Study, drivers: Drivers, *, drawn: bool) -> Iterator[Html]:
    yield element("h3", f"{capital(_name(study, drivers.outcome))}: {drivers.arm}, by {short_month(drivers.by)}")
    yield element("p", _said(study, drivers))
    if drawn and any(ranking.found for ranking in drivers.rankings):
        yield _picture(study, drivers)
    for ranking in drivers.rankings:
        if ranking.found:
            yield _table(study, drivers, ranking)
        elif ranking.note:
            yield element("p", f"{capital(ranking.kind)}, {ranking.over}: {ranking.note}.")


def _said(study: Study, drivers: Drivers) -> str:
    told = [ranking for ranking in drivers.rankings if ranking.found]
    if not told:
        notes = list(dict.fromkeys(ranking.note for ranking in drivers.rankings if ranking.note))
        return f"What drove {_name(study, drivers.outcome)} cannot be told: {'; '.join(notes)}." if notes else NOTHING
    first = drivers.leading or told[0]
    strongest = first.found[0]
    outcome, size = _name(study, drivers.outcome), number(strongest.value, 2)
    careful = f" ({first.note})" if first.note else ""
    if first.bound is not None and abs(strongest.value) < first.bound:
        return f"No number stands out from chance in what moves {outcome}: {first.over}{careful}."
    ends = f", 90 % interval {_ends(strongest)}" if _ends(strongest) else ""
    how = f"{first.kind} {size}{ends}; {first.over.removeprefix('factors, ')}"
    return f"{capital(outcome)} leans most on {quoted(_words(study, strongest.name))} ({how}){careful}."


def _name(study: Study, outcome: str) -> str:
    """An outcome as the subject of a sentence."""
    setting = study.design.scenario.setting
    if outcome == UNITS:
        return f"what reaches {with_article(state_name(setting, setting.roles.aided))}"
    return "pass-through" if outcome == HEADLINE else outcome.replace("_", " ")


def _words(study: Study, name: str) -> str:
    """A factor by its own name; a drawn number in words."""
    return name if name in study.points else path_words(study.design.scenario.setting, name)


def _ends(weight: Weight) -> str:
    if weight.low is None or weight.high is None:
        return ""
    return f"{number(weight.low, 2)} to {number(weight.high, 2)}"


def _table(study: Study, drivers: Drivers, ranking: Ranking) -> Html:
    shown = ranking.found[:MOST_WEIGHTS]
    rows = [[_words(study, one.name), number(one.value, 2), _ends(one), _verdict(ranking, one)] for one in shown]
    left = len(ranking.found) - len(shown)
    more = f"; {left} weaker ones are left out" if left else ""
    bound = f"; below {number(ranking.bound, 2)} it could be chance" if ranking.bound is not None else ""
    note = f"; {ranking.note}" if ranking.note else ""
    head = ["number", ranking.kind, "90 % interval", "stands out from chance"]
    wanted = slice(None) if ranking.bound is not None else slice(0, 3)
    return grid(
        f"{capital(_name(study, drivers.outcome))}: {ranking.kind}, {ranking.over}{bound}{more}{note}",
        head[wanted],
        [row[wanted] for row in rows],
    )


def _verdict(ranking: Ranking, weight: Weight) -> str:
    return "" if ranking.bound is None else "yes" if abs(weight.value) >= ranking.bound else "no"


def _picture(study: Study, drivers: Drivers) -> Html:
    """The bars, drawn for this page."""
    from backfill.plots.files import save
    from backfill.plots.mattering import what_matters

    with TemporaryDirectory() as place:
        paths = save(what_matters(study, drivers), Path(place) / "what_matters")
        return figure(next(path for path in paths if path.suffix == ".svg"), "figure-what-matters")

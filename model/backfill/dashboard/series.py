"""The figures of the page as plain numbers: courses by arm, paired differences, causes, and how units came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.dashboard.mapped import map_of
from backfill.plots.causes import layers_of
from backfill.plots.courses import quantile, total_aid
from backfill.results import keeping, refill, sentence
from backfill.results.closing import extra_units
from backfill.results.comparison import compare
from backfill.results.headline import kind_of, need_words
from backfill.words import capital, long_month, one_line, state_name, with_article

if TYPE_CHECKING:
    from backfill.arrays import Floats
    from backfill.results import Results
    from backfill.results.closing import ClosingTable

SHARES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
CHANNELS = {
    "gift": "gifts from stock",
    "sale": "sales",
    "queue": "places in the queue",
    "pledge": "announced packages",
    "purchase": "its own purchases",
}


def answer_of(results: Results) -> dict[str, Any]:
    """The sentence with its interval, what it leans on, and each arm against the baseline, in words."""
    table = _asked(results).table
    return {
        "runs": results.runs,
        "answer": sentence.answer(table),
        "leaning": sentence.leaning(table),
        "number": headline_number(table),
        "arms": {arm: compare(results, (arm, "baseline")).in_words() for arm in results.arms[1:]},
    }


def _asked(results: Results) -> Results:
    """What the sentence is about: the baseline and its world without backfill, where pass-through is the question."""
    alone = kind_of(results.setting) == "pass_through" and results.without is not None
    return results.of(results.arms[:1]) if alone else results


def headline_number(table: ClosingTable) -> dict[str, float | None]:
    """The number of the sentence where that is pass-through, with the ends of its interval; else the units."""
    passed = table.baseline.passing.get(table.passing_dates[-1]) if table.asks_for_pass_through else None
    if passed is not None and extra_units(table.results, table.passing_dates[-1]) is not None:
        return {"value": passed.value, "low": passed.low, "high": passed.high}
    units = table.baseline.units[table.unit_dates[-1]]
    return {"value": units.median, "low": units.low, "high": units.high}


def figures_of(results: Results) -> dict[str, Any]:
    """Everything that is drawn: the courses, and what the baseline has besides."""
    return courses_of(results) | {
        "causes": [
            {"kind": layer.kind, "name": layer.name, "course": layer.course.round(3)} for layer in _layers(results)
        ],
        "flows": _flows(results),
        "map": map_of(results),
    }


def courses_of(results: Results) -> dict[str, Any]:
    """What the question counts, month by month in every arm, and the differences from the baseline."""
    title, unit, courses = _courses(results)
    base = courses[results.arms[0]]
    return {
        "runs": results.runs,
        "months": results.months,
        "course": {"title": title, "unit": unit},
        "arms": [
            {
                "name": arm,
                "title": _title(results, arm),
                "total": _spread(runs),
                "change": None if arm == results.arms[0] else _spread(runs - base),
            }
            for arm, runs in courses.items()
        ],
    }


def _layers(results: Results) -> list[Any]:
    return layers_of(results) if "why_not" in results.dataset else []


def _title(results: Results, arm: str) -> str:
    entry = results.setting.arms.get(arm)
    return one_line(entry.title) if entry is not None else ""


def _courses(results: Results) -> tuple[str, str, dict[str, Floats]]:
    """What the question counts, month by month, in each arm: title, unit, courses  [runs, months]."""
    setting = results.setting
    match kind_of(setting):
        case "refill":
            need = refill.needs_of_question(results)[0]
            donor = capital(with_article(state_name(setting, setting.roles.donor)))
            return (
                f"{donor}: {need_words(results, need)} against the requirement",
                "% of the requirement",
                {arm: _filled(results, need, arm) for arm in results.arms},
            )
        case "promise":
            total = keeping.arrived(results)
            return (
                "Units of the promise that have arrived",
                "units since the start",
                {arm: np.asarray(total.sel(arm=arm).transpose("run", "month").values, float) for arm in results.arms},
            )
    aided = setting.roles.aided
    return (
        f"Delivered to {with_article(state_name(setting, aided))}",
        f"units since {long_month(results.months[0])}",
        {arm: total_aid(results, arm, aided) for arm in results.arms},
    )


def _filled(results: Results, need: str, arm: str) -> Floats:
    """What the donor holds of a need, as a part of what it wants, in per cent  [runs, months]."""
    held, wanted = (
        np.asarray(results.dataset[name].sel(need=need, arm=arm).transpose("run", "month").values, float)
        for name in ("held_of_need", "wanted_of_need")
    )
    share: Floats = np.divide(held, wanted, out=np.ones_like(held), where=wanted > 0)
    return share * 100


def _spread(runs: Floats) -> dict[str, Floats]:
    return {name: quantile(runs, share).round(3) for name, share in SHARES.items()}


def _flows(results: Results) -> list[dict[str, Any]]:
    """Mean units over the horizon: by each channel to the aided state, and from the backfiller to the donor."""
    setting, found = results.setting, []
    roles, base = setting.roles, results.arms[0]
    came = results.dataset.get("aid_by_channel")
    if came is not None and roles.aided in came["state"].values:
        aided = state_name(setting, roles.aided)
        units = came.sel(arm=base, state=roles.aided).sum("month").mean("run")
        found = [
            {
                "from": CHANNELS.get(str(name), str(name).replace("_", " ")),
                "to": aided,
                "role": "donor",
                "units": float(many),
            }
            for name, many in zip(units["channel"].values, units.values, strict=True)
            if many > 0
        ]
    back = results.dataset.get("backfill")
    if roles.backfiller and back is not None and roles.donor in back["state"].values:
        moved = float(back.sel(arm=base, state=roles.donor).sum(["month", "item", "origin"]).mean("run"))
        if moved > 0:
            giver, donor = (state_name(setting, state) for state in (roles.backfiller, roles.donor))
            found.append({"from": f"backfill from {giver}", "to": donor, "role": "backfiller", "units": moved})
    return found

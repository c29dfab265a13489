"""The finding of a world that does not ask for pass-through: units, years until a stock is back, a promise kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from backfill.results import keeping, outcomes, refill
from backfill.results.gaps import Gap, gap_of
from backfill.results.headline import kind_of, need_words
from backfill.words import (
    capital,
    count,
    decides,
    in_runs,
    interval,
    listed,
    long_month,
    number,
    one_line,
    percent,
    possessive,
    quoted,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from backfill.results import Results

    Floats = NDArray[np.float64]


ANNOUNCED = "gifts and sales by packages"
"""How a donor decides that gives what its announcements say, and nothing else."""


def finding(results: Results) -> str:
    """What the run says about its question, how sure that is, and which arm moves it most."""
    match kind_of(results.setting):
        case "refill":
            return _refill(results)
        case "promise":
            return _promise(results)
    return _units(results)


def elsewhere(results: Results) -> str:
    """The middle of the headline in the baseline, in few words; what it is where the donor decides otherwise."""
    base = results.arms[0]
    match kind_of(results.setting):
        case "refill":
            middle = _middle(_values(refill.years_until_all(results), base))
            return f"{number(middle, 1)} years" if math.isfinite(middle) else "not by the end"
        case "promise":
            found = _values(keeping.share_when_due(results), base)
            return percent(_middle(found)) if found.size else "undefined"
    return f"{number(_middle(_values(outcomes.units_to_aided(results, results.months[-1]), base)))} units"


def _values(outcome: xr.DataArray, arm: str) -> Floats:
    """The runs in which it is defined  [runs]."""
    import numpy as np

    values = np.asarray(outcome.sel(arm=arm).values, dtype=float)
    known: Floats = values[~np.isnan(values)]
    return known


def _middle(values: Floats) -> float:
    """The median, as a value that some run has."""
    return _quantile(values, 0.5)


def _quantile(values: Floats, share: float) -> float:
    import numpy as np

    return float(np.quantile(values, share, method="inverted_cdf"))


def _opening(results: Results) -> str:
    """For which runs a sentence speaks, where it is not many."""
    if results.is_central_run:
        return "in one run with every number at its central value"
    return "in this one run" if results.runs == 1 else ""


def _span(values: Floats, say: Callable[[float], str]) -> str:
    """What 90 % of runs lie between, in brackets; that all agree, or that there is one run only."""
    if values.size == 1:
        return " (one run: no interval)"
    if not math.isfinite(_quantile(values, 0.95)):
        return f" (at least {say(_quantile(values, 0.05))} in 95 % of runs)"
    low, high = say(_quantile(values, 0.05)), say(_quantile(values, 0.95))
    return (
        f" ({low} in {'every run' if values.min() == values.max() else '90 % of runs'})"
        if low == high
        else (f" ({low} to {high} in 90 % of runs)")
    )


def arm_words(results: Results, arm: str) -> str:
    """What an arm is called: its title in quotation marks, else its name."""
    entry = results.setting.arms.get(arm)
    title = one_line(entry.title) if entry is not None and entry.title else ""
    return quoted(title or arm.replace("_", " "))


# --- units ----------------------------------------------------------------------------------------------------


def _units(results: Results) -> str:
    from backfill.results.closing import dates_of

    setting, date = results.setting, dates_of(results)[-1]
    total = outcomes.units_to_aided(results, date)
    values = _values(total, results.arms[0])
    aided = with_article(state_name(setting, setting.roles.aided))
    how = _choice(setting)
    by = f"by {long_month(date)}{how}"
    if not values.any():
        return (
            f"No unit reaches {aided} from abroad {by}{_in_how_many(results)}. {_moves_units(results, total)}".rstrip()
        )
    if results.runs == 1:
        return capital(
            f"{_opening(results)} {number(values[0])} units reach {aided} {by}. {_moves_units(results, total)}"
        ).rstrip()
    import numpy as np

    low, middle, high = (float(found) for found in np.quantile(values, (0.05, 0.5, 0.95)))
    if values.min() == values.max():
        first = f"In every run {number(middle)} units reach {aided} {by}"
    else:
        first = f"In the median run {number(middle)} units reach {aided} {by}, in 90 % of runs {interval(low, high)}"
    return f"{first}. {_moves_units(results, total)}".rstrip()


def _choice(setting: Any) -> str:
    """How the donor decides, where that is a choice; whoever gives what was announced has none."""
    said = decides(setting)
    return f" ({said})" if said and said != ANNOUNCED else ""


def _in_how_many(results: Results) -> str:
    return ", this being one run" if results.runs == 1 else f" in any of {count(results.runs, 'run')}"


def _moves_units(results: Results, total: xr.DataArray) -> str:
    """Which arm moves the units most, and whether that could be noise."""
    gaps = {arm: gap_of(total, arm, results.arms[0]) for arm in results.arms[1:]}
    if not gaps:
        return ""
    arm, gap = max(gaps.items(), key=lambda pair: abs(pair[1].mean))
    if all(one.is_nothing for one in gaps.values()):
        return (
            f"None of {count(len(gaps), 'other arm')} changes that in any run."
            if len(gaps) > 1
            else (f"{arm_words(results, arm)} changes that in no run.")
        )
    size = f"{number(abs(gap.mean))} {'more' if gap.mean > 0 else 'fewer'}"
    if gap.low is None or gap.high is None:
        return f"The arm that moves it most is {arm_words(results, arm)}: {size}, without an interval."
    doubt = f"{interval(gap.low, gap.high)} on average over runs"
    if gap.could_be_noise:
        return f"No arm moves it beyond what could be noise; the most is {arm_words(results, arm)}: {size} ({doubt})."
    return f"The arm that moves it most is {arm_words(results, arm)}: {size} ({doubt}{_same(gap)})."


def _same(gap: Gap) -> str:
    return f"; nothing changes {in_runs(gap.equal)}" if gap.equal >= 0.01 else ""


# --- refill ---------------------------------------------------------------------------------------------------


def _years(value: float) -> str:
    return f"{number(value, 1)} years" if math.isfinite(value) else "not by the end"


def _refill(results: Results) -> str:
    setting, base = results.setting, results.arms[0]
    donor = with_article(state_name(setting, setting.roles.donor))
    found = {need: _values(refill.years_to_refill(results, need), base) for need in refill.needs_of_question(results)}
    if not found:
        return f"{capital(donor)} holds nothing that could be refilled."
    if all(not values.any() for values in found.values()):
        where = "in this one run" if results.runs == 1 else f"in all of {count(results.runs, 'run')}"
        return (
            f"{capital(possessive(donor))} stock never lies below its requirement {where}: there is nothing to refill."
        )
    order = sorted(found, key=lambda need: (_middle(found[need]), float(found[need].mean())))
    last = order[-1]
    sentence = _of_need(results, last, found[last], donor, several=len(order) > 1)
    return " ".join(filter(None, [sentence, _others(results, order[:-1], found), _moves_refill(results)]))


def _of_need(results: Results, need: str, values: Floats, donor: str, *, several: bool) -> str:
    """When one need is back; of several, the one that is back last."""
    import numpy as np

    end, start = long_month(results.months[-1]), long_month(results.months[0])
    what = f"{possessive(donor)} stock of {need_words(results, need)}"
    back = "is the last to be back at its requirement" if several else "is back at its requirement"
    middle, never = _middle(values), float(np.isinf(values).mean())
    opening = f"{_opening(results)} " if results.runs == 1 else ""
    if never == 1.0:
        where = f"{opening}" if results.runs == 1 else f"in none of {count(results.runs, 'run')} "
        verb = "is not back" if results.runs == 1 else "is it back"
        said = f"{where}{what} {verb}" if results.runs == 1 else f"{what}: {where}{verb}"
        return capital(
            f"{said} at its requirement by {end}, {number(refill.horizon_in_years(results), 1)} years after {start}."
        )
    if not math.isfinite(middle):
        return capital(f"{what} is not back at its requirement by {end} {in_runs(never)}.")
    late = f"; {in_runs(never)} it is not back by {end}" if never else ""
    return capital(f"{opening}{what} {back}, {_years(middle)} after the start of {start}{_span(values, _years)}{late}.")


def _others(results: Results, needs: Sequence[str], found: dict[str, Floats]) -> str:
    """The needs that are back earlier."""
    if not needs:
        return ""
    middles = {need: _middle(found[need]) for need in needs if found[need].any()}
    known = [(need_words(results, need), years) for need, years in middles.items() if years < math.inf]
    said = [f"{name} ({_years(years) if not place else number(years, 1)})" for place, (name, years) in enumerate(known)]
    open_too = [need_words(results, need) for need, years in middles.items() if not years < math.inf]
    earlier = f"Before it {'come' if len(said) > 1 else 'comes'} {listed(said)}." if said else ""
    still = f"Not back in the median run either: {listed(open_too)}." if open_too else ""
    return " ".join(filter(None, [earlier, still]))


def _moves_refill(results: Results) -> str:
    """The arm in which all needs are back soonest, or latest, and in how many runs that is so."""
    base, years = results.arms[0], refill.years_until_all(results)
    mine = refill.capped(results, years.sel(arm=base).values)
    gaps = {arm: refill.capped(results, years.sel(arm=arm).values) - mine for arm in results.arms[1:]}
    if not gaps:
        return ""
    arm, gap = max(gaps.items(), key=lambda pair: abs(float(pair[1].mean())))
    if not any(one.any() for one in gaps.values()):
        return "No other arm changes that in any run."
    middle, end = _middle(_values(years, arm)), long_month(results.months[-1])
    quicker = float(gap.mean()) < 0
    share = float(((gap < 0) if quicker else (gap > 0)).mean())
    sure = "" if results.runs == 1 else f", {'sooner' if quicker else 'later'} {in_runs(share)}"
    back = f"back after {number(middle, 1)} years" if math.isfinite(middle) else f"not back by {end}"
    what = "all are" if len(refill.needs_of_question(results)) > 1 else "it is"
    return f"What moves it most is {arm_words(results, arm)}: {what} {back}{sure}."


# --- promise --------------------------------------------------------------------------------------------------


def _promise(results: Results) -> str:
    base = results.arms[0]
    if not keeping.is_recorded(results) or not keeping.promised(results).sel(arm=base).values.any():
        return f"{_subject(results)}: nothing is promised, so there is nothing to keep."
    total = _middle(_values(keeping.promised(results), base))
    share, late = _values(keeping.share_when_due(results), base), _values(keeping.months_late(results), base)
    opening = f" {_opening(results)}" if results.runs == 1 else ""
    if not share.size:
        there = _middle(_values(keeping.arrived(results).isel(month=-1), base))
        end = long_month(results.months[-1])
        return (
            f"{_subject(results)} is due after {end}, the end of the horizon; by then {number(there)} of "
            f"{number(total)} units are there."
        )
    due = keeping.usual_due(results, base)
    when = f", in {long_month(due)}" if due else ""
    units = f"{number(total)} units{_of_units(results)}"
    first = (
        f"{_subject(results)}:{opening} {percent(_middle(share))} of {units} are there when they are "
        f"due{when}{_span(share, percent)}."
    )
    return " ".join(filter(None, [first, f"{capital(_lateness(results, late))}.", _moves_promise(results)]))


def _of_units(results: Results) -> str:
    """How far the size of the promise itself is uncertain."""
    units = _values(keeping.promised(results), results.arms[0])
    low, high = _quantile(units, 0.05), _quantile(units, 0.95)
    return "" if low == high else f" ({interval(low, high)})"


def _subject(results: Results) -> str:
    name = results.setting.outcomes.promise or ""
    event = results.setting.events.get(name)
    return capital(one_line(getattr(event, "title", "") or name.replace("_", " ")))


def _lateness(results: Results, late: Floats) -> str:
    """How late the rest comes, and in how many runs it does not."""
    import numpy as np

    end = long_month(results.months[-1])
    if not late.size:
        return f"the rest may still come after {end}"
    never = float(np.isinf(late).mean())
    if never == 1.0:
        return f"the rest is not there by {end}" + ("" if results.runs == 1 else " in any run")
    if not late.any():
        return "nothing is late" + ("" if results.runs == 1 else " in any run")
    behind = late[np.isfinite(late) & (late > 0)]
    if late.size == 1:
        return f"all but 2 % are there {count(round(float(late[0])), 'month')} late"
    parts = [
        (float((late == 0).mean()), "in time"),
        (behind.size / late.size, f"{_delay(behind)} late"),
        (never, f"not by {end}"),
    ]
    return f"all but 2 % are there {listed([f'{words} {in_runs(part)}' for part, words in parts if part])}"


def _delay(months: Floats) -> str:
    """By how many months it is late where it is."""
    if not months.size:
        return ""
    low, high = round(_quantile(months, 0.05)), round(_quantile(months, 0.95))
    return count(low, "month") if low == high else f"{low} to {count(high, 'month')}"


def _moves_promise(results: Results) -> str:
    """The arm in which the largest or the smallest share is there when it is due."""
    import numpy as np

    base, share = results.arms[0], keeping.share_when_due(results)
    mine = share.sel(arm=base).values
    gaps = {arm: share.sel(arm=arm).values - mine for arm in results.arms[1:]}
    gaps = {arm: gap[~np.isnan(gap)] for arm, gap in gaps.items() if (~np.isnan(gap)).any()}
    if not gaps:
        return ""
    arm, gap = max(gaps.items(), key=lambda pair: abs(float(pair[1].mean())))
    if not any(one.any() for one in gaps.values()):
        return "No other arm changes that share in any run."
    more = float(gap.mean()) > 0
    part = float(((gap > 0) if more else (gap < 0)).mean())
    sure = "" if results.runs == 1 else f", {'more' if more else 'less'} {in_runs(part)}"
    return f"What moves it most is {arm_words(results, arm)}: {percent(_middle(_values(share, arm)))} when due{sure}."

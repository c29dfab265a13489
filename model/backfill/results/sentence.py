"""What a run means, in sentences that its numbers bear out: how much was passed on, by when, under which doctrine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfill.results import answers, displacement, promises
from backfill.results.closing import ClosingTable, extra_units, twins
from backfill.results.outcomes import PassThrough
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
    path_words,
    percent,
    quoted,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.results.by_doctrine import DoctrineRow
    from backfill.results.drivers import Driver, Drivers

MOST_NAMED = 3


def answer(table: ClosingTable) -> str:
    """The finding: what a unit of backfill brings, by when, how sure, under which doctrine; or what else is asked."""
    if not table.asks_for_pass_through:
        return answers.finding(table.results)
    date = table.passing_dates[-1]
    more = extra_units(table.results, date)
    if more is None:
        return _only_units(table)
    if table.results.is_central_run:
        return _central(table)
    passed = table.baseline.passing[date]
    if passed is None:
        anyway = " more than it would anyway" if table.baseline.backfill.median >= 1 else ""
        by = f"by {long_month(date)}"
        nothing = f"{_who(table)} hands over less than one unit{anyway} {by}, so there is nothing to pass on."
        return f"{nothing} {_in_another_arm(table, date)}".rstrip()
    return _passed_on(table, passed, date) if more.any() else _nothing(table, date)


def _in_another_arm(table: ClosingTable, date: str) -> str:
    """What is passed on in the arm in which most is handed over, where the baseline hands over nothing."""
    rows = [row for row in table.rows[1:] if row.backfill.median >= 1]
    if not rows:
        return "No arm changes that." if len(table.rows) > 1 and not table.baseline.backfill.median else ""
    most = max(rows, key=lambda row: row.backfill.median)
    passed = most.passing[date]
    words = f"In {answers.arm_words(table.results, most.arm)} it is {number(most.backfill.median)} units"
    if passed is None:
        return f"{words}."
    doubt = "" if passed.low is None or passed.high is None else f" ({interval(passed.low, passed.high, 2)})"
    return f"{words}, of each of which {number(passed.value, 2)} reach {_aided(table)}{doubt}."


def otherwise(table: ClosingTable) -> str:
    """The same finding where the donor decides in another way; empty if that was not simulated or is undefined."""
    if not table.asks_for_pass_through:
        return _otherwise(table.results)
    date, arm = table.passing_dates[-1], table.baseline.arm
    found = {way_words(table.results, way): arms[arm][date] for way, arms in table.elsewhere.items()}
    said = [f"{number(passed.value, 2)} with {way}" for way, passed in found.items() if passed is not None]
    return f"If the donor decides otherwise, it is {listed(said)}." if said else ""


def _otherwise(results: Results) -> str:
    """Another headline where the donor decides otherwise."""
    ways = {way_words(results, way): results.where_donor_decides(way) for way in results.under}
    said = [f"{answers.elsewhere(decided)} with {way}" for way, decided in ways.items()]
    return f"If the donor decides otherwise, it is {listed(said)}." if said else ""


def _who(table: ClosingTable) -> str:
    return capital(_name(table))


def _aided(table: ClosingTable) -> str:
    setting = table.results.setting
    return with_article(state_name(setting, setting.roles.aided))


def _doctrine(table: ClosingTable) -> str:
    said = decides(table.results.setting)
    return f" ({said})" if said else ""


def _only_units(table: ClosingTable) -> str:
    """Without an arm to compare with, the units alone."""
    date, units = table.unit_dates[-1], table.baseline.units[table.unit_dates[-1]]
    said = f"{number(units.median)} units reach {_aided(table)} by {long_month(date)}{_doctrine(table)}"
    if units.low is None or units.high is None:
        return f"In this one run {said}; without an arm in which nothing is handed over, no pass-through can be taken."
    return (
        f"In the median run {said}, in 90 % of runs {interval(units.low, units.high)}; without an arm in which "
        "nothing is handed over, no pass-through can be taken."
    )


def _central(table: ClosingTable) -> str:
    date, units = table.unit_dates[-1], table.baseline.units[table.unit_dates[-1]]
    return (
        f"In one run with every number at its central value {number(units.median)} units reach {_aided(table)} by "
        f"{long_month(date)}{_doctrine(table)}; pass-through is not taken from the central run, where the rounding of "
        "a single unit weighs too much."
    )


def _nothing(table: ClosingTable, date: str) -> str:
    runs = table.results.runs
    where = "this being one run" if runs == 1 else f"in any of {count(runs, 'run')}"
    return (
        f"What {_name(table)} hands over changes nothing in what reaches {_aided(table)} by {long_month(date)}, "
        f"{where}{_doctrine(table)}."
    )


def _name(table: ClosingTable) -> str:
    """The backfiller, which every world has that is asked for pass-through."""
    setting = table.results.setting
    return with_article(state_name(setting, setting.roles.backfiller or ""))


def _passed_on(table: ClosingTable, passed: PassThrough, date: str) -> str:
    """The headline; `may`, if the interval holds zero or there is none."""
    by = f"by {long_month(date)}{_doctrine(table)}"
    return f"{_effect(table, passed)} {by}; {_doubt(table, passed)}."


def _effect(table: ClosingTable, passed: PassThrough) -> str:
    size = number(abs(passed.value), 2)
    unit, unsure = f"ach unit that {_name(table)} hands over", passed.may_be_nothing
    if passed.value < 0:
        return f"E{unit} {'may cost' if unsure else 'costs'} {_aided(table)} {size} units"
    if passed.value > 1:
        return f"E{unit} {'may bring' if unsure else 'brings'} {_aided(table)} {size} more"
    return f"Of e{unit}, {size} {'may reach' if unsure else 'reach'} {_aided(table)}"


def _doubt(table: ClosingTable, passed: PassThrough) -> str:
    """How sure the headline is."""
    if passed.low is None or passed.high is None:
        return "this is one run, so there is no interval"
    said = f"the 90 % interval is {number(passed.low, 2)} to {number(passed.high, 2)}"
    more = extra_units(table.results, table.passing_dates[-1])
    same = 0.0 if more is None else float((more == 0).mean())
    return f"{said}, and {in_runs(same)} nothing changes" if same >= 0.01 else said


def leaning(table: ClosingTable) -> str:
    """Which ranges the headline leans on, or why that cannot be said and what the units lean on."""
    drivers, units = table.drivers, table.unit_drivers
    if drivers.note:
        return f"What drives the spread in {drivers.outcome} cannot be told: {drivers.note}."
    if drivers.found:
        return leaning_on(table, drivers)
    nothing = f"No single range stands out from chance in the spread of {drivers.outcome}"
    runs = f"({count(table.results.runs, 'run')})"
    return f"{nothing} {runs}. {leaning_on(table, units)}" if units.found else f"{nothing} {runs}."


def leaning_on(table: ClosingTable, drivers: Drivers) -> str:
    """Which ranges an outcome leans on; `most` only if they explain more than half of its spread."""
    setting, named = table.results.setting, drivers.found[:MOST_NAMED]
    first, *others = (f"{quoted(path_words(setting, driver.path))} ({percent(driver.share)})" for driver in named)
    then = f", then from {listed(others)}" if others else ""
    if sum(driver.share for driver in named) > 0.5:
        return f"Most of the spread in {drivers.outcome} comes from {first}{then}."
    return f"Of the spread in {drivers.outcome}, more comes from {first} than from any other range{then}."


def driver_lines(table: ClosingTable, drivers: Drivers) -> list[tuple[Driver, str]]:
    """Every driver that stands out, with its number in words."""
    return [(driver, path_words(table.results.setting, driver.path)) for driver in drivers.found]


def notes(table: ClosingTable) -> list[str]:
    """What is odd about the arms and the runs: one run, empty arms, arms that agree; who waits; what history says."""
    results = table.results
    single = ["One run: medians are its values, and there are no intervals."] if results.runs == 1 else []
    ended = promises.in_short(results)
    kept = [f"How promises ended: {ended}."] if ended else []
    held = [f"Held against history: {table.history.in_short()}."] if table.history else []
    waiting = displacement.notes(results)
    return [*single, *(_twin(results, arm, other) for arm, other in twins(results).items()), *kept, *waiting, *held]


def resting(table: ClosingTable) -> str:
    """What the headline rests on under each way of deciding: found or assumed, and what history says to it."""
    if len(table.doctrines) < 2 or not table.asks_for_pass_through:
        return ""
    beside = ", and draws that agree with history" if table.history else ""
    return f"What pass-through rests on{beside}: {'; '.join(map(_rests, table.doctrines))}."


def left_out(table: ClosingTable, shown: int) -> str:
    """Which ways of deciding have no columns of their own, and where their arms stand; empty if all are shown."""
    ways = [way_words(table.results, way) for way in list(table.elsewhere)[shown:]]
    return f"Arms with {listed(ways)} stand in summary.csv." if ways else ""


def _rests(row: DoctrineRow) -> str:
    held = f" ({row.history.in_brief()})" if row.history else ""
    return f"{row.title}: {row.stands_on}{held}"


def _twin(results: Results, arm: str, other: str) -> str:
    if other == results.arms[0] and results.scenario.arm(arm) == results.scenario.arm(other):
        return f"{arm} is empty: it changes nothing, and its differences are exactly zero."
    return f"{arm} equals {other} in every stock and flow of every run."


def way_words(results: Results, way: str) -> str:
    """What another way of deciding is called: its title, else its name."""
    entry = results.setting.doctrines.get(way)
    return one_line(entry.title) if entry is not None and entry.title else way.replace("_", " ")

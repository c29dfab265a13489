"""The page that stays of a run: question, answer, table, what drives it, what it rests on, what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backfill.results import displacement, sections, sentence
from backfill.results.answers import ANNOUNCED
from backfill.results.table import text_of
from backfill.results.weakness import WEAK, warning
from backfill.words import capital, count, decides, long_month, markdown, percent

if TYPE_CHECKING:
    from backfill.reading.number import Number
    from backfill.results import Results
    from backfill.results.drivers import Driver, Drivers

WHAT_IF = "what-if"


def summary(results: Results) -> str:
    """A run as a page of Markdown in which a user's words stay words."""
    return "\n\n".join(part for part in _parts(results) if part) + "\n"


def _parts(results: Results) -> Iterator[str]:
    table, scenario = results.table, results.scenario
    yield f"# {markdown(scenario.title)}"
    yield _run_line(results)
    yield markdown(scenario.question)
    yield f"**{markdown(sentence.answer(table))}** {markdown(sentence.otherwise(table))}".rstrip()
    yield f"```text\n{text_of(table)}\n```"
    yield from _arms(results)
    yield from _doctrine(results)
    yield from sections.doctrines(results)
    yield from sections.why_not(results)
    yield from sections.consequences(results)
    yield from _drivers(results)
    yield from displacement.section(results)
    yield from _history(results)
    yield from _weak_numbers(results)
    yield from _limits(results)
    yield f"## Again\n\n{'' if results.command else 'Inside this folder:'}".rstrip()
    yield f"```sh\n{results.repeat}\n```"


def _run_line(results: Results) -> str:
    numbers = "every number at its central value" if results.central else "every range drawn"
    return (
        f"{results.scenario.label}, {long_month(results.months[0])} to {long_month(results.months[-1])}, "
        f"{count(len(results.arms), 'arm')}, {count(results.runs, 'run')} each, seed {results.seed}, {numbers}"
    )


def _arms(results: Results) -> Iterator[str]:
    titles = [(row.arm, row.title, _note(results, row.arm)) for row in results.table.rows if row.title]
    if titles:
        lines = [f"- {markdown(arm)}: {markdown(title)}{markdown(note)}" for arm, title, note in titles]
        yield "## Arms\n\n" + "\n".join(lines)


def _note(results: Results, arm: str) -> str:
    """What the scenario remarks on an arm."""
    note = getattr(results.setting.arms.get(arm), "note", "")
    return f". {note}" if note else ""


def _doctrine(results: Results) -> Iterator[str]:
    said = decides(results.setting)
    others = [sentence.way_words(results, way) for way in results.under]
    if said == ANNOUNCED and not others:
        yield "## How the donor decides\n\nIt gives what was announced, package by package, and decides nothing else."
        return
    lines = [f"The numbers hold where the donor decides on {markdown(said)}."] if said else []
    if others:
        lines.append(f"{_repeated(results)} under: {markdown('; '.join(others))}.")
    if lines:
        yield "## How the donor decides\n\nNobody outside can see it, and the answer depends on it. " + " ".join(lines)


def _drivers(results: Results) -> Iterator[str]:
    table = results.table
    yield f"## What drives it\n\n{markdown(sentence.leaning(table))}"
    if weak := warning(table):
        yield f"**Leans on weak numbers.** {markdown(weak)} Their reasons stand below."
    yield from _driver_list(results, table.drivers)
    if table.unit_drivers.outcome != table.drivers.outcome:
        yield from _driver_list(results, table.unit_drivers)
    yield (
        "Shares of the spread over runs are squared rank correlations: they say which ranges matter for the answer, "
        "not what causes what. Only numbers that stand out from chance are named."
    )


def _driver_list(results: Results, drivers: Drivers) -> Iterator[str]:
    """The numbers that an outcome leans on, as a list."""
    lines = [
        f"- {markdown(words)}: {percent(driver.share)}, {_which_way(drivers, driver)} where it is "
        f"higher (`{driver.path}`{_together(driver.together)})"
        for driver, words in sentence.driver_lines(results.table, drivers)
    ]
    if lines:
        yield f"{capital(drivers.outcome)}:\n\n" + "\n".join(lines)


def _which_way(drivers: Drivers, driver: Driver) -> str:
    """What a larger number goes with: more or fewer units, a longer or shorter wait."""
    longer = drivers.outcome in ("the years to refill", "the months of delay")
    if driver.correlation > 0:
        return "longer" if longer else "more"
    return "shorter" if longer else "fewer"


def _together(paths: tuple[str, ...]) -> str:
    return f", drawn together with {', '.join(f'`{path}`' for path in paths)}" if paths else ""


def _history(results: Results) -> Iterator[str]:
    if results.table.history:
        yield "## Held against history\n\n" + results.table.history.in_words()


def _weak_numbers(results: Results) -> Iterator[str]:
    """The numbers that are assumed or badly known."""
    weak = [entry for entry in results.scenario.numbers().values() if entry.grade in WEAK]
    numbers = [entry for entry in weak if not entry.same_as]
    if numbers:
        lines = [f"- `{entry.path}`: {markdown(entry.text)} ({_grade(entry)})" for entry in numbers]
        links = len(weak) - len(numbers)
        more = f", and {links} that take the value of another number" if links else ""
        head = f"## Assumptions and numbers of low grade\n\n{count(len(numbers), 'number')}{more}."
        yield f"{head}\n\n" + "\n".join(lines)


def _grade(entry: Number) -> str:
    """How well a number is known, and whether somebody only asked what if."""
    return f"{entry.grade}, {WHAT_IF}" if entry.note == WHAT_IF else entry.grade


def _repeated(results: Results) -> str:
    return "The table repeats pass-through" if results.table.asks_for_pass_through else "The finding is repeated"


def _of_means(results: Results) -> str:
    return "Intervals of pass-through" if results.table.asks_for_pass_through else "Intervals of a difference of arms"


def _limits(results: Results) -> Iterator[str]:
    lines = [
        "Intervals over runs hold what the stated ranges and chance allow, not what nobody thought of.",
        f"{_of_means(results)} say how well this many runs know the mean, not how far single futures lie apart.",
        "Capitals answer requests for consent with the chances and in the times of the scenario; both are not public.",
        "A capital thinks otherwise of a recipient only where the scenario has an event that says so.",
        "How a donor decides is an assumption; compare the doctrines before quoting one of them.",
        "Promises, wars and decisions after the last sourced date are a what-if, not a forecast.",
    ]
    if results.runs == 1:
        lines.append("One run is one future: it shows what can happen, not how often.")
    if results.central:
        lines.append("Central values are one world among many, and not the mean of all of them.")
    yield "## What this run cannot tell\n\n" + "\n".join(f"- {line}" for line in lines)

"""Sections of the page that stays of a run: the headline side by side, why not more, what it costs and whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from backfill.results.by_doctrine import DoctrineRow, FloorBins
from backfill.results.closing import Spread, dates_of
from backfill.results.shortfall import ASKED_FOR, AskedFor, Missing, asking_state, causes_with_a_part
from backfill.results.table import between, middle, share, unsure
from backfill.words import (
    UNDEFINED,
    cause_words,
    long_month,
    markdown,
    number,
    percent,
    short_month,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.results.consequences import Rebuild
    from backfill.results.outcomes import Ratio

ASKED = {"aid": "Aid that", "backfill": "Backfill that"}


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown: names left, numbers right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def merged(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows that say the same become one, named by all of their names.

    >>> merged([["a", "1"], ["b", "2"], ["c", "1"]])
    [['a, c', '1'], ['b', '2']]
    """
    named: dict[tuple[str, ...], list[str]] = {}
    for name, *cells in rows:
        named.setdefault(tuple(cells), []).append(markdown(name))
    return [[", ".join(names), *cells] for cells, names in named.items()]


def doctrines(results: Results) -> Iterator[str]:
    """The headline of the baseline under each doctrine, and how it moves with the floor."""
    rows = results.table.doctrines
    if len(rows) > 1 and results.table.asks_for_pass_through:
        yield _side_by_side(results, rows)
        yield _basis(rows)
    if results.table.floors is not None:
        yield _floors(results, results.table.floors)


def _side_by_side(results: Results, rows: Sequence[DoctrineRow]) -> str:
    dates, last = results.table.passing_dates, short_month(dates_of(results)[-1])
    aided = markdown(state_name(results.setting, results.setting.roles.aided))
    head = ["how the donor decides", "pass-through is"]
    head += [f"per unit delivered, by {short_month(date)}" for date in dates]
    head += [f"per unit promised, by {short_month(date)}" for date in dates]
    head += [f"units to {aided} by {last}", "without backfill", "draws that agree with history"]
    return grid(head, [_doctrine_cells(row, dates) for row in rows])


def _doctrine_cells(row: DoctrineRow, dates: Sequence[str]) -> list[str]:
    said = f": {row.said}" if not row.way and row.said else ""
    return [
        markdown(f"{row.title}{said}"),
        markdown(row.stands_on) or UNDEFINED,
        *(with_interval(row.passing[date]) for date in dates),
        *(with_interval(row.per_promised[date]) for date in dates),
        with_span(row.units),
        with_span(row.units_without),
        row.history.in_brief() if row.history else UNDEFINED,
    ]


def with_interval(found: Ratio | None) -> str:
    """A ratio with its 90 % interval."""
    ends = unsure(found)
    return share(found) if ends == UNDEFINED else f"{share(found)} ({ends})"


def with_span(found: Spread | None) -> str:
    """A median with what 90 % of runs lie between."""
    ends = between(found)
    return middle(found) if ends == UNDEFINED else f"{middle(found)} ({ends})"


def _basis(rows: Sequence[DoctrineRow]) -> str:
    """What the words and the spans in the table mean."""
    said = (
        "Pass-through is *found* where it follows from floors, stocks and expectations, and *assumed* where the "
        "doctrine itself says which part goes on. Spans: the 90 % interval of pass-through, and for units 5 to 95 % of "
        "runs."
    )
    if any(row.history for row in rows):
        said += (
            " A share of draws compares ranges as much as doctrines: only a doctrine that none of 2,000 draws or more "
            "agrees with is ruled out."
        )
    return said


def _floors(results: Results, floors: FloorBins) -> str:
    ways = {row.way: row.title for row in results.table.doctrines}
    donor = with_article(state_name(results.setting, results.setting.roles.donor))
    text = (
        f"How it moves with the floor of {markdown(donor)} (`{floors.path}`): pass-through by "
        f"{long_month(floors.by)} among the runs that drew it in each span."
    )
    rows = [
        [floors.said(one), f"{one.runs:,}", *(with_interval(one.passing[way]) for way in ways)] for one in floors.bins
    ]
    return f"{text}\n\n{grid(['floor drawn', 'runs', *map(markdown, ways.values())], rows)}"


def why_not(results: Results) -> Iterator[str]:
    """Why not more: the shares of what is missing by cause, for aid and for backfill."""
    parts = [part for asked_for in ASKED_FOR for part in _missing(results, asked_for, results.table.missing[asked_for])]
    if parts:
        yield (
            "## Why not more?\n\nOf the equivalent-months that are missing, each is charged to exactly one cause, mean "
            "over runs. The order of charging is a convention: what is under way first, then what suppliers keep back, "
            "from the last gate to the first, then lines, and the rest nobody has. Lifting one cause need not bring "
            "what it is charged with."
        )
        yield from parts


def _missing(results: Results, asked_for: AskedFor, found: Mapping[str, Missing]) -> Iterator[str]:
    causes = causes_with_a_part(found)
    if not causes:
        return
    who = markdown(with_article(state_name(results.setting, asking_state(results, asked_for))))
    rows = [
        [arm, number(entry.a_month), *(_part(entry.shares[cause]) for cause in causes)] for arm, entry in found.items()
    ]
    head = ["arm", "missing in a month, equivalents", *map(cause_words, causes)]
    yield f"{ASKED[asked_for]} {who} lacks:\n\n{grid(head, merged(rows))}"


def _part(part: float) -> str:
    """A share in whole per cent; something that rounds to nothing is not said to be nothing."""
    if not part:
        return UNDEFINED
    return percent(part) if part >= 0.005 else "under 1 %"


def consequences(results: Results) -> Iterator[str]:
    """What else follows: how long stocks take to come back, what an extra unit costs, which arm one would regret."""
    burdens, date = results.table.burdens, short_month(dates_of(results)[-1])
    columns = _waits(results) | _costs(results, date) | _regrets(results, date) | _on_trust(results, date)
    if columns:
        rows = [list(cells) for cells in zip(burdens, *columns.values(), strict=True)]
        yield f"## What else follows\n\n{grid(['arm', *columns], merged(rows))}"
        yield _explained(columns)


def _waits(results: Results) -> dict[str, list[str]]:
    """Months until each state that fell below its floor is back at it."""
    burdens = results.table.burdens.values()
    states = next(iter(burdens)).rebuilds
    return {
        f"months until {state} is back at its floor": [_wait(one.rebuilds[state]) for one in burdens]
        for state in states
    }


def _wait(found: Rebuild) -> str:
    """The median wait, and how many runs see its end."""
    said = "not by the end" if found.months is None else number(found.months)
    return f"{said} ({percent(found.back)})"


def _costs(results: Results, date: str) -> dict[str, list[str]]:
    """Money for each extra unit; nothing in a world without a purse."""
    if "spent" not in results.dataset:
        return {}
    return {
        f"million USD for each extra unit by {date}": [
            with_interval(one.cost) for one in results.table.burdens.values()
        ]
    }


def _regrets(results: Results, date: str) -> dict[str, list[str]]:
    """Mean regret, where there is more than one arm."""
    if len(results.arms) < 2:
        return {}
    return {f"units behind the best arm by {date}": [number(one.regret) for one in results.table.burdens.values()]}


def _on_trust(results: Results, date: str) -> dict[str, list[str]]:
    """The share of aid that rests on law that nobody has on file."""
    parts = [one.on_trust for one in results.table.burdens.values()]
    if all(part is None for part in parts):
        return {}
    said = [UNDEFINED if part is None else percent(part) for part in parts]
    return {f"aid along ways that no law on file determines, by {date}": said}


EXPLAINED = {
    "months": (
        "Months are counted from where a stock lies deepest below its floor to where it is back at it: median of runs, "
        "0 where it never lay below, and in brackets the runs that are back by the end."
    ),
    "million": (
        "Money is what the purses of the scenario spend more than in the same world without backfill, divided by the "
        "extra units; undefined below one extra unit."
    ),
    "units": "The best arm is the one with most units to the aided state, run by run.",
    "aid": "Where no law on file determines a way, the scenario permits it.",
}
"""What the columns mean, by their first word."""


def _explained(columns: Mapping[str, object]) -> str:
    words = dict.fromkeys(column.split()[0] for column in columns)
    return " ".join(EXPLAINED[word] for word in words)

"""The closing table of a study: each point with its settings, what came of it arm by arm, what failed, what is next."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.results.columns import columns_of, open_means
from backfill.results.headline import Measure
from backfill.results.table import BETWEEN_GROUPS, PAIRED_90, WIDEST, Column, Group, beside, left
from backfill.studies.headlining import heads
from backfill.studies.journal import Failure
from backfill.studies.summing import UNITS, Estimate, Row, settings_at
from backfill.words import (
    UNDEFINED,
    count,
    cut,
    few_digits,
    interval,
    listed,
    number,
    one_line,
    short_month,
    state_name,
    width,
)

if TYPE_CHECKING:
    from backfill.studies.design import Design

MOST_ROWS, MOST_FAILURES, MOST_NAMED = 40, 24, 6
"""Rows, failures and points by their numbers that a person reads; summary.csv and journal.jsonl have all."""
SUMMARY_CSV = "summary.csv"
NEEDED = {
    "pass_through": ("aid", "pass_through"),
    "units": ("aid",),
    "refill": ("years_to_refill",),
    "promise": ("share_when_due", "months_late"),
}
"""The words of a design without which the headline of a scenario cannot be told."""


def closing(design: Design, found: Sequence[Row], failed: Sequence[Failure], wide: int = WIDEST) -> str:
    """The table that a person reads: the last date, as many points as there is room for, and what failed.

    wide: columns of the terminal
    """
    last = max((row.by for row in found), default="")
    rows = [row for row in found if row.by == last]
    shown = list(_whole_points(rows, max(MOST_ROWS // max(len(design.arms), 1), 1)))
    lines = _table(design, shown, last, wide) if shown else ["no point is done"]
    notes = [*_notes(design, shown, last), *_left_out(design, rows, shown, failed), *_failures(design, failed)]
    return "\n".join([*lines, *(line for note in notes for line in folded(note, wide))])


def folded(text: str, wide: int) -> list[str]:
    """A sentence in lines that fit; a word or a path stays whole."""
    return textwrap.wrap(text, wide, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def next_commands(design: Design, folder: Path) -> list[str]:
    """What an analyst asks of the study next, as it is typed."""
    last = f"{design.scenario.setting.outcomes.headline}"
    outcome = {"refill": None, "promise": "share_when_due"}.get(last, UNITS)
    commands = [["backfill", "compare", str(folder), "--arms", ",".join(design.arms[:2])]] if design.arms[1:] else []
    if outcome:
        commands.append(["backfill", "show", str(folder), "--drivers", outcome])
    return [f"{'next: ' if place == 0 else '      '}{shlex.join(words)}" for place, words in enumerate(commands)]


def _whole_points(rows: Sequence[Row], most: int) -> Iterator[Row]:
    """The rows of the first points."""
    first = set(list(dict.fromkeys(row.point for row in rows))[:most])
    return (row for row in rows if row.point in first)


# --- the table ------------------------------------------------------------------------------------------------------


def _table(design: Design, shown: Sequence[Row], by: str, wide: int) -> list[str]:
    """Every setting in a column of its own where there is room for all, else in a line above each point."""
    groups = _groups(design, shown, by)
    said = [[_said(cell) for cell in settings_at(design, row.point)] for row in shown]
    settings = [
        Column(one_line(name), column) for name, column in zip(design.paths, zip(*said, strict=True), strict=True)
    ]
    point, arms = Column("point", tuple(str(row.point) for row in shown)), _arms(shown)
    flat = Group("", (point, *settings, *arms))
    if sum(BETWEEN_GROUPS + group.width for group in (flat, *groups)) - BETWEEN_GROUPS <= wide:
        return _lines([flat, *groups])
    lines: list[str] = []
    for part in list(beside(groups, wide - Group("", arms).width)) or [[]]:
        above, body = _head_and_body([Group("", arms), *part])
        lines += [*([""] if lines else []), *above, *_under_points(design, shown, body, wide)]
    return lines


def _arms(shown: Sequence[Row]) -> tuple[Column, Column]:
    arms = [cut(row.arm, 28) for row in shown]
    room = max(width(arm) for arm in (*arms, "arm"))
    return Column(left("arm", room), tuple(left(arm, room) for arm in arms)), Column(
        "runs", tuple(f"{row.runs:,}" for row in shown)
    )


def _lines(groups: Sequence[Group]) -> list[str]:
    above, body = _head_and_body(groups)
    return [*above, *body]


def _head_and_body(groups: Sequence[Group]) -> tuple[list[str], list[str]]:
    """Titles, heads and a thin rule; a line for each row."""
    deepest = max(group.title.count("\n") for group in groups) + 1
    blocks = [[*group.titles(deepest), *group.lines()] for group in groups]
    lines = [(" " * BETWEEN_GROUPS).join(cells).rstrip() for cells in zip(*blocks, strict=True)]
    rule = "─" * max(map(width, lines))
    above = [line for line in lines[: deepest + 1] if line]
    return [*above, rule], lines[deepest + 1 :]


def _under_points(design: Design, shown: Sequence[Row], body: Sequence[str], wide: int) -> Iterator[str]:
    """The rows of each point below what is set at it."""
    before = None
    for row, line in zip(shown, body, strict=True):
        if row.point != before:
            yield f"point {row.point}: {at_point(design, row.point, wide - len(f'point {row.point}: '))}"
        before = row.point
        yield line


def at_point(design: Design, point: int, room: int = WIDEST) -> str:
    """What is set at a point, in words: as many factors as there is room for, at least the first of them."""
    pairs = zip(design.paths, settings_at(design, point), strict=True)
    said = [f"{one_line(name)} {_said(value)}" for name, value in pairs if value is not None]
    fitting = next((many for many in range(len(said), 1, -1) if width(_first(said, many)) <= room), 1)
    return _first(said, fitting) or "as the scenario says"


def _first(said: Sequence[str], many: int) -> str:
    more = [f"and {len(said) - many} more"] if len(said) > many else []
    return ", ".join([*said[:many], *more])


def _said(value: Any) -> str:
    """What a factor is, in as many digits as one reads.

    >>> _said("80.93186 %"), _said(None), _said(36)
    ('80.93 %', '–', '36')
    """
    return UNDEFINED if value is None else one_line(few_digits(str(value)))


# --- what the headline asks for -------------------------------------------------------------------------------------


def _groups(design: Design, shown: Sequence[Row], by: str) -> list[Group]:
    """The columns of what the headline of the scenario asks for; none for what the design does not keep."""
    headline = design.scenario.setting.outcomes.headline
    asked = heads(row.headline for row in shown)
    if asked and headline in ("refill", "promise"):
        return [Group(title, _columns(found)) for title, found in map(columns_of, _measures(design, shown, by))]
    setting = design.scenario.setting
    aided = cut(one_line(state_name(setting, setting.roles.aided)), 20)
    groups = [_estimates(f"units to {aided}\nby {short_month(by)}", "mean", "90 %", [row.units for row in shown])]
    if headline == "pass_through":
        passed = [row.pass_through for row in shown]
        groups.append(_estimates(f"passed on\nby {short_month(by)}", "per unit", PAIRED_90, passed, digits=2))
    else:
        more = [row.more_units for row in shown]
        groups.append(_estimates(f"more than baseline\nby {short_month(by)}", "mean", PAIRED_90, more))
    return [group for group in groups if any(cell != UNDEFINED for cell in group.columns[0].cells)]


def _measures(design: Design, shown: Sequence[Row], by: str) -> list[list[Measure]]:
    """What the headline counts, row by row."""
    found = []
    for name in heads(row.headline for row in shown):
        known = [next((one for one in row.headline if one.name == name), None) for row in shown]
        told = [
            None if one is None else one.measured(design.scenario, by, alone=row.runs == 1)
            for one, row in zip(known, shown, strict=True)
        ]
        like = next(one for one in told if one is not None)
        found.append([one or Measure(name, like.title, like.unit, by, None, None, None) for one in told])
    return found


def _columns(found: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[Column, ...]:
    return tuple(Column(head, cells) for head, cells in found)


def _estimates(title: str, head: str, ends: str, found: Sequence[Estimate | None], digits: int = 1) -> Group:
    """Means and their intervals; no interval where there is one run."""
    column = Column(head, _cells(found, lambda one: number(one.value, digits)))
    if all(one is None or one.low is None for one in found):
        return Group(title, (column,))
    return Group(title, (column, Column(ends, _cells(found, lambda one: _between(one, digits)))))


def _cells(found: Sequence[Estimate | None], say: Callable[[Estimate], str]) -> tuple[str, ...]:
    return tuple(UNDEFINED if one is None else say(one) for one in found)


def _between(one: Estimate, digits: int) -> str:
    return UNDEFINED if one.low is None or one.high is None else interval(one.low, one.high, digits)


# --- what has to be said beside it ----------------------------------------------------------------------------------


def _notes(design: Design, shown: Sequence[Row], by: str) -> Iterator[str]:
    keep, headline = design.keep.outcomes, design.scenario.setting.outcomes.headline
    missing = [word for word in NEEDED.get(headline, ()) if word not in keep and headline not in keep]
    if shown and keep and missing:
        yield f"the headline is not kept: keep: {{outcomes: [{', '.join([*missing, *keep])}]}}"
    if shown and all(row.runs == 1 for row in shown):
        yield "one run of each point: no interval"
    meaning = open_means([one for found in _measures(design, shown, by) for one in found], by) if shown else ""
    if meaning:
        yield meaning


def _left_out(design: Design, rows: Sequence[Row], shown: Sequence[Row], failed: Sequence[Failure]) -> Iterator[str]:
    """Points that are done and not shown, and those of which nothing is there yet."""
    done = {row.point for row in rows}
    more = len(done) - len({row.point for row in shown})
    if more:
        yield f"and {count(more, 'more point')}: {SUMMARY_CSV}"
    open_still = [point.number for point in design.points if point.number not in done | {one.point for one in failed}]
    if open_still:
        named = listed([str(point) for point in open_still[:MOST_NAMED]])
        rest = f" and {len(open_still) - MOST_NAMED:,} more" if len(open_still) > MOST_NAMED else ""
        yield f"not begun: {'point' if len(open_still) == 1 else 'points'} {named}{rest}"


def _failures(design: Design, failed: Sequence[Failure]) -> Iterator[str]:
    for one in failed[:MOST_FAILURES]:
        yield f"failed: point {one.point} ({at_point(design, one.point)}), {one.stage}: {one_line(one.reason)}"
    if len(failed) > MOST_FAILURES:
        yield f"and {count(len(failed) - MOST_FAILURES, 'more failure')}: journal.jsonl"

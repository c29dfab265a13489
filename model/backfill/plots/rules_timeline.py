"""When the law lets the goods of the question pass: one strip of time for each way, and for each arm with other law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backfill.plots import palette
from backfill.plots.axes import end_in_time, time_axis
from backfill.plots.courses import BASELINE, months_of, setting_of
from backfill.plots.house import AXES_BOTTOM, LABEL, MARGIN, NOTE, WIDE, Page, in_house_style, subtitle_lines
from backfill.plots.rules_matrix import GLYPHS, KEYS
from backfill.plots.words import month_number, plain, sentence, spoken, state_name, with_article
from backfill.results.ways import Way, ways
from backfill.rules.names import written
from backfill.words import listed

if TYPE_CHECKING:
    from backfill.results import Results

HEAD, ROW, STRIP = 0.36, 0.32, 0.23
NAMES_ROOM = 2.0
MOST_ROWS = 24
LETTERS = {"permit": palette.PAPER, "deny": palette.PAPER}


@dataclass(frozen=True)
class Answers:
    """What the law of some arms says to a way: each answer with the day from which it is given."""

    arms: tuple[str, ...]
    turns: tuple[tuple[dt.date, str], ...]

    @property
    def name(self) -> str:
        """The arms in words."""
        return ", ".join(spoken(arm) for arm in self.arms)


@dataclass(frozen=True)
class Course:
    """A way in words, and what it is told in the baseline and wherever an arm has other law."""

    way: str
    rows: tuple[Answers, ...]


def can_be_drawn(results: Results) -> bool:
    """Whether a file of law speaks of a way of the question."""
    return bool(ways(setting_of(results)))


@in_house_style
def rules_timeline(results: Results) -> Figure:
    """For each way of the question what the law answers from which day on, in the baseline and where arms differ."""
    courses, months = courses_of(results), months_of(results)
    rows = sum(len(course.rows) for course in courses)
    page = Page(width=WIDE, height=1.15 + HEAD * len(courses) + ROW * rows + AXES_BOTTOM)
    below = page.head(finding(courses), subtitle_lines(*described()))
    wide = max(page.width_of(row.name, LABEL) for course in courses for row in course.rows)
    left = MARGIN + min(NAMES_ROOM, wide) + 0.12
    axes = page.axes(left=left, top=below + 0.06, right=MARGIN + 0.1, bottom=AXES_BOTTOM)
    time_axis(axes, months, end=end_in_time(months))
    axes.set_ylim(page.height - below - 0.06 - AXES_BOTTOM, 0)
    axes.set_yticks([])
    axes.grid(visible=False)
    _strips(page, axes, courses, left=left, top=below + 0.06)
    page.foot(results)
    return page.figure


def courses_of(results: Results) -> list[Course]:
    """Every way with the answers of the baseline, then those of the arms whose answers are others."""
    told = {arm: {_key(way): _turns(way) for way in ways(results.scenario.arm(arm))} for arm in results.arms}
    setting, found, rows = setting_of(results), [], 0
    for way in ways(setting):
        same: dict[tuple[tuple[dt.date, str], ...], list[str]] = {}
        for arm in (BASELINE, *(arm for arm in results.arms if arm != BASELINE)):
            turns = told.get(arm, {}).get(_key(way))
            if turns is not None:
                same.setdefault(turns, []).append(arm)
        answers = [Answers((BASELINE,) if BASELINE in arms else tuple(arms), turns) for turns, arms in same.items()]
        rows += len(answers)
        if rows <= MOST_ROWS:
            found.append(Course(_words(setting, way), tuple(answers)))
    return found


def _key(way: Way) -> tuple[Any, ...]:
    return (way.giver, way.taker, way.origin, way.items)


def _turns(way: Way) -> tuple[tuple[dt.date, str], ...]:
    """The days on which the answer itself changes, whatever rule gives it."""
    spans = [(span.since, span.outcome) for span in way.spans]
    return (spans[0], *(later for before, later in pairwise(spans) if later[1] != before[1]))


def _words(setting: Any, way: Way) -> str:
    """What goes from where to where."""
    giver, taker, origin = (with_article(state_name(setting, code)) for code in (way.giver, way.taker, way.origin))
    items = listed([plain(setting.items[item].name or item) for item in way.items])
    made = "" if origin == giver else f", made in {origin}"
    return sentence(f"{giver} to {taker}: {items}{made}")


def finding(courses: Sequence[Course]) -> str:
    """The title: the first way whose answer changes, and from which day on."""
    for course in courses:
        turns = course.rows[0].turns
        if len(turns) > 1:
            (_, before), (day, after) = turns[0], turns[1]
            return f"{sentence(KEYS[before])} until {written(day)}, then {KEYS[after]}: {course.way}"
    answers = list(dict.fromkeys(KEYS[course.rows[0].turns[0][1]] for course in courses))
    by_way = " by way" if len(answers) > 1 else ""
    return f"The law answers the same throughout: {', or '.join(answers)}{by_way}"


def described() -> list[str]:
    """What is drawn."""
    return [
        "What law on file says to each way, on an official request; the strictest claimant decides",
        "Arms are shown where their law gives another answer. Chances and delays of consents come on top",
    ]


def _strips(page: Page, axes: Axes, courses: Sequence[Course], *, left: float, top: float) -> None:
    """A heading for each way, a strip for each row below it."""
    down = 0.0
    for course in courses:
        down += HEAD
        heading = page.fitted(course.way, page.width - left - MARGIN, LABEL, "bold")
        page.write(left, top + down - 0.08, heading, size=LABEL, weight="bold", color=palette.INK)
        for row in course.rows:
            _strip(page, axes, row, down)
            name = page.fitted(row.name, NAMES_ROOM, LABEL)
            style: dict[str, Any] = {"ha": "right", "va": "center_baseline"}
            colour = palette.INK if BASELINE in row.arms else palette.SOFT
            page.write(left - 0.12, top + down + STRIP / 2, name, size=LABEL, color=colour, **style)
            down += ROW


def _strip(page: Page, axes: Axes, row: Answers, down: float) -> None:
    """Answers in their colours, each with its glyph, its word and its day as far as there is room."""
    box, (low, high) = axes.get_position(), axes.get_xlim()
    year = box.width * page.width / (high - low)
    for start, end, day, answer in _spans(row, low, high):
        open_ = answer == "undetermined"
        edge: dict[str, Any] = {"edgecolor": palette.EDGE if open_ else palette.PAPER, "linewidth": 0.8}
        edge["linestyle"] = (0, (3.2, 1.8)) if open_ else "solid"
        fill = palette.ANSWERS[answer]
        axes.add_patch(Rectangle((start, down), end - start, STRIP, facecolor=fill, zorder=2, **edge))
        since = f" from {written(day)}" if day else ""
        glyph = GLYPHS[answer]
        choices = (f"{glyph} {KEYS[answer]}{since}", f"{glyph} {KEYS[answer]}", glyph)
        text = next((one for one in choices if page.width_of(one, NOTE) + 0.1 < (end - start) * year), "")
        colour = LETTERS.get(answer, palette.INK)
        style: dict[str, Any] = {"fontsize": NOTE, "color": colour, "va": "center_baseline"}
        axes.text(start + 0.06 / year, down + STRIP / 2, text, zorder=3, **style)


def _spans(row: Answers, low: float, high: float) -> Iterator[tuple[float, float, dt.date | None, str]]:
    """From where to where each answer is given, and its day unless it is the first."""
    starts = [low, *(place_of(day) for day, _ in row.turns[1:]), high]
    for number, ((start, end), (day, answer)) in enumerate(zip(pairwise(starts), row.turns, strict=True)):
        yield start, end, day if number else None, answer


def place_of(day: dt.date) -> float:
    """Where a day stands on the axis of years.

    >>> place_of(dt.date(2023, 7, 1))
    2023.5
    """
    return (month_number(f"{day:%Y-%m}") + (day.day - 1) / 31) / 12

"""May the row's state send it to the column's? One cell for each answer of export law on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backfill.plots import palette
from backfill.plots.house import (
    LABEL,
    MARGIN,
    TITLE_LETTERS,
    WIDE,
    WIDE_TITLE_LETTERS,
    WIDTH,
    Page,
    in_house_style,
)
from backfill.plots.words import lines_of, plain, possessive, sentence, several, spelled
from backfill.rules.matrix import ANSWERS, Matrix
from backfill.rules.names import Names, written
from backfill.words import APOSTROPHE

GLYPHS = {"permit": "✓", "consent_required": "◐", "undetermined": "?", "deny": "✕"}
KEYS = {"permit": "permitted", "consent_required": "with consent", "undetermined": "not determined", "deny": "denied"}
GLYPH = 10.5
GAP = 0.035
ROW = 0.3
NARROW_COLUMNS = 8
LINE = 0.125
HEAD, AIR = 0.55, 0.22
KEY_ROOM = 1.0


@dataclass(frozen=True)
class Column:
    """Recipients who are told the same by every supplier, and what stands above them."""

    states: tuple[str, ...]
    label: tuple[str, ...]


@in_house_style
def rules_matrix(matrix: Matrix, names: Names | None = None) -> Figure:
    """The answers as a heat map: rows are suppliers, columns recipients, alike ones together; the freest first."""
    called = names or Names()
    columns = columns_of(matrix, called)
    wide = len(columns) > NARROW_COLUMNS
    title, subtitle = finding(matrix, called), described(matrix, wide=wide)
    lines = max(len(column.label) for column in columns)
    above = AIR + lines * LINE + HEAD + (len(subtitle) - 1) * 0.15
    above += 0.178 * (len(lines_of(title, WIDE_TITLE_LETTERS if wide else TITLE_LETTERS, 2)) - 1)
    height = above + len(matrix.suppliers) * ROW + KEY_ROOM
    page = Page(height=height, width=WIDE if wide else WIDTH)
    page.head(title, subtitle)
    left = MARGIN + 0.1 + max(page.width_of(called.plain(state), LABEL) for state in matrix.suppliers)
    axes = page.axes(left=left, top=above, right=MARGIN, bottom=KEY_ROOM)
    _blank(axes, len(columns), len(matrix.suppliers))
    _cells(axes, page, matrix, columns)
    _names(axes, page, matrix, columns, called)
    _key(page, left)
    page.sign(_source(matrix), "PUBLIC")
    return page.figure


def finding(matrix: Matrix, names: Names) -> str:
    """The title: what the strictest supplier may do."""
    strictest = matrix.suppliers[-1]
    free, asked = (matrix.of(strictest, answer) for answer in ("permit", "consent_required"))
    consent = f", with consent to {spelled(len(asked))}{' more' if free else ''}" if asked else ""
    freely = " freely" if asked or len(free) > 1 else ""
    return sentence(f"{names(strictest)} may send {plain(matrix.goods.name)} to {_whom(free, names)}{freely}{consent}")


def _whom(states: Sequence[str], names: Names) -> str:
    if len(states) < 2:
        return f"{names(states[0])} alone" if states else "nobody"
    return f"{spelled(len(states))} states"


def described(matrix: Matrix, *, wide: bool) -> list[str]:
    """The question, and how many ways have which answer."""
    giver, taker = (possessive(f"the {line}") for line in ("row", "column"))
    question = f"May {giver} state send {plain(matrix.goods.name)} to {taker} state on {written(matrix.on)}?"
    counts = ", ".join(f"{matrix.count(one)} {KEYS[one]}" for one in ANSWERS if matrix.count(one))
    ways = f"Of {several(len(matrix.answers), 'way')}: {counts}."
    return [f"{question} {ways}"] if wide else [question, ways]


def columns_of(matrix: Matrix, names: Names) -> list[Column]:
    """Recipients in columns: each alone, or those who are told the same together if there are many."""
    many = len(matrix.recipients) > NARROW_COLUMNS + 2
    groups = matrix.groups() if many else tuple((state,) for state in matrix.recipients)
    return [Column(group, _label(group, names)) for group in groups]


def _label(group: Sequence[str], names: Names) -> tuple[str, ...]:
    """The names above a column, or the first one and the number of the rest."""
    shown = [names.plain(state) for state in (group if len(group) < 3 else group[:1])]
    rest = [f"and {len(group) - 1} more"] if len(group) > 2 else []
    return tuple(line for name in [*shown, *rest] for line in lines_of(name, 12, 3))


def _blank(axes: Axes, columns: int, rows: int) -> None:
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_axis_off()


def _cells(axes: Axes, page: Page, matrix: Matrix, columns: Sequence[Column]) -> None:
    for row, giver in enumerate(matrix.suppliers):
        for place, column in enumerate(columns):
            answers = {matrix.answers.get((giver, taker)) for taker in column.states}
            answer = next((one for one in ANSWERS if one in answers), None)
            if answer is None:
                axes.plot([place + 0.4, place + 0.6], [row + 0.5] * 2, color=palette.HAIRLINE, linewidth=1)
            else:
                _cell(axes, page, answer, place, row, len(columns))


def _cell(axes: Axes, page: Page, answer: str, place: float, row: float, columns: int) -> None:
    """One answer: its fill, its edge if it is none, its glyph."""
    box = axes.get_position()
    wide, high = GAP / (box.width * page.width) * columns, GAP / ROW
    open_ = answer == "undetermined"
    inset = 0.01 if open_ else 0.0
    axes.add_patch(
        Rectangle(
            (place + wide / 2 + inset, row + high / 2 + inset),
            1 - wide - 2 * inset,
            1 - high - 2 * inset,
            facecolor=palette.ANSWERS[answer],
            edgecolor=palette.EDGE if open_ else "none",
            linewidth=0.9 if open_ else 0,
            linestyle=(0, (3.2, 1.8)) if open_ else "solid",
        )
    )
    axes.text(place + 0.5, row + 0.5, GLYPHS[answer], **_glyph(answer))


def _glyph(answer: str) -> dict[str, Any]:
    ink = palette.PAPER if answer in ("permit", "deny") else palette.INK
    weight = "bold" if answer == "undetermined" else "normal"
    return {"color": ink, "fontsize": GLYPH, "fontweight": weight, "ha": "center", "va": "center"}


def _names(axes: Axes, page: Page, matrix: Matrix, columns: Sequence[Column], names: Names) -> None:
    """Suppliers at the left, recipients on top, the last line of each just above its column."""
    box = axes.get_position()
    step = box.width * page.width / len(columns)
    top = (1 - box.y1) * page.height
    for place, column in enumerate(columns):
        for number, line in enumerate(reversed(column.label)):
            middle = box.x0 * page.width + step * (place + 0.5)
            fitted = page.fitted(line, step + 0.02, LABEL)
            page.write(middle, top - 0.07 - number * LINE, fitted, size=LABEL, color=palette.INK, ha="center")
    for row, giver in enumerate(matrix.suppliers):
        down = top + (row + 0.5) * box.height * page.height / len(matrix.suppliers)
        name = names.plain(giver)
        style = {"ha": "right", "va": "center_baseline"}
        page.write(box.x0 * page.width - 0.08, down, name, size=LABEL, color=palette.INK, **style)


def _key(page: Page, left: float) -> None:
    """What the four fills mean."""
    step = (page.width - left - MARGIN) / len(ANSWERS)
    wide, high = 0.27, 0.22
    for number, answer in enumerate(ANSWERS):
        start = left + number * step
        axes = page.axes(left=start, top=page.height - 0.78, right=page.width - start - wide, bottom=0.78 - high)
        _blank(axes, 1, 1)
        _key_cell(axes, answer)
        style = {"color": palette.INK, "va": "center_baseline"}
        page.write(start + wide + 0.08, page.height - 0.67, KEYS[answer], size=LABEL, **style)


def _key_cell(axes: Axes, answer: str) -> None:
    open_ = answer == "undetermined"
    line = {"edgecolor": palette.EDGE, "linewidth": 0.9, "linestyle": (0, (3.2, 1.8))} if open_ else {"linewidth": 0}
    axes.add_patch(Rectangle((0.02, 0.02), 0.96, 0.96, facecolor=palette.ANSWERS[answer], clip_on=False, **line))
    axes.text(0.5, 0.5, GLYPHS[answer], **{**_glyph(answer), "fontsize": 8})


def _source(matrix: Matrix) -> str:
    return f"{matrix.assumed.replace(chr(39), APOSTROPHE)} A research model, no legal advice."

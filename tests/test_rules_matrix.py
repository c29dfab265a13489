"""The matrix of who may supply whom: the table, and the figure in the look of the house."""

import dataclasses
import datetime as dt
import re
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from backfill.plots import palette
from backfill.plots.files import save
from backfill.plots.house import refuse_cropped, texts
from backfill.plots.rules_matrix import GLYPHS, KEYS, rules_matrix
from backfill.rules.changes import compare
from backfill.rules.explaining import packaged_book
from backfill.rules.matrix import ANSWERS, matrix, states_named, usual
from backfill.rules.names import Names
from backfill.rules.register import Register

DAYS = ("2014-04-01", "2023-12-21", "2023-12-22", "2026-05-01")


@cache
def book():
    return packaged_book()


@cache
def asked(day, takers=(), item="pac3"):
    return matrix(book(), Register.packaged().find(item), dt.date.fromisoformat(day), (), takers)


@cache
def everybody(day="2023-12-22"):
    return asked(day, states_named(book()))


# The answers


def test_each_cell_is_what_the_law_answers_and_nobody_supplies_himself():
    found = asked("2023-12-22")
    for (giver, taker), outcome in found.answers.items():
        assert giver != taker
        assert book().judge(usual(found.goods, giver, taker, found.on)).outcome == outcome
    assert sum(found.count(answer) for answer in ANSWERS) == len(found.answers)


def test_japan_opens_one_way_in_one_night():
    before, after = (asked(day).of("JPN", "permit") for day in ("2023-12-21", "2023-12-22"))
    assert (before, after) == ([], ["USA"])


def test_the_freest_suppliers_and_recipients_go_first():
    found = asked("2023-12-22")
    assert found.suppliers[-1] == "JPN"
    assert found.recipients[0] == "USA"


def test_many_recipients_are_grouped_where_every_answer_is_the_same():
    found = everybody()
    assert len(found.recipients) > 30
    assert sorted(state for group in found.groups() for state in group) == sorted(found.recipients)
    for group in found.groups():
        for giver in found.suppliers:
            assert len({found.answers.get((giver, taker)) for taker in group}) == 1


@pytest.mark.parametrize("day", DAYS)
def test_the_table_fits_a_hundred_columns(day):
    for found in (asked(day), everybody(day)):
        assert max(map(len, found.in_words(Names()).splitlines())) <= 100


# The figure


@pytest.mark.parametrize("day", DAYS)
def test_every_label_is_inside_and_none_lies_on_another(day):
    for found in (asked(day), everybody(day)):
        figure = rules_matrix(found)
        refuse_cropped(figure)
        boxes = [label.get_window_extent() for label in texts(figure)]
        for number, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[number + 1 :])


def test_the_question_with_its_date_is_the_subtitle():
    said = [label.get_text() for label in texts(rules_matrix(asked("2023-12-22")))]
    question = next(text for text in said if text.startswith("May the row"))
    assert "state send PAC-3 (basic) to the column" in question
    assert "state on 22 December 2023?" in question
    assert "Japan may send PAC-3 (basic) to the United States alone" in said


def cells(figure):
    """The fills of the matrix, without the key."""
    return [patch for patch in figure.axes[0].findobj(Rectangle) if patch is not figure.axes[0].patch]


def test_cells_have_the_colours_of_the_house_and_a_glyph_that_says_the_same():
    found = asked("2023-12-22")
    figure = rules_matrix(found)
    drawn = [palette.ANSWERS[found.answers[way]] for way in found.answers]
    fills = ["#" + "".join(f"{round(255 * part):02X}" for part in patch.get_facecolor()[:3]) for patch in cells(figure)]
    assert sorted(fills) == sorted(drawn)
    glyphs = [label.get_text() for label in figure.axes[0].texts]
    assert sorted(glyphs) == sorted(GLYPHS[found.answers[way]] for way in found.answers)


def test_what_is_not_determined_has_a_dashed_edge_and_is_told_in_the_key():
    goods = dataclasses.replace(Register.packaged().find("pac3"), licensed_from=())
    found = matrix(book(), goods, dt.date(2023, 12, 22), ("USA", "POL"), ("USA", "POL", "UKR"))
    figure = rules_matrix(found)
    open_ = [patch for patch in cells(figure) if patch.get_linewidth()]
    assert len(open_) == found.count("undetermined") > 0
    assert all(patch.get_linestyle() not in ("solid", "-") for patch in open_)
    said = [label.get_text() for label in texts(figure)]
    assert set(KEYS.values()) <= set(said)


def test_bytes_repeat_and_a_png_keeps_the_colours(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save(rules_matrix(asked("2023-12-22")), tmp_path / name / "figure")
    for ending in (".png", ".svg"):
        assert len({(tmp_path / name / f"figure{ending}").read_bytes() for name in ("one", "two")}) == 1
    pixels = np.asarray(Image.open(tmp_path / "one" / "figure.png").convert("RGB")).reshape(-1, 3)
    present = {tuple(colour) for colour in np.unique(pixels, axis=0)}
    assert {palette.rgb(palette.ANSWERS[one]) for one in ("permit", "consent_required", "deny")} <= present
    assert not re.search(rb"\d{4}-\d\d-\d\dT", (tmp_path / "one" / "figure.svg").read_bytes())


def luminance(colour):
    parts = [part / 255 for part in palette.rgb(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_glyph_stands_out_from_its_cell(answer):
    ink = palette.PAPER if answer in ("permit", "deny") else palette.INK
    light, dark = sorted((luminance(palette.ANSWERS[answer]), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 6  # four and a half is the least for text


# What changed


def test_recipients_whom_the_law_cannot_tell_apart_are_asked_once_and_the_answers_are_those_of_each():
    first, second = dt.date(2026, 4, 20), dt.date(2026, 4, 21)
    goods = [Register.packaged().find(name) for name in ("pac3", "leopard_2", "air_surveillance_radar")]
    turned = compare(book(), goods, first, second).turned
    found = {(one.item, one.supplier, one.recipient): (one.before, one.after) for one in turned}
    for item in goods:
        for giver in ("JPN", "DEU", "USA"):
            for taker in set(states_named(book())) - {giver}:
                then, now = (book().judge(usual(item, giver, taker, on)).outcome for on in (first, second))
                assert found.get((item.id, giver, taker), (now, now)) == ((then, now) if then != now else (now, now))
    assert found


@pytest.mark.parametrize("day", ["2014-04-01", "2023-12-21", "2023-12-22", "2026-05-01"])
def test_the_matrix_of_every_day_can_be_stored(day, tmp_path):
    """A page of any height, whole pixels or not, becomes a picture."""
    words = [*("rules", "matrix", "--item", "pac3", "--on", day), "--out", str(tmp_path / "figures")]
    done = subprocess.run([sys.executable, "-m", "backfill", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert {path.suffix for path in (tmp_path / "figures").iterdir()} == {".png", ".svg"}

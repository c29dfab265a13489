"""What a reader may trust in a figure: its title, its labels, its colours, its bytes."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from backfill.plots import aid_by_arm, palette, promise_ledger, stock_against_floor, write_figures
from backfill.plots.arms import arms_from
from backfill.plots.arms import finding as arms_finding
from backfill.plots.courses import whole_median
from backfill.plots.events import rows_of
from backfill.plots.files import save
from backfill.plots.house import STYLE, LabelOutsidePage, Page, house_style, in_house_style, texts
from backfill.plots.labels import spread
from backfill.plots.ledger import STAGES, Ledger, described, ledger_of
from backfill.plots.ledger import finding as ledger_finding
from backfill.plots.stock import course_of
from backfill.plots.stock import finding as stock_finding
from backfill.words import number as written

JAPANS = "Japan\N{RIGHT SINGLE QUOTATION MARK}s"
INVENTED = Path(__file__).with_name("synthetic_results.py")
make = SimpleNamespace(**runpy.run_path(str(INVENTED)))
FIGURES = (stock_against_floor, aid_by_arm, promise_ledger)
WORLDS = {
    "usual": {},
    "one run": {"runs": 1},
    "one arm": {"arms": ("baseline",), "runs": 20},
    "two arms": {"arms": ("baseline", "no_backfill"), "runs": 20},
    "three months": {"months": 3, "runs": 7},
    "one month": {"months": 1, "runs": 1, "arms": ("baseline", "no_backfill")},
    "twenty years": {"months": 240, "runs": 7},
    "nothing happens": {"scale": 0.0, "runs": 7},
    "millions": {"scale": 1000.0, "runs": 7, "label": "public"},
}


def awkward_setting():
    world = make.setting()
    world.states["USA"].name = "The Most Serene Confederation of $x_1$ [bold]Provinces[/bold] and Territories"
    world.states["JPN"].name = "日本国 <script>"
    world.items["pac3"].name = "a_{b}^c $\\frac{1}{2}$\nline"
    for number in range(14):
        day = dt.date(2022 + number // 2, 1 + 6 * (number % 2), 3)
        words = {"date": day, "from_": "JPN", "to": "USA", "item": "pac3", "title": f"$x_{number}$ 100 % [x]"}
        world.events[f"event_{number}"] = make.event("promise", **words)
    return world


def awkward():
    arms = ("baseline", "an_arm_with_a_very_long_name_of_forty_let", "a+b+c+d_e_f", "no_backfill", "x", "y", "z")
    return make.results(
        arms=arms, setting=awkward_setting(), title="long title " * 30, name="W" * 60, label="user", runs=7
    )


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize("world", WORLDS)
def test_labels_stay_on_the_page_and_apart(draw, world):
    assert colliding(draw(make.results(**WORLDS[world]))) == []


@pytest.mark.parametrize("draw", FIGURES)
def test_labels_of_awkward_words_stay_on_the_page_and_apart(draw):
    assert colliding(draw(awkward())) == []


def colliding(figure):
    """Pairs of labels whose letters overlap on the page."""
    boxes = [(label.get_text(), label.get_window_extent()) for label in texts(figure)]
    pairs = itertools.combinations(boxes, 2)
    return [(one, other) for (one, a), (other, b) in pairs if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and overlap(a, b)]


def overlap(one, other):
    """Line boxes hold room for accents and tails: a fifth of it may be shared."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > 0.2 * min(one.height, other.height)


def test_labels_on_top_of_each_other_would_be_noticed():
    page = Page()
    for text in ("one", "other"):
        page.write(1.0, 1.0, text, size=7.5, color=palette.INK)
    assert len(colliding(page.figure)) == 1


def test_a_cropped_label_is_refused():
    @in_house_style
    def draw():
        page = Page()
        page.write(6.3, 1.0, "over the edge", size=7.5, color=palette.INK)
        return page.figure

    with pytest.raises(LabelOutsidePage, match="over the edge"):
        draw()


def test_words_of_the_user_are_drawn_as_they_stand():
    world = make.setting()
    world.states["USA"].name = "Land of $x_1$ [b]"
    labels = texts(stock_against_floor(make.results(setting=world, runs=7)))
    assert any("$x_1$ [b]" in label.get_text() for label in labels)
    assert not any(label.get_parse_math() for label in labels)


@pytest.mark.filterwarnings("error")
def test_an_event_in_letters_that_the_font_lacks_is_drawn_without_a_warning():
    world = make.setting()
    next(event for event in world.events.values() if event.kind == "promise").title = "約束"
    labels = texts(stock_against_floor(make.results(setting=world, runs=7)))
    assert "\N{WHITE SQUARE}" * 2 in [label.get_text() for label in labels]


def test_the_title_of_the_ledger_keeps_its_date_however_long_the_name():
    world = make.setting()
    world.states["JPN"].name = "W" * 60
    title = " ".join(label.get_text() for label in texts(promise_ledger(make.results(setting=world, runs=7))))
    assert "delivery; 49 of 60 units by December 2030" in title


@pytest.mark.parametrize(
    ("delays", "words"),
    [
        ([1, 1, 1, 1], "First delivery after 1 month in every run"),
        ([5, 5, 5], "First delivery after 5 months in the 3 runs that deliver"),
        ([1, 9, 1, 9], "First delivery after 1 to 9 months in 5\N{EN DASH}95 % of runs"),
    ],
)
def test_the_delay_is_said_with_its_spread(delays, words):
    months = [f"2030-{month:02d}" for month in range(1, 13)]
    totals = {stage: np.repeat([0.0, 4.0], [at, 12 - at]) for at, stage in enumerate(STAGES, start=2)}
    ledger = Ledger(months, 4, totals, np.array(delays, float))
    setting = make.setting()
    assert words in described(setting, ledger)


def test_the_ledger_and_the_closing_table_say_the_same_number():
    runs = np.random.default_rng(1).integers(0, 40, (6, 50)).astype(float)
    drawn, tabled = whole_median(runs), np.median(runs, axis=0)
    assert (tabled % 1 > 0).any()
    assert [written(total) for total in drawn] == [written(total) for total in tabled]


def test_a_donor_that_holds_nothing_is_not_drawn_against_its_floor(tmp_path):
    results = make.results(runs=7)
    bare = replace(results, dataset=results.dataset.drop_vars(["position", "aid"]))
    assert {path.stem for path in write_figures(bare, tmp_path)} == {
        "aid_by_arm",
        "promise_ledger",
        "aid_spread_by_arm",
    }


def test_files_repeat_to_the_last_byte(tmp_path):
    once, again = (write_figures(make.results(runs=20), tmp_path / name) for name in ("once", "again"))
    assert [path.name for path in once] == [
        f"{name}.{kind}"
        for name in ("stock_against_floor", "aid_by_arm", "promise_ledger", "aid_spread_by_arm")
        for kind in ("png", "svg")
    ]
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


def test_the_salt_of_an_svg_is_its_own_and_it_has_no_date(tmp_path):
    figure = promise_ledger(make.results(runs=7))
    one, other = (save(figure, tmp_path / name)[1].read_text(encoding="utf-8") for name in ("one", "other"))
    assert "dc:date" not in one
    assert one != other


def test_a_png_is_small_and_keeps_the_colours_of_the_theme(tmp_path):
    png, _ = save(stock_against_floor(make.results()), tmp_path / "stock")
    image = Image.open(png)
    assert image.mode == "P"
    assert image.size == (960, 600)
    assert 15_000 < png.stat().st_size < 60_000
    found = {colour for _, colour in image.convert("RGB").getcolors(1000)}
    bands = [palette.tint(palette.DONOR, share) for share in (palette.OUTER_BAND, palette.INNER_BAND)]
    assert {palette.rgb(colour) for colour in (palette.DONOR, palette.INK, palette.WASH, *bands)} <= found


def test_drawing_leaves_the_settings_of_the_user_alone():
    before = dict(mpl.rcParams)
    promise_ledger(make.results(runs=7))
    assert dict(mpl.rcParams) == before


def test_settings_of_the_user_do_not_reach_a_figure(tmp_path):
    plain = save(promise_ledger(make.results(runs=7)), tmp_path / "plain")
    with mpl.rc_context({"font.size": 20, "axes.grid": False, "text.color": "red", "savefig.dpi": 50}):
        moved = save(promise_ledger(make.results(runs=7)), tmp_path / "moved")
    assert plain[0].read_bytes() == moved[0].read_bytes()


def test_the_style_file_is_all_understood():
    with house_style():
        assert STYLE.is_file()
        assert mpl.rcParams["text.parse_math"] is False


def test_figures_do_without_pyplot():
    lines = (
        "import runpy, sys",
        "from backfill.plots import aid_by_arm, promise_ledger, stock_against_floor",
        f"results = runpy.run_path({str(INVENTED)!r})['results'](runs=3)",
        "[draw(results) for draw in (aid_by_arm, promise_ledger, stock_against_floor)]",
        "sys.exit('matplotlib.pyplot' in sys.modules)",
    )
    assert subprocess.run([sys.executable, "-c", "\n".join(lines)], check=False).returncode == 0


def test_the_title_of_the_stock_is_true():
    results = make.results()
    course = course_of(results)
    under = np.flatnonzero(course.median < course.floor)
    assert np.array_equal(under, np.arange(under[0], under[-1] + 1))
    stock = "Median stock of the United States falls below its floor in May 2026"
    assert stock_finding(course, "United States") == f"{stock} and is back above it {len(under)} months later"
    assert course.months[under[0]] == "2026-05"


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ([9, 9, 9, 9], "never falls below its floor; it stays at least 4 above it"),
        ([9, 5, 9, 9], "never falls below its floor; at times it just meets it"),
        ([1, 2, 3, 4], "is below its floor in all 4 months, by up to 4"),
        ([9, 9, 3, 4], "falls below its floor in March 2022 and stays there for 2 months"),
        ([1, 9, 9, 9], "starts below its floor and is above it after 1 month"),
        ([9, 1, 9, 1], "is below its floor in 2 of 4 months, first in February 2022"),
    ],
)
def test_every_course_of_a_stock_has_its_sentence(level, words):
    results = make.results(months=4, runs=1)
    results.dataset["position"].loc[{"state": "USA"}] = level
    results.dataset["floor"].loc[{"state": "USA"}] = 5
    assert stock_finding(course_of(results), "Norway") == f"Stock of Norway {words}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([-4, -5, -6], f"{JAPANS} backfill brings Ukraine 5 more units by April 2022"),
        ([4, 5, 6], f"{JAPANS} backfill costs Ukraine 5 units by April 2022"),
        ([-9, -5, 2], f"{JAPANS} backfill may bring Ukraine 5 more units by April 2022"),
        ([9, 5, -2], f"{JAPANS} backfill may cost Ukraine 5 units by April 2022"),
        ([0, 0, 0], "No arm changes what reaches Ukraine by April 2022: 10 units"),
    ],
)
def test_a_title_claims_no_more_than_its_interval(changes, words):
    results = make.results(arms=("baseline", "no_backfill"), months=4, runs=3, scale=0)
    results.dataset["aid"][:, :, 3, 2, 0, 0] = np.array([[10, 10, 10], np.add(10, changes)])
    assert arms_finding(make.setting(), arms_from(results), "April 2022") == words


def test_five_arms_at_most_have_a_colour_and_the_title_can_be_found_among_them():
    arms = arms_from(make.results(runs=20))
    coloured = [arm.name for arm in arms if arm.colour in palette.ARMS]
    assert coloured == ["no_backfill", "promise_36", "transfer_100", "no_iran_war", "seekers_unlimited"]
    assert [arm.colour for arm in arms if arm.name in coloured] == list(palette.ARMS)
    assert arms[0].colour == palette.INK
    assert any(label.get_text() == "six others" for label in texts(aid_by_arm(make.results(runs=20))))


def test_the_title_of_the_ledger_is_true():
    results = make.results()
    ledger = ledger_of(results)
    runs = results.dataset.sel(arm="baseline")
    first = [np.argmax(runs[stage].values >= 1, axis=1) for stage in ("promised", "delivered")]
    assert ledger.delay == np.sort(first[1] - first[0])[100]
    assert ledger_finding(ledger, "Japan").startswith(
        f"{ledger.delay} months from {JAPANS} promise to its first delivery; "
    )


def test_a_central_run_is_drawn_if_given():
    results, central = make.results(runs=20), make.results(runs=1)
    without, with_it = (
        {label.get_text() for label in texts(stock_against_floor(results, central=given))} for given in (None, central)
    )
    assert with_it - without == {"central run", f"{central.dataset['position'].values[0, 0, -1, 0]:,.0f}"}


def test_a_promise_without_delivery_is_said():
    results = make.results(runs=3)
    results.dataset["delivered"][:] = 0
    assert ledger_finding(ledger_of(results), "Japan") == "Japan promises 60 units and delivers none by December 2030"


def test_labels_keep_order_and_distance():
    wanted = [3.0, 3.1, 2.9, 9.0]
    places = spread(wanted, 1.0, 0.0, 10.0)
    assert list(np.argsort(places)) == list(np.argsort(wanted))
    assert np.diff(np.sort(places)).min() >= 1.0 - 1e-9
    assert places[3] == 9.0


def test_event_labels_cross_no_later_hairline():
    lines, widths = [0.5, 0.9, 1.2, 4.6], [1.0, 0.1, 0.6, 0.8]
    rows = rows_of(lines, widths, 5.0)
    assert rows == [(1, False), (0, False), (0, False), (0, True)]


def test_events_that_need_a_fourth_row_do_not_fit():
    assert rows_of([0.1, 0.2, 0.3, 0.4], [1.0] * 4, 5.0) is None


# --- colours: sRGB -> CIE Lab (D65) and the CIEDE2000 difference, after Sharma, Wu and Dalal (2005)


def linear(colour):
    parts = np.array(palette.rgb(colour)) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """The contrast ratio of the web guidelines, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(colour):
    matrix = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    ratio = matrix @ linear(colour) / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(one, other):
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_chroma = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 1.5 - 0.5 * math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7))
    c1, c2 = math.hypot(g * a1, b1), math.hypot(g * a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, g * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = (h1 + turn / 2 if c1 * c2 else h1 + h2) % 360
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    cosines = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    t = 1 + sum(part * math.cos(math.radians(times * hue + shift)) for part, times, shift in cosines)
    s_l = 1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = (
        -2
        * math.sqrt(chroma**7 / (chroma**7 + 25**7))
        * math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    )
    d_l, d_c = (l2 - l1) / s_l, (c2 - c1) / s_c
    d_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / s_h
    return math.sqrt(d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_colour_difference_gives_published_values(one, other, difference):
    assert ciede2000(one, other) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize(
    "together",
    [
        (palette.BASELINE, *palette.ARMS, palette.OTHER),
        (palette.DONOR, palette.BACKFILLER, palette.AIDED, palette.OTHER, palette.INK),
    ],
)
def test_colours_of_one_figure_can_be_told_apart(together):
    assert min(ciede2000(lab(a), lab(b)) for a, b in itertools.combinations(together, 2)) >= 14


def test_two_blues_could_not_be_told_apart():
    assert ciede2000(lab("#2A5DB0"), lab("#2D52A2")) < 14


def test_marks_and_texts_stand_out_from_the_paper():
    marks = (palette.DONOR, palette.BACKFILLER, palette.AIDED, palette.OTHER, palette.INK, *palette.ARMS)
    letters = (
        palette.INK,
        palette.SOFT,
        palette.DONOR,
        palette.BACKFILLER,
        palette.AIDED_TEXT,
        palette.OTHER_TEXT,
        *palette.ARM_TEXTS,
    )
    assert min(contrast(colour, palette.PAPER) for colour in marks) >= 3
    assert min(contrast(colour, palette.PAPER) for colour in letters) >= 4.5
    assert min(contrast(colour, palette.WASH) for colour in (palette.INK, palette.SOFT)) >= 4.5
    assert contrast(palette.AIDED, palette.PAPER) < 4.5

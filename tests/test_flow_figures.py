"""What a reader may trust in the pictures of flows, lines, queues and grids: what is drawn is what was recorded."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import runpy
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, PathPatch, Rectangle

from backfill.errors import UnknownName
from backfill.plots import (
    aid_spread_by_arm,
    map_of_flows,
    palette,
    queue_displacement,
    rules_timeline,
    which_limit_bound,
    who_supplied_whom,
)
from backfill.plots import flows as ribbons
from backfill.plots import limits as strips
from backfill.plots.files import FIGURES, ONLY_WHERE, save, write_figures
from backfill.plots.flows import NOT_GIVEN, OTHERS, flows_of
from backfill.plots.house import texts
from backfill.plots.palette import rgb
from backfill.plots.points import Answer, Dot
from backfill.plots.spreads import outcome_by_arm
from backfill.plots.surface import Grid, Surface, drawn_surface, grid_of, holds_zero, letters_on, shades
from backfill.plots.world_map import great_circle, world
from backfill.results import displacement, flows, limits
from backfill.results.ways import Span, Way
from backfill.studies.design import Point

timeline = sys.modules["backfill.plots.rules_timeline"]
"""The module: in the package the figure has its name."""
make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("synthetic_results.py"))))
PAIRS = ("USA>UKR", "JPN>USA", "DEU>UKR", "USA>SAU", "USA>POL", "USA>NLD")
MONTHLY = (6.0, 2.0, 3.0, 1.0, 0.02, 0.03)
"""Units a month; Poland and the Netherlands receive less than one in a hundred."""
LINES = ("camden.mse", "nagoya.pac3", "idle.line")
CUSTOMERS = ("UKR", "POL", "OTHER", "nobody")
LATE = {"UKR": (-900.0, 0.0, 0.0), "POL": (600.0, 80.0, 960.0), "OTHER": (300.0, 100.0, 300.0), "nobody": (0, 0, 0)}
"""Over all runs: unit-months lost, units delayed, and months for which units were late."""
NEW = ("who_supplied_whom", "map_of_flows", "which_limit_bound", "queue_displacement", "aid_spread_by_arm")
RUNS, MONTHS = 5, 24


def traded(*, runs=RUNS, months=MONTHS, scale=1.0, pairs=PAIRS, **said):
    """Results of a world in which states trade, lines produce and one queue is re-ordered."""
    states = {code: SimpleNamespace(name=code) for code in ("DEU", "SAU", "POL", "NLD")}
    setting = make.setting(manufacturers={}, **said)
    setting.states.update(states)
    found = make.results(arms=("baseline", "no_backfill"), runs=runs, months=months, setting=setting)
    arms, chance = len(found.arms), np.random.default_rng(3)
    noise = chance.uniform(0.5, 1.5, (arms, runs, months, len(pairs)))
    axes = ("arm", "run", "month", "pair")
    data = {
        "supplied": (axes, noise * np.array(MONTHLY[: len(pairs)]) * scale),
        "requested": (axes, np.where([pair == "USA>UKR" for pair in pairs], 40.0 * scale, 0.0) + 0 * noise),
        "bound": (("arm", "run", "month", "line"), bound(arms, runs, months)),
    }
    dataset = found.dataset.assign(data).assign_coords(pair=list(pairs), line=list(LINES))
    total = xr.DataArray(
        np.array([[[LATE[customer] for customer in CUSTOMERS]]] * arms, float) * scale,
        dims=("arm", "queue", "customer", "measure"),
        coords={"arm": list(found.arms), "queue": ["camden.mse"], "customer": list(CUSTOMERS)},
    )
    known = {**found.known, displacement.total_name(found.months[-1]): total}
    return replace(found, dataset=dataset, known=known)


def bound(arms, runs, months):
    """Camden: capacity, then a part in most runs only; Nagoya: few orders, then it stands still; the third is idle."""
    found = np.zeros((arms, runs, months, len(LINES)), int)
    found[:, :, :, 0] = limits.LIMITS.index("capacity")
    found[:, : runs // 2 + 1, months // 2 :, 0] = limits.LIMITS.index("component")
    found[:, :, months // 3 :, 1] = limits.LIMITS.index("down")
    return found


def words(figure):
    return [label.get_text() for label in texts(figure)]


def of_kind(figure, kind):
    return [part for axes in figure.axes for part in axes.patches if isinstance(part, kind)]


def colliding(figure):
    """Pairs of labels whose letters overlap on the page."""
    boxes = [(label.get_text(), label.get_window_extent()) for label in texts(figure)]
    return [(one, other) for (one, a), (other, b) in itertools.combinations(boxes, 2) if touch(a, b)]


def touch(one, other):
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    return across > 0.5 and min(one.y1, other.y1) - max(one.y0, other.y0) > 0.2 * min(one.height, other.height)


# --- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("world_of", [{}, {"scale": 1000.0}, {"months": 3}, {"runs": 1, "months": 48}])
def test_labels_stay_apart_and_on_the_page(name, world_of):
    results = traded(**world_of)
    if ONLY_WHERE[name](results):
        assert colliding(FIGURES[name](results)) == []


def test_all_can_be_drawn_of_a_world_that_has_everything():
    assert [name for name in NEW if not ONLY_WHERE[name](traded())] == []


@pytest.mark.parametrize("name", NEW[:-1])
def test_a_world_without_flows_lines_or_queues_is_drawn_without_them(name, tmp_path):
    bare = make.results(runs=RUNS, months=12)
    assert not ONLY_WHERE[name](bare)
    assert name not in {path.stem for path in write_figures(bare, tmp_path)}


@pytest.mark.parametrize("name", NEW[:-1])
def test_a_world_in_which_nothing_moves_has_none_of_them(name):
    still = traded(scale=0.0)
    still.dataset["bound"][:] = 0
    assert not ONLY_WHERE[name](still)


def test_files_repeat_and_the_parts_of_every_svg_have_their_own_names(tmp_path):
    ids = {}
    for name in NEW:
        once, again = (save(FIGURES[name](traded()), tmp_path / place / name) for place in made(tmp_path))
        assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]
        ids[name] = set(re.findall(r'id="([a-z][0-9a-f]{10})"', once[1].read_text(encoding="utf-8")))
        assert once[0].stat().st_size < 120_000
    assert all(not ids[one] & ids[other] for one, other in itertools.combinations(NEW, 2))
    assert any(ids.values())


def made(place):
    names = ("once", "again")
    for name in names:
        (place / name).mkdir(exist_ok=True)
    return names


# --- who supplied whom --------------------------------------------------------------------------------------------


def test_what_the_ribbons_carry_is_all_that_was_recorded():
    results = traded()
    found, sent = flows_of(results), results.dataset["supplied"].sel(arm="baseline")
    assert found.total == pytest.approx(float(sent.sum(("month", "pair")).mean()))
    assert sum(map(found.of, found.givers)) == pytest.approx(sum(map(found.to, found.takers)))
    assert found.sent["USA", "UKR"] == pytest.approx(float(sent.sel(pair="USA>UKR").sum("month").mean()))


def test_the_years_add_up_to_the_horizon_and_keep_one_order():
    results = traded()
    years = [flows_of(results, year) for year in ("2022", "2023")]
    assert sum(found.total for found in years) == pytest.approx(flows_of(results).total)
    assert {found.givers for found in years} == {flows_of(results).givers}
    with pytest.raises(ValueError, match="2022 to 2023"):
        flows_of(results, "2031")


def test_small_receivers_are_put_together_and_roles_never_are():
    found = flows_of(traded())
    assert OTHERS in found.takers
    assert not {"POL", "NLD"} & set(found.takers)
    assert {"UKR", "USA"} <= set(found.takers)


def test_ribbons_are_as_wide_as_their_flows_and_refused_ones_are_hatched():
    results = traded()
    found, figure = flows_of(results), who_supplied_whom(results)
    drawn = of_kind(figure, PathPatch)
    given, refused = ([part for part in drawn if bool(part.get_hatch()) is hatched] for hatched in (False, True))
    widths = [part.get_path().vertices[7, 1] - part.get_path().vertices[0, 1] for part in given]
    sizes = [found.sent[pair] for pair in itertools.product(found.givers, found.takers) if pair in found.sent]
    each = {round(wide / size, 6) for wide, size in zip(widths, sizes, strict=True)}
    assert len(each) == 1
    lost = refused[0].get_path().vertices
    assert (lost[7, 1] - lost[0, 1]) / (found.asked["USA"] * found.shown) == pytest.approx(each.pop(), rel=1e-4)


def test_both_columns_hold_the_same_units_and_the_refused_bar_is_last():
    results = traded()
    bars = [part for part in of_kind(who_supplied_whom(results), Rectangle) if part.get_zorder() == 4]
    left, right = ([bar for bar in bars if (bar.get_x() > 4.8) is east] for east in (False, True))
    assert sum(bar.get_height() for bar in left) == pytest.approx(sum(bar.get_height() for bar in right))
    assert to_hex(right[-1].get_facecolor()).upper() == palette.INK
    assert ribbons._name(None, NOT_GIVEN) in words(who_supplied_whom(results))


def test_the_part_of_a_givers_bar_that_is_not_given_is_pale():
    results = traded()
    found, drawn = flows_of(results), of_kind(who_supplied_whom(results), Rectangle)
    pale = [part for part in drawn if part.get_zorder() == 5 and part.get_height() > 1e-9]
    bar = next(part for part in drawn if part.get_zorder() == 4 and part.get_xy()[1] == 0)
    assert [to_hex(part.get_facecolor()).upper() for part in pale] == [palette.tint(palette.DONOR, ribbons.RIBBON)]
    asked = found.asked["USA"] * found.shown
    assert pale[0].get_height() / bar.get_height() == pytest.approx(asked / (asked + found.of("USA")))


def test_givers_have_the_colours_of_their_roles():
    drawn = of_kind(who_supplied_whom(traded()), Rectangle)
    found = {to_hex(part.get_facecolor()).upper() for part in drawn}
    assert {palette.DONOR, palette.BACKFILLER, palette.AIDED, palette.OTHER} <= found


def test_the_title_of_the_ribbons_is_true():
    results = traded()
    found = flows_of(results)
    share = round(100 * found.of("USA") / found.total)
    assert any(f"The United States sends {share}" in text for text in words(who_supplied_whom(results)))


# --- the map ------------------------------------------------------------------------------------------------------


def test_arcs_start_and_end_where_their_states_are():
    results = traded(pairs=PAIRS[:4])
    drawn = [line for line in map_of_flows(results).axes[0].lines if len(line.get_xdata()) > 2]
    ends = [tuple((line.get_xdata()[at] + 180) % 360 - 180 for at in (0, -1)) for line in drawn]
    norths = [tuple(line.get_ydata()[at] for at in (0, -1)) for line in drawn]
    order = ("USA>UKR", "DEU>UKR", "JPN>USA", "USA>SAU")
    places = [[world().places[state] for state in flows.ends_of(pair)] for pair in order]
    assert np.allclose(ends, [[place[0] for place in pair] for pair in places], atol=1e-6)
    assert np.allclose(norths, [[place[1] for place in pair] for pair in places], atol=1e-6)


def test_arcs_are_as_thick_as_the_root_of_their_flows_and_have_a_head():
    results = traded(pairs=PAIRS[:4])
    axes = map_of_flows(results).axes[0]
    widths = [line.get_linewidth() for line in axes.lines if len(line.get_xdata()) > 2]
    found = flows_of(results)
    units = sorted(found.sent.values(), reverse=True)
    assert np.allclose(widths, [0.8 + 4.2 * (one / units[0]) ** 0.5 for one in units])
    heads = [part.arrow_patch for part in axes.texts if isinstance(getattr(part, "arrow_patch", None), FancyArrowPatch)]
    assert len(heads) == len(units)


def test_names_on_the_map_cover_no_arc_where_there_is_room():
    axes = map_of_flows(traded(pairs=("DEU>UKR",))).axes[0]
    arc = next(line for line in axes.lines if len(line.get_xdata()) > 2)
    points = axes.transData.transform(np.column_stack(arc.get_data()))
    boxes = [label.get_window_extent() for label in axes.texts if label.get_text()]
    assert len(boxes) == 2
    assert not any(box.contains(*point) for box in boxes for point in points)


def test_a_great_circle_is_the_shortest_way_and_crosses_the_date_line_without_a_jump():
    tokyo, seattle = (139.7, 35.7), (-122.3, 47.6)
    way = great_circle(tokyo, seattle)
    assert np.abs(np.diff(way[:, 0])).max() < 10
    assert way[:, 1].max() > 50  # it bends to the north of both
    assert (way[-1, 0] + 180) % 360 - 180 == pytest.approx(-122.3)


def test_states_that_no_map_knows_are_named_and_left_out():
    results = traded(pairs=("USA>UKR", "XDA>UKR"))
    results.scenario.setting.states["XDA"] = SimpleNamespace(name="Aurelia")
    assert any("Not on this map: Aurelia" in text for text in words(map_of_flows(results)))
    assert not ONLY_WHERE["map_of_flows"](traded(pairs=("XDA>XWA", "XAL>XDA")))


def test_the_outline_of_the_world_is_whole():
    outline = world()
    assert len(outline.land) > 100
    assert all(-180 <= east <= 180 and -90 <= north <= 90 for east, north in outline.places.values())
    assert {"USA", "UKR", "JPN", "DEU", "FRA", "NOR", "KOR", "TWN"} <= set(outline.places)


# --- which limit bound --------------------------------------------------------------------------------------------


def test_a_strip_shows_what_bound_its_line_in_most_runs():
    results = traded()
    found = {strip.name: strip for strip in strips.strips_of(results)}
    half, third = MONTHS // 2, MONTHS // 3
    assert found["camden: mse"].months == ("capacity",) * half + ("component",) * half
    assert found["nagoya: pac3"].months == ("orders",) * third + ("down",) * (MONTHS - third)
    assert "idle: line" not in found


def test_the_colours_of_a_strip_are_those_of_its_limits():
    drawn = of_kind(which_limit_bound(traded()), Rectangle)
    spans = {(to_hex(part.get_facecolor()).upper(), round(part.get_width() * 12)) for part in drawn}
    expected = {("capacity", 12), ("component", 12), ("orders", 8), ("down", 16)}
    assert spans == {(strips.COLOURS[limit], months) for limit, months in expected}


def test_letters_on_strips_can_be_read():
    pairs = [(strips.LETTERS[limit], strips.COLOURS[limit]) for limit in strips.COLOURS]
    assert all(contrast(*pair) >= 4.5 for pair in pairs)


# --- who slips ----------------------------------------------------------------------------------------------------


def test_slopes_end_at_the_months_that_the_table_of_displacement_has():
    results = traded()
    slips = displacement.slips(results, "baseline", results.months[-1])
    told = {slip.months for slip in slips if slip.months is not None and slip.lost > 0}
    lines = [line for line in queue_displacement(results).axes[0].lines if line.get_linestyle() == "-"]
    assert {line.get_ydata()[1] for line in lines if len(line.get_ydata()) == 2} == told
    assert told == {12.0, 3.0}


def test_who_slips_far_is_coloured_and_the_others_are_grey():
    lines = queue_displacement(traded()).axes[0].lines
    colours = {line.get_ydata()[1]: to_hex(line.get_color()).upper() for line in lines}
    assert colours == {12.0: palette.INK, 3.0: palette.OTHER}


def test_the_title_of_the_queue_says_who_waits_for_whom():
    assert any("waits 12 months longer because Ukraine goes first" in text for text in [" ".join(words(
        queue_displacement(traded())))])  # fmt: skip


# --- spread over runs ---------------------------------------------------------------------------------------------


def test_the_marks_of_a_spread_are_quantiles_over_runs():
    results = traded(runs=40)
    by_arm = results.dataset["aid"].sel(state="UKR").sum(("month", "item", "origin"))
    lines = aid_spread_by_arm(results).axes[0].lines
    drawn = {tuple(np.round(line.get_xdata(), 3)) for line in lines}
    for arm in results.arms:
        values = by_arm.sel(arm=arm).values
        for shares in ((0.05, 0.95), (0.25, 0.75), (0.5,)):
            assert tuple(np.round(np.quantile(values, shares), 3)) in drawn


def test_medians_that_read_alike_are_not_said_to_differ():
    results = traded(runs=40)
    values = {"baseline": np.full(40, 2882.1), "no_backfill": np.full(40, 2881.9)}
    assert any("2,882 units in all in every arm" in text for text in [" ".join(words(
        outcome_by_arm(results, values, what="in all")))])  # fmt: skip


def test_a_title_in_thousands_counts_all_its_numbers_in_thousands():
    results = traded(runs=40)
    values = {"baseline": np.full(40, 501_000.0), "no_backfill": np.full(40, 46_956.0)}
    title = " ".join(words(outcome_by_arm(results, values, what="in all")))
    assert "501 thousand units in all; from 47 to 501 thousand by arm" in title


# --- what the law says when ----------------------------------------------------------------------------------------


def lawful(monkeypatch, **law):
    """Results whose arms have other law: for each arm, from which day on which answer is given by which rule."""

    def told(setting):
        spans = tuple(
            Span(dt.date.fromisoformat(day), answer, (("JPN", rule),), ()) for day, answer, rule in setting.law
        )
        return [Way("JPN", "USA", ("pac3",), "JPN", spans)]

    class Scenario(make.Scenario):
        def arm(self, name="baseline", **_under):
            return make.setting(law=law.get(name, law["baseline"]))

    monkeypatch.setattr(timeline, "ways", told)
    results = make.results(arms=("baseline", "old_law", "no_backfill"), runs=2, months=36)
    return replace(results, scenario=Scenario(make.setting()))


OLD, NEW_LAW = ("2022-01-01", "deny", "principles"), ("2023-07-01", "consent_required", "guidelines")
SAME_ANSWER = ("2024-03-01", "consent_required", "guidelines, again")


def test_strips_of_law_change_on_the_day_of_the_law(monkeypatch):
    figure = rules_timeline(lawful(monkeypatch, baseline=(OLD, NEW_LAW, SAME_ANSWER), old_law=(OLD,)))
    strips = [(*part.get_xy(), part.get_width(), to_hex(part.get_facecolor()).upper()) for part in of_kind(
        figure, Rectangle)]  # fmt: skip
    spans = [(round(start, 3), round(start + wide, 3), colour) for start, _, wide, colour in strips]
    deny, ask = palette.ANSWERS["deny"], palette.ANSWERS["consent_required"]
    assert spans == [(2022.0, 2023.5, deny), (2023.5, 2025.0, ask), (2022.0, 2025.0, deny)]
    assert {"baseline", "old law"} <= set(words(figure))
    assert "no backfill" not in words(figure)  # its law is that of the baseline
    assert "with consent from 1 July 2023" in " ".join(words(figure)).replace("\N{NO-BREAK SPACE}", " ")
    assert colliding(figure) == []


def test_the_title_of_the_law_says_when_it_changes(monkeypatch):
    changed = timeline.courses_of(lawful(monkeypatch, baseline=(OLD, NEW_LAW)))
    said = timeline.finding(changed).replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Denied until 1 July 2023, then with consent: Japan to the United States: PAC-3"
    still = timeline.courses_of(lawful(monkeypatch, baseline=(OLD,)))
    assert timeline.finding(still) == "The law answers the same throughout: denied"


def test_a_world_without_law_has_no_timeline():
    assert not timeline.can_be_drawn(traded())


# --- two factors --------------------------------------------------------------------------------------------------


def design(*points):
    """A design of points, as far as grids ask for it."""
    paths = dict.fromkeys(name for settings in points for name in settings)
    return SimpleNamespace(points=[Point(number, settings) for number, settings in enumerate(points)], paths=paths)


def floors(ways=("headroom",)):
    """Three floors by two shares of anticipation, for each way of deciding; and a point that has neither."""
    every = itertools.product(ways, ("5 %", "10 %", "20 %"), ("0 %", "50 %"))
    points = [{"gift": way, "floor": floor, "anticipation": share} for way, floor, share in every]
    return design(*points, {"gift": "flow"})


def test_a_grid_has_a_cell_for_every_pair_and_says_what_is_held():
    grid = grid_of(floors())
    assert (grid.across, grid.down, grid.held) == ("floor", "anticipation", "gift headroom")
    assert (grid.columns, grid.rows) == (("5 %", "10 %", "20 %"), ("0 %", "50 %"))
    assert grid.points == {(0, 0): 0, (0, 1): 1, (1, 0): 2, (1, 1): 3, (2, 0): 4, (2, 1): 5}


def test_another_grid_can_be_asked_for():
    chosen = grid_of(floors(("headroom", "marginal")), ("anticipation", "floor"), {"gift": "marginal"})
    assert (chosen.across, chosen.rows, chosen.held) == ("anticipation", ("5 %", "10 %", "20 %"), "gift marginal")
    assert min(chosen.points.values()) == 6
    with pytest.raises(UnknownName, match="nearest: floor"):
        grid_of(floors(), ("flor", "anticipation"))


def test_a_sample_or_a_line_of_points_is_no_grid():
    sample = [{"floor": f"{number} %", "share": f"{number * 7 % 11} %"} for number in range(11)]
    assert grid_of(design(*sample)) is None
    assert grid_of(design(*[{"floor": value} for value in ("5 %", "10 %")])) is None


def surface(values, spread=0.05):
    """A grid of two by two with these values."""
    places = list(itertools.product(range(2), range(2)))
    dots = {
        place: Dot(at, f"cell {at}", value, value - spread, value + spread)
        for at, (place, value) in enumerate(zip(places, values, strict=True))
        if value is not None
    }
    grid = Grid("floor", "share", ("5 %", "10 %"), ("0 %", "50 %"), {place: at for at, place in enumerate(places)}, "")
    answer = Answer("pass_through", 2, "90 % interval", "2030-12", tuple(dots.values()), 4 - len(dots))
    return Surface(grid, answer, dots)


def drawn(found):
    study = SimpleNamespace(
        design=SimpleNamespace(scenario=SimpleNamespace(setting=make.setting()), name="floors", points=[0] * 4),
        points_done={0}, arms=["baseline"], manifest={"label": "public"}, seed=1, title="Floors",
    )  # fmt: skip
    return drawn_surface(study, found)


def test_cells_whose_interval_holds_zero_are_hatched_and_counted():
    found = surface([0.02, 0.30, -0.01, 0.60])
    figure = drawn(found)
    assert found.doubtful == [(0, 0), (1, 0)]
    assert [part.get_xy() for part in of_kind(figure, Rectangle) if part.get_hatch()] == found.doubtful
    assert any("holds zero (2 of 4 cells)" in text for text in words(figure))
    assert not holds_zero(Dot(0, "", 0.3, 0.0001, 0.6))
    assert not any(part.get_hatch() for part in of_kind(drawn(surface([0.2, 0.3, 0.4, 0.6])), Rectangle))


def test_cells_have_their_values_and_the_colour_of_their_step():
    found = surface([0.10, 0.30, None, 0.60])
    figure = drawn(found)
    assert [text for text in words(figure) if text in ("0.10", "0.30", "0.60", "\N{EN DASH}")].__len__() >= 4
    fills = {part.get_xy(): to_hex(part.get_facecolor()).upper() for part in of_kind(figure, Rectangle)}
    assert fills == {place: found.colour(dot.value) for place, dot in found.cells.items()} | {(1, 0): palette.PAPER}
    assert fills[0, 0] == palette.SEQUENTIAL[0]
    assert fills[1, 1] == palette.SEQUENTIAL[-1]
    assert colliding(figure) == []


def test_losses_and_gains_are_told_apart_about_zero():
    found = surface([-0.4, 0.1, 0.2, 0.3])
    assert found.edges[0] == -found.edges[-1]
    assert shades(found.edges) == palette.DIVERGING
    assert found.colour(-0.4) == palette.DIVERGING[0]
    assert found.colour(0.0) == palette.DIVERGING[4]


def test_numbers_on_cells_can_be_read():
    assert all(contrast(letters_on(fill), fill) >= 4.5 for fill in (*palette.SEQUENTIAL, *palette.DIVERGING))


def contrast(one, other):
    """The contrast ratio of the web guidelines, 1 to 21."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = np.array(rgb(colour)) / 255
    return float(np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])

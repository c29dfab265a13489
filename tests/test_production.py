"""Claims about making: capacity that follows the book, machines that fail, lines that go cold, parts of parts."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.kernels.allocation import ask_makers
from backfill.kernels.production import CAPACITY, COMPONENT, DOWN, ORDERS, in_place
from backfill.world import World

Grow = Callable[..., World]
make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("small_lines.py"))))
arrows, text_of, table, months_of = make.arrows, make.text_of, make.table, make.months_of


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Write a world down, raise it and live through it."""
    return partial(make.lived, tmp_path / "made.yaml")


# --- capacity that follows the book -----------------------------------------------------------------------------------

MOTOR, SEEKER = "motor: {name: Motor, kind: component}", "seeker: {name: Seeker, kind: component}"
TWO_PARTS = f"arrow: {{name: Arrow, needs: {{motor: 2, seeker: 1}}}}, {MOTOR}, {SEEKER}"
ONE_PART = f"arrow: {{name: Arrow, needs: {{seeker: 1}}}}, {SEEKER}"
GROWING = "ceiling: 20 per month, ramp: 10 months"


def test_a_long_book_leads_capacity_to_the_ceiling_in_the_time_of_the_ramp(grow: Grow) -> None:
    able = months_of(grow(text_of(arrows("10 per month", GROWING, make.BIG_ORDER))), "capacity", "works.works")
    assert able[0] == 10  # the order enters the book after the first month's production
    assert able[1:12] == pytest.approx([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 20])
    assert max(able) <= 20


def test_without_a_backlog_capacity_stays_where_it_was_announced(grow: Grow) -> None:
    """The control: what others order of announced output, ramps included, is no backlog."""
    course = "{2030-01: 10 per month, 2032-01: 15.5 per month}"
    assert set(np.round(months_of(grow(text_of(arrows("10 per month", GROWING))), "capacity", "works.works"), 9)) == {
        10
    }
    growing = grow(text_of(arrows(course, GROWING)))
    assert months_of(growing, "capacity", "works.works") == pytest.approx(
        growing.finished_lines[0].capacity[:48, 0].tolist()
    )


def test_capacity_that_nobody_needs_any_more_goes_at_half_the_speed(grow: Grow) -> None:
    order = "orders: {some: {customer: XDA, units: 60, placed: 2030-01}}"
    able = np.array(months_of(grow(text_of(arrows("10 per month", GROWING, order))), "capacity", "works.works"))
    top = int(able.argmax())
    assert 12 < able[top] < 20
    assert np.diff(able[: top + 1])[1:] == pytest.approx(1)
    assert np.diff(able[top : top + 5]) == pytest.approx(-0.5)
    assert able[-1] == 10
    soon = np.array(
        months_of(grow(text_of(arrows("10 per month", GROWING, "fall: 5 months", order))), "capacity", "works.works")
    )
    assert np.diff(soon[top : top + 2]) == pytest.approx(-2)


def test_nothing_more_is_built_before_the_investment_is_done(grow: Grow) -> None:
    plain = months_of(grow(text_of(arrows("10 per month", make.BIG_ORDER))), "produced", "works.works")
    slow = grow(text_of(arrows("10 per month", GROWING, "investment: 7 months", make.BIG_ORDER)))
    built, able = months_of(slow, "produced", "works.works"), months_of(slow, "capacity", "works.works")
    assert built[:8] == plain[:8]
    assert able[:8] == [10] * 8
    assert able[8:10] == pytest.approx([11, 12])  # decided in the second and third month
    assert built[8] == 11
    assert sum(built) > sum(plain)


def test_a_maker_of_parts_grows_with_what_is_asked_of_it(grow: Grow) -> None:
    lines = {"works": "item: arrow, capacity: 30 per month", "eyes": f"item: seeker, capacity: 10 per month, {GROWING}"}
    world = grow(text_of(lines, items=ONE_PART))
    assert months_of(world, "capacity", "eyes.eyes")[1:12] == pytest.approx(
        [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
    )
    assert months_of(world, "produced", "works.works")[-1] == 20


def test_what_is_given_up_before_it_stands_is_never_built() -> None:
    """By hand: four months of decisions, of which the last three count where an investment takes two months."""
    levels, ages = np.array([[9.0, 1.0], [5.0, 2.0], [2.0, 3.0], [4.0, 4.0]]), np.arange(3, -1, -1)[:, np.newaxis]
    assert in_place(levels, ages, np.array([2, 2])).tolist() == [2, 2]
    assert in_place(levels, ages, np.array([0, 3])).tolist() == [4, 1]


def test_extra_capacity_is_never_negative_nor_above_the_ceiling_whatever_is_drawn(grow: Grow) -> None:
    orders = ", ".join(f"o{n}: {{customer: XDA, units: {90 + 70 * n}, placed: 203{n}-0{n + 1}}}" for n in range(4))
    drawn = "ceiling: 16 (12 to 20) per month, ramp: 9 (1 to 20) months, investment: 8 (0 to 20) months"
    course = "{2030-01: 10 per month, 2032-06: 18 per month, 2033-01: 4 per month}"
    world = grow(text_of(arrows(course, drawn, f"orders: {{{orders}}}")), range(40))
    line = world.finished_lines[0]
    extra = table(world, "capacity", "works.works") - line.capacity[:48]
    ceiling = world.draws.of(line.entry.ceiling)
    assert (extra >= -1e-5).all()
    assert (extra <= np.maximum(ceiling - line.capacity[:48], 0) + 1e-5).all()
    assert extra.max() > 3


# --- lines that fail --------------------------------------------------------------------------------------------------


def availability(world: World) -> float:
    """The share of months in which the line could build, once the start is forgotten."""
    return float((table(world, "capacity", "works.works")[24:] > 0).mean())


def test_a_line_is_up_for_the_share_of_time_that_failures_and_repairs_leave_it(grow: Grow) -> None:
    """20 months up, 5 down: four fifths. The error of the mean is that of a chain with correlation 0.75 a month."""
    error = np.sqrt(0.8 * 0.2 * (1 + 0.75) / (1 - 0.75) / (96 * 300))
    world = grow(text_of(arrows("10 per month", "fails: 20 months, repair: 5 months"), until="2039-12"), range(300))
    assert abs(availability(world) - 0.8) < 3 * error
    other = grow(text_of(arrows("10 per month", "fails: 20 months, repair: 6 months"), until="2039-12"), range(300))
    assert abs(availability(other) - 0.8) > 3 * error


def test_failures_and_repairs_have_the_mean_times_that_were_said(grow: Grow) -> None:
    """A geometric time of mean m spreads by sqrt(m (m - 1)); a chance of 1 - exp(-1 / m) adds half a month to it."""
    world = grow(text_of(arrows("10 per month", "fails: 8 months, repair: 2 months"), until="2049-12"), range(200))
    up = table(world, "capacity", "works.works") > 0
    assert up[0].all()
    for state, said in ((up, 8), (~up, 2)):
        ends = (state[:-1] & ~state[1:]).sum()
        error = np.sqrt(said * (said - 1) / ends)
        assert abs(state[:-1].sum() / ends - said) < 3 * error
        assert abs(said - 1 / (1 - np.exp(-1 / said))) > 3 * error  # the control


def test_a_line_that_is_down_builds_nothing_and_says_so(grow: Grow) -> None:
    world = grow(text_of(arrows("10 per month", "fails: 6 months, repair: 3 months", make.BIG_ORDER)), range(20))
    down = table(world, "capacity", "works.works") == 0
    assert down.any()
    assert (table(world, "produced", "works.works")[down] == 0).all()
    assert set(table(world, "bound", "works.works")[3:][down[3:]]) == {DOWN}
    assert set(table(world, "bound", "works.works")[3:][~down[3:]]) == {CAPACITY}


# --- parts of parts ---------------------------------------------------------------------------------------------------


def test_a_shortage_two_tiers_down_binds_the_finished_line_and_is_named(grow: Grow) -> None:
    lines = {"works": "item: arrow, capacity: 20 per month", "eyes": "item: seeker, capacity: 30 per month"}
    short = grow(text_of(lines | {"wafers": "item: chip, capacity: 10 per month"}, items=make.TIERS))
    assert months_of(short, "produced", "works.works")[2:] == [5] * 46
    for line, part in (("works.works", "seeker"), ("eyes.eyes", "chip")):
        assert set(months_of(short, "bound", line)[2:]) == {COMPONENT}
        assert set(months_of(short, "scarce", line, part)[2:]) == {1}
    assert set(months_of(short, "bound", "wafers.wafers")[2:]) == {CAPACITY}
    plenty = grow(text_of(lines | {"wafers": "item: chip, capacity: unlimited"}, items=make.TIERS))
    assert months_of(plenty, "produced", "works.works")[2:] == [20] * 46
    assert not any(months_of(plenty, "scarce", "works.works", "seeker"))


def test_the_order_of_the_file_does_not_decide_which_tier_builds_first(grow: Grow) -> None:
    lines = {
        "works": "item: arrow, capacity: 20 per month",
        "eyes": "item: seeker, capacity: 30 per month",
        "wafers": "item: chip, capacity: 25 per month",
    }
    one, other = (grow(text_of(dict(order), items=make.TIERS)) for order in (lines.items(), reversed(lines.items())))
    for line in ("works.works", "eyes.eyes", "wafers.wafers"):
        assert months_of(one, "produced", line) == months_of(other, "produced", line)


def test_the_scarcest_part_decides_month_by_month(grow: Grow) -> None:
    """Fifteen motors a month are seven arrows, with one motor left; the month after they are eight."""
    lines = {
        "works": "item: arrow, capacity: 12 per month",
        "motors": "item: motor, capacity: 15 per month",
        "eyes": "item: seeker, capacity: {2030-01: 9 per month, 2030-12: 9 per month, 2031-01: 3 per month}",
    }
    world = grow(text_of(lines, items=TWO_PARTS, until="2031-06"))
    built = months_of(world, "produced", "works.works")
    assert built[:12] == [0, *[7, 8, 7, 8, 7, 8, 7, 8, 7, 8, 7]]
    assert set(months_of(world, "scarce", "works.works", "motor")[1:12]) == {1}
    assert built[-3:] == [3, 3, 3]
    assert months_of(world, "scarce", "works.works", "seeker")[-3:] == [1, 1, 1]
    assert months_of(world, "parts_used", "works.works", "motor") == [2 * units for units in built]


def test_a_line_that_lacks_old_units_to_make_new_is_short_of_no_part(grow: Grow) -> None:
    items = f"arrow: {{name: Arrow, needs: {{motor: 1}}}}, {MOTOR}, old: {{name: Old arrow}}"
    lines = {
        "works": "item: arrow, capacity: 10 per month, refurbishes: old, rest_to: XDA",
        "motors": "item: motor, capacity: MOTORS",
    }
    for motors, short in (("20 per month", 0), ("0 per month", 1)):
        text = text_of({name: said.replace("MOTORS", motors) for name, said in lines.items()}, items=items)
        world = grow(text.replace("{arrow: {stock: 0}}", "{arrow: {stock: 0}, old: {stock: 5}}"))
        assert set(months_of(world, "bound", "works.works")[2:]) == {COMPONENT}
        assert set(months_of(world, "scarce", "works.works", "motor")[2:]) == {short}


@pytest.mark.parametrize("allocation", ["proportional", "priority"])
def test_a_pool_that_feeds_several_tiers_gives_no_more_than_it_makes(grow: Grow, allocation: str) -> None:
    items = make.TIERS.replace("needs: {seeker: 1}", "needs: {seeker: 1, chip: 3}")
    lines = {
        "works": "item: arrow, capacity: 20 per month",
        "eyes": "item: seeker, capacity: 30 per month",
        "wafers": f"item: chip, capacity: 37 per month, allocation: {allocation}",
    }
    world = grow(text_of(lines, items=items))
    made = np.cumsum(months_of(world, "produced", "wafers.wafers"))
    used = np.cumsum(
        np.add(
            months_of(world, "parts_used", "works.works", "chip"), months_of(world, "parts_used", "eyes.eyes", "chip")
        )
    )
    assert (used <= made).all()
    assert made[-1] == 37 * 47
    assert sum(months_of(world, "produced", "works.works")) == pytest.approx(made[-1] / 5, abs=40)


def test_two_makers_of_one_part_share_the_need_by_what_they_can_build(grow: Grow) -> None:
    one = {"works": "item: arrow, capacity: 20 per month"}
    two = one | {"big": "item: seeker, capacity: 30 per month", "small": "item: seeker, capacity: 10 per month"}
    world = grow(text_of(two, items=ONE_PART))
    assert set(months_of(world, "produced", "big.big")[1:]) == {15}
    assert set(months_of(world, "produced", "small.small")[1:]) == {5}
    assert set(months_of(world, "produced", "works.works")[1:]) == {20}
    assert set(months_of(world, "bound", "big.big")[1:]) == {ORDERS}
    short = grow(text_of(two | {"big": "item: seeker, capacity: 6.5 per month"}, items=ONE_PART))
    total = np.add(months_of(short, "produced", "big.big"), months_of(short, "produced", "small.small"))
    assert sum(total[1:]) == 776  # 16.5 a month, and half a seeker that was left over from the first
    assert set(months_of(short, "bound", "small.small")[1:]) == {CAPACITY}


def test_two_makers_who_serve_their_own_state_first_still_serve_the_other(grow: Grow) -> None:
    lines = dict.fromkeys(("home", "away"), "item: arrow, capacity: 10 per month")
    lines |= dict.fromkeys(("left", "right"), "item: seeker, capacity: 10 per month, allocation: priority")
    world = grow(text_of(lines, items=ONE_PART, abroad="away"))
    for line in ("home.home", "away.away"):
        assert set(months_of(world, "produced", line)[1:]) == {10}
    one = grow(text_of({name: said for name, said in lines.items() if name != "right"}, items=ONE_PART, abroad="away"))
    assert set(months_of(one, "produced", "home.home")[1:]) == {10}
    assert set(months_of(one, "produced", "away.away")) == {0}


def test_makers_that_build_less_than_one_a_month_are_asked_when_they_can(grow: Grow) -> None:
    lines = {"works": "item: arrow, capacity: 1 per month"}
    lines |= dict.fromkeys(("left", "right"), "item: seeker, capacity: 0.5 per month")
    assert sum(months_of(grow(text_of(lines, items=ONE_PART)), "produced", "works.works")) >= 46 // 2


# --- lines that go cold -----------------------------------------------------------------------------------------------


def sparse(second: str, *more: str) -> str:
    """A line that nobody keeps busy: 30 arrows for the first quarter, 30 more some time after."""
    orders = [
        f"o{n}: {{customer: XDA, units: 30, placed: {month}, over: 3 months}}"
        for n, month in enumerate(["2030-01", second])
    ]
    return text_of(arrows("10 per month", "idles: true", f"orders: {{{', '.join(orders)}}}", *more))


COLD = "restart: 4 months, idle_after: 6 months"


def test_a_cold_line_costs_exactly_the_months_of_its_restart(grow: Grow) -> None:
    warm = months_of(grow(sparse("2031-06")), "produced", "works.works")
    world = grow(sparse("2031-06", COLD))
    cold = months_of(world, "produced", "works.works")
    assert warm[:5] == cold[:5] == [0, 0, 10, 10, 10]
    assert cold[5:] == warm[5:19] + [0] * 4 + warm[19:-4]
    assert sum(cold) == sum(warm) == 60
    assert months_of(world, "bound", "works.works")[19:23] == [DOWN] * 4


def test_a_line_that_idles_for_less_stays_warm(grow: Grow) -> None:
    """The control: five months without work after the last of May, where six make it cold."""
    for second, same in (("2030-09", True), ("2030-10", False)):
        made = [months_of(grow(sparse(second, *said)), "produced", "works.works") for said in ((), (COLD,))]
        assert (made[0] == made[1]) == same


def test_a_second_maker_that_went_cold_wakes_when_the_first_cannot_do_it_alone(grow: Grow) -> None:
    """Nothing to do in the first year, ten seekers a month in the second, then twenty; the first maker builds 12."""
    first_years = "2030-01: 0 per month, 2030-12: 0 per month, 2031-01: 10 per month, 2031-12: 10 per month"
    lines = {
        "works": f"item: arrow, capacity: {{{first_years}, 2032-01: 20 per month}}",
        "big": "item: seeker, capacity: 12 per month",
        "old": f"item: seeker, capacity: 10 per month, {COLD}",
    }
    made = {name: months_of(grow(text_of(lines, items=ONE_PART)), "produced", f"{name}.{name}") for name in lines}
    assert made["works"][13:25] == made["big"][13:25] == [10] * 12
    assert made["old"][:29] == [0] * 29
    assert made["works"][25:30] == [12, 12, 12, 12, 20]  # four months of restart, and the need is asked for once
    assert made["old"][29] > 0


# --- how a need is split ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needed", "able", "asked"),
    [
        (9.0, [6.0, 3.0], [6, 3]),
        (6.0, [6.0, 3.0], [4, 2]),
        (5.0, [6.0, 3.0], [3, 2]),
        (12.0, [6.0, 3.0], [9, 6]),
        (4.0, [0.0, 3.0], [1, 4]),
        (4.0, [0.0, 0.0], [4, 4]),
        (7.0, [np.inf, 3.0], [7, 0]),
        (7.0, [np.inf, np.inf], [4, 3]),
        (0.0, [np.inf, 3.0], [0, 0]),
    ],
)
def test_a_need_is_split_by_what_each_maker_can_build(needed: float, able: list[float], asked: list[int]) -> None:
    """By hand; what nobody can build is asked of everybody, so that each of them shows that it was at its limit."""
    split = ask_makers(np.array([needed, 0.0]), np.array(able)[:, np.newaxis] * np.ones(2))
    assert split[:, 0].tolist() == asked
    assert split[:, 1].tolist() == [0] * len(able)

"""Claims about what is said of lines: prices that are learned, steps on a rate, everything at once, mistakes."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.errors import ScenarioProblems
from backfill.kernels.production import CAPACITY, COMPONENT, DOWN, ORDERS
from backfill.world import World

Grow = Callable[..., World]
make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("small_lines.py"))))
arrows, text_of, table, months_of = make.arrows, make.text_of, make.table, make.months_of


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Write a world down, raise it and live through it."""
    return partial(make.lived, tmp_path / "made.yaml")


# --- prices -----------------------------------------------------------------------------------------------------------

LEARNING = "price: 2 million usd, learning: 85 %, built_before: 200"


def test_every_doubling_lowers_the_price_to_the_rate_exactly(grow: Grow) -> None:
    world = grow(text_of(arrows("100 per month", LEARNING), until="2031-12"))
    built, cost = np.cumsum(months_of(world, "produced", "works.works")), months_of(world, "unit_cost", "works.works")
    assert cost[0] == pytest.approx(2000 * 1.5 ** np.log2(0.85), rel=1e-6)  # 300 built, where 200 were before
    for doublings in (1, 2, 3):
        (month,) = np.flatnonzero(built == 200 * (2**doublings - 1))[:1]
        assert cost[month] == pytest.approx(2000 * 0.85**doublings, rel=1e-6)  # tables keep 7 digits
    assert (np.diff(cost)[1:] < 0).all()


def test_a_line_without_learning_keeps_its_price(grow: Grow) -> None:
    """The control, and a price with dates: before the first of them the first holds."""
    course = "price: {2030-06: 2 million usd, 2031-06: 3 million usd}"
    cost = months_of(grow(text_of(arrows("100 per month", course), until="2031-12")), "unit_cost", "works.works")
    assert cost == [2000] * 17 + [3000] * 7


def bought(world: World) -> float:
    return float(table(world, "aid_by_channel", "XWA", "purchase").sum())


def test_money_buys_at_the_price_of_the_line(grow: Grow) -> None:
    spent = (
        "events: {fund: {kind: budget, payers: [XAL], for: XWA, buys_from: XDA, item: arrow, line: works.works, "
        "since: 2030-01, amount: {2030: 120 million usd}}}\n"
        "conflicts: {war: {fighting: [XWA], uses: [arrow], attacks: 500 per month}}"
    )
    costly = make.ARROW.replace("}", ", cost: 2 million usd}")
    by_item = bought(grow(text_of(arrows("100 per month"), spent, items=costly)))
    assert bought(grow(text_of(arrows("100 per month", "price: 2 million usd"), spent))) == by_item > 0
    assert bought(grow(text_of(arrows("100 per month", "price: 1 million usd"), spent, items=costly))) > 1.5 * by_item


# --- a step on what held before ---------------------------------------------------------------------------------------


def test_a_step_equals_the_number_typed_out(grow: Grow) -> None:
    for step, typed in (("+20 %", "120 per year"), ("+20 (10 to 30) %", "120 (110 to 130) per year")):
        worlds = [
            grow(text_of(arrows(f"{{2030-01: 100 per year, 2031-01: {said}, 2032-01: +50 %}}")), range(6))
            for said in (step, typed)
        ]
        assert np.allclose(worlds[0].finished_lines[0].capacity, worlds[1].finished_lines[0].capacity, rtol=1e-12)
        assert np.array_equal(*(table(world, "produced", "works.works") for world in worlds))
        assert worlds[0].finished_lines[0].capacity[24:48, 0] == pytest.approx(
            1.5 * worlds[0].finished_lines[0].capacity[12, 0]
        )


def test_a_step_takes_the_range_of_its_source(grow: Grow) -> None:
    sources = "sources: {growth: {title: A yearbook, value: 20, low: 10, high: 30, unit: percent}}"
    world = grow(text_of(arrows("{2030-01: 100 per year, 2031-01: +20 % @growth}"), sources), range(50))
    step = world.finished_lines[0].capacity[12] / world.finished_lines[0].capacity[0]
    assert 1.1 < step.min() < 1.15
    assert 1.25 < step.max() < 1.3


@pytest.mark.parametrize("at_once", ["true", "false"])
def test_a_decision_steps_on_what_holds_when_it_begins(grow: Grow, at_once: str) -> None:
    def decided(becomes: str) -> list[float]:
        event = f"kind: capacity, date: 2031-01, line: works.works, becomes: {becomes}, by: 2032-01, at_once: {at_once}"
        world = grow(
            text_of(arrows("{2030-01: 100 per year, 2031-01: 160 per year}"), f"events: {{more: {{{event}}}}}")
        )
        return world.finished_lines[0].capacity[:, 0].tolist()

    assert decided("+30 %") == pytest.approx(decided("208 per year"))
    assert decided("+30 %") != pytest.approx(decided("130 per year"))


# --- all of it at once ------------------------------------------------------------------------------------------------

EVERYTHING = (
    "fails: 9 (5 to 20) months, repair: 3 (1 to 5) months, restart: 3 (1 to 6) months, idle_after: 2 months, "
    "price: 2 (1 to 3) million usd, learning: 85 (75 to 95) %, built_before: 100 (50 to 300)"
)
RAMPING = "ceiling: 30 (20 to 40) per month, ramp: 12 (6 to 30) months, investment: 9 (0 to 20) months"


def everything(capacity: str, lead: str) -> str:
    lines = {
        name: f"item: {item}, capacity: {capacity}, {EVERYTHING}, {RAMPING}"
        for name, item in (("eyes", "seeker"), ("other", "seeker"), ("wafers", "chip"))
    }
    works = f"item: arrow, capacity: {capacity}, {EVERYTHING}, {RAMPING}, {make.BIG_ORDER}{lead}"
    return text_of({"works": works} | lines, items=make.TIERS)


@pytest.mark.parametrize("lead", ["", ", lead_time: 0 months", ", lead_time: 6 (2 to 12) months"])
@pytest.mark.parametrize(
    "capacity", ["10 (5 to 15) per month", "0 per month", "unlimited", "{2030-01: 0 per month, 2032-01: +20 %}"]
)
def test_whatever_is_said_units_stay_whole_and_none_is_lost(grow: Grow, capacity: str, lead: str) -> None:
    """The ledger is checked in every month that the world lives."""
    world = grow(everything(capacity, lead), range(7))
    for line in ("works.works", "eyes.eyes", "other.other", "wafers.wafers"):
        built = table(world, "produced", line)
        assert (built >= 0).all()
        assert (built == np.floor(built)).all()
        assert np.isin(table(world, "bound", line), (ORDERS, CAPACITY, COMPONENT, DOWN)).all()
    assert capacity.startswith(("0", "{")) or table(world, "produced", "works.works").sum() > 0


@pytest.mark.parametrize(
    "never",
    [
        "fails: unlimited, repair: 3 months",
        "ceiling: 1 per month, ramp: 3 months",
        "ceiling: 40 per month, ramp: 3 months, investment: unlimited",
        "restart: 0 months, idle_after: 1 month",
        "restart: 5 months, idle_after: unlimited",
        "price: 1 million usd",
    ],
)
def test_what_never_happens_changes_nothing(grow: Grow, never: str) -> None:
    orders = "orders: {some: {customer: XDA, units: 200, placed: 2030-05}}, idles: true"
    plain, other = (grow(text_of(arrows("10 (5 to 15) per month", orders, *said)), range(5)) for said in ((), (never,)))
    for name, months in plain.recorder.tables.items():
        assert np.array_equal(months, other.recorder.tables[name]), name


@pytest.mark.parametrize("replication", [0, 3, 10])
def test_a_run_alone_equals_its_row(grow: Grow, replication: int) -> None:
    text = everything("10 (5 to 15) per month", ", lead_time: 6 (2 to 12) months")
    together, alone = grow(text, range(11)), grow(text, range(replication, replication + 1))
    for name, months in together.recorder.tables.items():
        assert np.array_equal(months[:, :, replication], alone.recorder.tables[name][:, :, 0]), name
    costs = [world.finished_lines[0].price_at(47) for world in (together, alone)]
    assert costs[0][replication] == costs[1][0]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ceiling: 20 per month", "ceiling without ramp"),
        ("investment: 3 months", "investment without ceiling"),
        ("ceiling: unlimited, ramp: 3 months", "'unlimited'"),
        ("fails: 60 months", "fails without repair"),
        ("fails: 60 months, repair: 10 days", "'10 days'"),
        ("restart: 6 months", "restart without idle_after"),
        ("learning: 85 %, built_before: 100", "learning without a price"),
        ("price: 1 million usd, learning: 85 %, built_before: 0", "'0'"),
        ("idles: true, rest_to: XDA", "a line that idles and gives the rest to XDA"),
    ],
)
def test_what_means_nothing_alone_is_told(grow: Grow, said: str, told: str) -> None:
    with pytest.raises(ScenarioProblems) as wrong:
        grow(text_of(arrows("10 per month", said)))
    assert [problem.found for problem in wrong.value.problems] == [told]


@pytest.mark.parametrize(
    ("capacity", "told", "near"),
    [
        ("{2030-01: +20 %}", "the step '+20 %' on nothing", ""),
        ("{2030-01: 100 per year, 2031-01: 20 %}", "'20 %'", "+20 %"),
        ("{2030-01: 100 per year, 2031-01: +20 per year}", "a step, '+20'", ""),
        ("{2030-01: 100 per year, 2031-01: +20 (30 to 40) %}", "'+20 (30 to 40) %'", ""),
    ],
)
def test_a_step_that_cannot_be_read_is_told(grow: Grow, capacity: str, told: str, near: str) -> None:
    with pytest.raises(ScenarioProblems) as wrong:
        grow(text_of(arrows(capacity)))
    assert [(problem.found, problem.nearest) for problem in wrong.value.problems] == [(told, near)]


@pytest.mark.parametrize(("needs", "told"), [("{bolt: 1}", "'bolt', which is finished"), ("{chip: 0}", "0 of a part")])
def test_a_line_builds_of_components(grow: Grow, needs: str, told: str) -> None:
    items = f"arrow: {{name: Arrow, needs: {needs}}}, bolt: {{name: Bolt}}, chip: {{name: Chip, kind: component}}"
    with pytest.raises(ScenarioProblems) as wrong:
        grow(text_of(arrows("10 per month"), items=items))
    assert [problem.found for problem in wrong.value.problems] == [told]

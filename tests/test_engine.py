"""Claims about giving and making: what is offered, promised, ordered and built is counted once, and when it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from backfill.lines.line import Line
from backfill.scenario import load, numbers_of
from backfill.world import World

Grow = Callable[..., World]
ARROW = "arrow: {name: Arrow, licensor: XDA}"
BOLT = "bolt: {name: Bolt, licensor: XDA, cost: 1 million usd}"
TWO_ITEMS = f"{ARROW}, {BOLT}"
AIR = "needs: {air: {worth: {arrow: 1, bolt: 0.6}}}"
BARRED = "export_rules: {policies: [XAL]}"
NO_STOCK = "items: {arrow: {stock: 0}}"
BOTH_KINDS = "items: {arrow: {stock: 1000}, bolt: {stock: 1000}}"
ONE_BOLTED = "items: {arrow: {stock: 0}, bolt: {stock: 10}}"
AT_ONCE = "contract: 0 days, handover: 2 months, transit: 0 days"


def text_of(*more: str, items: str = ARROW, counted: str = "arrow", until: str = "2030-12", **states: str) -> str:
    """A world of three states that hold nothing, but for what is said of them; `more` are its other parts."""
    stances = {"XDA": NO_STOCK, "XAL": NO_STOCK, "XWA": NO_STOCK} | states
    return "\n".join(
        [
            "scenario: 1",
            "title: A small world",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            f"roles: {{donor: XDA, backfiller: XAL, aided: XWA, items: [{counted}]}}",
            f"items: {{{items}}}",
            "states:",
            *(f"  {code}: {{{stance}}}" for code, stance in stances.items()),
            *more,
        ]
    )


def line_of(
    capacity: str, *more: str, state: str = "XAL", rest_to: str = "OTHER", lead: int = 1, licence: bool = True
) -> str:
    """A line of arrows, works.arrow, with what else is said of it."""
    licensed = ["licence: {from: XDA}"] if licence else []
    said = [f"item: arrow, capacity: {capacity}, lead_time: {lead} months, rest_to: {rest_to}", *licensed, *more]
    return f"manufacturers: {{works: {{state: {state}, lines: {{arrow: {{{', '.join(said)}}}}}}}}}"


def events(**said: str) -> str:
    return "\n".join(["events:", *(f"  {name}: {{{event}}}" for name, event in said.items())])


@pytest.fixture
def grow(tmp_path: Path, allia_denies: Callable[[str], None]) -> Grow:
    """Write a world down, with a rule of Allia's beside it, and raise it."""
    allia_denies("{destination: XWA}")

    def grown(text: str, replications: range = range(1)) -> World:
        path = tmp_path / "small.yaml"
        path.write_text(text, encoding="utf-8")
        setting = load(path).setting
        return World(setting, replications, 1, numbers_of(setting))

    return grown


def steps(world: World) -> Iterator[int]:
    """Every month of a world, once it is over."""
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        yield month


def lived(world: World) -> World:
    for _month in steps(world):
        pass
    return world


def aid(world: World) -> list[float]:
    """Units that arrive at aided states, by month, in the first run."""
    return lived(world).recorder.tables["aid"].sum(axis=1)[:, 0].tolist()


def held(world: World, state: str, item: str = "arrow") -> float:
    return float(world.ledger.stock[world.ledger.rows(state, item)].sum())


def deliveries(world: World) -> tuple[Line, np.ndarray]:
    """The line of a world, and what it delivered.  [months, accounts, runs]"""
    line = world.finished_lines[0]
    return line, np.array([line.deliveries.delivered.copy() for _month in steps(world)])


def had(world: World) -> dict[str, float]:
    """What each customer of the line was given until the end, in the first run."""
    line, given = deliveries(world)
    totals = dict.fromkeys((account.customer for account in line.book.accounts), 0.0)
    for account, units in zip(line.book.accounts, given.sum(axis=0)[:, 0], strict=True):
        totals[account.customer] += float(units)
    return totals


# --- offers ---------------------------------------------------------------------------------------------------------

GIVING = "doctrine: headroom, release: 50 %, requirement: 100"


def test_no_unit_is_given_outside_its_window(grow: Grow) -> None:
    """A need of one unit within the window, of fifty after it: the part of a unit that was left over stays at home."""
    world = text_of(
        AIR,
        items=TWO_ITEMS,
        counted="arrow, bolt",
        XDA=f"{BOTH_KINDS}, {GIVING}, gift: {{windows: [2030-01 to 2030-03]}}",
        XWA=f"{ONE_BOLTED}, load: 1, fire_units: {{2030-01: 7, 2030-08: 60}}",
    )
    arrived = aid(grow(world))
    assert sum(arrived[:4]) == 1
    assert sum(arrived[4:]) == 0


def test_no_unit_is_given_from_no_headroom(grow: Grow) -> None:
    world = text_of(
        events(hit="kind: shock, states: [XDA], item: arrow, units: 100, months: {2030-04: 100 %}"),
        XDA="items: {arrow: {stock: 150}}, requirement: 100, floor: 100 %, doctrine: headroom, release: 20 %",
        XWA="items: {arrow: {stock: 4}}, load: 1, fire_units: {2030-01: 5, 2030-06: 60}",
    )
    arrived = aid(grow(world))
    assert sum(arrived[:4]) == 1
    assert sum(arrived[4:]) == 0


def test_a_need_that_a_pledge_covers_this_month_is_not_met_twice(grow: Grow) -> None:
    world = text_of(
        events(gift="kind: pledge, from: XAL, to: XWA, item: arrow, units: 10, arrives: 2030-02"),
        XDA="items: {arrow: {stock: 80}}, doctrine: headroom",
        XAL="items: {arrow: {stock: 100}}",
        XWA=f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 10}}",
    )
    assert sum(aid(grow(world))) == 10


@pytest.mark.parametrize(
    ("doctrine", "rate", "first"), [("headroom", 0, [50, 25, 12]), ("flow, flow_share: 40 %", 10, [4, 4, 4])]
)
def test_one_offer_serves_two_recipients_once(grow: Grow, doctrine: str, rate: int, first: list[float]) -> None:
    """Half of what is in stock, or two fifths of the ten that came in, whoever of the two asks."""
    asking = f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 500}}, aid_from: [XDA]"
    made = line_of(f"{rate} per month", state="XDA", rest_to="XDA", licence=False)
    stance = f"items: {{arrow: {{stock: 100}}}}, release: 50 %, doctrine: {doctrine}"
    assert aid(grow(text_of(made, XDA=stance, XWA=asking, XWB=asking)))[1:4] == first


@pytest.mark.parametrize(("doctrine", "given"), [("packages", 10), ("headroom", 0), ("flow", 0)])
def test_a_pledge_is_executed_only_by_who_gives_packages(grow: Grow, doctrine: str, given: float) -> None:
    pledge = events(gift="kind: pledge, from: XDA, to: XWA, item: arrow, units: 10, arrives: 2030-03")
    assert sum(aid(grow(text_of(pledge, XDA=f"items: {{arrow: {{stock: 30}}}}, doctrine: {doctrine}")))) == given


def test_three_donors_are_served_by_largest_remainder(grow: Grow) -> None:
    """Offers of 10, 20 and 30 and a need of two: a third, two thirds and one."""
    donors = {
        code: f"items: {{arrow: {{stock: {stock}}}}}, doctrine: headroom"
        for code, stock in (("XDA", 10), ("XDB", 20), ("XDC", 30))
    }
    asking = f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 2}}, aid_from: [XDA, XDB, XDC]"
    world = grow(text_of(**donors, XWA=asking))
    world.step()
    given = dict.fromkeys(donors, 0.0)
    for lane, units in zip(world.shipments.lanes, world.shipments.coming, strict=True):
        given[lane.route.supplier] += float(units[0])
    assert given == {"XDA": 0, "XDB": 1, "XDC": 1}


def test_units_that_rounding_left_over_go_one_to_each(grow: Grow) -> None:
    """Three equal offers and a need of two: one each from the first two."""
    donors = dict.fromkeys(("XDA", "XDB", "XDC"), "items: {arrow: {stock: 10}}, doctrine: headroom")
    world = grow(text_of(**donors, XWA=f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 2}}, aid_from: [XDA, XDB, XDC]"))
    world.step()
    assert sum_of_coming(world) == {"XDA": 1, "XDB": 1}


def sum_of_coming(world: World) -> dict[str, float]:
    """Units committed or under way by supplier, in the first run."""
    given: dict[str, float] = {}
    for lane, units in zip(world.shipments.lanes, world.shipments.coming, strict=True):
        if units[0] > 0:
            given[lane.route.supplier] = given.get(lane.route.supplier, 0.0) + float(units[0])
    return given


def test_nobody_trains_with_what_is_under_contract(grow: Grow) -> None:
    world = text_of(
        "transfers: {any-to-any: {handover: 11 months}}",
        XDA="items: {arrow: {stock: 20}}, doctrine: headroom, training: 2 per month, look_ahead: 0 months",
        XWA=f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 20}}",
        until="2031-12",
    )
    assert sum(aid(grow(world))) == 18


def test_nobody_waits_for_what_was_destroyed_before_it_left(grow: Grow) -> None:
    """What the first giver had promised is lost in April; the second, who can give from May on, is asked at once."""
    world = text_of(
        "transfers: {XDA-to-XWA: {handover: 6 months}}",
        events(hit="kind: shock, states: [XDA], item: arrow, units: 100, months: {2030-04: 100 %}"),
        XDA="items: {arrow: {stock: 100}}, doctrine: headroom",
        XDB="items: {arrow: {stock: 100}}, gift: {doctrine: headroom, windows: [2030-05 to 2030-12]}",
        XWA=f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 100}}, aid_from: [XDA, XDB]",
    )
    assert aid(grow(world))[5] == 100


def test_a_day_of_two_pauses_is_lost_once(grow: Grow) -> None:
    pause = "kind: pause, state: XDA, since: 2030-01-01, until: 2030-01-11"
    world = grow(
        text_of(
            events(a=pause, b=f"{pause}, to: XWA", c="kind: pause, state: XAL, since: 2030-01-05, until: 2030-01-08")
        )
    )
    assert world.open_share("XDA", "XWA") == pytest.approx(21 / 31)


BARRED_ORDER = "orders: {old: {customer: XWA, placed: 2030-01, units: 500}}"


def test_an_order_that_the_law_keeps_at_home_is_charged_to_the_rule(grow: Grow) -> None:
    world = lived(
        grow(
            text_of(
                line_of("10 per month", BARRED_ORDER), BARRED, XWA=f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 50}}"
            )
        )
    )
    causes = next(outcome for outcome in world.recorder.outcomes if outcome.name == "why_not")
    charged = dict(zip((row[-1] for row in causes.rows), world.recorder.tables["why_not"][-1, :, 0], strict=True))
    assert {cause: units for cause, units in charged.items() if units} == {"rule": 50}


def test_money_orders_elsewhere_what_the_law_keeps_at_home(grow: Grow) -> None:
    lines = line_of("10 per month", BARRED_ORDER).removesuffix("}")
    home = "home: {state: XDA, lines: {arrow: {item: arrow, capacity: 10 per month, lead_time: 1 month, idles: true}}}}"
    bought = "item: arrow, line: home.arrow, since: 2030-01, amount: {2030: 600 million usd}"
    world = text_of(
        f"{lines}, {home}",
        BARRED,
        events(money=f"kind: budget, payers: [XAL], for: XWA, buys_from: XDA, {bought}"),
        items="arrow: {name: Arrow, licensor: XDA, cost: 1 million usd}",
        XWA=f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 100}}",
    )
    assert sum(aid(grow(world))) == 90


def test_a_line_asks_for_no_parts_of_what_the_law_keeps_at_home(grow: Grow) -> None:
    lines = line_of("10 per month", BARRED_ORDER, "idles: true").replace(", rest_to: OTHER", "").removesuffix("}")
    home = "arrow: {item: arrow, capacity: 10 per month, lead_time: 1 month, rest_to: XDA}"
    parts = "seeker: {item: seeker, capacity: 10 per month}"
    items = "arrow: {name: Arrow, licensor: XDA, needs: {seeker: 1}}, seeker: {name: S, kind: component, licensor: XDA}"
    world = lived(grow(text_of(f"{lines}, home: {{state: XDA, lines: {{{home}, {parts}}}}}}}", BARRED, items=items)))
    assert held(world, "works.arrow", "seeker") == 0


def test_an_item_worth_nothing_is_not_given(grow: Grow) -> None:
    world = text_of(
        "needs: {air: {worth: {arrow: 1, bolt: 0.5}}}",
        "conflicts: {war: {fighting: [XWA], uses: [arrow], attacks: 3 per month}}",
        items=TWO_ITEMS,
        XDA="items: {arrow: {stock: 0}, bolt: {stock: 100}}, doctrine: headroom, release: 50 %",
        XWA="items: {arrow: {stock: 0}, bolt: {stock: 0}}, cover: 1 month, needs: {air: {worth: {bolt: 0}}}",
    )
    world = lived(grow(world))
    assert (held(world, "XDA", "bolt"), held(world, "XWA", "bolt")) == (100, 0)


def test_an_item_worth_nothing_is_not_bought(grow: Grow) -> None:
    bought = "item: bolt, line: works.bolt, since: 2030-01, amount: {2030: 120 million usd}"
    line = "item: bolt, capacity: 10 per month, lead_time: 1 month, rest_to: OTHER"
    world = text_of(
        "needs: {air: {worth: {arrow: 1, bolt: 0}}}",
        f"manufacturers: {{works: {{state: XDA, lines: {{bolt: {{{line}}}}}}}}}",
        events(money=f"kind: budget, payers: [XAL], for: XWA, buys_from: XDA, {bought}"),
        items=TWO_ITEMS,
        XDA="items: {arrow: {stock: 0}, bolt: {stock: 100}}",
        XWA="items: {arrow: {stock: 0}, bolt: {stock: 0}}, load: 1, fire_units: {2030-01: 10}",
    )
    world = lived(grow(world))
    book = world.finished_lines[0].book
    assert held(world, "XWA", "bolt") == 0
    assert book.still_open(book.index("XWA", "money"))[0] == 0


# --- promises -------------------------------------------------------------------------------------------------------


def test_two_promises_on_one_route_do_not_count_each_others_units(grow: Grow) -> None:
    promise = f"kind: promise, from: XAL, to: XDA, item: arrow, {AT_ONCE}"
    promises = events(one=f"{promise}, date: 2030-02-01, units: 10", two=f"{promise}, date: 2030-06-01, units: 20")
    world = lived(grow(text_of(promises, XAL="items: {arrow: {stock: 100, origin: XAL}}")))
    assert [float(promise.delivered[0]) for promise in world.promises] == [10, 20]
    assert [float(promise.shipped[0]) for promise in world.promises] == [10, 20]


def test_a_promise_in_instalments_is_under_contract_as_the_sum_of_its_commitments(grow: Grow) -> None:
    """Sixty can be spared at once, then what the line makes; each instalment waits six months for its contract."""
    stages = "contract: 6 months, handover: 6 months, transit: 0 days"
    owed = events(one=f"kind: promise, date: 2030-01-01, from: XAL, to: XDA, item: arrow, units: 100, {stages}")
    made = line_of("3 per month", rest_to="XAL")
    stance = "items: {arrow: {stock: 100, origin: XAL}}, minimum: 40"
    world = grow(text_of(made, owed, XAL=stance, until="2033-12"))
    promise = world.promises[0]
    course = [(100 - promise.left[0], promise.contracted(month)[0], promise.delivered[0]) for month in steps(world)]
    named, contracted, delivered = np.array(course).T
    assert len(set(named)) > 6
    assert not contracted[:6].any()
    assert (contracted[6:] == named[:-6]).all()
    assert (delivered[12:] == named[:-12]).all()


def test_requested_backfill_under_contract_counts_in_headroom(grow: Grow) -> None:
    """At its floor, with full anticipation, the donor may give what is on its way to it."""
    asking = "objective: 200, requirement: 100, floor: 80 %, anticipation: 100 %, look_ahead: 24 months"
    stages = "transfers: {any-to-any: {decision: 0 days, contract: 1 month, handover: 6 months, transit: 0 days}}"
    world = text_of(
        stages,
        XDA=f"items: {{arrow: {{stock: 80}}}}, {asking}, doctrine: headroom, backfill_from: [XAL]",
        XAL="items: {arrow: {stock: 100, origin: XAL}}, doctrine: headroom, requirement: 50, floor: 100 %",
    )
    world = grow(world)
    donor = world.positions["XDA", "arrow"]
    course = [
        (donor.headroom[0], donor.equivalents()[0] + world.census.coming(donor)[0] - 80) for _month in steps(world)
    ]
    headroom, above = np.array(course).T
    assert headroom[0] == 0
    assert above[0] > 0
    assert (headroom[1:] == above[:-1]).all()


def test_a_promise_draws_down_headroom(grow: Grow) -> None:
    """A stock of 100, a floor of 60, forty promised: nothing is left to be given in the same month."""
    world = text_of(
        events(owed="kind: promise, date: 2030-01-01, from: XAL, to: XDA, item: arrow, units: 40"),
        XAL="items: {arrow: {stock: 100}}, doctrine: headroom, requirement: 100, floor: 60 %",
        XWA=f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 100}}, aid_from: [XAL]",
    )
    world = grow(world)
    world.step()
    assert world.positions["XAL", "arrow"].free_equivalents()[0] == 60


# --- delays ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "handover", ["{value: 1, low: 0, high: 10, unit: months, distribution: uniform}", "{same_as: states.XDA.cover}"]
)
def test_a_delay_is_spread_as_it_says_or_as_the_number_that_it_is_the_same_as(grow: Grow, handover: str) -> None:
    """Evenly from 0 to 10 months the mean is 5; a triangle with its peak at 1 would have 11 / 3."""
    cover = "cover: {value: 1, low: 0, high: 10, unit: months, distribution: uniform}"
    text = text_of(f"transfers: {{any-to-any: {{handover: {handover}}}}}", XDA=f"{NO_STOCK}, {cover}")
    world = grow(text, range(4000))
    drawn = world.procedures.draw(world.cases[0].route, "handover", world.first)
    assert np.mean(drawn) == pytest.approx(5, abs=0.2)
    assert 0 <= np.min(drawn) < 0.1
    assert 9.9 < np.max(drawn) <= 10


# --- stocks and war -------------------------------------------------------------------------------------------------


def test_training_over_years_uses_what_it_says(grow: Grow) -> None:
    """25 equivalents a year from units of 0.6: after four years no more than a unit off."""
    stance = f"{BOTH_KINDS}, training: 25 per year"
    world = grow(text_of(AIR, items=TWO_ITEMS, until="2033-12", XDA=stance))
    donor = world.positions["XDA", "air"]
    before = donor.equivalents()[0]
    lived(world)
    assert before - donor.equivalents()[0] == pytest.approx(100, abs=0.6)


@pytest.mark.parametrize("units", [48, 49, 50, 51])
def test_the_parts_of_an_inventory_add_up_to_it(grow: Grow, units: int) -> None:
    inventory = f"inventory: {{units: {units}, parts: {{arrow: 50 %}}, rest: bolt}}"
    world = grow(text_of(AIR, items=TWO_ITEMS, XDA=inventory))
    assert held(world, "XDA", "arrow") + held(world, "XDA", "bolt") == units


def test_a_shock_in_thirds_adds_up(grow: Grow) -> None:
    thirds = "months: {2030-02: 33.3333 %, 2030-03: 33.3333 %, 2030-04: 33.3334 %}"
    shock = events(hit=f"kind: shock, states: [XDA], item: arrow, units: 10, {thirds}")
    world = lived(grow(text_of(shock, XDA="items: {arrow: {stock: 30}}")))
    assert held(world, "XDA") == 20


def test_nobody_engages_before_his_first_fire_unit_and_he_engages_in_its_month(grow: Grow) -> None:
    war = "conflicts: {war: {fighting: [XWA], uses: [arrow], attacks: 10 per month, per_target: 2}}"
    stance = "items: {arrow: {stock: 500}}, cover: 1 month, fire_units: {2030-04: 2}"
    world = grow(text_of(war, XWA=stance))
    demand = [float(world.conflicts[0].demand[0]) for _month in steps(world)]
    assert demand[:3] == [0, 0, 0]
    assert all(demand[3:])


# --- lines ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("yearly", [350, 500, 650])
def test_a_line_with_components_just_in_time_builds_its_whole_rate(grow: Grow, yearly: int) -> None:
    """A seeker for each arrow, made as they are asked for: rates such as 500 / 12 a month lose no unit."""
    orders = "orders: {big: {customer: XDA, units: 9999, placed: 2029-12}}"
    line = f"item: arrow, capacity: {yearly} per year, lead_time: 1 month, rest_to: XDA, {orders}"
    lines = f"{{arrow: {{{line}}}, eye: {{item: eye, capacity: unlimited}}}}"
    items = "arrow: {name: Arrow, licensor: XDA, needs: {eye: 1}}, eye: {name: Eye, kind: component, licensor: XDA}"
    text = text_of(f"manufacturers: {{works: {{state: XDA, lines: {lines}}}}}", items=items, until="2032-12")
    world = grow(text)
    line = world.finished_lines[0]
    assert sum(float(line.built[0]) for _month in steps(world)) == 3 * yearly


RAMP = "kind: capacity, line: works.arrow"
THIRTY = f"{RAMP}, date: 2032-01-01, becomes: 30 per month, by: 2034-01"
TWENTY = f"{RAMP}, date: 2030-06-01, becomes: 20 per month, by: 2031-01"


@pytest.mark.parametrize("capacity", ["10 per month", "{2030-01: 10 per month}"])
def test_a_decision_raises_capacity_from_its_date_without_a_jump(grow: Grow, capacity: str) -> None:
    line = grow(text_of(line_of(capacity), events(more=THIRTY), until="2034-12")).finished_lines[0]
    assert line.capacity[[0, 12, 24, 36, 48, 59], 0] == pytest.approx([10, 10, 10, 20, 30, 30])


@pytest.mark.parametrize("turn", [False, True])
def test_two_decisions_on_one_line_hold_one_after_the_other(grow: Grow, *, turn: bool) -> None:
    """In whatever order they are written down."""
    decisions = {"later": THIRTY, "sooner": TWENTY} if turn else {"sooner": TWENTY, "later": THIRTY}
    line = grow(text_of(line_of("10 per month"), events(**decisions), until="2034-12")).finished_lines[0]
    assert line.capacity[[0, 5, 12, 24, 36, 48, 59], 0] == pytest.approx([10, 10, 20, 20, 25, 30, 30])


# --- the order book -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [20, 7, 3, 2])
def test_the_split_of_a_contract_follows_its_shares_at_any_rate(grow: Grow, rate: int) -> None:
    """A half and three sixths of what is delivered of the contract, to the unit."""
    shares = {"XDA": 1 / 2, "XBB": 1 / 6, "XBC": 1 / 6, "XWA": 1 / 6}
    split = "XDA: 50 %, XBB: 16.6666 %, XBC: 16.6666 %, XWA: 16.6666 %"
    contract = f"contracts: {{big: {{units: 400, since: 2030-01, split: {{{split}}}}}}}"
    text = text_of(line_of(f"{rate} per month", contract), until="2032-12", XBB=NO_STOCK, XBC=NO_STOCK)
    given = had(grow(text))
    delivered = sum(given[customer] for customer in shares)
    assert delivered == min(400, 36 * rate)
    for customer, share in shares.items():
        assert abs(given[customer] - share * delivered) < 1, customer


WAR = "war: {customer: XWA, units: 60, placed: 2030-01}"
GOOD = "good: {customer: XBC, units: 60, placed: 2030-06}"


@pytest.mark.parametrize(("orders", "first"), [(WAR, "war"), (f"{WAR}, {GOOD}", "good")])
def test_a_queue_event_never_delivers_across_a_closed_border(grow: Grow, orders: str, first: str) -> None:
    """Whether the barred customer is put first, or is among those who wait; without the rule it is served."""
    queue = f"kind: queue, since: 2030-03-01, until: 2030-09-01, lines: [works.arrow], first: [{first}], share: 50 %"
    made = line_of("10 per month", f"orders: {{{orders}}}", rest_to="XBB", lead=2)
    parts, states = (made, events(sooner=queue)), {"XBB": NO_STOCK, "XBC": NO_STOCK}
    assert had(grow(text_of(*parts, until="2032-12", **states)))["XWA"] == 60
    barred = had(grow(text_of(BARRED, *parts, until="2032-12", **states)))
    assert barred["XWA"] == 0
    assert barred.get("XBC", 60) == 60


EXEMPT = "first: [war], exempt: [XDA], share: 10 (0 to 30) %"


def test_a_run_alone_equals_its_row_under_a_share_of_the_queue_with_an_exempt_customer(grow: Grow) -> None:
    orders = ", ".join(
        f"{name}: {{customer: {customer}, units: {units}, over: {months} months, placed: {placed}}}"
        for name, customer, units, months, placed in (
            ("war", "XWA", 30, 1, "2030-01"),
            ("a", "XAL", 170, 17, "2029-11"),
            ("b", "XBB", 200, 20, "2029-12"),
            ("c", "XBC", 170, 30, "2029-12"),
            ("d", "XDA", 170, 30, "2029-12"),
        )
    )
    queue = f"kind: queue, since: 2030-03-01, until: 2032-09-01, lines: [works.arrow], {EXEMPT}"
    made = line_of("4 per month", f"orders: {{{orders}}}", lead=2)
    text = text_of(made, events(sooner=queue), until="2032-12", XBB=NO_STOCK, XBC=NO_STOCK)
    _line, together = deliveries(grow(text, range(12)))
    for replication in range(12):
        _line, alone = deliveries(grow(text, range(replication, replication + 1)))
        assert (alone[..., 0] == together[..., replication]).all(), replication


def test_exempt_may_name_an_order(grow: Grow) -> None:
    """In the month of the event the exempt order has its ten, and the other one of the same customer waits."""
    both = "customer: XBB, units: 240, over: 24 months, placed: 2029-01"
    orders = f"orders: {{keep: {{{both}}}, more: {{{both}}}, {WAR}}}"
    queue = "kind: queue, since: 2030-03-01, until: 2030-04-01, lines: [works.arrow], first: [war]"
    moved = events(sooner=f"{queue}, exempt: [keep], share: 100 %")
    made = line_of("20 per month", orders, lead=12)
    line, given = deliveries(grow(text_of(made, moved, until="2031-12", XBB=NO_STOCK)))
    own = [number for number, account in enumerate(line.book.accounts) if account.customer == "XBB"]
    assert given[:12, own, 0].sum(axis=1).tolist() == [20, 20, 10, *[20] * 9]


def test_an_order_moved_in_the_queue_does_not_make_others_order_more(grow: Grow) -> None:
    moved = "kind: queue, since: 2030-06-01, until: 2031-06-01, lines: [works.arrow], first: [war], share: 100 %"
    made = line_of(
        "10 per month", "orders: {war: {customer: XWA, units: 120, over: 24 months, placed: 2030-03}}", lead=12
    )
    ordered = []
    for parts in ((made,), (made, events(sooner=moved))):
        line, given = deliveries(grow(text_of(*parts, until="2032-12")))
        rest = line.book.index("OTHER")
        ordered.append(given.sum(axis=0)[rest, 0] + line.book.still_open(rest)[0])
    assert ordered[0] == ordered[1]


def test_two_events_for_one_customer_lose_no_unit(grow: Grow) -> None:
    """Both want all that goes abroad for an order of four; whatever is built goes to somebody, every month."""
    queue = "kind: queue, since: 2030-02-01, until: 2032-01-01, lines: [works.arrow], first: [war], share: 100 %"
    orders = (
        "orders: {war: {customer: XWA, units: 4, placed: 2031-01}, "
        "rest: {customer: XBB, units: 400, over: 40 months, placed: 2029-01}}"
    )
    made = line_of("10 per month", orders, lead=12)
    line, given = deliveries(grow(text_of(made, events(sooner=queue, again=queue), until="2032-12", XBB=NO_STOCK)))
    assert given[:, :, 0].sum() == 10 * len(given)
    mine = [number for number, account in enumerate(line.book.accounts) if account.customer == "XWA"]
    assert given[:, mine, 0].sum() == 4


# --- packages -------------------------------------------------------------------------------------------------------

PACKAGES = "gift: {doctrine: {kind: packages, units: 120}, windows: [2030-01 to 2030-12]}"
HUNGRY = f"{NO_STOCK}, load: 1, fire_units: {{2030-01: 1000}}"


@pytest.mark.parametrize("worth", ["1", "0.5"])
def test_packages_are_counted_in_units_whatever_these_are_worth(grow: Grow, worth: str) -> None:
    air = f"needs: {{air: {{worth: {{arrow: {worth}}}}}}}"
    world = grow(text_of(air, XDA=f"items: {{arrow: {{stock: 1000}}}}, {PACKAGES}", XWA=HUNGRY, until="2031-12"))
    assert sum(aid(world)) == 120


def test_what_a_pause_or_an_undecided_case_holds_back_of_packages_stays_due(grow: Grow) -> None:
    slow = "transfers: {any-to-any: {decision: 6 months}}"
    pause = events(stop="kind: pause, state: XDA, since: 2030-08-01, until: 2030-10-01")
    stance = f"items: {{arrow: {{stock: 1000}}}}, {PACKAGES}"
    assert sum(aid(grow(text_of(slow, pause, XDA=stance, XWA=HUNGRY, until="2031-12")))) == 120


@pytest.mark.parametrize("doctrine", ["flow", "headroom"])
def test_gifts_and_sales_of_one_doctrine_let_go_no_more_than_its_share(grow: Grow, doctrine: str) -> None:
    """Six tenths of ten that come in each month, or of what lies above the floor, though both channels are open."""
    buys = "payers: [XAL], for: XWA, buys_from: XDA, item: bolt, since: 2030-01, amount: {2030: 9 billion usd}"
    gets = "items: {bolt: {stock: 0, procurement: 120 per year}}"
    line = "manufacturers: {works: {state: XDA, lines: {bolt: {item: bolt, capacity: 120 per year, rest_to: XDA}}}}"
    world = grow(
        text_of(
            line,
            events(money=f"kind: budget, {buys}"),
            items=BOLT,
            counted="bolt",
            XDA=f"doctrine: {doctrine}, flow_share: 60 %, release: 60 %, {gets}",
            XAL="items: {}",
            XWA=HUNGRY.replace("arrow", "bolt"),
        )
    )
    world.step()
    world.month += 1
    world.step()
    assert sum_of_coming(world) == {"XDA": 6}

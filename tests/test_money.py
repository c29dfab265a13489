"""Claims about money: who pays, what it buys, what it keeps from being given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backfill.errors import ScenarioProblems
from backfill.scenario import load, numbers_of
from backfill.world import World

ARROW = "arrow: {name: Arrow, licensor: XDA, cost: 1 million usd}"
HUNGRY = "items: {arrow: {stock: 0}}, load: 1, fire_units: {2030-01: 1000}"
QUICK = "transfers: {any-to-any: {decision: 0 days, contract: 0 days, handover: 0 days, transit: 15 days}}"
GIVES = "items: {arrow: {stock: 1000}}, doctrine: {kind: packages, units: 3600}"


@pytest.fixture
def grow(tmp_path: Path):
    """Write a world of three states down and raise it."""

    def grown(*more: str, items: str = ARROW, runs: range = range(1), until: str = "2032-12", **states: str) -> World:
        stances = {"XDA": "items: {arrow: {stock: 0}}", "XAL": "items: {arrow: {stock: 0}}", "XWA": HUNGRY} | states
        text = [
            "scenario: 1",
            "title: A small world",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            f"items: {{{items}}}",
            "states:",
            *(f"  {code}: {{{stance}}}" for code, stance in stances.items()),
            QUICK,
            *more,
        ]
        path = tmp_path / "money.yaml"
        path.write_text("\n".join(text), encoding="utf-8")
        setting = load(path).setting
        return World(setting, runs, 1, numbers_of(setting))

    return grown


def yearly(world: World, outcome: str) -> list[float]:
    """An outcome of the first run summed over all rows, by calendar year."""
    return world.run().tables[outcome].sum(axis=1)[:, 0].reshape(-1, 12).sum(axis=1).tolist()


def test_a_donor_gives_no_more_in_a_year_than_it_may_by_value(grow) -> None:
    """Twelve units a year by value, a hundred a month by doctrine: the year's authority binds, and lapses."""
    authority = (
        "authority: {kind: authority, state: XDA, since: 2030-01, until: 2032-01, amount: {2030: 12 million usd}}"
    )
    world = grow(f"events: {{{authority}}}", XDA=GIVES)
    assert yearly(world, "spent") == [12_000, 12_000, 0]
    free = grow(XDA=GIVES)
    assert sum(yearly(free, "aid")) == 1000


def test_a_gift_counts_with_its_value_as_the_authority_counts_it(grow) -> None:
    """Half the price for old rounds: twice as many may go."""
    event = "{kind: authority, state: XDA, since: 2030-01, amount: {2030: 12 million usd}, counts_at: 50 %}"
    assert yearly(grow(f"events: {{pda: {event}}}", XDA=GIVES), "aid")[1] == 24


def test_what_a_year_leaves_unspent_is_kept_where_it_may_be(grow) -> None:
    """Nobody can give in the first year; with the money kept, the second gives for both."""
    late = (
        "gift: {doctrine: {kind: packages, units: 600}, windows: [2031-01 to 2031-12]}, items: {arrow: {stock: 1000}}"
    )
    event = "kind: authority, state: XDA, since: 2030-01, until: 2032-01, amount: {2030: 12 million usd}"
    lapses = yearly(grow(f"events: {{pda: {{{event}}}}}", XDA=late), "spent")
    kept = yearly(grow(f"events: {{pda: {{{event}, carries: true}}}}", XDA=late), "spent")
    assert (lapses, kept) == ([0, 12_000, 0], [0, 24_000, 0])


def test_an_authority_for_one_recipient_leaves_others_alone(grow) -> None:
    event = "{kind: authority, state: XDA, to: XAL, since: 2030-01, amount: {2030: 12 million usd}}"
    assert sum(yearly(grow(f"events: {{pda: {event}}}", XDA=GIVES), "aid")) == 1000


BUYS = "kind: budget, item: arrow, since: 2030-01, buys_from: XAL"
USED = f"{{{BUYS}, payers: [XWA], for: XWA, amount: {{2030: 12 million usd}}"
SELLS = "items: {arrow: {stock: 1000}}, doctrine: {kind: packages, units: 36000}"


@pytest.mark.parametrize(("price", "units"), [("", 12), (", used_price: 50 %", 24)])
def test_own_money_buys_used_stock_at_its_price_and_nobody_orders_it_again(grow, price: str, units: int) -> None:
    """A twelfth of the first year is still on its way when it ends."""
    world = grow(f"events: {{own: {USED}{price}}}}}", XAL=SELLS, XWA=f"{HUNGRY}, aid_from: [XAL]", XDA="items: {}")
    world.positions["XAL", "arrow"].giving["gift"].units = 0.0
    assert yearly(world, "aid_by_channel") == [units * 11 / 12, units, units]


def test_a_second_budget_for_the_same_pair_buys_from_stock_too(grow) -> None:
    """The first has money for one a month, the second for two; the last month's are still on their way."""
    second = USED.replace("12 million", "24 million")
    world = grow(
        f"events: {{own: {USED}}}, other: {second}}}}}", XAL=SELLS, XWA=f"{HUNGRY}, aid_from: [XAL]", XDA="items: {}"
    )
    world.positions["XAL", "arrow"].giving["gift"].units = 0.0
    assert yearly(world, "aid_by_channel") == [33, 36, 36]


def test_a_donor_buys_backfill_from_a_stock_that_is_not_given(grow) -> None:
    """The seller's gift doctrine lets nothing go, its sale doctrine all that is paid for."""
    buys = f"{{{BUYS}, payers: [XDA], for: XDA, amount: {{2030: 60 million usd}}}}"
    stance = (
        "items: {arrow: {stock: 1000}}, gift: {doctrine: packages}, sale: {doctrine: {kind: packages, units: 36000}}"
    )
    asks = "objective: 500, backfill_from: [XAL], items: {arrow: {stock: 0}}"
    world = grow(f"events: {{loan: {buys}}}", XAL=stance, XDA=asks, XWA="items: {arrow: {stock: 0}}, aid_from: []")
    recorder = world.run()
    assert recorder.tables["backfill"].sum() == 60 * 3 - 5
    assert float(world.ledger.stock[world.ledger.rows("XAL", "arrow")].sum()) == 1000 - 180


def test_money_is_never_below_zero_and_all_of_it_is_accounted_for(grow) -> None:
    event = "{kind: authority, state: XDA, since: 2030-01, amount: {2030: 12.3 (5 to 20) million usd}}"
    world = grow(f"events: {{pda: {event}}}", XDA=GIVES, runs=range(50))
    spent = world.run().tables["spent"][:, 0]
    given = world.recorder.tables["aid"].sum(axis=1)
    assert (world.authorities["pda"].balance >= 0).all()
    assert np.array_equal(spent[:-1] / 1000, given[1:])


def test_an_authority_of_a_state_that_is_not_there_is_a_mistake(grow) -> None:
    with pytest.raises(ScenarioProblems, match="XDE"):
        grow("events: {pda: {kind: authority, state: XDE, since: 2030-01, amount: {2030: 1 million usd}}}")


@pytest.mark.parametrize(("money", "units"), [("12 million usd", 12), ("0 usd", 0), ("900 million usd", 100)])
def test_a_third_state_pays_for_a_package_as_far_as_its_money_goes(grow, money: str, units: int) -> None:
    pays = f"pays: {{kind: authority, state: XAL, to: XWA, since: 2030-01, until: 2031-01, amount: {{2030: {money}}}}}"
    gift = "gift: {kind: pledge, date: 2030-12-01, from: XDA, to: XWA, units: 100, item: arrow, paid_by: pays}"
    world = grow(f"events: {{{pays}, {gift}}}", XDA="items: {arrow: {stock: 500}}", XWA=f"{HUNGRY}, aid_from: []")
    assert sum(yearly(world, "spent")) == 1000 * units
    assert float(world.ledger.stock[world.ledger.rows("XWA", "arrow")].sum()) == units


@pytest.mark.parametrize("millions", [10, 7])
def test_a_year_has_all_of_its_money_though_its_months_are_whole_thousands(grow, millions: int) -> None:
    event = f"{{kind: authority, state: XDA, since: 2030-01, amount: {{2030: {millions} million usd}}}}"
    assert yearly(grow(f"events: {{pda: {event}}}", XDA=GIVES), "spent") == [1000 * millions] * 3


def test_a_dated_gift_is_charged_to_the_authority_of_its_giver(grow) -> None:
    pda = "pda: {kind: authority, state: XDA, since: 2030-01, until: 2031-01, amount: {2030: 12 million usd}}"
    gift = "gift: {kind: pledge, date: 2030-12-01, from: XDA, to: XWA, units: 100, item: arrow}"
    world = grow(f"events: {{{pda}, {gift}}}", XDA="items: {arrow: {stock: 500}}", XWA=f"{HUNGRY}, aid_from: []")
    assert sum(yearly(world, "spent")) == 12_000
    assert float(world.ledger.stock[world.ledger.rows("XWA", "arrow")].sum()) == 12


def test_what_costs_nothing_is_bought_without_money(grow) -> None:
    loan = f"{{{BUYS}, payers: [XWA], for: XWA, amount: {{2030: 0 usd}}, used_price: 0 %}}"
    stance = "items: {arrow: {stock: 10}}, sale: {doctrine: headroom}"
    world = grow(f"events: {{loan: {loan}}}", XAL=stance, XWA=f"{HUNGRY}, aid_from: [XAL]", XDA="items: {}")
    assert sum(yearly(world, "aid")) == 10


def test_money_for_one_need_is_not_held_back_by_orders_for_another(grow) -> None:
    """A thousand shells a month are ordered first; they are no reason to order no arrows."""
    lines = ", ".join(
        f"{item}: {{item: {item}, capacity: 1000 per month, lead_time: 1 month, rest_to: OTHER}}"
        for item in ("arrow", "shell")
    )
    budget = "kind: budget, payers: [XAL], for: XWA, buys_from: XDA, since: 2030-01, amount: {2030: 12 million usd}"
    world = grow(
        f"manufacturers: {{works: {{state: XDA, lines: {{{lines}}}}}}}",
        f"events: {{a: {{{budget}, item: shell, line: works.shell}}, b: {{{budget}, item: arrow, line: works.arrow}}}}",
        "needs: {air: {worth: {arrow: 1}}, ground: {worth: {shell: 1}}}",
        items=f"{ARROW}, shell: {{name: Shell, licensor: XDA, cost: 0.001 million usd}}",
        XWA="items: {arrow: {stock: 0}, shell: {stock: 0}}, load: 1, "
        "needs: {air: {fire_units: {2030-01: 100}}, ground: {fire_units: {2030-01: 100000}}}",
        until="2030-12",
    )
    world.run()
    assert world.recorder.tables["spent"][:, :, 0].sum(axis=0).tolist() == [12_000, 12_000]

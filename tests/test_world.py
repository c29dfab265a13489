"""Claims about any world: nothing is created or lost, chance is addressed, what is ordered arrives when due."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backfill.errors import UnitsLost
from backfill.scenario import Scenario, load, numbers_of
from backfill.scenario.schema import Setting
from backfill.studies.run import simulate
from backfill.world import World

THREE_STATES = """
scenario: 1
title: Three states and one missile
label: fictional
horizon: 2030-01 to 2034-12
roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}
items:
  arrow: {name: Arrow interceptor, licensor: XDA}
states:
  XDA:
    requirement: 1000
    floor: 80 (60 to 95) %
    release: 20 (10 to 40) %
    will: 60 %
    persistence: 80 %
    spread: 0.4
    doctrine: headroom
    backfill_from: [XAL]
    items: {arrow: {stock: 900 (800 to 1100)}}
  XAL: {items: {arrow: {stock: 200, origin: XAL}}}
  XWA: {cover: 3 months, items: {arrow: {stock: 50}}}
manufacturers:
  donora_works:
    state: XDA
    lines: {arrow: {item: arrow, capacity: 240 (200 to 260) per year, lead_time: 24 months, rest_to: XDA}}
conflicts:
  border_war: {fighting: [XWA], uses: [arrow], attacks: 12 (8 to 20) per month, per_target: 2, dispersion: 5}
transfers:
  any-to-any: {decision: 1 month, contract: 2 months, handover: 3 (1 to 9) months, transit: 15 days}
events:
  gift: {kind: promise, date: 2030-06-01, from: XAL, to: XDA, item: arrow, units: 40 (20 to 60)}
arms:
  no_backfill: {title: Allia sends nothing, without: [events.gift]}
"""
BY_HAND = """
scenario: 1
title: One gift, one replacement
label: fictional
horizon: 2030-01 to 2031-12
roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}
items: {arrow: {name: Arrow, licensor: XDA}}
states:
  XDA: {items: {arrow: {stock: 1000}}}
  XAL: {items: {arrow: {stock: 100, origin: XAL}}}
  XWA: {items: {arrow: {stock: 0}}}
events:
  gift: {kind: pledge, arrives: 2030-02, from: XDA, to: XWA, item: arrow, units: 100}
  refill: {kind: promise, date: 2030-02-01, from: XAL, to: XDA, item: arrow, units: 100,
           contract: 0 days, handover: 6 months, transit: 0 days}
arms: {no_backfill: {without: [events.refill]}}
"""


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a scenario down and load it."""

    def write(text: str, name: str = "small") -> Scenario:
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return write


def world_of(setting: Setting, replications: range, seed: int = 1) -> World:
    return World(setting, replications, seed, numbers_of(setting))


def tables_of(setting: Setting, replications: range) -> dict[str, Any]:
    world = world_of(setting, replications)
    return world.run().tables


@pytest.mark.smoke
def test_one_gift_and_its_replacement_by_hand(written: Any) -> None:
    """PUB-A23: 1,000 units, a gift of 100, replaced after six months."""
    found = simulate(written(BY_HAND), runs=1, seed=1).dataset.sel(run=0)
    donor = found.position.sel(state="XDA", arm="baseline")
    assert float(donor.min()) == 900
    assert float(donor.sel(month="2030-07")) == 900
    assert float(donor.sel(month="2030-08")) == 1000
    assert float(found.stock.sel(state="XWA", arm="baseline", month="2031-12").sum()) == 100
    assert float(found.stock.sel(state="XAL", arm="baseline", month="2031-12").sum()) == 0
    total = found.stock.sel(arm="baseline", month="2031-12").sum()
    assert float(total) == 1100
    assert float(found.position.sel(state="XDA", arm="no_backfill", month="2031-12")) == 900


def test_units_are_neither_created_nor_lost(written: Any) -> None:
    world = world_of(written(THREE_STATES).setting, range(7))
    first = world.ledger.owed.copy()
    world.run()
    assert (world.ledger.stock >= 0).all()
    assert (world.ledger.stock == np.floor(world.ledger.stock)).all()
    assert not (world.ledger.owed == first).all()


def test_a_leak_is_caught_with_its_month_and_run(written: Any) -> None:
    world = world_of(written(THREE_STATES).setting, range(3))
    world.step()
    world.ledger.stock[0, 1] += 1
    world.month += 1
    with pytest.raises(UnitsLost, match=r"2030-02, run 1: .* arrow"):
        world.step()


def test_a_run_alone_equals_its_row_in_the_ensemble(written: Any) -> None:
    setting = written(THREE_STATES).setting
    together = tables_of(setting, range(9))
    for replication in (0, 4, 8):
        alone = tables_of(setting, range(replication, replication + 1))
        for outcome, table in alone.items():
            assert (table[..., 0] == together[outcome][..., replication]).all(), (outcome, replication)


def test_block_size_and_workers_change_nothing(written: Any) -> None:
    scenario = written(THREE_STATES)
    one = simulate(scenario, runs=7, seed=3, block=7).dataset
    cut = simulate(scenario, runs=7, seed=3, block=2, workers=2).dataset
    assert one.equals(cut)


def test_one_more_bystander_changes_nobody_else(written: Any) -> None:
    another = "  XBB: {will: 50 %, items: {arrow: {stock: 70 (10 to 90)}}}\n"
    bystander = THREE_STATES.replace("  XWA: {cover", f"{another}  XWA: {{cover")
    alone = simulate(written(THREE_STATES, "a"), runs=6, seed=2).dataset
    beside = simulate(written(bystander, "b"), runs=6, seed=2).dataset
    for outcome in ("aid", "backfill", "position", "demand", "will"):
        assert alone[outcome].equals(beside[outcome]), outcome


def test_another_seed_is_another_future(written: Any) -> None:
    scenario = written(THREE_STATES)
    one, other = (simulate(scenario, runs=4, seed=seed).dataset.demand for seed in (1, 2))
    assert not one.equals(other)


def test_a_lower_floor_never_means_less_aid(written: Any) -> None:
    """In a world of one donor and its gift channel; one unit may be held by a carried fraction."""
    scenario = written(THREE_STATES).set("transfers.any-to-any.handover", "3 months")
    totals = []
    for floor in ("90 %", "70 %", "50 %"):
        found = simulate(scenario.set("states.XDA.floor", floor), arms=["baseline"], runs=20, seed=1).dataset.aid
        totals.append(found.sum(("item", "origin")).sel(arm="baseline", state="XWA").cumsum("month"))
    assert float((totals[1] - totals[0]).min()) >= -1
    assert float((totals[2] - totals[1]).min()) >= -1
    assert float(totals[2].isel(month=-1).mean()) > float(totals[0].isel(month=-1).mean()) + 5


LINE = """
scenario: 1
title: A line that starts from nothing
label: fictional
horizon: 2030-01 to 2034-12
roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}
items: {arrow: {name: Arrow, licensor: XDA}}
states:
  XDA: {items: {arrow: {stock: 0}}}
  XAL: {items: {arrow: {stock: 0}}}
  XWA: {items: {arrow: {stock: 0}}}
manufacturers:
  works:
    state: XDA
    lines:
      arrow:
        item: arrow
        lead_time: 24 months
        rest_to: XDA
        capacity: {2030-01: 0 per month, 2031-12: 0 per month, 2032-01: 50 per month}
"""


def test_work_in_progress_is_rate_times_lead_time(written: Any) -> None:
    """PUB-A13 (Little 1961): 50 a month and 24 months make 1,200 on order, output from month 24, 1,800 after 60."""
    world = world_of(written(LINE).setting, range(2))
    line, on_order, built = world.finished_lines[0], [], []
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        on_order.append(line.book.still_open(line.book.index("XDA"))[1])
        built.append(line.built[1])
    assert np.flatnonzero(built)[0] == 24
    assert sum(built) == 1800
    assert set(on_order[23:]) == {1200}


SHORT_DONOR = THREE_STATES.replace("stock: 900 (800 to 1100)", "stock: 100").replace(
    "floor: 80 (60 to 95) %", "floor: 0 %"
)
SHORT_DONOR = SHORT_DONOR.replace("units: 40 (20 to 60)", "units: 200").replace(
    "240 (200 to 260) per year", "1 per year"
)


def test_lots_with_strings_never_reach_a_barred_state(written: Any, allia_denies: Callable[[str], None]) -> None:
    """The donor runs out of free lots; what came with strings stays. Without the rule it goes on (the control)."""
    allia_denies("{all: [{role: origin}, {destination: XWA}]}")
    free = simulate(written(SHORT_DONOR, "free"), arms=[], runs=3, seed=1).dataset
    barred = SHORT_DONOR.replace("items:\n", "export_rules: {policies: [XAL]}\nitems:\n", 1)
    held = simulate(written(barred, "barred"), arms=[], runs=3, seed=1).dataset
    assert (free.aid.sel(origin="XAL", state="XWA").sum(("month", "item")) > 0).all()
    assert "XAL" not in held.aid.origin.values or not held.aid.sel(origin="XAL").any()
    assert (held.stock.sel(state="XDA", origin="XAL").isel(month=-1).sum("item") > 100).all()
    assert not held.stock.sel(state="XWA", origin="XAL").any()


EVERYTHING_RANGED = {
    "transfers.JPN-to-USA.decision": "2 (0 to 5) months",
    "manufacturers.camden.lines.mse.orders.poland.over": "36 (20 to 50) months",
    "states.UKR.fire_units_ahead": "4 (1 to 9) months",
    "needs.air_defence.worth.gemt": "0.6 (0.2 to 1.2)",
    "events.purl.lag": "2 (1 to 5) months",
    "events.jp_backfill.handover": "10 (2 to 20) months",
    "events.jp_backfill.contract": "4 (1 to 9) months",
}


def test_no_run_knows_the_others_in_its_block_even_where_everything_is_uncertain() -> None:
    """Lead times, spans, lags and decisions differ from run to run; none may be taken from the block as a whole."""
    scenario = load("japan_patriot", [f"{path}={value}" for path, value in EVERYTHING_RANGED.items()])
    together = tables_of(scenario.setting, range(24))
    for replication in (0, 11, 23):
        alone = tables_of(scenario.setting, range(replication, replication + 1))
        for outcome, table in alone.items():
            assert (table[..., 0] == together[outcome][..., replication]).all(), (outcome, replication)

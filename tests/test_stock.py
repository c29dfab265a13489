"""Claims about what lies in depots: when it expires, who uses what first, what is lost, and that all of it adds up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backfill.kernels.pipeline import Ring
from backfill.months import NEVER
from backfill.scenario import load, numbers_of
from backfill.world import World

Grow = Callable[..., World]
ARROW = "arrow: {name: Arrow, licensor: XDA}"
AGEING = "arrow: {name: Arrow, licensor: XDA, shelf_life: 12 months}"
EMPTY = "items: {arrow: {stock: 0}}"
AT_ONCE = "transfers: {any-to-any: {decision: 0 days, contract: 0 days, handover: 0 days, transit: 0 days}}"


def text_of(*more: str, items: str = ARROW, until: str = "2032-12", **states: str) -> str:
    """Three states that hold nothing, but for what is said of them."""
    stances = {"XDA": EMPTY, "XAL": EMPTY, "XWA": EMPTY} | states
    return "\n".join(
        [
            "scenario: 1",
            "title: A depot",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            f"items: {{{items}}}",
            "states:",
            *(f"  {code}: {{{stance}}}" for code, stance in stances.items()),
            *more,
        ]
    )


def line_of(capacity: str, *more: str, item: str = "arrow", state: str = "XDA", rest_to: str = "XDA") -> str:
    said = ", ".join([f"item: {item}, capacity: {capacity}, lead_time: 1 month, rest_to: {rest_to}", *more])
    return f"manufacturers: {{works: {{state: {state}, lines: {{{item}: {{{said}}}}}}}}}"


def events(**said: str) -> str:
    return "\n".join(["events:", *(f"  {name}: {{{event}}}" for name, event in said.items())])


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Write a world down and raise it."""

    def grown(text: str, runs: range = range(1), *, central: bool = False) -> World:
        path = tmp_path / "depot.yaml"
        path.write_text(text, encoding="utf-8")
        setting = load(path).setting
        return World(setting, runs, 1, numbers_of(setting), central=central)

    return grown


def course(world: World, read: Callable[[World], float]) -> dict[str, float]:
    """What is read at the end of each month, by month."""
    found = {}
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        found[f"{month // 12}-{month % 12 + 1:02d}"] = float(read(world))
    return found


def flown(way: str, item: str = "arrow") -> Callable[[World], float]:
    """Units of the first run that have come or gone in one way so far."""
    return lambda world: world.ledger.account(way, item)[0]


def lots_of(world: World, state: str, item: str = "arrow") -> dict[tuple[str, int], float]:
    """What a state holds in the first run, by origin and month of leaving."""
    ledger = world.ledger
    return {
        (ledger.lots[row].origin, ledger.lots[row].expires): float(ledger.stock[row, 0])
        for row in ledger.rows(state, item)
        if ledger.stock[row, 0]
    }


def month(text: str) -> int:
    year, index = map(int, text.split("-"))
    return year * 12 + index - 1


# --- shelf life -----------------------------------------------------------------------------------------------------


def test_a_dated_stock_leaves_after_the_half_year_of_its_date(grow: Grow) -> None:
    stock = "items: {arrow: {stock: 100, expires: {2030-05: 30 %, 2031-07: 20 %}}}"
    expired = course(grow(text_of(XDA=stock)), flown("expired"))
    assert (expired["2030-06"], expired["2030-07"]) == (0, 30)
    assert (expired["2031-12"], expired["2032-01"], expired["2032-12"]) == (30, 50, 50)


def test_a_first_stock_without_dates_is_spread_evenly_over_the_shelf_life(grow: Grow) -> None:
    items = "arrow: {name: Arrow, licensor: XDA, shelf_life: 10 years}"
    expired = course(grow(text_of(items=items, XDA="items: {arrow: {stock: 200}}")), flown("expired"))
    assert [expired[at] for at in ("2030-06", "2030-07", "2031-01", "2031-07", "2032-12")] == [0, 10, 20, 30, 50]


def test_a_part_of_an_inventory_has_its_dates(grow: Grow) -> None:
    stance = "inventory: {units: 50, parts: {arrow: 80 %}, rest: bolt}, items: {arrow: {expires: {2030-05: 25 %}}}"
    expired = course(
        grow(text_of(AIR, items=BOTH, XDA=stance, XAL="name: Allia", XWA="name: Warland")), flown("expired")
    )
    assert (expired["2030-06"], expired["2030-07"], expired["2032-12"]) == (0, 10, 10)


def test_what_a_line_builds_leaves_a_shelf_life_later_and_the_oldest_go_first(grow: Grow) -> None:
    """Ten a month from January 2030 that last a year: those of the first half of 2030 leave in July 2031."""
    expired = course(grow(text_of(line_of("10 per month"), items=AGEING)), flown("expired"))
    assert (expired["2031-06"], expired["2031-07"], expired["2032-01"], expired["2032-07"]) == (0, 60, 120, 180)


def test_deliveries_abroad_age_from_the_month_in_which_they_leave_the_line(grow: Grow) -> None:
    world = grow(text_of(line_of("10 per month", rest_to="XAL"), items=AGEING))
    expired = course(world, flown("expired"))
    assert (expired["2031-06"], expired["2031-07"], expired["2032-01"]) == (0, 60, 120)


def test_rows_are_only_for_lots_that_leave_in_this_run(grow: Grow) -> None:
    """Three years of months: new units that last five to twelve years need one row, a first stock one a half-year."""
    lasting = "arrow: {name: Arrow, licensor: XDA, shelf_life: 9 (5 to 12) years}"
    forever = grow(text_of(line_of("10 per month"), XDA="items: {arrow: {stock: 50}}"))
    new = grow(text_of(line_of("10 per month"), items=lasting))
    old = grow(text_of(items=lasting, XDA="items: {arrow: {stock: 50}}"))
    assert not forever.ledger.ages
    assert forever.ledger.lots == new.ledger.lots
    assert len(old.ledger.rows("XDA", "arrow")) == 6
    assert len(old.ledger.rows("XAL", "arrow")) == 1


def test_use_takes_what_expires_soonest(grow: Grow) -> None:
    """Five a month for half a year are the thirty that would expire; without training they do."""
    stock = "items: {arrow: {stock: 100, expires: {2030-05: 30 %}}}"
    used = course(grow(text_of(XDA=f"{stock}, training: 5 per month")), flown("expired"))
    idle = course(grow(text_of(XDA=stock)), flown("expired"))
    assert (used["2030-07"], idle["2030-07"]) == (0, 30)


def test_lots_under_foreign_conditions_are_used_before_free_ones_that_expire_sooner(grow: Grow) -> None:
    """Thirty of Allia's origin that last, then Donora's own, of which those of the first half-year go first."""
    stance = "items: {arrow: {stock: 30, origin: XAL, expires: {2032-08: 50 %}}}, training: 10 per month"
    world = grow(text_of(line_of("10 per month"), items=AGEING, XDA=stance))
    held = []
    for at in range(world.first, world.first + 8):
        world.month = at
        world.step()
        held.append(lots_of(world, "XDA"))
    origins = [sum(units for (origin, _leaves), units in lots.items() if origin == "XAL") for lots in held]
    assert origins == [20, 10, 0, 0, 0, 0, 0, 0]
    assert held[1] == {("XAL", NEVER): 10, ("XDA", month("2031-07")): 20}
    assert held[7] == {("XDA", month("2031-07")): 10, ("XDA", month("2032-01")): 20}


def test_what_goes_abroad_expires_soonest_but_not_before_it_arrives(grow: Grow) -> None:
    """Of three lots the first would be dead on arrival; the next leaves, with its date."""
    dates = "expires: {2030-05: 30 %, 2031-05: 30 %}"
    gift = events(gift="kind: pledge, from: XDA, to: XWA, item: arrow, units: 40, date: 2030-04-01")
    delays = "transfers: {any-to-any: {decision: 0 days, contract: 0 days, handover: 6 months, transit: 0 days}}"
    world = grow(text_of(gift, delays, XDA=f"items: {{arrow: {{stock: 100, {dates}}}}}"))
    expired = course(world, flown("expired"))
    assert expired["2030-07"] == 30
    assert lots_of(world, "XWA") == {("XDA", NEVER): 10}
    assert expired["2031-07"] == 60
    assert lots_of(world, "XDA") == {("XDA", NEVER): 30}


PAUSE = "kind: pause, state: XDA, since: 2030-05-01, until: {until}"
LATE = "kind: pledge, from: XDA, to: XWA, item: arrow, units: 40, arrives: 2030-06"
HELD = "items: {arrow: {stock: 100, expires: {2030-06: 100 %}}}"


def test_a_commitment_lapses_when_its_lot_expires_before_the_hand_over(grow: Grow) -> None:
    world = grow(text_of(events(gift=LATE, stop=PAUSE.format(until="2030-12-01")), XDA=HELD))
    coming = course(world, lambda world: world.shipments.coming.sum())
    assert (coming["2030-06"], coming["2030-07"]) == (40, 0)
    assert not world.ledger.committed.any()
    assert world.ledger.account("expired", "arrow")[0] == 100


def test_a_promise_may_be_withdrawn_after_its_lots_have_expired(grow: Grow) -> None:
    owed = "kind: promise, date: 2030-01-01, from: XAL, to: XDA, item: arrow, units: 40, withdrawn: 2032-03-01"
    stages = "contract: 12 months, handover: 6 months, transit: 0 days"
    pause = "kind: pause, state: XAL, since: 2030-01-01, until: 2032-12-01"
    stock = "items: {arrow: {stock: 100, expires: {2031-10: 100 %}}}"
    world = grow(text_of(events(owed=f"{owed}, {stages}", stop=pause), XAL=stock))
    committed = course(world, lambda world: world.ledger.committed.sum())
    assert (committed["2031-12"], committed["2032-01"], committed["2032-03"]) == (40, 0, 0)
    assert world.ledger.account("expired", "arrow")[0] == 100


def test_what_expires_on_its_way_is_counted_where_it_arrives(grow: Grow) -> None:
    """A pause of May holds it back a month: it leaves in June, arrives in July, and its date has come."""
    world = grow(text_of(events(gift=LATE, stop=PAUSE.format(until="2030-06-01")), XDA=HELD))
    under_way = course(world, lambda world: world.shipments.under_way.sum())
    assert (under_way["2030-05"], under_way["2030-06"], under_way["2030-07"]) == (0, 40, 0)
    assert world.ledger.account("expired", "arrow")[0] == 100
    assert not lots_of(world, "XWA")


def test_a_lane_gives_back_what_is_due_latest() -> None:
    ring = Ring(8, 2, 2)
    for delay, units in ((1, 3.0), (4, 5.0)):
        ring.send(1, np.array([units, units]), delay, 100)
    ring.cut(1, np.array([6.0, 0.0]), 100)
    assert ring.arrive(101)[1].tolist() == [2, 3]
    assert ring.arrive(104)[1].tolist() == [0, 5]
    ring.send(0, np.array([1.0, 2.0]), 2, 104)
    assert ring.clear(0).tolist() == [1, 2]
    assert not ring.inside.any()
    assert not ring.arrive(106).any()


# --- strings --------------------------------------------------------------------------------------------------------


def test_free_lots_go_abroad_first(grow: Grow) -> None:
    gift = events(gift="kind: pledge, from: XDA, to: XWA, item: arrow, units: 40, arrives: 2030-06")
    world = grow(
        text_of(line_of("10 per month"), gift, XDA="items: {arrow: {stock: 30, origin: XAL}}", until="2030-06")
    )
    course(world, flown("consumed"))
    assert lots_of(world, "XWA") == {("XDA", NEVER): 40}
    assert lots_of(world, "XDA") == {("XAL", NEVER): 30, ("XDA", NEVER): 20}


@pytest.mark.parametrize(("said", "origin"), [("", "XDA"), ("own_conditions: true", "XAL")])
def test_a_lot_handed_on_under_the_givers_own_conditions_takes_the_giver_as_origin(
    grow: Grow, said: str, origin: str
) -> None:
    gift = events(gift="kind: pledge, from: XAL, to: XWA, item: arrow, units: 40, arrives: 2030-06")
    world = grow(text_of(gift, XAL=", ".join(filter(None, ["items: {arrow: {stock: 50}}", said]))))
    aid = world.run().tables["aid"]
    assert lots_of(world, "XWA") == {(origin, NEVER): 40}
    assert aid.sum() == 40


# --- training and losses --------------------------------------------------------------------------------------------

BOTH = "arrow: {name: Arrow, licensor: XDA}, bolt: {name: Bolt, licensor: XDA}"
AIR = "needs: {air: {worth: {arrow: 1, bolt: 0.5}}}"


def test_training_uses_restricted_lots_of_any_item_then_what_is_worth_least(grow: Grow) -> None:
    stance = "items: {arrow: {stock: 20, origin: XAL}, bolt: {stock: 30}}, training: 5 per month"
    world = grow(text_of(AIR, items=BOTH, XDA=stance, XAL=EMPTY))
    arrows = course(world, flown("trained"))
    bolts = world.recorder.tables["balance"][:, _row(world, "trained", "bolt"), 0]
    assert [arrows[at] for at in ("2030-01", "2030-04", "2030-05", "2030-07")] == [5, 20, 20, 20]
    assert bolts[:8].tolist() == [0, 0, 0, 0, 10, 20, 30, 30]


def _row(world: World, entry: str, item: str) -> int:
    return next(o for o in world.recorder.outcomes if o.name == "balance").rows.index((entry, item))


@pytest.mark.parametrize(("rate", "apart"), [("1", range(1)), ("1.1", range(10, 12))])
def test_losses_average_to_their_rate(grow: Grow, rate: str, apart: range) -> None:
    """Of 1,000 units 113.6 are lost in a year at 1 % a month; the mean of 4,000 runs has a standard error of 0.17."""
    stance = f"items: {{arrow: {{stock: 1000}}}}, losses: {rate} % per month"
    world = grow(text_of(XDA=stance, until="2030-12"), range(4000))
    world.run()
    lost = world.ledger.account("lost", "arrow")
    assert int(abs(np.mean(lost) - 1000 * (1 - 0.99**12)) + 0.3) in apart
    assert 0.85 < np.var(lost) / np.mean(lost) < 1.0


def test_losses_take_all_lots_alike_and_never_more_than_there_is(grow: Grow) -> None:
    stance = "items: {arrow: {stock: 900, origin: XAL}}, losses: 30 % per month"
    world = grow(text_of(line_of("100 per month"), XDA=stance, until="2030-01"), range(500))
    world.run()
    held = {world.ledger.lots[row].origin: world.ledger.stock[row] for row in world.ledger.rows("XDA", "arrow")}
    assert np.mean(held["XAL"]) == pytest.approx(9 * np.mean(held["XDA"]), rel=0.01)
    all_gone = grow(text_of(XDA="items: {arrow: {stock: 20}}, losses: 100 % per month"), range(50))
    all_gone.run()
    assert not all_gone.ledger.stock.any()


def test_what_a_strike_destroys_is_lost_and_not_fired(grow: Grow) -> None:
    strike = "kind: shock, states: [XDA], item: arrow, units: 40, months: {2030-02: 100 %}"
    stock = "items: {arrow: {stock: 100, origin: XAL}}"
    made = line_of("50 per month")
    lost = grow(text_of(made, events(strike=f"{strike}, lost: true"), XDA=stock, until="2030-02"))
    fired = grow(text_of(made, events(strike=strike), XDA=stock, until="2030-02"))
    for world in (lost, fired):
        world.run()
    assert [flown(way)(lost) for way in ("lost", "consumed")] == [40, 0]
    assert [flown(way)(fired) for way in ("lost", "consumed")] == [0, 40]
    assert lots_of(lost, "XDA") == {("XAL", NEVER): 80, ("XDA", NEVER): 80}
    assert lots_of(fired, "XDA") == {("XAL", NEVER): 60, ("XDA", NEVER): 100}
    assert lost.recorder.tables["used"].sum() == 0


# --- all of it ------------------------------------------------------------------------------------------------------

DRAWN = "arrow: {name: Arrow, licensor: XDA, shelf_life: 20 (8 to 40) months}"


def plain_course(life: int, months: int) -> list[int]:
    """Units left, one by one: ten are built each month, three are used, the soonest expiring first."""
    dates: list[int] = []
    left = []
    for built in range(month("2030-01"), month("2030-01") + months):
        dates = sorted([*dates, *[(built + life) // 6] * 10])
        dates = [date for date in dates if date >= built // 6][3:]
        left.append(len(dates))
    return left


def test_arrays_and_a_list_of_single_units_agree_on_what_is_left(grow: Grow) -> None:
    world = grow(text_of(line_of("10 per month"), items=DRAWN, XDA=f"{EMPTY}, training: 3 per month"), range(30))
    lives = np.broadcast_to(world.draws.months(world.setting.items["arrow"].shelf_life), (30,))
    stock = world.run().tables["stock"].sum(axis=1)
    assert len(set(lives)) > 10
    for run, life in enumerate(lives):
        assert stock[:, run].tolist() == plain_course(int(life), len(stock)), life


LIVELY = text_of(
    AIR,
    """manufacturers:
  works:
    state: XDA
    lines:
      arrow:
        item: arrow
        capacity: 30 per month
        lead_time: 6 months
        orders: {xda: {customer: XDA, units: 200, placed: 2030-01, over: 12 months}}
      bolt: {item: bolt, capacity: 8 (5 to 12) per month, lead_time: 3 months, rest_to: XAL}
      renewed: {item: arrow, refurbishes: bolt, capacity: 4 per month, lead_time: 1 month, rest_to: XDA}
      seeker: {item: seeker, capacity: 25 per month}""",
    "conflicts: {border: {fighting: [XWA], uses: [air], attacks: 12 (8 to 20) per month, dispersion: 5}}",
    "transfers: {any-to-any: {decision: 1 month, contract: 1 month, handover: 3 (1 to 9) months, transit: 2 months}}",
    events(
        gift="kind: promise, date: 2030-06-01, from: XAL, to: XDA, item: bolt, units: 40 (20 to 60)",
        stop="kind: pause, state: XDA, since: 2031-02-01, until: 2031-07-11",
        strike="kind: shock, states: [XDA, XAL], need: air, units: 30 (10 to 60), months: {2031-05: 100 %}, lost: true",
    ),
    items="arrow: {name: Arrow, licensor: XDA, shelf_life: 20 (8 to 40) months, needs: {seeker: 1}}, "
    "bolt: {name: Bolt, licensor: XDA, shelf_life: 3 (1 to 5) years}, seeker: {name: Seeker, kind: component}",
    until="2034-12",
    XDA="items: {arrow: {stock: 150 (100 to 200), origin: XAL}, bolt: {stock: 200}}, requirement: 200, floor: 30 %, "
    "doctrine: headroom, release: 30 %, training: 20 per year, backfill_from: [XAL], "
    "losses: 0.4 (0.1 to 2) % per month",
    XAL="items: {arrow: {stock: 40}, bolt: {stock: 150 (100 to 190), expires: {2031-03: 40 (10 to 80) %}}}, "
    "losses: 1 % per month",
    XWA="items: {arrow: {stock: 10}, bolt: {stock: 10}}, cover: 6 months",
)
IN = ("initial", "produced")


def test_every_unit_is_somewhere_or_went_in_one_way(grow: Grow) -> None:
    """The ledger is checked every month; here the recorded balance is, term by term, and no term is empty."""
    world = grow(LIVELY, range(20))
    balance = world.run().tables["balance"].astype(float)
    outcome = next(o for o in world.recorder.outcomes if o.name == "balance")
    for item in ("arrow", "bolt", "seeker"):
        rows = {entry: balance[:, row] for row, (entry, of) in enumerate(outcome.rows) if of == item}
        came = sum(rows[entry] for entry in rows if entry in IN)
        went = sum(rows[entry] for entry in rows if entry not in IN)
        assert (came == went).all(), item
        assert (np.diff([rows[e] for e in rows if e not in ("stock", "under_way")], axis=1) >= 0).all()
    seen = {(entry, of) for row, (entry, of) in enumerate(outcome.rows) if balance[:, row].any()}
    ways = ("initial", "produced", "consumed", "trained", "expired", "lost", "outside", "stock", "under_way")
    assert seen >= {(way, "arrow") for way in ways}
    assert seen >= {("refurbished", "bolt"), ("expired", "bolt"), ("produced", "seeker"), ("built_in", "seeker")}
    assert (world.ledger.committed >= 0).all()
    assert (world.ledger.stock == np.floor(world.ledger.stock)).all()


def test_a_run_alone_equals_its_row_where_dates_differ_from_run_to_run(grow: Grow) -> None:
    together = grow(LIVELY, range(12)).run().tables
    lives = grow(LIVELY, range(12)).expiry.leaves("arrow", month("2030-01"))
    assert len(set(lives.tolist())) > 2
    for replication in (0, 5, 11):
        alone = grow(LIVELY, range(replication, replication + 1)).run().tables
        for outcome, table in alone.items():
            assert (table[..., 0] == together[outcome][..., replication]).all(), (outcome, replication)


def test_central_values_have_the_same_lots(grow: Grow) -> None:
    assert grow(LIVELY, central=True).ledger.lots == grow(LIVELY).ledger.lots

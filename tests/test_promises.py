"""Claims about promises: how they are judged and believed, how they end, and what is given in exchange for them."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.giving.trust import VERDICTS
from backfill.scenario import check_file
from backfill.world import World

gifts = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("gifts.py"))))
AT_ONCE, NOTHING, OWED = gifts.AT_ONCE, gifts.NOTHING, gifts.OWED
aid, lived, months = gifts.aid, gifts.lived, gifts.months
promise_named, raised, same_alone, write = gifts.promise_named, gifts.raised, gifts.same_alone, gifts.write


def verdicts(world: World, run: int = 0) -> dict[str, str]:
    """What has become of each promise."""
    return {promise.name: VERDICTS[int(promise.record.verdict()[run])] for promise in world.promises}


# --- trust ----------------------------------------------------------------------------------------------------------

LEARNS = "items: {arrow: {stock: 100}}, trust_prior: 2"
THREE = {
    "full": f"{OWED}, date: 2030-01-01, units: 10, due: 3 months, {AT_ONCE}",
    "part": f"{OWED}, date: 2030-01-01, units: 10, delivers: 4, due: 5 months, {AT_ONCE}",
    "slow": f"{OWED}, date: 2030-01-01, units: 10, due: 7 months, contract: 0 days, handover: 10 months",
}


def test_trust_follows_three_promises_of_which_one_is_kept_one_short_one_late(tmp_path: Path) -> None:
    """With n0 = 2: (2 + 1) / 3, then (2 + 1.4) / 4, then (2 + 1.4) / 5; the late ten add half of one promise."""
    world = raised(write(tmp_path, events=THREE, XDA=LEARNS))
    donor = world.positions["XDA", "arrow"]
    course = [float(np.max(world.census.trust(donor, "XAL"))) for _month in months(world)]
    assert course[:5] == [1] * 5
    assert course[5:7] == pytest.approx([3.4 / 4] * 2)
    assert course[7:10] == pytest.approx([3.4 / 5] * 3)
    assert course[10:] == pytest.approx([3.9 / 5] * 14)
    assert verdicts(world) == {"full": "kept", "part": "short", "slow": "late"}
    assert world.recorder.tables["trust"][:, 0, 0] == pytest.approx(course)
    assert world.recorder.tables["kept"][-1, :, 0] == pytest.approx([1, 0.4, 0.5])


def test_who_says_nothing_about_trust_believes_every_promise(tmp_path: Path) -> None:
    world = lived(raised(write(tmp_path, events=THREE)))
    assert world.census.trust(world.positions["XDA", "arrow"], "XAL") == 1
    assert "trust" not in world.recorder.tables


@pytest.mark.parametrize(("stance", "counts"), [("", 40), (", trust_prior: 1", 20), (", trust_prior: 3", 30)])
def test_a_broken_promise_makes_the_next_one_count_for_less(tmp_path: Path, stance: str, counts: float) -> None:
    """At its floor, with full anticipation, the headroom is the part of forty promised rounds that is believed."""
    at_floor = "items: {arrow: {stock: 100}}, requirement: 100, floor: 100 %, anticipation: 100 %"
    owed = {
        "broken": f"{OWED}, date: 2030-01-01, units: 10, delivers: 0, due: 2 months",
        "next": f"{OWED}, date: 2030-06-01, units: 40, due: 11 months, contract: 11 months",
    }
    stance = f"{at_floor}{stance}, look_ahead: 24 months, doctrine: headroom"
    world = raised(write(tmp_path, events=owed, XDA=stance))
    headroom = [float(world.positions["XDA", "arrow"].headroom[0]) for _month in months(world)]
    assert headroom[4:7] == pytest.approx([0, counts, counts])
    assert verdicts(world)["broken"] == "broken"


@pytest.mark.parametrize(("gives", "months_exposed"), [("", 6), (", withdrawn: 2030-03-01", 2)])
def test_who_waits_below_its_floor_is_exposed_until_the_promise_is_kept_or_withdrawn(
    tmp_path: Path, gives: str, months_exposed: int
) -> None:
    """Twenty below its floor while it waits for thirty; without a promise nobody waits."""
    owed = {"owed": f"{OWED}, date: 2030-01-01, units: 30, contract: 5 months, handover: 1 month{gives}"}
    stance = "items: {arrow: {stock: 100}}, requirement: 120, floor: 100 %"
    exposed = lived(raised(write(tmp_path, events=owed, XDA=stance))).recorder.tables["exposed"][:, 0, 0].tolist()
    assert exposed == [20] * months_exposed + [0] * (24 - months_exposed)


def test_promises_of_one_state_do_not_burden_those_of_another(tmp_path: Path) -> None:
    owed = {"broken": f"{OWED}, date: 2030-01-01, units: 10, delivers: 0, due: 2 months"}
    owed["other"] = "kind: promise, from: XBB, to: XDA, item: arrow, date: 2030-01-01, units: 5, due: 2 months"
    stock = "items: {arrow: {stock: 100}}"
    world = lived(raised(write(tmp_path, events=owed, XDA=LEARNS, XBB=stock)))
    donor = world.positions["XDA", "arrow"]
    assert [float(np.max(world.census.trust(donor, state))) for state in ("XAL", "XBB")] == pytest.approx([2 / 3, 1])


def test_a_promise_that_the_rules_forbid_is_void_and_not_held_against_anybody(
    tmp_path: Path, allia_denies: Callable[[str], None]
) -> None:
    allia_denies("{destination: XDA}")
    owed = {"owed": f"{OWED}, date: 2030-01-01, units: 10, due: 2 months"}
    world = lived(raised(write(tmp_path, "export_rules: {policies: [XAL]}", events=owed, XDA=LEARNS)))
    assert verdicts(world) == {"owed": "void"}
    assert float(np.max(world.census.trust(world.positions["XDA", "arrow"], "XAL"))) == 1


# --- how promises end -----------------------------------------------------------------------------------------------

SLOW = "contract: 6 months, handover: 2 months, transit: 0 days"


@pytest.mark.parametrize(
    ("day", "arrives", "found", "believed"),
    [("2030-04-01", 0, "withdrawn", 2 / 3), ("2030-07-01", 30, "kept", 1), ("2031-06-01", 30, "kept", 1)],
)
def test_what_is_not_under_contract_can_be_withdrawn(
    tmp_path: Path, day: str, arrives: float, found: str, believed: float
) -> None:
    """The contract is of July; before it the named lots are free again, from then on nothing changes."""
    owed = {"owed": f"{OWED}, date: 2030-01-01, units: 30, due: 12 months, withdrawn: {day}, {SLOW}"}
    world = lived(raised(write(tmp_path, events=owed, XDA=LEARNS)))
    assert promise_named(world, "owed").delivered[0] == arrives
    assert verdicts(world) == {"owed": found}
    ally = world.positions["XAL", "arrow"]
    assert ally.free_equivalents()[0] == ally.equivalents()[0] == 100 - arrives
    assert float(np.max(world.census.trust(world.positions["XDA", "arrow"], "XAL"))) == pytest.approx(believed)


def test_a_withdrawn_promise_is_judged_at_once(tmp_path: Path) -> None:
    """Not a year later, when it would have been due."""
    owed = {"owed": f"{OWED}, date: 2030-01-01, units: 30, due: 12 months, withdrawn: 2030-04-01, {SLOW}"}
    world = raised(write(tmp_path, events=owed, XDA=LEARNS))
    donor = world.positions["XDA", "arrow"]
    course = [float(np.max(world.census.trust(donor, "XAL"))) for _month in months(world)]
    assert course == pytest.approx([1] * 3 + [2 / 3] * 21)


def test_half_a_promise_under_contract_stays_when_the_rest_is_withdrawn(tmp_path: Path) -> None:
    """Sixty can be spared at once; what the ally could name later is off, and so is what nobody had named."""
    owed = {"owed": f"{OWED}, date: 2030-01-01, units: 90, due: 24 months, withdrawn: 2030-08-01, {SLOW}"}
    stance = "items: {arrow: {stock: 100}}, minimum: 40"
    world = lived(raised(write(tmp_path, events=owed, XAL=stance)))
    assert promise_named(world, "owed").delivered[0] == 60
    assert verdicts(world) == {"owed": "withdrawn"}


@pytest.mark.parametrize(("chance", "share"), [("5 % per month", 1 - 0.95**20), ("0 % per month", 0.0)])
def test_the_risk_of_default_adds_up_over_the_months_before_the_contract(
    tmp_path: Path, chance: str, share: float
) -> None:
    owed = {"owed": f"{OWED}, date: 2030-01-01, units: 30, contract: 20 months, default: {chance}"}
    world = lived(raised(write(tmp_path, events=owed, until="2032-12"), range(3000)))
    promise = promise_named(world, "owed")
    assert promise.record.withdrawn.mean() == pytest.approx(share, abs=0.03)
    assert (promise.delivered == np.where(promise.record.withdrawn, 0, 30)).all()


# --- one for another ------------------------------------------------------------------------------------------------

RING = "kind: pledge, from: XDA, to: XWA, item: bolt, units: 30, date: 2030-02-01"
IN_EXCHANGE = f"{OWED}, date: 2030-01-01, for: gift, swap: 0.5, {AT_ONCE}"
WARLAND = "items: {arrow: {stock: 0}, bolt: {stock: 0}}"


def ring(folder: Path, *more: str, bolts: int = 30, against: str = "", swap: str = IN_EXCHANGE) -> Path:
    """Donora gives bolts and is promised arrows, which meet another need."""
    giver = f"items: {{arrow: {{stock: 0}}, bolt: {{stock: {bolts}}}}}"
    return write(folder, *more, events={"gift": RING + against, "owed": swap}, XDA=giver, XWA=WARLAND)


@pytest.mark.parametrize(("bolts", "arrows"), [(30, 15), (20, 10), (7, 3), (0, 0)])
def test_fifteen_tanks_for_thirty_vehicles_as_far_as_these_were_given(
    tmp_path: Path, bolts: int, arrows: float
) -> None:
    world = lived(raised(ring(tmp_path, bolts=bolts)))
    owed = promise_named(world, "owed")
    assert world.ledger.stock[world.ledger.rows("XWA", "bolt")].sum() == bolts
    assert (owed.announced[0], owed.delivered[0]) == (arrows, arrows)


def test_the_replacement_follows_the_gift(tmp_path: Path) -> None:
    """The thirty leave in February; the fifteen are put under contract in March and arrive in April."""
    world = raised(ring(tmp_path))
    course = [float(promise_named(world, "owed").delivered[0]) for _month in months(world)]
    assert course[:5] == [0, 0, 0, 15, 15]


def test_what_left_before_the_promise_is_owed_on_its_day(tmp_path: Path) -> None:
    """Given in February, promised in May and handed over two months later, not three."""
    later = IN_EXCHANGE.replace("2030-01-01", "2030-05-01").replace("handover: 0 days", "handover: 2 months")
    world = raised(ring(tmp_path, swap=later))
    course = [float(promise_named(world, "owed").delivered[0]) for _month in months(world)]
    assert course[5:8] == [0, 15, 15]


def given_away(world: World) -> float:
    return float(lived(world).ledger.stock[world.ledger.rows("XWA", "bolt")].sum())


def test_a_gift_against_a_promise_is_given_only_while_the_promise_stands(
    tmp_path: Path, allia_denies: Callable[[str], None]
) -> None:
    against = ", against: owed"
    assert given_away(raised(ring(tmp_path, against=against))) == 30
    assert given_away(raised(ring(tmp_path, "without: [events.owed]", against=against))) == 0
    assert given_away(raised(ring(tmp_path, "without: [events.owed]"))) == 30
    withdrawn = f"{IN_EXCHANGE}, withdrawn: 2030-01-20"
    assert given_away(raised(ring(tmp_path, against=against, swap=withdrawn))) == 0
    allia_denies("{destination: XDA}")
    barred = raised(ring(tmp_path, "export_rules: {policies: [XAL]}", against=against))
    assert given_away(barred) == 0
    assert barred.recorder.tables["withheld"][:, 0, 0].tolist() == [0, *[30] * 12, *[0] * 11]


def courses(world: World) -> tuple[list[float], list[float]]:
    """Arrows that have come of the promise and bolts that are in Warland, month by month."""
    bolts = world.ledger.rows("XWA", "bolt")
    both = [
        (float(promise_named(world, "owed").delivered[0]), float(world.ledger.stock[bolts].sum()))
        for _month in months(world)
    ]
    return [came for came, _ in both], [gone for _, gone in both]


def test_who_keeps_step_gives_two_for_one_and_never_first(tmp_path: Path) -> None:
    """Owed at once, five arrows a month from January on; ten bolts follow each five, a month later."""
    paced = f"{IN_EXCHANGE}, pace: 5 per month"
    came, gone = courses(raised(ring(tmp_path, against=", against: owed, in_step: true", swap=paced)))
    assert came[:6] == [0, 5, 10, 15, 15, 15]
    assert gone[:6] == [0, 0, 10, 20, 30, 30]


def test_who_keeps_step_keeps_the_rest_when_the_promise_falls_short(tmp_path: Path) -> None:
    """Seven of fifteen come: fourteen bolts go and sixteen stay."""
    came, gone = courses(
        raised(ring(tmp_path, against=", against: owed, in_step: true", swap=f"{IN_EXCHANGE}, delivers: 7"))
    )
    assert (came[-1], gone[-1]) == (7, 14)
    assert courses(raised(ring(tmp_path, against=", against: owed", swap=f"{IN_EXCHANGE}, delivers: 7")))[1][-1] == 30


@pytest.mark.parametrize(
    ("pace", "last"), [("0.5 per month", 28), ("1 per month", 14), ("{2030-01: 10 per month, 2030-02: 1 per month}", 5)]
)
def test_a_pace_spreads_a_promise_and_loses_nothing_of_it(tmp_path: Path, pace: str, last: int) -> None:
    """Fourteen tanks at one a month take fourteen months; with two months for each, more than a year."""
    owed = {"owed": f"{OWED}, date: 2030-01-01, units: 14, pace: {pace}, {AT_ONCE}"}
    world = raised(write(tmp_path, events=owed, until="2032-12"))
    course = [float(promise_named(world, "owed").delivered[0]) for _month in months(world)]
    assert course.index(14) == last
    assert course[last - 1] < 14


@pytest.mark.parametrize(("fair", "given"), [("80 %", 30), ("100 %", 30), ("101 %", 0)])
def test_a_giver_compares_the_prices_of_what_meets_different_needs(tmp_path: Path, fair: str, given: float) -> None:
    """Fifteen arrows at two million for thirty bolts at one: exactly as much."""
    assert given_away(raised(ring(tmp_path, against=f", against: owed, fair: {fair}"))) == given


@pytest.mark.parametrize(("units", "given"), [(20, 0), (191, 0), (192, 240)])
def test_twenty_for_two_hundred_and_forty_is_refused(tmp_path: Path, units: int, given: float) -> None:
    """Of one need, worth alike: what is promised has to be four fifths of what is given."""
    swap = {
        "gift": "kind: pledge, from: XDA, to: XWA, item: bolt, units: 240, date: 2030-02-01, against: owed, fair: 80 %",
        "owed": f"{OWED}, date: 2030-01-01, units: {units}",
    }
    giver = "items: {arrow: {stock: 0}, bolt: {stock: 240}}"
    same = "needs: {tanks: {worth: {arrow: 1, bolt: 1}}}"
    assert given_away(raised(write(tmp_path, same, events=swap, XDA=giver, XWA=WARLAND))) == given


def test_runs_of_promises_alone_are_their_rows(tmp_path: Path) -> None:
    ranged = {
        "gift": f"{RING.replace('30,', '30 (10 to 60),')}, against: owed, fair: 90 (50 to 150) %",
        "owed": f"{OWED}, date: 2030-01-01, for: gift, swap: 0.5 (0.3 to 0.9), due: 5 months, default: 8 % per month",
        "more": f"{OWED}, date: 2030-03-01, units: 40 (20 to 60), due: 8 (4 to 12) months, contract: 6 (3 to 9) months",
    }
    giver = "items: {arrow: {stock: 90 (80 to 120)}, bolt: {stock: 60}}, trust_prior: 2 (1 to 5), anticipation: 50 %"
    giver += ", needs: {arrow: {doctrine: headroom}}, requirement: 100, floor: 80 %"
    wants = "items: {arrow: {stock: 0}, bolt: {stock: 0}}, needs: {arrow: {load: 1, fire_units: {2030-01: 99}}}"
    path = write(tmp_path, "needs: {arrow: {worth: {arrow: 1}}}", events=ranged, XDA=giver, XWA=wants)
    same_alone(path, ("aid", "trust", "kept", "verdict", "withheld", "headroom", "delivered"))


# --- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gift", "owed", "found"),
    [
        (RING, f"{OWED}, date: 2030-01-01", "no units"),
        (RING, f"{OWED}, date: 2030-01-01, for: gift", "for without swap"),
        (RING, f"{OWED}, date: 2030-01-01, units: 3, swap: 2", "swap without for"),
        (RING, f"{OWED}, date: 2030-01-01, for: owed, swap: 2", "'owed'"),
        (RING, "kind: promise, from: XDA, to: XAL, item: arrow, date: 2030-01-01, for: gift, swap: 2", "a gift of XDA"),
        (RING, f"{OWED}, date: 2030-05-01, units: 3, withdrawn: 2030-04-01", "2030-04-01, before date: 2030-05-01"),
        (f"{RING}, fair: 80 %", IN_EXCHANGE, "fair without against"),
        (f"{RING}, in_step: true", IN_EXCHANGE, "in_step without against"),
        (f"{RING}, against: gift", IN_EXCHANGE, "'gift'"),
    ],
)
def test_a_swap_that_means_nothing_is_refused(tmp_path: Path, gift: str, owed: str, found: str) -> None:
    path = write(tmp_path, events={"gift": gift, "owed": owed}, XDA=NOTHING, XWA=WARLAND)
    assert any(found in str(problem) for problem in check_file(path))


def test_a_swap_across_needs_has_to_know_the_prices(tmp_path: Path) -> None:
    path = ring(tmp_path, against=", against: owed, fair: 80 %")
    assert check_file(path) == []
    path.write_text(path.read_text(encoding="utf-8").replace(", cost: 1 million usd", ""), encoding="utf-8")
    assert "no price of bolt" in str(check_file(path)[0])


def test_a_world_without_promises_records_nothing_of_them(tmp_path: Path) -> None:
    world = raised(write(tmp_path))
    assert aid(world) == [0] * 24
    assert not {"verdict", "kept", "exposed", "trust", "withheld"} & set(world.recorder.tables)

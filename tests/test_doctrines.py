"""Claims about doctrines with a memory, or with a level of their own: what was replaced, and what is kept at home."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from backfill.giving.doctrines import Replacement, level_to_keep
from backfill.scenario import check_file
from backfill.world import World

gifts = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("gifts.py"))))
AT_ONCE, HUNGRY, OWED = gifts.AT_ONCE, gifts.HUNGRY, gifts.OWED
aid, lived, months, raised, same_alone, write = (
    gifts.aid, gifts.lived, gifts.months, gifts.raised, gifts.same_alone, gifts.write,
)  # fmt: skip
STOCK = "items: {arrow: {stock: 100}}"


def replaced(world: World, channel: str = "gift") -> float:
    """What has been replaced so far, in the first run."""
    donor = next(state for state in world.states if state.code == "XDA")
    return float(np.max(donor.doctrines["arrow", channel].replaced))


def line_of(capacity: str, rest_to: str = "XDA", lead: int = 1) -> str:
    """A line of arrows in Donora."""
    said = f"item: arrow, capacity: {capacity}, lead_time: {lead} months, rest_to: {rest_to}"
    return f"manufacturers: {{works: {{state: XDA, lines: {{arrow: {{{said}}}}}}}}}"


# --- replacement ----------------------------------------------------------------------------------------------------

REPLACES = f"{STOCK}, doctrine: replacement, will: 50 %"
TWENTY = f"{OWED}, date: 2030-02-01, units: 20, contract: 0 days, handover: 3 months, transit: 0 days"


@pytest.mark.parametrize(("anticipation", "announced", "in_all"), [(50, 5, 10), (0, 0, 10), (100, 10, 10)])
def test_a_promised_unit_is_given_once_partly_before_it_comes(
    tmp_path: Path, anticipation: int, announced: float, in_all: float
) -> None:
    """Half of twenty are given: a of them when they are promised in February, the rest when they come in May."""
    owed = {"owed": f"{TWENTY}, due: 12 months"}
    stance = f"{REPLACES}, anticipation: {anticipation} %"
    arrived = aid(raised(write(tmp_path, events=owed, XDA=stance, XWA=HUNGRY)))
    assert arrived[2] == announced
    assert arrived[5] == in_all - announced
    assert sum(arrived) == in_all


def test_what_lapses_takes_back_what_its_promise_had_added(tmp_path: Path) -> None:
    """Will and anticipation one half: twenty promised add 5, eight that come add 2, twelve that lapse take 3."""
    owed = {
        "owed": f"{TWENTY}, delivers: 8, due: 6 months",
        "next": f"{OWED}, date: 2030-10-01, units: 16, due: 6 months, {AT_ONCE}",
    }
    world = raised(write(tmp_path, events=owed, XDA=f"{REPLACES}, anticipation: 50 %", XWA=HUNGRY))
    course = [replaced(world) for _month in months(world)]
    assert course[:12] == pytest.approx([0, 5, 5, 5, 7, 7, 7, 4, 4, 8, 12, 12])
    assert lived_aid(world) == {2: 5, 5: 2, 10: 1, 11: 4}


def lived_aid(world: World) -> dict[int, float]:
    """The months in which something arrived at aided states, and how much."""
    course = world.recorder.tables["aid"].sum(axis=1)[:, 0]
    return {int(month): float(course[month]) for month in np.flatnonzero(course)}


def test_a_state_that_learned_counts_less_of_a_new_promise(tmp_path: Path) -> None:
    """With n0 = 1 one broken promise halves what forty newly promised add: will * a * tau * 40 = 5, not 10."""
    owed = {
        "broken": f"{OWED}, date: 2030-01-01, units: 10, delivers: 0, due: 2 months",
        "next": f"{OWED}, date: 2030-06-01, units: 40, due: 24 months, contract: 24 months",
    }
    for prior, added in ((", trust_prior: 1", 5), ("", 10)):
        stance = f"{REPLACES}, anticipation: 50 %{prior}"
        world = raised(write(tmp_path, events=owed, XDA=stance, XWA=HUNGRY))
        assert [replaced(world) for _month in months(world)][5] == pytest.approx(added)


@pytest.mark.parametrize(("built", "monthly"), [(8, 3), (5, 0), (4, 0)])
def test_own_output_above_the_plan_of_receipts_replaces(tmp_path: Path, built: int, monthly: float) -> None:
    """Five a month were planned: of eight, three are above the plan."""
    stance = "items: {arrow: {stock: 100, procurement: 5 per month}}, doctrine: replacement"
    arrived = aid(raised(write(tmp_path, line_of(f"{built} per month"), XDA=stance, XWA=HUNGRY)))
    assert set(arrived[3:]) == {monthly}


def test_a_late_delivery_that_catches_up_with_the_plan_replaces_nothing() -> None:
    doctrine = Replacement()
    came = [0, 0, 15, 5, 8, 2, 6]
    census = SimpleNamespace(planned_receipts=lambda _position: np.array([5.0]))
    above = []
    for units in came:
        census.own_deliveries = lambda _position, units=units: np.array([float(units)])
        above.append(float(doctrine._above_plan(SimpleNamespace(), census)[0]))
    assert above == [0, 0, 0, 0, 3, 0, 0]


def test_gift_and_sale_give_a_replaced_unit_once(tmp_path: Path) -> None:
    """Forty come; with money for more than that, gifts and sales together hand on forty."""
    money = "kind: budget, payers: [XAL], for: XWA, buys_from: XDA, item: arrow, since: 2030-01"
    events = {
        "owed": f"{OWED}, date: 2030-02-01, units: 40, {AT_ONCE}",
        "money": f"{money}, amount: {{2030: 500 million usd}}",
    }
    arrived = aid(raised(write(tmp_path, events=events, XDA=f"{STOCK}, doctrine: replacement", XWA=HUNGRY)))
    assert sum(arrived) == 40
    only_sales = f"{STOCK}, gift: {{doctrine: packages}}, sale: {{doctrine: replacement}}"
    arrived = aid(raised(write(tmp_path, events=events, XDA=only_sales, XWA=HUNGRY)))
    assert sum(arrived) == 40


def test_parts_of_a_unit_stay_in_the_account(tmp_path: Path) -> None:
    """Two fifths of one unit a month: in every month as many whole units as were replaced by then, never one more."""
    stance = "items: {arrow: {stock: 100, procurement: 0 per month}}, doctrine: replacement, will: 40 %"
    arrived = aid(raised(write(tmp_path, line_of("1 per month"), XDA=stance, XWA=HUNGRY, until="2032-12")))
    assert np.cumsum(arrived).tolist() == [2 * month // 5 for month in range(len(arrived))]


# --- marginal -------------------------------------------------------------------------------------------------------


def level(**said: float) -> float:
    """What is kept at home with these numbers."""
    giving = SimpleNamespace(number=said.get)
    return float(level_to_keep(giving, 1)[0])


@pytest.mark.parametrize("mean", [3, 40, 300])
@pytest.mark.parametrize("clumping", [0.5, 2, 20])
@pytest.mark.parametrize(("chance", "ratio"), [(0.3, 3), (0.3, 10), (0.6, 1), (1, 3)])
def test_the_level_is_the_quantile_of_nothing_or_a_contingency(
    mean: float, clumping: float, chance: float, ratio: float
) -> None:
    """Against scipy: the least level at which demand is met with probability c / (1 + c), 1 - p of it being none."""
    kept = level(chance=chance, demand=mean, dispersion=clumping, cost_ratio=ratio)
    demand = stats.nbinom(clumping, clumping / (clumping + mean))
    wanted = ratio / (1 + ratio)
    assert 1 - chance + chance * demand.cdf(kept) >= wanted - 1e-12
    assert kept == 0 or 1 - chance + chance * demand.cdf(kept - 1) < wanted + 1e-12


def test_a_large_contingency_is_that_of_the_gamma_with_its_mean_and_variance() -> None:
    kept = level(chance=0.3, demand=1200, dispersion=2, cost_ratio=10)
    quantile = (10 / 11 - 0.7) / 0.3
    scale = 1 + 1200 / 2
    assert kept == pytest.approx(stats.gamma(1200 / scale, scale=scale).ppf(quantile), abs=0.5)


def test_the_level_has_its_limits() -> None:
    usual = {"chance": 0.3, "demand": 200.0, "dispersion": 2.0, "cost_ratio": 3.0}
    assert level(**usual) > 0
    assert level(**usual | {"chance": 0.0}) == 0
    assert level(**usual | {"cost_ratio": 2.0}) == 0
    assert level(**usual | {"cost_ratio": np.inf}) == np.inf
    assert level(**usual | {"chance": 0.0, "cost_ratio": np.inf}) == 0
    levels = [level(**usual | {"cost_ratio": ratio}) for ratio in (2.4, 3, 5, 10, 100, 1e6)]
    assert levels == sorted(levels)


def keeps(chance: str, demand: int = 40, ratio: str = "3", more: str = "") -> str:
    """A donor that keeps what a contingency may ask for."""
    numbers = f"chance: {chance}, demand: {demand}, dispersion: 2, cost_ratio: {ratio}"
    return f"{STOCK}, doctrine: {{kind: marginal, {numbers}{more}}}"


@pytest.mark.parametrize(
    ("stance", "given"),
    [(keeps("0 %"), 100), (keeps("100 %", ratio="100000000"), 0), (keeps("20 %"), 100), (keeps("100 %"), 46)],
)
def test_a_donor_gives_what_a_contingency_leaves(tmp_path: Path, stance: str, given: float) -> None:
    """Three to one and a sure contingency: all but the upper quartile of its demand, which is 54, far from floors."""
    assert stats.nbinom(2, 2 / 42).ppf(0.75) == 54
    stance = f"{stance}, requirement: 100, floor: 90 %"
    assert sum(aid(raised(write(tmp_path, XDA=stance, XWA=HUNGRY)))) == given


@pytest.mark.parametrize(("more", "soon"), [("", 10), (", replacement_time: 5 months", 25)])
def test_deliveries_within_the_time_of_replacement_stand_for_stock(tmp_path: Path, more: str, soon: float) -> None:
    """Five a month are on order: those that come in time need not lie in stock.

    Of a lead time of three months two are in the book when the month is judged; its own order comes afterwards.
    """
    stance = keeps("100 %", more=more)
    world = raised(write(tmp_path, line_of("5 per month", lead=8 if more else 3), XDA=stance, XWA=HUNGRY))
    world.step()
    assert world.positions["XDA", "arrow"].free_equivalents()[0] == 54 - soon


def test_gifts_and_sales_together_leave_the_level(tmp_path: Path) -> None:
    money = "kind: budget, payers: [XAL], for: XWA, buys_from: XDA, item: arrow, since: 2030-01"
    events = {"money": f"{money}, amount: {{2030: 3000 million usd}}"}
    world = lived(raised(write(tmp_path, events=events, XDA=f"{keeps('100 %')}, release: 60 %", XWA=HUNGRY)))
    assert world.positions["XDA", "arrow"].equivalents()[0] == 54


# --- where a doctrine stands ----------------------------------------------------------------------------------------


def test_a_doctrine_may_differ_by_need(tmp_path: Path) -> None:
    """Arrows are given from headroom, all of them; bolts only as dated packages, of which there are none."""
    donor = "items: {arrow: {stock: 50}, bolt: {stock: 50}}, needs: {arrow: {doctrine: headroom}}"
    aided = "items: {arrow: {stock: 0}, bolt: {stock: 0}}, load: 1, fire_units: {2030-01: 100}"
    needs = "needs: {arrow: {worth: {arrow: 1}}}"
    world = lived(raised(write(tmp_path, needs, XDA=donor, XWA=aided)))
    held = {item: world.ledger.stock[world.ledger.rows("XWA", item)].sum() for item in ("arrow", "bolt")}
    assert held == {"arrow": 50, "bolt": 0}


@pytest.mark.parametrize(
    ("doctrine", "found"),
    [
        ("{kind: marginal, demand: 3, cost_ratio: 2}", "marginal without chance"),
        ("{kind: marginal, chance: 3 %, demand: 3}", "marginal without cost_ratio"),
        ("{kind: headroom, cost_ratio: 3}", "'cost_ratio' with headroom"),
        ("replacment", "nearest: replacement"),
    ],
)
def test_a_doctrine_that_lacks_its_numbers_is_refused(tmp_path: Path, doctrine: str, found: str) -> None:
    path = write(tmp_path, XDA=f"{STOCK}, doctrine: {doctrine}")
    assert any(found in str(problem) for problem in check_file(path))


@pytest.mark.parametrize(
    "doctrine",
    [
        "replacement",
        "{kind: marginal, chance: 50 (20 to 90) %, demand: 60 (30 to 700), dispersion: 2, cost_ratio: 3 (1 to 10)}",
    ],
)
def test_runs_of_a_doctrine_alone_are_their_rows(tmp_path: Path, doctrine: str) -> None:
    owed = {"owed": f"{OWED}, date: 2030-02-01, units: 40 (20 to 60), due: 4 (2 to 9) months, delivers: 20 (10 to 60)"}
    stance = "items: {arrow: {stock: 100, procurement: 2 per month}}, trust_prior: 2 (1 to 4), anticipation: 50 %"
    stance += f", doctrine: {doctrine}, will: 60 (30 to 90) %, release: 30 %, persistence: 90 %, spread: 0.3"
    path = write(tmp_path, line_of("3 (2 to 5) per month"), events=owed, XDA=stance, XWA=HUNGRY)
    same_alone(path, ("aid", "position", "will"))

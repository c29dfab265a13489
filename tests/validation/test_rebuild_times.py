"""How long it takes to replace what was given away, against what others have computed for real stocks."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytestmark = pytest.mark.validation
tests = Path(__file__).parents[1]
gifts, make = (SimpleNamespace(**runpy.run_path(str(tests / f"{name}.py"))) for name in ("gifts", "small_lines"))


def months_to_refill(
    folder: Path, sent: int, capacity: str, *more: str, stance: str = "", years: int = 30, lead: int = 1
) -> int | None:
    """Months of output until a state has again what it gave away in the first of them; None if never.

    more:   what else is said of the line, all of whose output goes to the state unless something else is said
    stance: what else is said of the state
    """
    said = ", ".join([f"item: arrow, capacity: {capacity}, lead_time: {lead} months", *(more or ["rest_to: XDA"])])
    gift = f"kind: pledge, from: XDA, to: XWA, item: arrow, units: {sent}, arrives: 2030-02"
    path = gifts.write(
        folder,
        f"manufacturers: {{works: {{state: XDA, lines: {{arrow: {{{said}}}}}}}}}",
        events={"gift": gift},
        until=f"{2029 + years}-12",
        XDA=f"items: {{arrow: {{stock: {sent}}}}}, requirement: {sent}, doctrine: packages{stance}",
    )
    world = gifts.raised(path)
    held, given = world.positions["XDA", "arrow"], world.ledger.rows("XWA", "arrow")
    for month in gifts.months(world):
        if held.equivalents()[0] >= sent:
            assert world.ledger.stock[given].sum() == sent
            return month + 1
    return None


def order_of(units: int, over: int = 1) -> str:
    """Nothing is built but what is ordered in the month of the gift, due in equal months from the lead time on."""
    return f"idles: true, orders: {{refill: {{customer: XDA, units: {units}, placed: 2030-01, over: {over} months}}}}"


# --- 155 mm (PUB-R01) -------------------------------------------------------------------------------------------------

SHELLS = 1_074_000


@pytest.mark.parametrize(
    ("capacity", "years", "flow"), [("14000 per month", 7, 153_400), ("20000 per month", 5, 214_800)]
)
def test_shells_at_recent_and_at_surge_rate(tmp_path: Path, capacity: str, years: int, flow: float) -> None:
    """The source rounds to years and does not say its lead time: with none and with one of a year it is within one."""
    assert flow == pytest.approx(SHELLS / years, rel=0.001)
    at_once = months_to_refill(tmp_path, SHELLS, capacity)
    assert at_once == np.ceil(SHELLS / float(capacity.split(maxsplit=1)[0]))
    with_lead = months_to_refill(tmp_path, SHELLS, capacity, order_of(SHELLS), lead=12)
    for months in (at_once, with_lead):
        assert months / 12 == pytest.approx(years, abs=1)


def test_training_eats_what_is_built(tmp_path: Path) -> None:
    """A hundred thousand a year fired in training make 15.8 years of 6.4."""
    months = months_to_refill(tmp_path, SHELLS, "14000 per month", stance=", training: 100000 per year")
    assert months / 12 == pytest.approx(15.8, abs=1 / 12)


def test_training_that_takes_all_that_is_built_leaves_nothing(tmp_path: Path) -> None:
    stance = ", training: 168000 per year"
    assert months_to_refill(tmp_path, SHELLS, "14000 per month", stance=stance, years=20) is None


# --- Stinger (PUB-R02) ------------------------------------------------------------------------------------------------


def test_stinger_flows(tmp_path: Path) -> None:
    """The published totals imply flows; built at these the stock is back after the published times."""
    months = [months_to_refill(tmp_path, 1600, f"{flow} per year") for flow in (88.9, 246.2)]
    assert np.divide(months, 12) == pytest.approx([18, 6.5], abs=1 / 12)
    flows = 1600 / np.divide(months, 12)
    assert flows == pytest.approx([88.9, 246.2], rel=0.15)
    assert flows[1] / flows[0] == pytest.approx(2.77, rel=0.05)


# --- from the order to the last delivery (PUB-R03) --------------------------------------------------------------------


@pytest.mark.parametrize(("build", "total"), [(36, 52), (24, 40)])
def test_from_the_order_to_the_last_delivery(tmp_path: Path, build: int, total: int) -> None:
    """Four months of administration, the time to build the first, twelve months of one lot."""
    months = months_to_refill(tmp_path, 600, "50 per month", order_of(600, over=12), lead=4 + build)
    assert months == pytest.approx(total, abs=1)


# --- Tomahawk (PUB-R06) -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "years"), [(200, 5.0), (86, 11.6), (1000, 1.0)])
def test_tomahawk_at_three_rates(tmp_path: Path, rate: int, years: float) -> None:
    """The pure division, rounded up to the month that completes it."""
    months = months_to_refill(tmp_path, 1000, f"{rate} per year")
    assert months == np.ceil(12 * 1000 / rate)
    assert months / 12 == pytest.approx(years, abs=1 / 12)


# --- Germany (PUB-R09) ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "stock", "year", "rate"),
    [
        (423, 226, 2038, 14.1),
        pytest.param(2398, 339, 2066, 49.0, marks=pytest.mark.slow),
        pytest.param(978, 121, 2121, 857 / 97, marks=pytest.mark.slow),
    ],
    ids=["aircraft", "tanks", "howitzers"],
)
def test_a_stock_of_2004_comes_back_when_its_rate_says(
    tmp_path: Path, target: int, stock: int, year: int, rate: float
) -> None:
    """From 2024 on at the rate that the published year implies: arithmetic of dates over a century."""
    assert rate == pytest.approx((target - stock) / (year - 2024), rel=0.005)
    months = months_to_refill(tmp_path, target - stock, f"{rate:.4f} per year", years=year - 2024 + 3)
    assert 2024 + months / 12 == pytest.approx(year, abs=1)


# --- surge (PUB-R10) --------------------------------------------------------------------------------------------------

BASKET = {5: 300, 9: 540, 14: 840, 18: 1080, 23: 1380}
"""Years of output at peacetime rate that were given away, and units at five a month: 13.8 years on average."""
SURGE = "ceiling: 9 per month, investment: 24 months, ramp: 12 months"


@pytest.mark.slow
def test_surge_shortens_a_basket_of_rebuilds_by_the_factor_of_american_programmes(tmp_path: Path) -> None:
    """13.8 years in peacetime, 8.4 in a surge: 1.64. The basket, and ceilings four fifths above, are ours.

    Two years pass before new capacity builds, so 1.8 times as much capacity gains less than that.
    """
    assert round(13.8 / 8.4, 2) == 1.64
    years = {}
    for name, surge in (("peacetime", ()), ("surge", (SURGE,))):
        waits = [
            months_to_refill(tmp_path, units, "5 per month", order_of(units), *surge, years=30)
            for units in BASKET.values()
        ]
        years[name] = np.mean(waits) / 12
    assert years["peacetime"] == pytest.approx(13.8, abs=1 / 12)
    assert 1.5 < years["peacetime"] / years["surge"] < 1.9

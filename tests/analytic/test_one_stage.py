"""One stage against the textbook: newsvendor, base stock, one-for-one stock, reorder point and level."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from backfill.chance import Chance, binomial, normal
from backfill.kernels.pipeline import Ring

pytestmark = pytest.mark.validation
here = Path(__file__)
serial, policies, long_runs = (
    SimpleNamespace(**runpy.run_path(str(here.with_name(f"{name}.py")))) for name in ("serial", "policies", "long_runs")
)

HOLD, LACK, MEAN, SPREAD = 0.18, 0.7, 50.0, 8.0
CRITICAL = LACK / (HOLD + LACK)


def cost_of(chain: Any) -> np.ndarray:
    """What the level at the end of a period costs, on hand or owed.  [runs]"""
    level = chain.stages[0].level
    return HOLD * np.maximum(level, 0.0) + LACK * np.maximum(-level, 0.0)


def owed_and_held(level: float, mean: float, spread: float) -> tuple[float, float]:
    """Expected backorders and expected stock where a normal demand meets a level: the loss formula."""
    score = (level - mean) / spread
    owed = spread * (stats.norm.pdf(score) - score * stats.norm.sf(score))
    return float(owed), float(owed + level - mean)


# --- newsvendor (PUB-A01) ---------------------------------------------------------------------------------------------


def test_newsvendor_in_closed_form() -> None:
    """Snyder and Shen, example 4.3."""
    assert pytest.approx(0.795455, abs=1e-6) == CRITICAL
    best = MEAN + SPREAD * float(normal(np.array([CRITICAL]))[0])
    assert best == pytest.approx(56.60396, abs=1e-5)
    for level, cost in ((best, 1.997605), (40.0, 7.356132)):
        owed, held = owed_and_held(level, MEAN, SPREAD)
        assert HOLD * held + LACK * owed == pytest.approx(cost, abs=1e-5)


@pytest.mark.parametrize(("level", "cost"), [(56.60396, 1.997605), (40.0, 7.356132)])
def test_newsvendor_lived(level: float, cost: float) -> None:
    """A stage that orders every period and is supplied at once meets each demand with the same level."""
    draw = long_runs.bell(MEAN, SPREAD)

    def lived(lead: int) -> tuple[float, float]:
        chain = serial.Chain(long_runs.RUNS, stock=[level], leads=[lead], mails=[1])
        return long_runs.mean_and_error(chain, [policies.up_to(level)], draw, cost_of)

    mean, error = lived(lead=0)
    assert abs(mean - cost) < 3 * error
    late, error = lived(lead=1)
    assert abs(late - cost) > 3 * error  # the control: goods that come a period later


# --- base stock (PUB-A02) ---------------------------------------------------------------------------------------------

BEST = 264.76689


def base_stock(level: float, lead: int = 4) -> Any:
    """A stage with a review period and a lead time, four thousand times.

    A thousand of them leave the mean cost with an error of 0.3 %, too near to the 0.5 % that is allowed.
    """
    return serial.Chain(4 * long_runs.RUNS, stock=[level], leads=[lead], mails=[1])


def test_base_stock_in_closed_form() -> None:
    """Snyder and Shen, example 4.4: five periods of demand, four of lead time and one of review."""
    mean, spread = 5 * MEAN, np.sqrt(5) * SPREAD
    best = mean + spread * float(normal(np.array([CRITICAL]))[0])
    owed, held = owed_and_held(best, mean, spread)
    early, _held = owed_and_held(best, 4 * MEAN, 2 * SPREAD)
    found = [
        best,
        HOLD * held + LACK * owed,
        stats.norm.cdf((best - mean) / spread),
        owed,
        held,
        1 - (owed - early) / 50,
    ]
    assert found == pytest.approx([BEST, 4.466781, 0.79545, 2.05539, 16.82228, 0.958894], abs=1e-4)
    owed, held = owed_and_held(180.0, mean, spread)
    assert HOLD * held + LACK * owed == pytest.approx(49.000165, abs=1e-4)


def test_base_stock_lived() -> None:
    def measure(chain: Any) -> list[np.ndarray]:
        stage = chain.stages[0]
        owed = stage.debts[0]
        return [cost_of(chain), stage.on_hand, owed, stage.level >= 0, np.minimum(owed, stage.asked)]

    draw = long_runs.bell(MEAN, SPREAD)
    cost, held, owed, in_stock, unfilled = long_runs.averages(base_stock(BEST), [policies.up_to(BEST)], draw, measure)
    assert cost == pytest.approx(4.466781, rel=0.005)
    assert held == pytest.approx(16.82228, rel=0.01)
    assert owed == pytest.approx(2.05539, rel=0.02)
    assert in_stock == pytest.approx(0.79545, rel=0.005)
    assert 1 - unfilled / MEAN == pytest.approx(0.958894, rel=0.005)


def test_base_stock_below_its_best_level() -> None:
    draw, rules = long_runs.bell(MEAN, SPREAD), [policies.up_to(180.0)]
    cost, _error = long_runs.mean_and_error(base_stock(180.0), rules, draw, cost_of)
    assert cost == pytest.approx(49.000165, rel=0.005)
    cost, _error = long_runs.mean_and_error(base_stock(180.0, lead=5), rules, draw, cost_of)
    assert cost != pytest.approx(49.000165, rel=0.005)  # the control: another lead time


# --- one for one, Poisson demand (PUB-A04) ----------------------------------------------------------------------------

LEVEL, RATE = 8, 2.0
SHAPES = {
    "always three": [(3, 1.0)],
    "one or five": [(1, 0.5), (5, 0.5)],
    "mostly two, at times seven": [(2, 0.8), (7, 0.2)],
}


def test_one_for_one_in_closed_form() -> None:
    """Palm: what is on order is Poisson with rate times lead time; with a month of waiting for review it is more."""
    owed, ready = expected_owed(6), float(stats.poisson.cdf(LEVEL - 1, 6))
    assert [ready, owed, owed + LEVEL - 6] == pytest.approx([0.74398, 0.314021, 2.314021], abs=1e-5)
    assert expected_owed(8) == pytest.approx(1.117, abs=1e-3)


def expected_owed(on_order: float) -> float:
    """Units owed on average where what is on order is Poisson."""
    units = np.arange(LEVEL, 200)
    return float((units - LEVEL) @ stats.poisson.pmf(units, on_order))


def one_for_one(shape: list[tuple[int, float]]) -> tuple[float, float, float, float]:
    """On order, ready, owed, on hand; each unit that is ordered draws its own time from a shape."""
    runs = long_runs.RUNS
    ring, chance = Ring(16, 1, runs), Chance(2, range(runs))
    found = []
    for month, demand in enumerate(long_runs.demands(long_runs.poisson(RATE))):
        ring.arrive(month)
        rest, share = demand, 1.0
        for lead, part in shape:
            units = binomial(chance.uniform("lead", str(lead), month), rest, min(part / share, 1.0))
            ring.send(0, units, lead, month)
            rest, share = rest - units, share - part
        level = LEVEL - ring.inside[0]
        if month >= long_runs.WARM:
            found.append(
                [
                    ring.inside[0].mean(),
                    (level > 0).mean(),
                    -level[level < 0].sum() / runs,
                    level[level > 0].sum() / runs,
                ]
            )
    return tuple(np.mean(found, axis=0))


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(shape, marks=pytest.mark.slow if "at times" in name else (), id=name)
        for name, shape in SHAPES.items()
    ],
)
def test_one_for_one_does_not_know_the_shape_of_its_lead_time(shape: list[tuple[int, float]]) -> None:
    """On steps of a month three months are two of lead time and one until the review, which is when orders are sent."""
    on_order, ready, owed, held = one_for_one(shape)
    assert owed == pytest.approx(0.314021, rel=0.02)
    assert [on_order, ready, held] == pytest.approx([6, 0.74398, 2.314021], rel=0.02)


def test_one_for_one_with_a_month_more_is_another_stock() -> None:
    """The control: three months of lead time and one of review."""
    _on_order, _ready, owed, _held = one_for_one([(4, 1.0)])
    assert owed == pytest.approx(1.117, rel=0.02)
    assert owed != pytest.approx(0.314021, rel=0.02)


# --- reorder point and order-up-to level (PUB-A06) --------------------------------------------------------------------

KEEP, OWE, ORDER = 1.0, 9.0, 64.0


def published() -> list[tuple[int, int, int, float]]:
    """Mean demand, reorder point, level and cost of the twelve published optima."""
    path = here.parents[1] / "data" / "published" / "sS_poisson_zheng_federgruen_public.csv"
    with path.open(encoding="utf-8", newline="") as rows:
        return [
            (int(row["demand_mean"]), int(row["s_opt"]), int(row["S_opt"]), float(row["cost_opt"]))
            for row in csv.DictReader(rows)
        ]


def costs_below(level: int, mean: float) -> np.ndarray:
    """The exact cost a period of each reorder point level - 1, level - 2 ... below a level, by renewal."""
    count = level + 40
    units = np.arange(count + 400)
    chance = stats.poisson.pmf(units, mean)
    visits = np.zeros(count)
    visits[0] = 1 / (1 - chance[0])
    for step in range(1, count):
        visits[step] = chance[1 : step + 1] @ visits[step - 1 :: -1][:step] / (1 - chance[0])
    positions = level - np.arange(count)
    left = positions[:, np.newaxis] - units
    one_period = (KEEP * np.maximum(left, 0) + OWE * np.maximum(-left, 0)) @ chance
    return (ORDER + np.cumsum(visits * one_period)) / np.cumsum(visits)


@pytest.mark.parametrize(("mean", "point", "level", "cost"), published())
def test_reorder_point_exactly(mean: int, point: int, level: int, cost: float) -> None:
    """Zheng and Federgruen 1991: the published pair costs what they say, and no other level costs less."""
    assert costs_below(level, mean)[level - point - 1] == pytest.approx(cost, abs=0.001)
    best = {other: costs_below(other, mean).min() for other in range(mean, 3 * mean + 60)}
    assert best[level] == pytest.approx(cost, abs=0.001)
    assert min(best, key=best.__getitem__) == level


def paid(chain: Any) -> np.ndarray:
    """What a period costs: units on hand, units owed, an order.  [runs]"""
    stage = chain.stages[0]
    return KEEP * stage.on_hand + OWE * stage.debts[0] + ORDER * (stage.placed > 0)


def reordering(mean: int, point: int, level: int, lead: int = 0) -> float:
    """The cost of a pair as it is lived."""
    chain = serial.Chain(long_runs.RUNS, stock=[level], leads=[lead], mails=[1])
    rules = [policies.reorder(point, level)]
    return long_runs.mean_and_error(chain, rules, long_runs.poisson(mean), paid)[0]


SOME = [published()[0], *(pytest.param(*row, marks=pytest.mark.slow) for row in published()[1:])]


@pytest.mark.parametrize(("mean", "point", "level", "cost"), SOME)
def test_reorder_point_lived(mean: int, point: int, level: int, cost: float) -> None:
    """No lead time: what is ordered after one period is there before the demand of the next."""
    assert reordering(mean, point, level) == pytest.approx(cost, rel=0.005)


def test_reorder_point_lived_with_a_lead_time_is_another_cost() -> None:
    """The control: a period of lead time that the optimum does not know of."""
    mean, point, level, cost = published()[0]
    assert reordering(mean, point, level, lead=1) != pytest.approx(cost, rel=0.005)

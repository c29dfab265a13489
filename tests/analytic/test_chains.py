"""Stages in a row against the textbook: what serial systems cost, and how orders swing along them."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.validation
here = Path(__file__)
serial, policies, long_runs = (
    SimpleNamespace(**runpy.run_path(str(here.with_name(f"{name}.py")))) for name in ("serial", "policies", "long_runs")
)


# --- serial systems (PUB-A08, PUB-A09) --------------------------------------------------------------------------------


def serial_cost(levels: Sequence[float], leads: Sequence[int], hold: Sequence[float], lack: float, draw: Any) -> float:
    """The cost a period of stages that keep base stocks; what is held is charged by echelon, the customer's first.

    levels: local base stocks            [stages]
    hold:   echelon holding costs        [stages]
    """
    chain = serial.Chain(long_runs.RUNS, stock=levels, leads=leads)
    rules = [policies.up_to(level) for level in levels]

    def cost(lived: Any) -> np.ndarray:
        return np.asarray(hold) @ lived.echelons() + (lack + sum(hold)) * lived.stages[0].debts[0]

    return long_runs.mean_and_error(chain, rules, draw, cost)[0]


def test_three_stages_with_normal_demand() -> None:
    """Snyder and Shen, example 6.1."""
    levels, hold, lack, draw = [6.49, 5.53, 10.69], [3, 2, 2], 37.12, long_runs.bell(5, 1)
    assert serial_cost(levels, [1, 1, 2], hold, lack, draw) == pytest.approx(47.65, rel=0.003)
    assert serial_cost(levels, [1, 2, 2], hold, lack, draw) != pytest.approx(47.65, rel=0.003)  # the control


@pytest.mark.parametrize(
    ("hold", "echelons", "cost"),
    [
        ((0.25, 0.25, 0.25, 0.25), (8, 13, 18, 22), 12.688),
        pytest.param((0.25, 2.5, 2.5, 0.25), (9, 10, 13, 19), 53.008, marks=pytest.mark.slow),
    ],
    ids=["row 1", "row 9"],
)
def test_four_stages_with_poisson_demand(hold: tuple[float, ...], echelons: tuple[int, ...], cost: float) -> None:
    """Shang and Song 2003, rows 1 and 9 of table 1.

    All lead times are a quarter of a year: so long is a period, at the ends of which continuous review is seen exactly.
    """
    levels = np.diff(echelons, prepend=0)
    lived = serial_cost(levels, [1] * 4, hold, 9, long_runs.poisson(16 / 4))
    assert lived == pytest.approx(cost, rel=0.002)


@pytest.mark.slow
def test_four_stages_of_which_one_keeps_a_unit_more() -> None:
    """The control: another level costs more than the tolerance."""
    lived = serial_cost([9, 5, 5, 4], [1] * 4, [0.25] * 4, 9, long_runs.poisson(16 / 4))
    assert lived > 12.688 * 1.002


# --- the bullwhip (PUB-A16) -------------------------------------------------------------------------------------------


def amplification(lead: int) -> float:
    """Variance of orders over that of demand, where orders follow the average of four periods and the lead time."""
    chain = serial.Chain(long_runs.RUNS, stock=[0], leads=[lead])
    rule, draw = policies.MovingAverage(lead, 4, long_runs.RUNS), long_runs.bell(100, 10)
    placed, asked = [], []
    for period, demand in enumerate(long_runs.demands(draw)):
        rule.see(demand)
        chain.step(demand, [rule])
        if period >= long_runs.WARM:
            placed.append(chain.stages[0].placed)
            asked.append(demand)
    assert np.min(placed) > 0  # no order of the theory would have to be negative at this demand
    return float(np.var(placed) / np.var(asked))


def test_orders_swing_more_than_demand() -> None:
    """Chen, Drezner, Ryan and Simchi-Levi 2000: 1 + 2 L / p + 2 L^2 / p^2."""
    assert amplification(2) == pytest.approx(2.5, rel=0.01)
    assert amplification(3) != pytest.approx(2.5, rel=0.01)  # the control

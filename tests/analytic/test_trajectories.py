"""Stages period by period against what others computed: trajectories of stockpyl, the benchmark of the beer game."""

from __future__ import annotations

import csv
import runpy
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backfill.kernels.pipeline import Ring

pytestmark = pytest.mark.validation
here = Path(__file__)
serial, policies = (
    SimpleNamespace(**runpy.run_path(str(here.with_name(f"{name}.py")))) for name in ("serial", "policies")
)


def published(name: str) -> list[dict[str, str]]:
    """The rows of a published series."""
    path = here.parents[1] / "data" / "published" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


# --- trajectories of stockpyl (PUB-A11) -------------------------------------------------------------------------------

DEMAND = [5, 8, 3, 9, 12, 4, 7, 6, 15, 2, 5, 8, 10, 5, 5, 9, 4, 6, 11, 3]
COLUMNS = ("inbound_order", "order_quantity", "inbound_shipment", "outbound_shipment", "end_inventory_level")
Flows = list[list[float]]


def said_of(case: str, node: int) -> Flows:
    """What stockpyl says of a node of a case: orders in and out, goods in and out, the level, by period."""
    rows = [row for row in published("stockpyl_trajectories_public") if (row["case"], row["node"]) == (case, str(node))]
    return [[float(row[column]) for column in COLUMNS] for row in rows]


def flows_of(stage: Any) -> list[float]:
    """The same of a stage, in the second of two runs."""
    return [float(flow[1]) for flow in (stage.asked, stage.placed, stage.arrived, stage.shipped, stage.level)]


def lived(levels: Sequence[float], leads: Sequence[int], rules: Sequence[Any]) -> list[Flows]:
    """Each stage's flows, by period, the customer's first."""
    chain = serial.Chain(2, stock=levels, leads=leads)
    found: list[Flows] = [[] for _stage in chain.stages]
    for demand in DEMAND:
        chain.step(np.full(2, float(demand)), rules)
        for flows, stage in zip(found, chain.stages, strict=True):
            flows.append(flows_of(stage))
    return found


def test_one_stage_with_and_without_a_limit() -> None:
    """T1 and T2."""
    (free,) = lived([20], [2], [policies.up_to(20)])
    assert free == said_of("T1", 0)
    (limited,) = lived([20], [2], [policies.at_most(7, policies.up_to(20))])
    assert limited == said_of("T2", 0)
    assert (free[-1][-1], min(flows[-1] for flows in limited)) == (6, -5)


def test_two_stages() -> None:
    """T5: eighteen upstream with a lead time of two, fifteen at the customer's with one."""
    near, far = lived([15, 18], [1, 2], [policies.up_to(15), policies.up_to(18)])
    assert near == said_of("T5", 1)
    assert far == said_of("T5", 2)
    assert (near[-1][-1], far[-1][-1]) == (12, 4)


class Assembly:
    """A stage that puts one unit together of one of each part, as soon as all are there; each part is on its own order.

    (T9: up to seven, a period after the makers of the parts have shipped.)
    """

    def __init__(self) -> None:
        self.whole = serial.Stage(2, stock=7, lead=0)
        self._under_way, self._waiting, self._ordered = Ring(2, 2, 2), np.zeros((2, 2)), np.zeros((2, 2))

    def step(self, asked: np.ndarray, makers: Sequence[Any], rules: Sequence[Any], period: int) -> list[float | str]:
        """Live through a period; its row as stockpyl writes it."""
        placed = np.maximum(7 - (self.whole.level - asked + self._waiting + self._ordered), 0.0)
        sent = [maker.step(order, [rule]) for maker, order, rule in zip(makers, placed, rules, strict=True)]
        arrived = self._under_way.arrive(period)
        self._under_way.send(slice(None), np.array(sent), 1, period)
        self._ordered += placed - arrived
        complete = np.minimum.reduce(self._waiting + arrived)
        self._waiting += arrived - complete
        self.whole.order(asked, lambda _position: complete, period)
        self.whole.deliver(complete, period)
        flows = flows_of(self.whole)
        return [flows[0], both(placed), both(arrived), *flows[3:]]


def both(parts: np.ndarray) -> str:
    """The units of two parts as stockpyl writes them."""
    return "|".join(f"{units:.0f}" for units in parts[:, 1])


def test_a_stage_that_needs_two_parts() -> None:
    """T9: the second part is ordered five a period at most, the first waits for it."""
    makers = [serial.Chain(2, stock=[level], leads=[2]) for level in (13, 11)]
    rules = [policies.up_to(13), policies.at_most(5, policies.up_to(11))]
    assembly = Assembly()
    found: list[list[Any]] = [[], [], []]
    for period, demand in enumerate(DEMAND):
        found[0].append(assembly.step(np.full(2, float(demand)), makers, rules, period))
        for flows, maker in zip(found[1:], makers, strict=True):
            flows.append(flows_of(maker.stages[0]))
    rows = [row for row in published("stockpyl_trajectories_public") if (row["case"], row["node"]) == ("T9", "0")]
    said = [[row[name] if "|" in row[name] else float(row[name]) for name in COLUMNS] for row in rows]
    assert found == [said, said_of("T9", 1), said_of("T9", 2)]
    assert found[0][-1][-1] == -34


# --- the beer game (PUB-A10) ------------------------------------------------------------------------------------------

STAGES, WEEKS = ("retailer", "wholesaler", "distributor", "factory"), range(1, 37)


def anchored(aim: float, chain: Any) -> Any:
    """Four for four weeks, then four and all that is missing of an aim for stock and supply line."""
    return lambda position: np.full(2, 4.0) if chain.period <= 4 else np.maximum(4 + aim - position, 0.0)


def played(aims: Sequence[float]) -> list[dict[str, float]]:
    """The game, week by week, in the columns of the benchmark."""
    chain = serial.Chain(2, stock=[12] * 4, leads=[2, 2, 2, 3], mails=[2, 2, 2, 0], first=1)
    for stage in chain.stages:
        stage.fill_pipelines(4, 1)
    rules = [anchored(aim, chain) for aim in aims]
    costs, found = dict.fromkeys(STAGES, 0.0), []
    for week in WEEKS:
        demand = 4.0 if week <= 4 else 8.0
        chain.step(np.full(2, demand), rules)
        row = {"week": week, "customer_demand": demand}
        for name, stage in zip(STAGES, chain.stages, strict=True):
            held, owed = float(stage.on_hand[1]), float(stage.debts[0, 1])
            costs[name] += 0.5 * held + 1.0 * owed
            row |= {f"inv_{name}": held, f"backlog_{name}": owed, f"cum_cost_{name}": costs[name]}
            row[f"order_placed_{name}"] = float(stage.placed[1])
        found.append(row)
    return found


def test_the_beer_game_week_by_week() -> None:
    """Sterman 1989, with the mechanics of Edali and Yasarcan 2014."""
    rows = published("beer_game_benchmark_trajectory")
    game = played([28, 28, 28, 20])
    assert game == [{name: float(row[name]) for name in game[0]} for row in rows]
    costs = [game[-1][f"cum_cost_{name}"] for name in STAGES]
    assert costs == [46, 50, 54, 54]
    assert sum(costs) == 204

"""Four stages in a row, three times: as arrays on the kernels of the model, in stockpyl and compiled by hand.

    python benchmarks/stages.py            # needs the packages of the extra `bench`

Each stage orders back up to its level every period; the customer's demand is Poisson. All live the same
demands, and are compared period by period before anything is timed.
"""

from __future__ import annotations

import runpy
import statistics
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from compiled_stages import live_all

from backfill.arrays import Floats
from backfill.chance import Chance, negative_binomial

ANALYTIC = Path(__file__).resolve().parents[1] / "tests" / "analytic"
Chain = runpy.run_path(str(ANALYTIC / "serial.py"))["Chain"]
up_to = runpy.run_path(str(ANALYTIC / "policies.py"))["up_to"]

SEED, PERIODS, MEAN = 1, 120, 8.0
LEVELS, LEADS = (10.0, 18.0, 9.0, 20.0), (1, 2, 1, 2)
RUNS = 1000
OTHERS_RUNS = 3
PAIRS = 7


def demands(runs: int) -> Floats:
    """What the customer wants, from the generator of the model.  [periods, runs]"""
    chance = Chance(SEED, range(runs))
    return np.array(
        [negative_binomial(chance.uniform("demand", "customer", month), MEAN, np.inf) for month in range(PERIODS)]
    )


def uniforms(runs: int) -> Floats:
    """What the demands are made of.  [periods, runs]"""
    chance = Chance(SEED, range(runs))
    return np.array([chance.uniform("demand", "customer", month) for month in range(PERIODS)])


def as_arrays(wanted: Floats) -> Floats:
    """The level of each stage at the end of each period, all runs at once.  [periods, stages, runs]"""
    periods, runs = wanted.shape
    chain: Any = Chain(runs, stock=LEVELS, leads=LEADS)
    rules = [up_to(level) for level in LEVELS]
    levels = np.empty((periods, len(LEVELS), runs))
    for period in range(periods):
        chain.step(wanted[period], rules)
        for row, stage in enumerate(chain.stages):
            levels[period, row] = stage.level
    return levels


def in_stockpyl(wanted: Floats) -> Floats:
    """The same of one run, by stockpyl's simulator.  [periods, stages]"""
    from stockpyl.sim import simulation
    from stockpyl.supply_chain_network import serial_system

    numbers = list(range(1, len(LEVELS) + 1))
    network = serial_system(
        num_nodes=len(LEVELS),
        node_order_in_system=numbers[::-1],
        node_order_in_lists=numbers,
        shipment_lead_time=list(LEADS),
        policy_type="BS",
        base_stock_level=list(LEVELS),
        demand_type="D",
        demand_list=wanted.tolist(),
    )
    simulation(network, len(wanted), progress_bar=False, consistency_checks="N")
    nodes = network.nodes_by_index
    return np.array(
        [
            [sum(nodes[node].state_vars[period].inventory_level.values()) for node in numbers]
            for period in range(len(wanted))
        ]
    )


def compiled() -> Floats:
    """The same of all runs, one after the other, in a compiled loop, its demands too.  [periods, stages, runs]"""
    return live_all(uniforms(RUNS), MEAN, np.array(LEVELS), np.array(LEADS))


def seconds(work: Any) -> float:
    """How long it takes, once."""
    started = perf_counter()
    work()
    return perf_counter() - started


def told(name: str, ratios: list[float]) -> None:
    """A median with the smallest and the largest."""
    print(f"{name:<58} {statistics.median(ratios):10.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def main() -> None:
    """Compare, then time in interleaved pairs."""
    wanted = demands(RUNS)
    arrays = as_arrays(wanted)
    if not all(np.array_equal(in_stockpyl(wanted[:, run]), arrays[:, :, run]) for run in range(OTHERS_RUNS)):
        raise SystemExit("levels are not those of stockpyl")
    if not np.array_equal(compiled(), arrays):
        raise SystemExit("levels are not those of the compiled loop")
    print(f"levels equal in every period: in {OTHERS_RUNS} runs to stockpyl's, in {RUNS} to the compiled loop's")
    print(f"periods in which the customer's stage is short:     {(arrays[:, 0] < 0).mean():.0%}")
    against_stockpyl, against_compiled, mine, its, loops = [], [], [], [], []
    for _pair in range(PAIRS):
        mine.append(seconds(lambda: as_arrays(demands(RUNS))) / RUNS)
        loops.append(seconds(compiled) / RUNS)
        its.append(seconds(lambda: [in_stockpyl(wanted[:, run]) for run in range(OTHERS_RUNS)]) / OTHERS_RUNS)
        against_stockpyl.append(its[-1] / mine[-1])
        against_compiled.append(mine[-1] / loops[-1])
    for name, found in (("arrays", mine), ("compiled loop", loops), ("stockpyl", its)):
        told(f"{name}, ms a run", [1000 * value for value in found])
    told("throughput in stockpyl's", against_stockpyl)
    told("time in that of the compiled loop", against_compiled)


if __name__ == "__main__":
    main()

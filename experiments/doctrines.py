"""Which ways of deciding the past allows: the history test of every doctrine, on very many draws.

    python experiments/doctrines.py [RUNS]

Each doctrine of `japan_patriot` lives the baseline in the same random futures, once with the floor share as the
scenario has it and once with any share from 5 % to 50 %, equally likely. A share of draws compares ranges as much as
doctrines: only a doctrine that no draw reconciles with what happened is out.
"""

from __future__ import annotations

import sys

import backfill as bf
from backfill.results.history import HistoryTest, criteria_for, history_test

RUNS = 2000
WIDE = {"value": "25", "low": "5", "high": "50", "unit": "%", "source": "us_floor", "distribution": "uniform"}
NONE_OF = "none: below {:.2f} % at 95 %"


def tests(scenario: bf.Scenario, runs: int) -> dict[str, HistoryTest]:
    """Every doctrine of the scenario, and gifts and sales by replacement, held against what happened."""
    results = bf.simulate(scenario, arms=[], runs=runs, seed=1, workers=2)
    lived = {"as written": results} | {name: results.past_where_donor_decides(name) for name in results.under}
    for channel in ("gift", "sale"):
        scenario = scenario.set(f"states.USA.{channel}.doctrine", "replacement")
    lived["replacement"] = bf.simulate(scenario, arms=[], runs=runs, seed=1, workers=2, under=False)
    return {name: history_test(world, criteria_for("japan_patriot")) for name, world in lived.items() if world}


def row(name: str, floor: str, test: HistoryTest) -> str:
    """The share of draws that meet each criterion which counts, and that which meet all."""
    each = [entry.share for entry in test.held if entry.criterion.counts]
    together = f"{test.share:8.1%}" if test.share else NONE_OF.format(100 * (1 - 0.05 ** (1 / test.runs)))
    return f"{name:<12}{floor:<12}" + "".join(f"{share:>17.1%}" for share in each) + f"   {together}"


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    scenario = bf.load("japan_patriot")
    names = [entry.name for entry in criteria_for("japan_patriot") if entry.counts]
    print(f"{'doctrine':<12}{'floor':<12}" + "".join(f"{name:>17}" for name in names) + "        all")
    for floor, world in (("as written", scenario), ("5 to 50 %", scenario.set("states.USA.floor", WIDE))):
        for name, test in tests(world, runs).items():
            print(row(name, floor, test))


if __name__ == "__main__":
    main()

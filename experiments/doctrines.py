"""Which ways of deciding the past allows: the history test of every doctrine, on very many draws.

    python experiments/doctrines.py [RUNS]

Each doctrine of `japan_patriot` lives the baseline in the same random futures, once with the floor share as the
scenario has it and once with any share from 5 % to 50 %, equally likely. A share of draws compares ranges as much as
doctrines: only a doctrine that no draw reconciles with what happened is out.
"""

from __future__ import annotations

import sys
from functools import reduce

import backfill as bf
from backfill.results.history import criteria_for, history_test

RUNS = 2000
WIDE = {"value": "25", "low": "5", "high": "50", "unit": "%", "source": "us_floor", "distribution": "uniform"}
NONE_OF = "none: below {:.2f} % at 95 %"


def ways(scenario: bf.Scenario) -> dict[str, bf.Scenario]:
    """The scenario under every doctrine that it names, its own first."""
    found = {"as written": scenario}
    for name, patch in scenario.setting.doctrines.items():
        found[name] = reduce(lambda decides, change: decides.set(*change), patch.set_.items(), scenario)
    return found


def passing(scenario: bf.Scenario, runs: int) -> tuple[list[float], float]:
    """The share of draws that meet each criterion which counts, and that which meet all."""
    results = bf.simulate(scenario, arms=[], runs=runs, seed=1, workers=2, under=False)
    test = history_test(results, criteria_for("japan_patriot"))
    return [entry.share for entry in test.held if entry.criterion.counts], test.share


def row(name: str, floor: str, scenario: bf.Scenario, runs: int) -> str:
    """One doctrine with one range of floors."""
    each, together = passing(scenario, runs)
    said = f"{together:8.1%}" if together else NONE_OF.format(100 * (1 - 0.05 ** (1 / runs)))
    return f"{name:<12}{floor:<12}" + "".join(f"{share:>17.1%}" for share in each) + f"   {said}"


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    scenario = bf.load("japan_patriot")
    names = [entry.name for entry in criteria_for("japan_patriot") if entry.counts]
    print(f"{'doctrine':<12}{'floor':<12}" + "".join(f"{name:>17}" for name in names) + "        all")
    for name, decides in ways(scenario).items():
        print(row(name, "as written", decides, runs))
        print(row(name, "5 to 50 %", decides.set("states.USA.floor", WIDE), runs))


if __name__ == "__main__":
    main()

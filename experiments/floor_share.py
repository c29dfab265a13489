"""How pass-through moves with the share of its requirement below which the United States gives nothing.

    python experiments/floor_share.py [RUNS]

Nobody has published that floor, nor how Washington decides. So each floor is run under each doctrine of the scenario,
in the same random futures, against the same world without backfill.
"""

from __future__ import annotations

import sys

import backfill as bf

FLOORS = ("5 %", "10 %", "20 %", "30 %", "40 %", "50 %")
BY = ("2026-12", "2030-12")


def rows(floor: str, runs: int) -> list[str]:
    """Pass-through with its 90 % interval at each date, one row for each way in which the donor may decide."""
    scenario = bf.load("japan_patriot").set("states.USA.floor", floor)
    results = bf.simulate(scenario, arms=["no_backfill"], runs=runs, seed=1, workers=2)
    ways = {"as written": results} | {way: results.where_donor_decides(way) for way in results.under}
    return [
        f"{floor:>5}   {way:<12}" + "".join(f"{bf.pass_through(found, by)!s:>24}" for by in BY)
        for way, found in ways.items()
    ]


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("floor   decides     " + "".join(f"{'passed on by ' + by:>24}" for by in BY))
    for floor in FLOORS:
        print("\n".join(rows(floor, runs)))


if __name__ == "__main__":
    main()

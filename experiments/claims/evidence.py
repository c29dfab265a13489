"""What the eight small worlds are asked: courses of an arm, run by run, and the shares that the claims are about.

Every course is an array [runs, months]; months are written 2031-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import backfill as bf
from backfill.results.outcomes import every_axis_but

Floats = NDArray[np.float64]
FOLDER = Path(__file__).parent
CLAIMS = ("floors", "strings", "seekers", "permission", "queues", "shocks", "promises", "stock_to_flow")
FROM_STOCK, FROM_FLOW = ("gift", "sale", "pledge"), ("queue", "purchase")
SEED = 1


def lived(claim: str, runs: int, arms: Sequence[str] | None = None) -> bf.Results:
    """The world of a claim, lived through so many times in each arm."""
    return bf.simulate(bf.load(FOLDER / f"{claim}.yaml"), arms=arms, runs=runs, seed=SEED)


def until(results: bf.Results, month: str) -> int:
    """How many months have passed at the end of a month."""
    return results.months.index(month) + 1


def _flow(results: bf.Results, name: str, arm: str, state: str) -> Floats:
    """Units that arrived at a state, month by month; nothing where the world has no such flow."""
    flow = results.dataset.get(name)
    if flow is None or state not in flow["state"].values:
        return np.zeros((results.runs, len(results.months)))
    chosen = flow.sel(arm=[arm], state=state)
    return np.asarray(every_axis_but(chosen, "arm", "run", "month").values[0], dtype=float)


def aid(results: bf.Results, arm: str) -> Floats:
    """Units that arrived at Warland in each month."""
    return _flow(results, "aid", arm, results.setting.roles.aided)


def backfill(results: bf.Results, arm: str) -> Floats:
    """Units of backfill that arrived at Donora in each month."""
    return _flow(results, "backfill", arm, results.setting.roles.donor)


def freed(results: bf.Results, arm: str) -> Floats:
    """Units that Warland has had by each month because of the backfill: more than in the same arm without it."""
    if results.bare is None:
        raise ValueError("the world has no arm without backfill")
    return np.cumsum(aid(results, arm) - aid(results.bare, arm), axis=1)


def received(results: bf.Results, arm: str) -> Floats:
    """Units of backfill that Donora has had by each month."""
    return np.cumsum(backfill(results, arm), axis=1)


def moved(results: bf.Results, arm: str, against: str) -> Floats:
    """Units that Warland has had by each month, more than in another arm of the same run."""
    return np.cumsum(aid(results, arm) - aid(results, against), axis=1)


def passed_on(results: bf.Results, arm: str, since: str, to: str) -> float:
    """Of what came as backfill after one month and up to another, the part that went on in that time; means of runs."""
    first, last = until(results, since) - 1, until(results, to) - 1
    more, came = freed(results, arm), received(results, arm)
    return float(np.mean(more[:, last] - more[:, first]) / np.mean(came[:, last] - came[:, first]))


def level(results: bf.Results, name: str, arm: str, state: str) -> Floats:
    """A level of a state at the end of each month: position, floor."""
    return np.asarray(results.dataset[name].sel(arm=arm, state=state).transpose("run", "month").values, dtype=float)


def exposed(results: bf.Results, arm: str) -> Floats:
    """By how many rounds Donora stands below its floor at the end of each month."""
    donor = results.setting.roles.donor
    return np.maximum(level(results, "floor", arm, donor) - level(results, "position", arm, donor), 0.0)


def part_from_stock(results: bf.Results, arm: str) -> Floats:
    """Of what arrived at Warland in each year, the part that came out of stock.  [runs, years]"""
    table = results.dataset.aid_by_channel.sel(arm=arm, state=results.setting.roles.aided)
    stock, flow = (
        np.asarray(table.sel(channel=list(names)).sum("channel").transpose("run", "month").values, dtype=float)
        for names in (FROM_STOCK, FROM_FLOW)
    )
    yearly, total = (course.reshape(results.runs, -1, 12).sum(axis=2) for course in (stock, stock + flow))
    return yearly / np.maximum(total, 1.0)


def spread(runs: Floats) -> tuple[float, float, float]:
    """The median of runs, and what 90 % of them lie between."""
    low, middle, high = (float(np.quantile(runs, share)) for share in (0.05, 0.5, 0.95))
    return middle, low, high

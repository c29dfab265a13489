"""Chains that know their averages: a thousand runs of a thousand periods, once the start is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from backfill.arrays import Floats
from backfill.chance import Chance, negative_binomial, normal

RUNS, PERIODS, WARM = 1000, 1000, 100

Draw = Callable[[Floats], Floats]


def poisson(mean: float) -> Draw:
    """Whole units of demand a period, as even as chance allows."""
    return lambda luck: negative_binomial(luck, mean, np.inf)


def bell(mean: float, spread: float) -> Draw:
    """Demand from a normal distribution."""
    return lambda luck: mean + spread * normal(luck)


def demands(draw: Draw, *, runs: int = RUNS, periods: int = PERIODS + WARM, seed: int = 1) -> Iterator[Floats]:
    """Demand period by period, in every run its own.  [runs] each"""
    chance = Chance(seed, range(runs))
    for period in range(periods):
        yield draw(chance.uniform("demand", "customer", period))


def averages(chain: Any, rules: Sequence[Any], draw: Draw, measure: Callable[[Any], Sequence[Floats]]) -> Floats:
    """The mean of some measures of a chain over all runs and all periods after the start.  [measures]"""
    return np.mean([np.mean(measures, axis=1) for measures in _lived(chain, rules, draw, measure)], axis=0)


def mean_and_error(chain: Any, rules: Sequence[Any], draw: Draw, cost: Callable[[Any], Floats]) -> tuple[float, float]:
    """The mean cost a period, and its standard error from the spread between runs."""
    by_run = np.mean([costs[0] for costs in _lived(chain, rules, draw, lambda lived: [cost(lived)])], axis=0)
    return float(by_run.mean()), float(by_run.std(ddof=1) / np.sqrt(len(by_run)))


def _lived(
    chain: Any, rules: Sequence[Any], draw: Draw, measure: Callable[[Any], Sequence[Floats]]
) -> Iterator[Sequence[Floats]]:
    for period, demand in enumerate(demands(draw, runs=len(chain.stages[0].on_hand))):
        chain.step(demand, rules)
        if period >= WARM:
            yield measure(chain)

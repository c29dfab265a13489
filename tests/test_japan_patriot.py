"""What comes out of the world of the Japanese transfer, and was not put in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backfill.scenario import Scenario, load
from backfill.studies.run import simulate

RUNS = 40


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("japan_patriot")


@pytest.fixture(scope="module")
def results(scenario: Scenario) -> Any:
    return simulate(scenario, runs=RUNS, seed=1, workers=2, under=False)


def difference(results: Any, outcome: str, arm: str, other: str) -> Any:
    values = results.dataset[outcome]
    return values.sel(arm=arm) - values.sel(arm=other)


def test_no_japanese_unit_reaches_ukraine_in_any_run_of_any_arm(results: Any) -> None:
    aid = results.dataset.aid.sel(state="UKR")
    assert float(aid.sum()) > 0
    if "JPN" in aid.origin.values:
        assert not aid.sel(origin="JPN").any()
    assert not results.dataset.stock.sel(state="UKR").sel(origin="JPN").any()


def test_the_japanese_lots_are_handed_over_in_november_2025(results: Any) -> None:
    backfill = results.dataset.backfill.sel(arm="baseline", state="USA").sum(("item", "origin"))
    months = {str(backfill.month.values[index]) for index in np.flatnonzero(backfill.sum("run").values)}
    assert months == {"2025-11"}
    assert 4 <= float(backfill.sum("month").min()) <= float(backfill.sum("month").max()) <= 20


def test_under_the_rules_of_2014_backfill_is_exactly_zero_and_every_flow_that_of_no_backfill(results: Any) -> None:
    """Only the reasons differ: what is barred by law is neither an open case nor a promise that is broken."""
    assert not results.dataset.backfill.sel(arm="rules_2014").any()
    reasons = {"cases", "requested", "why_not", "verdict", "kept", "trust"}
    for outcome in set(results.dataset.data_vars) - reasons:
        if "arm" in results.dataset[outcome].dims:
            assert not difference(results, str(outcome), "rules_2014", "no_backfill").any(), outcome


def test_without_the_iran_war_nothing_differs_before_it(results: Any) -> None:
    for outcome in results.dataset.data_vars:
        if "arm" in results.dataset[outcome].dims:
            apart = difference(results, str(outcome), "no_iran_war", "baseline").sel(month=slice("2022-01", "2026-02"))
            assert not apart.any(), outcome
    assert difference(results, "stock", "no_iran_war", "baseline").sel(month="2026-03", state="USA").sum() > 0


def test_re_ordering_the_queue_moves_more_by_the_end_of_2025_than_the_transfer_ever(results: Any) -> None:
    cumulative = results.dataset.aid.sel(state="UKR").sum(("item", "origin")).cumsum("month")
    queue = (cumulative.sel(arm="baseline") - cumulative.sel(arm="no_queue_reorder")).sel(month="2025-12").mean()
    transfer = (cumulative.sel(arm="baseline") - cumulative.sel(arm="no_backfill")).mean("run")
    assert float(queue) > float(np.abs(transfer).max())


def test_while_seekers_bind_more_japanese_capacity_builds_no_more_missiles(scenario: Scenario) -> None:
    wider = scenario.set("manufacturers.mhi.lines.mse.capacity", "60 per year")
    totals, japanese = [], []
    for world in (scenario, wider):
        made = simulate(world, arms=["baseline"], runs=1, seed=1, central=True, under=False).dataset.produced
        made = made.sel(arm="baseline", run=0).sel(month=slice("2024-02", "2025-12"))
        totals.append(float(made.sel(line=["camden.mse", "mhi.mse"]).sum()))
        japanese.append(float(made.sel(line="mhi.mse").sum()))
    assert japanese[1] > japanese[0]
    assert abs(totals[1] - totals[0]) <= 2  # the fraction of a seeker that each of two years may carry


@pytest.mark.parametrize("under", ["headroom"])
def test_at_a_floor_of_the_whole_requirement_nothing_passes_through(scenario: Scenario, under: str) -> None:
    floored = scenario.set("states.USA.floor", "100 %")
    found = simulate(floored, arms=["no_backfill"], runs=1, seed=1, central=True)
    aid = found.under[under].aid.sel(state="UKR").sum(("item", "origin"))
    assert not (aid.sel(arm="baseline") - aid.sel(arm="no_backfill")).any()
    assert found.under[under].backfill.sel(arm="baseline").sum() > 0


def test_at_a_low_floor_something_passes_through(scenario: Scenario) -> None:
    low = scenario.set("states.USA.floor", "10 %")
    found = simulate(low, arms=["no_backfill"], runs=200, seed=1, workers=2)
    aid = found.under["headroom"].aid.sel(state="UKR").sum(("item", "origin")).cumsum("month").sel(month="2026-12")
    assert float((aid.sel(arm="baseline") - aid.sel(arm="no_backfill")).mean()) > 0

"""Claims about money, time to rebuild, regret and silent law, each worked out by hand."""

from __future__ import annotations

import json
import math
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from backfill.results import consequences, sections
from backfill.results.table import as_data
from backfill.scenario import load, numbers_of
from backfill.world import World

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("synthetic.py"))))
LAST = "2023-02"


def with_outcome(name: str, values: np.ndarray, axis: str, labels: list[str]):
    """The usual run with one more outcome  [arm, run, month, axis]."""
    results = make.results()
    coords = {key: results.dataset[key] for key in ("arm", "run", "month")} | {axis: labels}
    outcome = xr.DataArray(values, dims=("arm", "run", "month", axis), coords=coords)
    return replace(results, dataset=results.dataset.assign({name: outcome}))


def paying(baseline: float, none: float, more: float):
    """Every arm spends so many thousand dollars a month out of two purses."""
    spent = np.zeros((3, 5, 14, 2))
    spent[..., 0] = np.array([baseline, none, more])[:, None, None]
    spent[..., 1] = 500
    return with_outcome("spent", spent, "purse", ["purl", "other"])


def standing(position: list[float], floor: list[float]):
    """The usual run in which the donor stands so in every arm and run, month by month."""
    results = make.results()
    months = len(position)
    dataset = results.dataset.isel(month=slice(0, months)).copy(deep=True)
    for name, course in (("position", position), ("floor", floor)):
        dataset[name].loc[{"state": "USA"}] = np.array(course)
    return replace(results, dataset=dataset)


# Money


def test_money_is_summed_over_purses_in_millions() -> None:
    found = consequences.spent(paying(1000, 0, 2000), "2022-02")
    assert found.sel(run=0).values.tolist() == [3.0, 1.0, 5.0]


def test_cost_of_an_extra_unit_is_a_ratio_of_means() -> None:
    """A million more a month for fourteen months, for two extra units on average."""
    cost = consequences.cost_per_extra_unit(paying(1000, 0, 2000), LAST)
    assert cost.value == 7.0
    assert cost.low < 7.0 < cost.high


def test_where_less_is_spent_an_extra_unit_costs_less_than_nothing() -> None:
    assert consequences.cost_per_extra_unit(paying(0, 1000, 0), LAST).value == -7.0


def test_cost_is_undefined_without_a_purse_without_extra_units_and_for_the_arm_itself() -> None:
    assert consequences.cost_per_extra_unit(make.results(), LAST) is None
    assert consequences.cost_per_extra_unit(paying(1000, 0, 0), "2022-03") is None
    assert consequences.cost_per_extra_unit(paying(1000, 0, 0), LAST, arm="no_backfill") is None
    one = paying(1000, 0, 0)
    central = replace(one, dataset=one.dataset.isel(run=[0]), runs=1, central=True)
    assert consequences.cost_per_extra_unit(central, LAST) is None


# Time to rebuild


@pytest.mark.parametrize(
    ("position", "months"),
    [
        ([9, 5, 3, 4, 7, 8, 9], 2),
        ([9, 9, 7, 8, 9, 9, 9], 0),
        ([9, 5, 3, 4, 5, 5, 6], math.inf),
        ([5, 8, 2, 2, 8, 5, 8], 2),
        ([8, 8, 8, 8, 8, 8, 1], math.inf),
    ],
)
def test_rebuilding_lasts_from_the_deepest_month_to_the_first_one_back_at_the_floor(position, months) -> None:
    """The floor is 7; of two equally deep months the first counts."""
    found = consequences.rebuild_time(standing(position, [7] * 7), "USA")
    assert found.dims == ("arm", "run")
    assert (found == months).all()


def test_a_floor_that_moves_is_the_one_to_come_back_to() -> None:
    assert (consequences.rebuild_time(standing([5, 5, 5, 5], [4, 8, 6, 5]), "USA") == 2).all()


def test_rebuilding_may_be_measured_against_any_level() -> None:
    results = standing([9, 5, 3, 4, 7, 8, 9], [1] * 7)
    assert (consequences.rebuild_time(results, "USA", 9.0) == 4).all()
    assert (consequences.rebuild_time(results, "USA") == 0).all()
    assert consequences.rebuild_time(results, "FRA") is None


def test_most_runs_that_are_never_back_have_no_median() -> None:
    results = standing([9, 5, 3, 4, 5, 5, 6], [7] * 7)
    found = consequences.burdens(results, "2022-07")["baseline"].rebuilds["USA"]
    assert found == consequences.Rebuild(None, 0.0)
    assert "not by the end (0 %)" in "\n".join(sections.consequences(results))
    assert (
        json.loads(json.dumps(as_data(results), allow_nan=False))["burdens"]["more"]["rebuild"]["USA"]["months"] is None
    )


def test_a_state_that_never_lies_below_its_floor_has_no_column() -> None:
    assert consequences.burdens(standing([9] * 7, [7] * 7), "2022-07")["baseline"].rebuilds.get("USA") is None


# Regret


def test_regret_is_the_distance_to_the_best_arm_of_the_same_run() -> None:
    """Four more in the third arm, two in the first, one more or less in every second run of both."""
    found = consequences.regret(make.results(), LAST)
    assert found.sel(arm="more").values.tolist() == [0] * 5
    assert found.sel(arm="baseline").values.tolist() == [2] * 5
    assert found.sel(arm="no_backfill").values.tolist() == [3, 5, 3, 5, 4]


def test_some_arm_is_without_regret_in_every_run() -> None:
    found = consequences.regret(make.results(), "2022-07")
    assert (found.min("arm") == 0).all()
    assert (found >= 0).all()


# Law that is silent


def test_the_share_on_trust_is_a_ratio_of_means() -> None:
    results = make.results()
    values = np.zeros((3, 5, 14, 4, 2))
    values[:, :, :, 2, 0] = 3
    coords = {key: results.dataset[key] for key in ("arm", "run", "month", "state")} | {"flow": ["aid", "backfill"]}
    outcome = xr.DataArray(values, dims=("arm", "run", "month", "state", "flow"), coords=coords)
    found = replace(results, dataset=results.dataset.assign(undetermined=outcome))
    assert consequences.share_undetermined(found, LAST, "no_backfill") == pytest.approx(14 * 3 / (14 * 12))
    assert consequences.undetermined(found, LAST, "backfill").sum() == 0
    assert consequences.share_undetermined(results, LAST) is None


@pytest.fixture
def grow(tmp_path: Path) -> Callable[..., World]:
    """A donor that gives what it made itself and what came from Allia, under a law of Allia's, and raise it."""

    def grown(rules: str, origin: str = "XAL") -> World:
        text = [
            "scenario: 1",
            "title: A small world",
            "label: fictional",
            "horizon: 2030-01 to 2030-12",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            "items: {arrow: {name: Arrow, licensor: XDA, cost: 1 million usd}}",
            "states:",
            f"  XDA: {{items: {{arrow: {{stock: 1000, origin: {origin}}}}}, doctrine: headroom, requirement: 100}}",
            "  XAL: {items: {arrow: {stock: 0}}}",
            "  XWA: {items: {arrow: {stock: 0}}, load: 1, fire_units: {2030-01: 100}}",
            "transfers: {any-to-any: {decision: 0 days, contract: 0 days, handover: 0 days, transit: 15 days}}",
            rules,
        ]
        path = tmp_path / "silent.yaml"
        path.write_text("\n".join(text), encoding="utf-8")
        setting = load(path).setting
        return World(setting, range(3), 1, numbers_of(setting))

    return grown


def arrived(world: World) -> tuple[float, float]:
    """Units of the first run that arrived as aid, and those of them whose way no law on file determines."""
    tables = world.run().tables
    return float(tables["aid"][:, :, 0].sum()), float(tables["undetermined"][:, 0, 0].sum())


def test_units_of_a_state_whose_law_is_not_on_file_go_on_trust(grow, allia_denies) -> None:
    """Allia's law says nothing against it, that of the donor is not on file, so that all of it rests on trust."""
    allia_denies("{destination: XAL}")
    aid, trusted = arrived(grow("export_rules: {policies: [XAL], undetermined: permit}"))
    assert aid == trusted == 100


def test_nothing_rests_on_trust_where_all_law_is_on_file(grow, allia_denies, tmp_path) -> None:
    """The control: the same law, and the donor's beside it."""
    allia_denies("{destination: XAL}")
    law = (tmp_path / "policies" / "XAL.yaml").read_text(encoding="utf-8").replace("XAL", "XDA")
    (tmp_path / "policies" / "XDA.yaml").write_text(law, encoding="utf-8")
    assert arrived(grow("export_rules: {policies: [XAL, XDA], undetermined: permit}")) == (100, 0)


def test_nothing_rests_on_trust_where_silence_allows_nothing(grow, allia_denies) -> None:
    allia_denies("{destination: XAL}")
    assert arrived(grow("export_rules: {policies: [XAL], undetermined: deny}")) == (0, 0)


def test_a_world_without_any_law_does_not_count_it(grow) -> None:
    assert "undetermined" not in grow("").run().tables

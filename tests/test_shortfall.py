"""Claims about why not more: the causes add up to what is missing, and nothing is said of what nobody recorded."""

from __future__ import annotations

import json
import runpy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr

from backfill import load, simulate
from backfill.errors import UnknownName
from backfill.plots import palette
from backfill.plots.causes import LAYERS, finding, has_causes, layers_of, missing_by_cause
from backfill.plots.files import FIGURES, save
from backfill.plots.house import texts
from backfill.records.causes import CAUSES
from backfill.results import sections, shortfall
from backfill.results.table import as_data
from backfill.words import CAUSES as WORDS

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("synthetic.py"))))
colliding = runpy.run_path(str(Path(__file__).with_name("test_plots.py")))["colliding"]
NAMED = ("rule", "floor", "stock")


@dataclass(frozen=True)
class World(make.World):
    """The usual world, whose items have names."""

    def arm(self, name: str = "baseline", under: str | None = None) -> SimpleNamespace:
        """The setting of an arm."""
        setting = super().arm(name, under)
        setting.items = {item: SimpleNamespace(name=item.upper()) for item in setting.roles.items}
        return setting


def charged(amounts: np.ndarray, named: Sequence[str] = NAMED):
    """The usual run, in which Ukraine alone lacks so many equivalents by cause  [arm, run, month, cause]."""
    results = make.results(world=World())
    labels = {"state": ["UKR", "USA"], "need": ["mse"], "asked_for": ["aid", "backfill"]}
    arms, runs, months, causes = amounts.shape
    why_not = np.zeros((arms, runs, months, 2, 1, 2, causes), np.float32)
    why_not[:, :, :, 0, 0, 0] = amounts
    dims = ("arm", "run", "month", *labels)
    known = {axis: results.dataset[axis] for axis in ("arm", "run", "month")} | labels
    more = {
        "why_not": xr.DataArray(why_not, dims=(*dims, "cause"), coords=known | {"cause": list(named)}),
        "short": xr.DataArray(why_not.sum(-1), dims=dims, coords=known),
    }
    return replace(
        results, dataset=results.dataset.drop_dims("state").assign(aid=results.aid).merge(more, join="outer")
    )


@pytest.fixture
def three() -> np.ndarray:
    """Three by law in every month, one by the floor in every second run of the third arm, nothing else."""
    amounts = np.zeros((3, 5, 14, 3))
    amounts[..., 0] = 3
    amounts[2, ::2, :, 1] = 1
    return amounts


@pytest.fixture(scope="module")
def japan():
    """A short run of the packaged scenario."""
    return simulate(load("japan_patriot"), arms=["no_backfill", "rules_2014"], runs=6, seed=1, under=False)


@pytest.mark.parametrize("asked_for", shortfall.ASKED_FOR)
def test_in_every_run_the_causes_add_up_exactly_to_what_is_missing(japan, asked_for) -> None:
    missing, causes = shortfall.missing(japan, asked_for), shortfall.by_cause(japan, asked_for)
    assert missing.dims == ("arm", "run")
    assert (missing > 0).any()
    assert causes.sum("cause").equals(missing)
    span = {"since": "2024-01", "until": "2025-06"}
    assert shortfall.by_cause(japan, asked_for, **span).sum("cause").equals(shortfall.missing(japan, asked_for, **span))


def test_what_is_missing_in_two_spans_is_what_is_missing_in_both(japan) -> None:
    parts = [{"until": "2024-12"}, {"since": "2025-01"}]
    assert sum(shortfall.missing(japan, **part) for part in parts).equals(shortfall.missing(japan))


def test_where_the_law_of_2014_stays_it_is_the_law_that_keeps_the_backfill(japan) -> None:
    """The control is the baseline, in which the gate opens at the end of 2023."""
    found = shortfall.missing_by_arm(japan, "backfill")
    assert found["rules_2014"].shares["rule"] > 2 * found["baseline"].shares["rule"]
    assert found["rules_2014"].shares["will"] == 0 < found["baseline"].shares["will"]


def test_shares_are_ratios_of_means_as_worked_out_by_hand(three) -> None:
    found = shortfall.missing_by_arm(charged(three), "aid")
    assert found["baseline"] == shortfall.Missing(3.0, {"rule": 1.0, "floor": 0.0, "stock": 0.0})
    assert found["more"].a_month == pytest.approx(3.6)
    assert found["more"].shares == pytest.approx({"rule": 3 / 3.6, "floor": 0.6 / 3.6, "stock": 0})


def test_a_cause_that_is_charged_with_nothing_in_any_arm_is_left_out(three) -> None:
    results = charged(three)
    assert shortfall.causes_with_a_part(shortfall.missing_by_arm(results, "aid")) == ["rule", "floor"]
    page = "\n".join(sections.why_not(results))
    assert "| arm | missing in a month, equivalents | barred by law | kept for a floor |" in page
    assert "| baseline, no\\_backfill | 3 | 100 % | – |" in page
    assert "| more | 4 | 83 % | 17 % |" in page
    assert "Backfill that" not in page


def test_nothing_is_missing_and_nothing_is_said(three) -> None:
    results = charged(three * 0)
    assert shortfall.missing_by_arm(results, "aid")["more"].shares == {"rule": 0, "floor": 0, "stock": 0}
    assert list(sections.why_not(results)) == []


def test_what_nobody_recorded_is_undefined() -> None:
    results = make.results()
    assert shortfall.missing(results) is None
    assert shortfall.course_by_cause(results) is None
    assert as_data(results)["why_not"] == {"aid": None, "backfill": None}


def test_a_month_outside_the_horizon_is_named(three) -> None:
    with pytest.raises(UnknownName, match="'2031-01'; expected one from 2022-01 to 2023-02"):
        shortfall.missing(charged(three), until="2031-01")


def test_the_data_say_what_the_page_says(three) -> None:
    found = json.loads(json.dumps(as_data(charged(three)), allow_nan=False))["why_not"]["aid"]["more"]
    assert found["a_month"] == pytest.approx(3.6)
    assert sum(found["shares"].values()) == pytest.approx(1)


def test_the_table_of_causes_holds_the_means_of_every_month(japan, tmp_path) -> None:
    rows = pq.read_table(japan.save(tmp_path / "here") / "tables" / "causes.parquet").to_pandas()
    assert (rows["mean"] > 0).all()
    assert set(rows["state"]) == {"UKR", "USA"}
    totals = rows[rows["asked_for"] == "aid"].groupby("arm", observed=True)["mean"].sum()
    assert totals["baseline"] == pytest.approx(float(shortfall.missing(japan).sel(arm="baseline").mean()))


def test_every_cause_has_words() -> None:
    assert set(WORDS) == set(CAUSES)
    assert len(set(WORDS.values())) == len(CAUSES)


# The figure


def everything():
    """A run in which every cause keeps back as much as every other."""
    return charged(np.ones((3, 5, 14, len(CAUSES))), CAUSES)


def test_every_cause_is_drawn_in_exactly_one_layer_with_a_colour_of_its_own() -> None:
    drawn = [cause for _, _, _, causes in LAYERS for cause in causes]
    assert sorted(drawn) == sorted(CAUSES)
    assert {name for _, name, _, _ in LAYERS} == set(palette.CAUSES)
    assert len(set(palette.CAUSES.values())) == len(LAYERS)


def test_the_layers_add_up_to_what_is_missing(three) -> None:
    """Also a cause that no layer names, which somebody may add to the world."""
    for results in (charged(three), everything(), charged(three, ("rule", "bad_luck", "stock"))):
        total = np.sum([layer.course for layer in layers_of(results)], axis=0)
        assert np.allclose(total, shortfall.course_by_cause(results).sel(arm="baseline").sum("cause"))


def test_the_smallest_causes_are_drawn_as_one(three) -> None:
    three[0, :, 0, 1] = three[0, :, 1, 2] = 0.1
    assert [layer.name for layer in layers_of(charged(three))] == ["barred by law", "two small causes"]


@pytest.mark.parametrize("results", [everything, lambda: charged(np.ones((3, 5, 14, 3)))])
def test_labels_of_the_figure_stay_on_the_page_and_apart(results) -> None:
    figure = missing_by_cause(results())
    assert colliding(figure) == []
    assert any("peak: " in label.get_text() for label in texts(figure))


def test_the_title_names_the_two_greatest_causes(three) -> None:
    setting = World().setting
    assert finding(setting, layers_of(charged(three))) == "All that Ukraine lacks is barred by law"
    three[0, :, :, 1] = 1
    said = "75 % of what Ukraine lacks is barred by law, 25 % kept for a floor"
    assert finding(setting, layers_of(charged(three))) == said


def test_where_nothing_is_missing_or_recorded_there_is_no_figure(three, tmp_path) -> None:
    assert not has_causes(charged(three * 0))
    assert not has_causes(make.results())
    assert has_causes(charged(three))
    assert FIGURES["why_not_more"] is missing_by_cause
    once, again = (save(missing_by_cause(charged(three)), tmp_path / name) for name in ("once", "again"))
    assert once[0].read_bytes() == again[0].read_bytes()

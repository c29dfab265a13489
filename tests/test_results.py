"""Results are read by the names of outcomes, arms and ways of deciding."""

import copy
import pickle
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill import load, simulate
from backfill.errors import BackfillError, UnknownName

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("synthetic.py"))))


def test_every_outcome_is_an_attribute():
    results = make.results()
    assert results.aid is not None
    assert results.aid.dims == ("arm", "run", "month", "state", "item", "origin")
    assert float(results.aid.sel(arm="baseline", state="UKR", month="2022-07").sum()) == 5 * 12 + 5 * 2


def test_an_outcome_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(AttributeError, match=r"no 'ade'; outcomes: aid, backfill"):
        _ = make.results().ade


def test_a_run_of_nothing_is_refused_in_a_sentence():
    world = load("japan_patriot")
    for odd in ({"runs": 0}, {"runs": 2.5}, {"arms": "no_backfill"}):
        with pytest.raises(BackfillError, match=r"found .*; expected"):
            simulate(world, seed=1, **odd)
    assert repr(world).startswith("Scenario(japan_patriot: baseline, no_backfill")


def test_it_says_what_it_is():
    assert repr(make.results()) == "Results(made_up: baseline, no_backfill, more; 5 runs, 2022-01 to 2023-02, seed 1)"


def test_some_arms_are_results_too():
    some = make.results().of(["baseline", "more"])
    assert some.arms == ["baseline", "more"]
    assert some.dataset.sizes["arm"] == some.under["flow"].sizes["arm"] == 2
    assert [row.arm for row in some.table.rows] == ["baseline", "more"]
    with pytest.raises(UnknownName, match="nearest: more"):
        some.of(["moore"])


def test_another_way_of_deciding_is_results_with_fewer_outcomes():
    other = make.results().where_donor_decides("flow")
    assert "position" in other.dataset
    assert "unmet" not in other.dataset
    with pytest.raises(UnknownName, match="expected one of flow"):
        make.results().where_donor_decides("glow")


def test_what_was_drawn_is_found_at_its_path_and_else_the_value():
    results = make.results()
    floor = make.number(0.25, "states.USA.floor")
    assert results.drawn(floor).tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert results.drawn(make.number(9.0, "x", same_as="states.USA.floor")).tolist() == results.drawn(floor).tolist()
    assert results.drawn(make.number(9.0, "elsewhere")).tolist() == [9.0] * 5


def test_results_survive_a_copy():
    results = copy.copy(make.results())
    assert np.array_equal(results.aid, make.results().aid)
    stored = pickle.loads(pickle.dumps(results.dataset))  # noqa: S301
    assert stored.equals(results.dataset)


def test_the_table_prints_itself():
    table = make.results().table
    assert str(table).splitlines()[4].startswith("baseline")

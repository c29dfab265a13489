"""What is told of differences and drivers where points stop early, values have no end, or nothing is left to pair."""

import numpy as np
import pandas as pd
import pytest

from backfill.results.gaps import gap_between
from backfill.studies.design import SobolSample
from backfill.studies.mattering import _of_draws, sobol_indices


def test_a_run_without_end_at_one_point_of_one_arm_is_left_out_over_points():
    first = np.array([[1.0, np.inf, 1.0], [5.0, 5.0, 5.0]])
    second = np.array([[1.0, 1.0, 1.0], [4.0, 4.0, 4.0]])
    gap = gap_between(first, second)
    assert (gap.runs, gap.left_out) == (2, 1)
    assert (gap.mean, gap.first, gap.second) == (0.5, 3.0, 2.5)


def test_what_has_no_end_at_one_point_in_both_arms_hides_no_difference_at_another():
    """In the mean over points both arms were infinite, and so the same."""
    gap = gap_between(np.array([[np.inf, np.inf], [3.0, 4.0]]), np.array([[np.inf, np.inf], [1.0, 2.0]]))
    assert not gap.is_nothing
    assert (gap.runs, gap.mean, gap.left_out) == (2, 1.0, 0)


def test_what_is_undefined_at_one_point_of_one_arm_is_not_made_up_for_by_other_points():
    """The mean of what is left would compare the second point with both of them."""
    gap = gap_between(np.array([[np.nan, 1.0], [9.0, 9.0]]), np.array([[1.0, 1.0], [9.0, 9.0]]))
    assert (gap.runs, gap.left_out, gap.mean, gap.equal) == (1, 1, 0.0, 1.0)


def test_means_over_points_are_those_of_the_differences():
    chance = np.random.default_rng(3)
    first, second = chance.normal(size=(2, 4, 30))
    gap, per_run = gap_between(first, second), (first - second).mean(axis=0)
    assert gap.mean == pytest.approx(per_run.mean())
    assert gap.high - gap.mean == pytest.approx(1.645 * per_run.std(ddof=1) / np.sqrt(30))


def test_no_pair_at_all_is_no_single_run():
    gap = gap_between(np.array([np.inf, np.inf]), np.array([1.0, 2.0]))
    assert (gap.runs, gap.left_out) == (0, 2)
    assert "no run in which both arms have it" in gap.in_doubt()


def test_no_number_of_runs_settles_what_only_rounding_leaves():
    there = np.array([0.1, 0.2, 0.3, -0.3, -0.2, -0.1 + 1e-17, 5.0, -5.0, 1e-16])
    gap = gap_between(there, np.zeros(9))
    assert gap.mean != 0
    assert gap.enough is None
    assert gap.in_doubt() == "could be noise: the runs balance each other"


class Stopped:
    """A study of two points, the first of which stopped after half of its runs; draws decide the outcome."""

    def __init__(self):
        self.floor = np.linspace(0.4, 0.6, 80)

    def table(self, name, *, columns, where):
        assert (name, columns) == ("draws", ["run", "number", "value"])
        runs = 40 if where["point"] == [0] else 80
        return pd.DataFrame({"run": np.arange(runs), "number": "floor", "value": self.floor[:runs]})


def test_drivers_are_told_from_the_runs_that_every_point_has():
    """Runs that the first point lacks had no draws, so that no number seemed to differ."""
    study = Stopped()
    index = pd.MultiIndex.from_tuples(
        [(0, run) for run in range(40)] + [(1, run) for run in range(80)], names=["point", "run"]
    )
    values = np.concatenate([10 * study.floor[:40], 500 + study.floor])
    found = _of_draws(study, pd.Series(values, index=index))
    assert found.over == "drawn numbers, over 40 runs"
    assert [(one.name, round(one.value, 6)) for one in found.found] == [("floor", 1.0)]


def test_a_point_at_which_it_is_never_defined_has_no_say():
    study = Stopped()
    index = pd.MultiIndex.from_product([[0, 1], range(40)], names=["point", "run"])
    values = pd.Series(np.concatenate([np.full(40, np.nan), study.floor[:40]]), index=index)
    assert [one.name for one in _of_draws(study, values).found] == ["floor"]
    nothing = _of_draws(study, values * np.nan)
    assert (nothing.found, nothing.note) == ((), "no runs in which it is defined")


SAMPLE = SobolSample(
    ("a", "b"), tuple(range(64)), tuple(range(64, 128)), (tuple(range(128, 192)), tuple(range(192, 256))), {}
)


def sampled(model):
    chance = np.random.default_rng(5)
    a, b = chance.random((2, 64, 2))
    mixed = [np.where(np.arange(2) == column, b, a) for column in range(2)]
    return pd.Series(model(np.concatenate([a, b, *mixed])))


def test_sobol_intervals_are_the_same_whenever_they_are_asked_for():
    outcome = sampled(lambda x: 3 * x[:, 0] + x[:, 1])
    first, again = (list(sobol_indices(SAMPLE, outcome)) for _ in range(2))
    assert first == again
    strongest = first[1].found[0]
    assert strongest.name == "a"
    assert strongest.low < strongest.value < strongest.high


def test_sobol_intervals_hold_what_is_known_of_a_sum():
    """Of 3 a + b with uniform a and b, a has 9/10 of the variance; the wrong factor is the control."""
    found = {one.name: one for one in list(sobol_indices(SAMPLE, sampled(lambda x: 3 * x[:, 0] + x[:, 1])))[1].found}
    assert found["a"].low < 0.9 < found["a"].high
    assert not found["b"].low < 0.9 < found["b"].high


def test_sobol_indices_of_what_has_no_end_are_not_told():
    rankings = list(sobol_indices(SAMPLE, sampled(lambda x: np.where(x[:, 0] > 0.9, np.inf, x[:, 0]))))
    assert all("have no value" in ranking.note and not ranking.found for ranking in rankings)

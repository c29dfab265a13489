"""Scores against closed forms, and coverage against ensembles that are right and ones that are wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from backfill.results.scores import as_announced, covered, crps, last_value, score, skill, straight_line

RUNS = 4001


def normal(mean: float, sd: float) -> np.ndarray:
    """An ensemble that lies as evenly as a normal distribution allows  [runs, 1]."""
    return mean + sd * norm.ppf((np.arange(RUNS) + 0.5) / RUNS)[:, None]


@pytest.mark.parametrize("away", [-2.5, -0.3, 0.0, 1.0, 3.0])
def test_of_a_normal_ensemble_it_is_the_closed_form(away):
    # Gneiting and Raftery 2007: sd * (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))
    sd = 40.0
    closed = sd * (away * (2 * norm.cdf(away) - 1) + 2 * norm.pdf(away) - 1 / math.sqrt(math.pi))
    found = crps(normal(100.0, sd), np.array([100.0 + away * sd]))[0]
    assert found == pytest.approx(closed, rel=2e-3)  # 4,001 evenly spread quantiles stand for the whole


def test_of_a_uniform_ensemble_it_is_the_closed_form():
    evenly = ((np.arange(RUNS) + 0.5) / RUNS)[:, None]
    for value in (0.0, 0.2, 0.5, 1.0):  # integral of v^2 up to y and (1 - v)^2 from there
        closed = value**3 / 3 + (1 - value) ** 3 / 3
        assert crps(evenly, np.array([value]))[0] == pytest.approx(closed, abs=1e-6)


def test_it_is_the_mean_over_all_pairs():
    ensemble = np.random.default_rng(3).gamma(2.0, 5.0, size=(23, 4))
    observed = np.array([3.0, 9.0, 14.0, 40.0])
    pairs = np.abs(ensemble[:, None] - ensemble[None]).mean(axis=(0, 1))
    assert crps(ensemble, observed) == pytest.approx(np.abs(ensemble - observed).mean(axis=0) - pairs / 2)


def test_of_one_run_it_is_the_absolute_error():
    assert crps(np.array([[7.0, 2.0]]), np.array([4.0, 9.0])) == pytest.approx([3.0, 7.0])


def test_the_truth_scores_better_than_a_forecast_that_is_off_too_narrow_or_too_wide():
    observed = np.random.default_rng(11).normal(50.0, 10.0, size=2000)

    def mean(centre, sd):
        return crps(np.repeat(normal(centre, sd)[::20], len(observed), axis=1), observed).mean()

    truth = mean(50.0, 10.0)
    assert all(truth < mean(*wrong) for wrong in ((56.0, 10.0), (50.0, 4.0), (50.0, 25.0)))


@pytest.mark.parametrize(("sd", "right"), [(10.0, True), (4.0, False), (25.0, False)])
def test_bands_cover_what_they_say_only_if_the_spread_is_right(sd, right):
    observed = np.random.default_rng(5).normal(50.0, 10.0, size=3000)
    ensemble = np.repeat(normal(50.0, sd)[::20], len(observed), axis=1)
    for band in (0.5, 0.9):
        share = covered(ensemble, observed, band).mean()
        near = abs(share - band) < 4 * math.sqrt(band * (1 - band) / 3000) + 0.01  # 4 standard errors, 201 quantiles
        assert near == right


def test_bias_has_the_sign_of_the_forecast():
    found = score(np.array([[10.0], [12.0], [14.0]]), np.array([9.0]))
    assert (found.bias, found.inside, found.points) == (3.0, (0, 0), 1)


def test_skill_is_undefined_against_a_perfect_forecast():
    assert skill(1.0, 0.0) is None
    assert skill(0.0, 2.0) == 1.0


def test_naive_forecasts():
    times, values, at = np.array([0.0, 6.0, 12.0]), np.array([10.0, 22.0, 34.0]), np.array([18.0, 24.0])
    assert last_value(times, values, at) == pytest.approx([34.0, 34.0])
    assert straight_line(times, values, at) == pytest.approx([46.0, 58.0])
    assert straight_line(times, values, at, most=50.0) == pytest.approx([46.0, 50.0])
    assert straight_line(times[:1], values[:1], at) == pytest.approx([10.0, 10.0])
    assert straight_line(times, values[::-1], np.array([99.0])) == pytest.approx([0.0])  # nothing falls below zero
    assert as_announced(np.array([12.0, 24.0]), np.array([34.0, 100.0]), at) == pytest.approx([67.0, 100.0])

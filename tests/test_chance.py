"""Every draw has an address, and depends on nothing else; distributions are what their names say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from backfill.chance import Chance, binomial, negative_binomial, normal, triangular, uniform_between

MONTH = 2026 * 12
SEED = 20260131
PUBLISHED = [
    0.4883338452618098,
    0.9294306381568002,
    0.38497369676660453,
    0.6838871007591052,
    0.7864118597779954,
    0.45366776788172436,
]
"""What seed 1 gave the first six replications when the addresses were settled."""


def every_draw(replications, seed=SEED):
    chance = Chance(seed, replications)
    streams = (("demand", "border_war"), ("demand", "gulf"), ("will", "XDA.arrow.gift"))
    return np.array([chance.uniform(*stream, month) for stream in streams for month in (0, MONTH, MONTH + 1)])


# --- addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [[0], [6], [999], [1, 2, 3], [4, 5, 6, 7, 8], [900, 3, 3, 14], [7, 5]])
def test_a_run_alone_equals_its_row_in_the_ensemble(chosen):
    assert (every_draw(chosen) == every_draw(range(1000))[:, chosen]).all()


@pytest.mark.parametrize("first", [0, 1, 2, 3, 4, 10**6, 2**40 + 3])
def test_where_a_block_begins_changes_nothing(first):
    assert (every_draw(range(first + 2, first + 9)) == every_draw(range(first, first + 9))[:, 2:]).all()


def test_one_more_bystander_changes_nobody_elses_luck():
    alone, crowded = Chance(SEED, range(50)), Chance(SEED, range(50))
    before = [alone.uniform("demand", "gulf", MONTH), alone.uniform("demand", "gulf", MONTH + 1)]
    crowded.uniform("onset", "gulf", MONTH)
    after = [crowded.uniform("demand", "gulf", MONTH)]
    crowded.uniform("demand", "elsewhere", MONTH)
    after.append(crowded.uniform("demand", "gulf", MONTH + 1))
    assert (np.array(before) == np.array(after)).all()


def test_the_order_of_asking_changes_nothing():
    chance = Chance(SEED, range(9))
    forward = [chance.uniform("will", "XDA", month) for month in range(MONTH, MONTH + 5)]
    backward = [chance.uniform("will", "XDA", month) for month in reversed(range(MONTH, MONTH + 5))]
    assert (np.array(forward) == np.array(backward[::-1])).all()


def test_names_are_kept_apart_where_they_meet():
    chance = Chance(SEED, range(20))
    assert (chance.uniform("ab", "c") != chance.uniform("a", "bc")).all()


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1, 2**64, 10**60, 10**60 + 1])
def test_every_digit_of_a_seed_counts(seed):
    others = [other for other in (0, 7, 2**64 - 1, 2**64, 10**60, 10**60 + 1) if other != seed]
    assert all((every_draw(range(8), seed) != every_draw(range(8), other)).all() for other in others)


@pytest.mark.parametrize(("seed", "replications"), [(-1, [0]), (1, [3, -2])])
def test_what_is_negative_is_refused(seed, replications):
    with pytest.raises(ValueError, match="whole numbers from 0 on"):
        Chance(seed, replications)


def test_the_draws_of_a_seed_stay_what_they_are():
    """A result that was published must be found again: a change of the addressing shows here."""
    found = Chance(1, range(6)).uniform("demand", "gulf", MONTH)
    assert found.tolist() == PUBLISHED


def test_uniforms_are_even_and_unrelated_over_runs_months_and_names():
    draws = every_draw(range(20_000))
    assert all(stats.kstest(row, "uniform").pvalue > 1e-4 for row in draws)  # nine fair tests: one in 1,000 fails
    related = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(related).max() < 5 / np.sqrt(20_000)  # five standard errors


def test_uneven_numbers_would_be_noticed():
    """The control: squares of uniforms fail the test that uniforms pass."""
    assert stats.kstest(every_draw(range(20_000))[0] ** 1.05, "uniform").pvalue < 1e-4


# --- distributions ----------------------------------------------------------------------------------------------


def many_uniforms(count=20_000):
    return Chance(SEED, range(count)).uniform("many", "uniforms")


def many_means(lowest, highest):
    spread = Chance(SEED, range(20_000)).uniform("many", "means")
    return np.exp(uniform_between(spread, np.log(lowest), np.log(highest)))


def many_dispersions():
    return np.exp(uniform_between(Chance(SEED, range(20_000)).uniform("many", "dispersions"), np.log(0.5), np.log(30)))


def exact_count(uniform, mean, dispersion):
    return stats.nbinom.ppf(uniform, dispersion, dispersion / (dispersion + mean))


def test_counts_are_those_of_the_negative_binomial():
    uniform, mean, dispersion = many_uniforms(), many_means(0.5, 499.9), many_dispersions()
    assert (negative_binomial(uniform, mean, dispersion) == exact_count(uniform, mean, dispersion)).all()


@pytest.mark.parametrize("mean", [0.02, 3.0, 80.0, 450.0])
def test_counts_are_exact_in_the_tails(mean):
    uniform = np.array([1e-15, 1e-9, 1e-4, 1 - 1e-4, 1 - 1e-9, 1 - 1e-12])
    assert (negative_binomial(uniform, mean, 6.0) == exact_count(uniform, mean, 6.0)).all()


def test_counts_without_dispersion_limit_are_poisson():
    uniform, mean = many_uniforms(), many_means(0.5, 499.9)
    assert (negative_binomial(uniform, mean, np.inf) == stats.poisson.ppf(uniform, mean)).all()
    assert (negative_binomial(uniform, mean, 1e9) == exact_count(uniform, mean, 1e9)).all()


def test_large_counts_are_within_a_few_units_of_the_negative_binomial():
    uniform, mean = many_uniforms(4000), many_means(500.0, 20_000.0)[:4000]
    off = np.abs(negative_binomial(uniform, mean, 6.0) - exact_count(uniform, mean, 6.0))
    assert np.mean(off <= 1) > 0.99
    assert off.max() <= 5  # the gamma that matches mean and variance is not the same curve


def test_a_wrong_dispersion_would_be_noticed():
    """The control: the comparison tells a dispersion of 6 from one of 6.1."""
    uniform, mean = many_uniforms(), many_means(0.5, 499.9)
    assert (negative_binomial(uniform, mean, 6.1) != exact_count(uniform, mean, 6.0)).any()


def test_where_nothing_is_expected_nothing_happens():
    uniform = np.array([0.0, 0.5, 1 - 2**-53, 0.5])
    assert negative_binomial(uniform, np.array([0.0, 0.0, 0.0, 40.0]), 6.0).tolist() == [0, 0, 0, 38]
    assert negative_binomial(uniform, 0.0, 6.0).tolist() == [0, 0, 0, 0]


def test_a_count_in_a_run_does_not_depend_on_the_other_runs():
    """Small, exact and large means in one block, each as if alone."""
    uniform, mean, dispersion = many_uniforms(300), many_means(0.01, 5000.0)[:300], many_dispersions()[:300]
    together = negative_binomial(uniform, mean, dispersion)
    for run in range(300):
        alone = negative_binomial(uniform[[run]], mean[[run]], dispersion[[run]])
        assert alone[0] == together[run]


def test_counts_never_fall_when_more_is_expected():
    uniform = many_uniforms(500)
    steps = np.array([negative_binomial(uniform, mean, 6.0) for mean in np.linspace(1.0, 499.0, 40)])
    assert (np.diff(steps, axis=0) >= 0).all()


def test_successes_are_those_of_the_binomial():
    uniform, trials = many_uniforms(), np.rint(many_means(1.0, 20_000.0))
    for chance in (0.09, 0.3, 0.97, Chance(SEED, range(20_000)).uniform("many", "chances")):
        assert (binomial(uniform, trials, chance) == stats.binom.ppf(uniform, trials, chance)).all()
    assert (binomial(uniform, trials, 0.31) != stats.binom.ppf(uniform, trials, 0.3)).any()  # the control


def test_what_is_certain_or_impossible_needs_no_chance():
    uniform, trials = np.array([0.0, 0.5, 0.5, 1 - 2**-53]), np.array([7.0, 7.0, 0.0, 7.0])
    assert binomial(uniform, trials, 0.0).tolist() == [0, 0, 0, 0]
    assert binomial(uniform, trials, 1.0).tolist() == [7, 7, 0, 7]
    assert binomial(uniform, trials, 0.5).tolist() == [0, 3, 0, 7]


def test_a_triangle_has_its_corners_and_its_moments():
    uniform = many_uniforms()
    drawn = triangular(uniform, 2.0, 3.0, 7.0)
    assert np.allclose(drawn, stats.triang.ppf(uniform, 0.2, 2.0, 5.0), rtol=0, atol=1e-12)  # other arithmetic
    assert drawn.mean() == pytest.approx(4.0, abs=0.03)  # four standard errors of 1.08 / sqrt(20,000)
    ends = triangular(np.array([0.0, 1.0]), 2.0, 3.0, 7.0)
    assert ends.tolist() == [2.0, 7.0]


@pytest.mark.parametrize("mode", [2.0, 7.0])
def test_a_triangle_may_lean_against_one_side(mode):
    drawn = triangular(np.array([0.0, 0.3, 0.999]), 2.0, mode, 7.0)
    assert np.allclose(drawn, stats.triang.ppf([0.0, 0.3, 0.999], (mode - 2) / 5, 2.0, 5.0))
    assert triangular(np.array([0.2, 0.9]), 4.0, 4.0, 4.0).tolist() == [4.0, 4.0]


def test_a_normal_is_finite_for_every_uniform():
    assert np.isfinite(normal(np.array([0.0, 2.0**-53, 1 - 2.0**-53]))).all()
    assert np.allclose(normal(many_uniforms()[:99]), stats.norm.ppf(many_uniforms()[:99]))

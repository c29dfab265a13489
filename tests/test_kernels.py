"""Whole units are shared, queued, sent and built without one being created or lost, in every run on its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.kernels import allocation
from backfill.kernels.allocation import (
    serve_by_class,
    serve_in_proportion,
    serve_oldest_first,
    share_in_proportion,
    strike_by_class,
    take_in_order,
)
from backfill.kernels.pipeline import Ring
from backfill.kernels.production import CAPACITY, COMPONENT, ORDERS, build, straight_lines, whole_steps

MONTH = 2026 * 12
thorough = settings(max_examples=60, deadline=None)


def luck(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def a_market(seed: int, rows: int, runs: int = 7, most: int = 30):
    """Whole units wanted and supplied, with rows and runs that want or have nothing."""
    wanted = luck(seed).integers(0, most, (rows, runs)) * luck(seed + 1).integers(0, 2, (rows, runs))
    return wanted.astype(float), luck(seed + 2).integers(0, rows * most // 2 + 1, runs).astype(float)


def a_book(seed: int, months: int, customers: int, runs: int = 6):
    due, _ = a_market(seed, months * customers, runs, most=9)
    book = due.reshape(months, customers, runs)
    return book, np.floor(luck(seed + 3).uniform(0.0, 1.3, runs) * book.sum(axis=(0, 1)))


# --- sharing ----------------------------------------------------------------------------------------------------


@thorough
@given(st.integers(0, 10**6), st.integers(1, 14))
def test_shares_are_whole_add_up_and_exceed_no_wish(seed, rows):
    wanted, supply = a_market(seed, rows)
    share = share_in_proportion(wanted, supply)
    assert (share == np.floor(share)).all()
    assert (share >= 0).all()
    assert (share <= wanted).all()
    assert (share.sum(axis=0) == np.minimum(wanted.sum(axis=0), supply)).all()


@thorough
@given(st.integers(0, 10**6), st.integers(2, 14))
def test_no_share_is_a_unit_away_from_its_quota(seed, rows):
    wanted, supply = a_market(seed, rows)
    total = wanted.sum(axis=0)
    quota = wanted * np.minimum(total, supply) / np.maximum(total, 1.0)
    assert (np.abs(share_in_proportion(wanted, supply) - quota) < 1.0).all()


def test_equal_claims_are_served_in_row_order():
    wanted = np.full((3, 1), 5.0)
    assert share_in_proportion(wanted, np.array([4.0]))[:, 0].tolist() == [2.0, 1.0, 1.0]


def test_equal_remainders_of_unequal_claims_are_told_apart_by_row_not_by_rounding():
    """A third and four thirds leave the same third, which binary fractions do not show."""
    assert share_in_proportion(np.array([[4.0], [1.0], [1.0]]), np.array([2.0]))[:, 0].tolist() == [2.0, 0.0, 0.0]
    assert share_in_proportion(np.array([[1.0], [4.0], [4.0]]), np.array([4.0]))[:, 0].tolist() == [0.0, 2.0, 2.0]
    assert share_in_proportion(np.array([[1.0], [4.0], [1.0]]), np.array([3.0]))[:, 0].tolist() == [1.0, 2.0, 0.0]


@thorough
@given(st.integers(0, 10**6), st.integers(2, 12))
def test_few_and_many_rows_are_ranked_alike(seed, rows):
    values = luck(seed).integers(0, 6, (rows, 9)).astype(float)
    chosen = luck(seed + 1).integers(0, rows, 9).astype(float)
    few = allocation._largest(values, chosen)
    assert (few == allocation._largest_by_sorting(values, chosen)).all()
    assert (few.sum(axis=0) == chosen).all()


def test_a_kernel_never_hands_back_its_argument():
    wanted, plenty = np.full((2, 3), 4.0), np.full(3, 99.0)
    assert not np.shares_memory(share_in_proportion(wanted, plenty), wanted)
    assert not np.shares_memory(serve_oldest_first(wanted[np.newaxis], plenty), wanted)
    assert not np.shares_memory(take_in_order(wanted, plenty), wanted)


@pytest.mark.parametrize("runs", [1, 5])
def test_nobody_to_serve_is_served_nothing(runs):
    nothing, supply = np.zeros((0, runs)), np.full(runs, 3.0)
    assert share_in_proportion(nothing, supply).shape == (0, runs)
    assert serve_by_class(np.zeros((4, 0, runs)), [], supply).shape == (4, 0, runs)
    assert serve_oldest_first(np.zeros((0, 2, runs)), supply).shape == (0, 2, runs)


@thorough
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_rows_are_emptied_in_their_order(seed, rows):
    available, wanted = a_market(seed, rows)
    taken = take_in_order(available, wanted)
    assert (taken.sum(axis=0) == np.minimum(available.sum(axis=0), wanted)).all()
    touched_later = np.cumsum(taken[::-1] > 0, axis=0)[::-1] > (taken > 0)
    assert (taken == available)[touched_later].all()


# --- queues -----------------------------------------------------------------------------------------------------


def served_by_hand(due, classes, supply):
    """One run after the other, class by class, month by month, in proportion within a month."""
    given = np.zeros_like(due)
    for run in range(due.shape[2]):
        left = supply[run]
        for rank in sorted(set(classes)):
            members = [at for at, own in enumerate(classes) if own == rank]
            for month in range(due.shape[0]):
                owed = due[month, members, run][:, np.newaxis]
                given[month, members, run] = share_in_proportion(owed, np.array([left]))[:, 0]
                left -= given[month, members, run].sum()
    return given


@thorough
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 8))
def test_the_oldest_debt_is_served_first(seed, months, customers):
    due, supply = a_book(seed, months, customers)
    assert (serve_oldest_first(due, supply) == served_by_hand(due, [0] * customers, supply)).all()


@thorough
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 8))
def test_a_lower_class_is_served_before_a_higher_one(seed, months, customers):
    due, supply = a_book(seed, months, customers)
    classes = luck(seed).integers(-1, 3, customers).tolist()
    assert (serve_by_class(due, classes, supply) == served_by_hand(due, classes, supply)).all()


@thorough
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 8))
def test_striking_debts_off_at_once_gives_what_serving_them_gives(seed, months, customers):
    due, supply = a_book(seed, months, customers)
    classes = luck(seed).integers(-1, 3, customers).tolist()
    only = [customer for customer in range(customers) if luck(seed).random() < 0.8 or customer == 0]
    served, left = serve_by_class(due, classes, supply, only=only), np.array(due)
    assert (strike_by_class(left, classes, supply, only=only) == served.sum(axis=0)).all()
    assert (left == due - served).all()


@thorough
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 8))
def test_in_proportion_the_age_of_a_debt_changes_nothing_but_which_debt_is_paid(seed, months, customers):
    due, supply = a_book(seed, months, customers)
    served = serve_in_proportion(due, supply)
    assert (served.sum(axis=0) == share_in_proportion(due.sum(axis=0), supply)).all()
    paid_later = np.cumsum(served[::-1] > 0, axis=0)[::-1] > (served > 0)
    assert (served == due)[paid_later].all()


def test_who_may_not_be_served_is_passed_over():
    due, supply = a_book(8, months=5, customers=4, runs=30)
    open_only = due * np.array([1.0, 0.0, 1.0, 0.0])[:, np.newaxis]
    barred = serve_by_class(due, [1, 0, 0, 1], supply, only=[0, 2])
    assert (barred == serve_by_class(open_only, [1, 0, 0, 1], supply)).all()
    assert not barred[:, [1, 3]].any()


def test_served_units_are_exactly_the_supply_or_all_that_is_due():
    due, supply = a_book(11, months=6, customers=4, runs=50)
    given_units = serve_by_class(due, [1, 0, 1, 2], supply)
    assert (given_units.sum(axis=(0, 1)) == np.minimum(due.sum(axis=(0, 1)), supply)).all()
    assert (given_units <= due).all()


def test_a_run_is_served_alone_as_in_the_ensemble():
    due, supply = a_book(5, months=7, customers=9, runs=40)
    together = serve_by_class(due, [0, 1, 1, 1, 1, 1, 1, 1, 2], supply)
    for run in (0, 17, 39):
        alone = serve_by_class(due[:, :, [run]], [0, 1, 1, 1, 1, 1, 1, 1, 2], supply[[run]])
        assert (alone[:, :, 0] == together[:, :, run]).all()


def test_serving_in_proportion_over_all_months_would_be_noticed():
    """The control: a kernel that ignores how old a debt is does not pass for one that heeds it."""
    due, supply = a_book(5, months=6, customers=3)
    flat = share_in_proportion(due.reshape(18, -1), supply).reshape(due.shape)
    assert (flat != served_by_hand(due, [0, 0, 0], supply)).any()


# --- pipelines --------------------------------------------------------------------------------------------------


def test_each_run_has_its_own_delay():
    ring = Ring(slots=6, lanes=2, runs=3)
    ring.send(1, np.array([4.0, 5.0, 6.0]), np.array([1, 2, 5]), MONTH)
    arrivals = [ring.arrive(MONTH + passed)[1].tolist() for passed in range(1, 6)]
    assert arrivals == [[4, 0, 0], [0, 5, 0], [0, 0, 0], [0, 0, 0], [0, 0, 6]]
    assert not ring.inside.any()


@thorough
@given(st.integers(0, 10**6))
def test_what_is_sent_is_under_way_or_has_arrived(seed):
    ring, chance = Ring(slots=9, lanes=3, runs=4), luck(seed)
    sent = arrived = np.zeros((3, 4))
    for month in range(MONTH, MONTH + 25):
        arrived = arrived + ring.arrive(month)
        amount = chance.integers(0, 5, (3, 4)).astype(float)
        ring.send([0, 1, 2], amount, chance.integers(1, 9, (3, 4)), month)
        sent = sent + amount
        assert (sent == arrived + ring.inside).all()
        assert (ring.due_within(month, 8) == ring.inside).all()


def test_units_under_way_are_the_rate_times_the_delay():
    """Little's law, in the one case where it holds month by month: a steady rate and a fixed delay."""
    ring = Ring(slots=12, lanes=1, runs=2)
    for month in range(MONTH, MONTH + 30):
        ring.arrive(month)
        ring.send(0, np.array([3.0, 4.0]), np.array([5, 7]), month)
    assert ring.inside[0].tolist() == [15.0, 28.0]


def test_a_case_may_mature_in_the_month_in_which_it_opens_until_that_month_is_cleared():
    ring = Ring(slots=4, lanes=1, runs=2)
    ring.send(0, np.array([1.0, 2.0]), 0, MONTH)
    assert ring.arrive(MONTH)[0].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="a delay of 0 months, in a ring that holds 1 to 3"):
        ring.send(0, np.array([1.0, 0.0]), np.array([0, 2]), MONTH)
    ring.send(0, np.array([0.0, 1.0]), np.array([0, 2]), MONTH)  # nothing is sent in the run without a delay
    assert ring.inside[0].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("delay", [4, 5, -1])
def test_a_delay_that_the_ring_cannot_hold_is_refused(delay):
    with pytest.raises(ValueError, match=f"a delay of {delay} months"):
        Ring(slots=4, lanes=1, runs=3).send(0, np.array([0.0, 2.0, 0.0]), np.array([1, delay, 1]), MONTH)


def test_a_withdrawn_licence_calls_back_only_its_runs_and_lanes():
    ring = Ring(slots=5, lanes=2, runs=3)
    ring.send([0, 1], np.full((2, 3), 2.0), np.array([[1, 2, 3], [3, 2, 1]]), MONTH)
    ring.send(0, np.ones(3), 4, MONTH)
    back = ring.recall(np.array([[True, False, False], [False, False, True]]))
    assert back.tolist() == [[3, 0, 0], [0, 0, 2]]
    arrived = sum(ring.arrive(MONTH + passed) for passed in range(1, 5))
    assert arrived.tolist() == [[0, 3, 3], [2, 2, 0]]


def test_due_within_counts_the_months_after_this_one():
    ring = Ring(slots=8, lanes=1, runs=1)
    for delay, units in ((1, 4.0), (3, 20.0), (7, 100.0)):
        ring.send(0, np.array([units]), delay, MONTH)
    due = [float(ring.due_within(MONTH, months)[0, 0]) for months in (0, 1, 2, 3, 7, 99)]
    assert due == [0, 4, 4, 24, 124, 124]


# --- production -------------------------------------------------------------------------------------------------


@thorough
@given(st.floats(0.0, 60.0), st.integers(1, 48))
def test_parts_of_a_unit_add_up_to_units(rate, months):
    """A line at full work builds its rate, to the unit that is not finished."""
    carry, total = np.zeros(1), 0.0
    for _month in range(months):
        built, carry, _bound = build(carry, rate, np.array([1e6]), np.inf)
        total += built[0]
    assert rate * months - 1.0 < total <= rate * months + 1e-6  # the last bits of some dozens of sums
    assert total == whole_steps(np.full((months, 1), rate)).sum()


def test_the_smallest_limit_binds_and_is_named():
    carry, capacity = np.zeros(4), np.full(4, 3.5)
    due, possible = np.array([2.0, 9.0, 9.0, 3.0]), np.array([9.0, 9.0, 1.0, 3.0])
    built, left, bound = build(carry, capacity, due, possible)
    assert built.tolist() == [2.0, 3.0, 1.0, 3.0]
    assert bound.tolist() == [ORDERS, CAPACITY, COMPONENT, ORDERS]
    assert left.tolist() == [0.5] * 4


def test_idle_capacity_is_not_stored():
    carry = np.zeros(1)
    for _month in range(6):
        _built, carry, _bound = build(carry, 10.0, np.zeros(1), np.inf)
    assert build(carry, 10.0, np.array([99.0]), np.inf)[0].tolist() == [10.0]


def test_capacity_without_limit_leaves_no_part_of_a_unit():
    built, carry, bound = build(np.zeros(2), np.inf, np.array([7.0, 8.0]), np.array([9.0, 3.0]))
    assert built.tolist() == [7.0, 3.0]
    assert carry.tolist() == [0.0, 0.0]
    assert bound.tolist() == [ORDERS, COMPONENT]


def test_a_year_of_a_yearly_rate_is_that_many_units():
    """Twelve twelfths make a whole in whole units, whatever their last bits."""
    for yearly in (30, 227, 350, 671):
        assert whole_steps(np.full((12, 1), yearly / 12)).sum() == yearly


def test_a_slip_moves_the_point_in_its_runs_only():
    slip = np.array([0.0, 10.0])
    rates = straight_lines([(0.0, 10.0), (10.0 + slip, 30.0)], np.array([[0.0], [5.0], [10.0], [15.0], [20.0], [99.0]]))
    assert rates[:, 0].tolist() == [10, 20, 30, 30, 30, 30]
    assert rates[:, 1].tolist() == [10, 15, 20, 25, 30, 30]


def test_two_points_in_one_month_are_a_step():
    rates = straight_lines([(0.0, 5.0), (4.0, 5.0), (4.0, 9.0)], np.array([[3.0], [4.0], [5.0]]))
    assert rates[:, 0].tolist() == [5, 9, 9]


def test_a_line_without_limit_is_reached_in_one_step():
    rates = straight_lines([(0.0, 5.0), (4.0, np.inf)], np.array([[0.0], [3.0], [4.0], [9.0]]))
    assert rates[:, 0].tolist() == [5, 5, np.inf, np.inf]

"""An uncertain number has one value in each run, and what is said to be the same is the same."""

from __future__ import annotations

import numpy as np
import pytest

from backfill.chance import Chance
from backfill.errors import UnknownName
from backfill.numbers import NEVER, Draws, NumberRing
from backfill.reading.number import Number

RUNS = 40
FLOOR, STOCK = "states.XDA.floor", "states.XDA.items.arrow.stock"


def number(value, low=None, high=None, path="", kind="count", **more):
    return Number(value, value if low is None else low, value if high is None else high, kind, "", path=path, **more)


def draws_of(*numbers, central=False, runs=range(RUNS)):
    return Draws(Chance(3, runs), {entry.path: entry for entry in numbers}, central=central)


def test_a_certain_number_is_a_plain_float():
    assert draws_of().of(number(12.0)) == 12.0
    assert draws_of().of(number(np.inf)) == np.inf


def test_an_uncertain_number_lies_in_its_range_and_differs_from_run_to_run():
    stock = number(20.0, 10.0, 40.0, STOCK)
    drawn = draws_of(stock).of(stock)
    assert drawn.shape == (RUNS,)
    assert drawn.min() >= 10 and drawn.max() <= 40  # noqa: PT018
    assert len(np.unique(drawn)) == RUNS


def test_asking_again_gives_the_same_value():
    stock = number(20.0, 10.0, 40.0, STOCK)
    draws = draws_of(stock)
    assert draws.of(stock) is draws.of(stock)


def test_central_values_are_not_drawn():
    stock = number(20.0, 10.0, 40.0, STOCK)
    draws = draws_of(stock, central=True)
    assert draws.of(stock) == 20.0
    assert draws.table() == {}


def test_a_number_has_its_own_draw_whatever_else_is_uncertain():
    stock, floor = number(20.0, 10.0, 40.0, STOCK), number(5.0, 1.0, 9.0, FLOOR)
    assert (draws_of(stock, floor).of(stock) == draws_of(stock).of(stock)).all()


def test_some_replications_are_rows_of_all():
    stock = number(20.0, 10.0, 40.0, STOCK)
    assert (draws_of(stock, runs=[3, 31]).of(stock) == draws_of(stock).of(stock)[[3, 31]]).all()


def test_what_is_the_same_has_the_value_and_the_meaning_of_the_other():
    floor = number(0.4, 0.1, 0.9, FLOOR, kind="share")
    same = number(7.0, path=STOCK, same_as=FLOOR)
    draws = draws_of(floor, same)
    assert (draws.of(same) == draws.of(floor)).all()
    assert draws.is_share(same)  # a minimum that is the same as a floor is a share of the requirement
    assert draws.resolved(same) is floor
    assert draws_of(floor, same, central=True).of(same) == 0.4


def test_the_same_as_a_certain_number_is_certain():
    one, other = number(3.0, path=FLOOR), number(9.0, 5.0, 12.0, STOCK, same_as=FLOOR)
    assert draws_of(one, other).of(other) == 3.0


def test_numbers_drawn_together_stand_at_the_same_place_of_their_ranges():
    stock = number(20.0, 10.0, 40.0, STOCK)
    floor = number(2.0, 1.0, 4.0, FLOOR, drawn_with=STOCK)
    draws = draws_of(stock, floor)
    assert np.allclose(draws.of(floor) * 10, draws.of(stock), rtol=1e-12)  # one uniform, scaled ranges


def test_numbers_drawn_apart_do_not():
    """The control of the claim before."""
    stock, floor = number(20.0, 10.0, 40.0, STOCK), number(2.0, 1.0, 4.0, FLOOR)
    draws = draws_of(stock, floor)
    assert not np.allclose(draws.of(floor) * 10, draws.of(stock), rtol=0.2)


def test_an_even_range_is_drawn_evenly():
    even = number(10.0, 10.0, 20.0, STOCK, distribution="uniform")
    leaning = number(10.0, 10.0, 20.0, STOCK)
    runs = range(4000)
    assert draws_of(even, runs=runs).of(even).mean() == pytest.approx(15.0, abs=0.2)  # four standard errors
    assert draws_of(leaning, runs=runs).of(leaning).mean() == pytest.approx(13.33, abs=0.2)


@pytest.mark.parametrize("link", ["same_as", "drawn_with"])
def test_a_ring_of_references_is_refused(link):
    one = number(1.0, 0.0, 2.0, FLOOR, **{link: STOCK})
    other = number(1.0, 0.0, 2.0, STOCK, **{link: FLOOR})
    with pytest.raises(NumberRing, match=f"{FLOOR} -> {STOCK} -> {FLOOR}"):
        draws_of(one, other).of(one)


def test_a_reference_to_nothing_names_the_nearest_path():
    lost = number(1.0, path=STOCK, same_as="states.XDA.flor")
    with pytest.raises(UnknownName, match=f"states.XDA.flor, which is no number; nearest: {FLOOR}"):
        draws_of(number(2.0, path=FLOOR), lost).of(lost)


def test_an_uncertain_number_without_an_address_is_refused():
    with pytest.raises(ValueError, match="no path"):
        draws_of().of(number(2.0, 1.0, 3.0))


def test_months_and_counts_are_whole():
    lead, stock = number(24.0, 18.0, 30.0, FLOOR), number(20.0, 10.0, 40.0, STOCK)
    draws = draws_of(lead, stock)
    assert draws.months(lead).dtype == np.intp
    assert (draws.months(lead) == np.rint(draws.of(lead))).all()
    assert (draws.whole(stock) == np.rint(draws.of(stock))).all()
    assert (draws.months(number(1.6)), draws.whole(number(1.6))) == (2, 2.0)
    assert isinstance(draws.months(number(1.6)), int)


def test_never_is_later_than_any_horizon():
    assert draws_of().months(number(np.inf)) == NEVER


def test_the_table_names_every_uncertain_number_once():
    stock, floor = number(20.0, 10.0, 40.0, STOCK), number(5.0, path=FLOOR)
    same = number(1.0, 0.0, 3.0, "states.XAL.stock", same_as=STOCK)
    table = draws_of(stock, floor, same).table()
    assert list(table) == [STOCK]
    assert table[STOCK].shape == (RUNS,)

"""What outcomes claim, held against worlds small enough to work out by hand."""

import math
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.errors import BackfillError, UnknownName
from backfill.results import outcomes
from backfill.results.comparison import compare, gap_of
from backfill.results.drivers import chance_bound, drivers_of, rank_correlation, ranks
from backfill.results.history import Criterion, criteria_for, history_test, read_criteria
from backfill.results.outcomes import pass_through, ratio
from backfill.scenario import packaged

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("synthetic.py"))))
LAST = "2023-02"
MANY = 400


def many(rng, runs=MANY, through=0.5, noise=0.0, common=20.0):
    """Aid and backfill of many runs: each run passes on a share; `common` moves both arms alike, `noise` one alone."""
    aid, back = make.flow(runs=runs), make.flow(runs=runs)
    units = rng.integers(4, 20, runs)
    aid[:, :, 0, 2, 0, 0] = 500 + common * rng.standard_normal(runs)
    back[0, :, 3, 0, 1, 1] = units
    aid[0, :, 6, 2, 0, 0] = through * units + noise * rng.standard_normal(runs)
    return aid, back


# Pass-through


def test_pass_through_is_the_ratio_of_means_as_worked_out_by_hand():
    """Four units arrive, two of them and one more or less go on: 10 / 20, sd of (1, -1, 1, -1, 0) over sqrt(5) * 4."""
    found = pass_through(make.results(), LAST)
    assert found.value == 0.5
    assert found.error == pytest.approx(1.0 / (math.sqrt(5) * 4))
    assert found.low == pytest.approx(0.5 - 1.645 * found.error)
    assert str(found) == "0.50 (0.32 to 0.68)"


def test_it_counts_arrivals_to_the_date_and_no_later():
    results = make.results()
    assert pass_through(results, "2022-03") is None
    assert pass_through(results, "2022-06").value == 0.0
    assert pass_through(results, "2022-07").value == 0.5


def test_half_as_much_per_unit_promised_as_per_unit_delivered():
    assert pass_through(make.results(), LAST, per="promised").value == 0.25


def test_in_equivalents_a_unit_weighs_what_it_is_worth():
    worth = {"mse": make.number(1.0, "a"), "pac3": make.number(0.5, "b"), "gemt": make.number(0.2, "c")}
    aid, back = make.usual()
    aid[0, :, 6, 2, 1, 0], aid[0, :, 6, 2, 0, 0] = 0, aid[0, :, 6, 2, 0, 0] + 2
    results = make.results(aid, back, world=make.World(worth=worth))
    assert pass_through(results, LAST).value == 0.5
    assert pass_through(results, LAST, measure="equivalents").value == 1.0


def test_a_worth_that_differs_by_run_is_the_one_of_the_run():
    worth = {"mse": make.number(1.0, "a"), "pac3": make.number(0.5, "b")}
    drawn = {"b": np.array([1.0, 0.5, 1.0, 0.5, 1.0])}
    results = make.results(world=make.World(worth=worth), draws=drawn)
    given = outcomes.in_equivalents(results, outcomes.backfill(results))
    assert outcomes.to_date(given, LAST).sel(arm="baseline").values.tolist() == [4, 2, 4, 2, 4]


def test_without_a_stated_worth_equivalents_are_undefined():
    assert pass_through(make.results(), LAST, measure="equivalents") is None


def test_less_than_one_unit_of_backfill_leaves_it_undefined():
    aid, back = make.usual()
    back[0] = 0
    back[0, 0, 3, 0, 1, 1] = 4
    assert pass_through(make.results(aid, back), LAST) is None
    back[0, 1, 3, 0, 1, 1] = 4
    assert pass_through(make.results(aid, back), LAST) is not None


def test_the_arm_without_backfill_passes_nothing_on():
    assert pass_through(make.results(), LAST, arm="no_backfill") is None


def test_the_central_run_gives_no_pass_through_central_numbers_do():
    assert pass_through(make.results(*make.usual(runs=1), central=True), LAST) is None
    assert pass_through(make.results(central=True), LAST) is not None


def test_one_run_gives_a_value_without_an_interval():
    aid, back = make.usual(runs=1)
    found = pass_through(make.results(aid, back), LAST)
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert found.may_be_nothing


def test_an_arm_without_backfill_is_found_by_what_it_does_if_none_has_the_name():
    arms = ("baseline", "nothing", "more")
    assert outcomes.reference(make.results(arms=arms)) == "nothing"
    assert outcomes.reference(make.results(make.flow(), make.flow(), arms=("baseline", "b", "c"))) is None


def test_a_world_of_its_own_without_backfill_comes_before_the_reference_arm():
    """The third arm has 5 units more for reasons of its own; its own world without backfill has them too."""
    aid, back = make.usual()
    aid[2, :, 2, 2, 0, 0] += 5
    bare_aid = aid.copy()
    bare_aid[:, :, 6, 2, 1, 0] = 0
    bare = make.results(bare_aid, make.flow()).dataset[["aid", "backfill"]]
    assert pass_through(make.results(aid, back), LAST, arm="more").value == pytest.approx(9 / 8)
    assert pass_through(make.results(aid, back, without=bare), LAST, arm="more").value == pytest.approx(4 / 8)


def test_pairing_narrows_the_interval_and_breaking_the_pairs_widens_it():
    """What both arms share cancels in pairs; the control pairs each run with a stranger."""
    rng = np.random.default_rng(5)
    aid, back = many(rng, noise=1.0)
    broken = aid.copy()
    broken[1] = aid[1, rng.permutation(MANY)]
    paired, strangers = (pass_through(make.results(given, back), LAST) for given in (aid, broken))
    assert paired.error < strangers.error / 5
    assert paired.low < 0.5 < paired.high


def test_the_interval_holds_the_truth_nine_times_in_ten():
    """Over 300 studies the share is 0.90 give or take 0.05, three standard errors; half the width holds less."""
    rng = np.random.default_rng(11)
    moved = rng.integers(4, 20, (300, 60)).astype(float)
    found = [ratio(0.5 * units + rng.normal(0, 2, 60), units) for units in moved]
    held = np.mean([abs(one.value - 0.5) <= 1.645 * one.error for one in found])
    control = np.mean([abs(one.value - 0.5) <= 0.8 * one.error for one in found])
    assert abs(held - 0.90) <= 0.05
    assert control < 0.80


# Levels, dates, delays


def test_aid_and_backfill_add_up_to_the_date():
    results = make.results()
    assert outcomes.units_to_aided(results, "2022-12").sel(arm="no_backfill").values.tolist() == [
        120,
        132,
        144,
        156,
        168,
    ]
    assert outcomes.backfill_delivered(results, LAST).sel(arm="more").values.tolist() == [8] * 5
    assert outcomes.units_to_aided(results, LAST, items=["pac3"]).sel(arm="baseline").values.tolist() == [1, 3, 1, 3, 2]


def test_a_month_outside_the_horizon_is_refused():
    with pytest.raises(UnknownName, match=r"2031-01.*2022-01 to 2023-02"):
        outcomes.units_to_aided(make.results(), "2031-01")


def test_the_first_delivery_is_infinitely_late_where_none_comes():
    first = outcomes.first_delivery(make.results())
    assert first.sel(arm="baseline").values.tolist() == [3] * 5
    assert np.isinf(first.sel(arm="no_backfill")).all()


def test_months_below_the_floor_are_counted():
    """Stock 900, floor 901 for five months: backfill in the fourth lifts the donor above it."""
    results = make.results()
    assert outcomes.months_below_floor(results, "USA").sel(arm="baseline").values.tolist() == [3] * 5
    assert outcomes.months_below_floor(results, "USA").sel(arm="no_backfill").values.tolist() == [5] * 5
    assert outcomes.probability_below_floor(results, "USA").sel(arm="baseline", month="2022-01") == 1
    assert outcomes.months_below_floor(results, "FRA") is None


def test_exposure_is_the_area_below_the_floor_until_the_promise_is_handed_over():
    """One unit short for the three months before the hand-over; nothing is waited for in the arm without a promise."""
    exposure = outcomes.exposure(make.results())
    assert exposure.sel(arm="baseline").values.tolist() == [3.0] * 5
    assert exposure.sel(arm="no_backfill").values.tolist() == [0.0] * 5


def test_exposure_counts_only_what_the_same_world_without_backfill_does_not_have():
    results = make.results()
    without = results.dataset.sel(arm=["no_backfill"] * 3).assign_coords(arm=list(results.arms))
    held = outcomes.exposure(make.results(without=without[["aid", "backfill", "position", "floor"]]))
    assert held.sel(arm="baseline").values.tolist() == [0.0] * 5


def test_some_items_are_counted_by_themselves():
    family = SimpleNamespace(name="PAC-3 alone", items=("mse", "pac3"))
    table = make.results(world=make.World(families={"pac3": family})).table
    row = table.families["PAC-3 alone"]["baseline"]
    assert row.passing[LAST] == table.baseline.passing[LAST]
    assert "PAC-3 alone" in str(table)


def test_half_of_what_was_promised_is_never_delivered():
    assert outcomes.undelivered(make.results(), LAST).sel(arm="baseline").values.tolist() == [4] * 5


def test_aid_follows_the_contract_after_three_months():
    assert outcomes.delay(make.results()) == 3
    assert outcomes.delay(make.results(), arm="no_backfill") is None


# Differences


def test_an_arm_that_changes_nothing_differs_by_exactly_zero():
    aid, back = many(np.random.default_rng(3))
    aid[1], back[1] = aid[0], back[0]
    found = compare(make.results(aid, back))
    assert all((gap.mean, gap.low, gap.high, gap.equal) == (0, 0, 0, 1) for gap in found.gaps.values())
    assert found.pass_through is None
    assert found.in_words().startswith("No difference")


def test_a_difference_is_paired_and_counted_run_by_run():
    gap = gap_of(outcomes.units_to_aided(make.results(), LAST), "baseline", "no_backfill")
    assert (gap.first, gap.second, gap.mean, gap.higher, gap.equal) == (170, 168, 2, 1, 0)
    assert gap.high - gap.mean == pytest.approx(1.645 * 1.0 / math.sqrt(5))


def test_a_comparison_says_when_it_could_be_noise():
    aid, back = many(np.random.default_rng(3), through=0.0, noise=9.0)
    assert compare(make.results(aid, back)).in_words().startswith("Could be noise: ")
    aid, back = many(np.random.default_rng(3), through=0.9)
    assert compare(make.results(aid, back)).in_words().startswith("Not noise: +")


def test_a_comparison_lists_every_outcome():
    table = compare(make.results(), arms=("more", "baseline"), by="2022-12").difference
    assert list(table.columns) == ["more", "baseline", "difference", "low", "high", "higher", "equal"]
    assert table.loc["backfill to USA", "difference"] == 4


def test_an_arm_that_was_not_run_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="nearest: no_backfill"):
        compare(make.results(), arms=("baseline", "no_backfil"))


def test_the_difference_grows_when_the_aid_arrives():
    course = compare(make.results()).by_month
    assert course["mean"].values.tolist() == [0.0] * 6 + [2.0] * 8
    assert (course["low"] <= course["mean"]).all()


# What drives it


def drawn(rng, runs=MANY, strength=0.8):
    """Sixty numbers, of which one moves the outcome, and its shadow drawn with it."""
    columns = {f"states.USA.n{number}": rng.random(runs) for number in range(60)}
    columns["states.JPN.shadow"] = columns["states.USA.n7"] * 3 + 1
    outcome = strength * ranks(columns["states.USA.n7"]) / runs + (1 - strength) * rng.random(runs)
    return columns, outcome


def test_the_number_that_moves_the_outcome_is_named_and_no_other():
    columns, outcome = drawn(np.random.default_rng(1))
    aid, back = many(np.random.default_rng(2))
    found = drivers_of(make.results(aid, back, draws=columns), outcome, "aid")
    assert [driver.path for driver in found.found] == ["states.USA.n7"]
    assert found.found[0].together == ("states.JPN.shadow",)
    assert found.found[0].share > 0.8


def test_numbers_without_effect_are_not_named():
    """The control: the same sixty numbers and an outcome that is chance alone; one study in twenty may name one."""
    named = 0
    for seed in range(20):
        columns, outcome = drawn(np.random.default_rng(seed), strength=0.0)
        aid, back = many(np.random.default_rng(seed))
        named += bool(drivers_of(make.results(aid, back, draws=columns), outcome, "aid").found)
    assert named <= 4


@pytest.mark.parametrize(
    ("runs", "outcome", "said"),
    [(1, [1.0], "one run"), (40, [2.0] * 40, "nothing varies"), (5, [1.0, 2, 3, 4, 5], "fewer than 30 runs")],
)
def test_where_nothing_can_be_said_the_reason_is(runs, outcome, said):
    aid, back = make.usual(runs=runs)
    found = drivers_of(make.results(aid, back), np.array(outcome), "aid")
    assert said in found.note
    assert not found.found


def test_rank_correlation_sees_order_and_shares_ties():
    assert rank_correlation(np.array([1.0, 2, 3, 4]), np.array([1.0, 10, 100, 1000])) == pytest.approx(1)
    assert rank_correlation(np.array([1.0, 2, 3, 4]), np.array([4.0, 3, 2, 1])) == pytest.approx(-1)
    assert ranks(np.array([3.0, 1, 3, 3])).tolist() == [3, 1, 3, 3]
    assert chance_bound(1000, 50) < chance_bound(200, 50) < chance_bound(200, 500)


# History


def criterion(**said):
    usual = {"name": "x", "says": "x", "outcome": "aid", "state": "UKR", "only": ("pac3",), "since": "2022-01"}
    rest = {"until": LAST, "low": 2, "high": 3, "counts": True, "source": ""}
    return Criterion(**(usual | rest | said))


def test_the_share_of_draws_that_agree_with_the_past():
    """The five runs pass on 1, 3, 1, 3 and 2 units."""
    results = make.results()
    found = history_test(results, [criterion(), criterion(name="y", low=3), criterion(name="z", low=9, counts=False)])
    assert [held.share for held in found.held] == [0.6, 0.4, 0.0]
    assert found.share == 0.4
    assert found.held[0].median == 2


def test_a_draw_has_to_pass_all_that_counts():
    found = history_test(make.results(), [criterion(), criterion(name="never", low=90, high=99)])
    assert found.share == 0
    assert "(none: the true share is below 45.07 % at 95 %)" in found.in_words()


def test_levels_are_read_at_the_month_and_flows_over_the_span():
    results = make.results()
    level = criterion(outcome="position", state="USA", only=(), low=904, high=904)
    flow = criterion(only=("pac3",), since="2022-08", low=0, high=0)
    assert [held.share for held in history_test(results, [level, flow]).held] == [1.0, 1.0]


def test_what_a_world_does_not_record_is_left_out_and_said():
    found = history_test(make.results(), [criterion(outcome="leakers", says="leakers"), criterion()])
    assert found.left_out == ("leakers",)
    assert len(found.held) == 1


def test_the_case_that_comes_with_the_package_has_criteria_and_others_have_none():
    names = [entry.name for entry in criteria_for("japan_patriot")]
    assert "pac3_received" in names
    assert criteria_for("mine") == ()


def test_criteria_that_come_with_the_package_name_facts_and_months_of_their_case():
    facts = (packaged() / "catalogue" / "sources" / "patriot_facts.csv").read_text(encoding="utf-8")
    known = {line.split(",")[0] for line in facts.splitlines()}
    for entry in criteria_for("japan_patriot"):
        assert entry.source
        assert set(entry.source.split()) <= known
        assert "2022-01" <= entry.since <= entry.until <= "2030-12"
        assert entry.low < entry.high


def test_criteria_with_a_wrong_number_are_refused_at_their_line(tmp_path):
    path = tmp_path / "wrong.csv"
    head = "name,says,outcome,state,only,since,until,low,high,counts,source"
    path.write_text(f"{head}\na,a,aid,UKR,,2022-01,2022-02,many,,yes,\n", encoding="utf-8")
    with pytest.raises(BackfillError, match=r"wrong\.csv:2"):
        read_criteria(path)

"""Eight things that experts know come out of the rules: each in a small world, with a control in which it must fail."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
CLAIMS, DOCS = ROOT / "experiments" / "claims", ROOT / "docs"
if not CLAIMS.is_dir():
    pytest.skip("the experiments are in the repository only", allow_module_level=True)

sys.path.insert(0, str(CLAIMS))
try:
    import evidence
finally:
    sys.path.remove(str(CLAIMS))

FEW, MANY = 30, 600
PARTS = pytest.mark.parametrize("runs", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])


@pytest.fixture(scope="module")
def world():
    """Live through the world of a claim once for all its tests."""
    known = {}

    def lived(claim, runs):
        if (claim, runs) not in known:
            known[claim, runs] = evidence.lived(claim, runs)
        return known[claim, runs]

    return lived


def mean_at(course, results, month):
    return float(course[:, evidence.until(results, month) - 1].mean())


def most_at(course, results, month):
    return float(np.abs(course[:, evidence.until(results, month) - 1]).max())


# --- 1 floors bind --------------------------------------------------------------------------------------------------


def passes_nothing_on(results, arm):
    """In no run and at no time, though a hundred rounds come."""
    return mean_at(evidence.received(results, arm), results, "2036-12") > 90 and not evidence.freed(results, arm).any()


def passes_one_for_one_given_time(results, arm):
    soon = evidence.passed_on(results, arm, "2030-01", "2032-12")
    return soon < 0.8 and evidence.passed_on(results, arm, "2030-01", "2036-12") > 0.95


def gives_before_the_backfill_is_there(results, arm):
    before = evidence.received(results, arm) == 0
    return float(np.where(before, evidence.freed(results, arm), 0.0).max(axis=1).mean()) > 40


@PARTS
def test_a_donor_below_its_floor_passes_nothing_on(world, runs):
    results = world("floors", runs)
    assert passes_nothing_on(results, "baseline")
    assert not passes_nothing_on(results, "no_floor")


@PARTS
def test_a_donor_above_its_floor_passes_one_for_one_given_time(world, runs):
    results = world("floors", runs)
    assert passes_one_for_one_given_time(results, "above")
    assert not passes_one_for_one_given_time(results, "baseline")


@PARTS
def test_a_donor_that_counts_on_a_promise_gives_before_it_is_kept(world, runs):
    results = world("floors", runs)
    assert gives_before_the_backfill_is_there(results, "counts_on_it")
    assert not gives_before_the_backfill_is_there(results, "above")


# --- 2 strings bind only when free lots run out ---------------------------------------------------------------------


def passes_on_while_free_lots_last(results, arm):
    return evidence.passed_on(results, arm, "2030-01", "2032-05") > 0.8


def passes_nothing_on_once_they_are_gone(results, arm):
    """The last of the five gifts, and all that follows."""
    return abs(evidence.passed_on(results, arm, "2034-06", "2038-12")) < 0.05


@PARTS
def test_strings_bind_only_when_free_lots_run_out(world, runs):
    results = world("strings", runs)
    arms = ("baseline", "no_strings", "more_of_its_own")
    assert all(passes_on_while_free_lots_last(results, arm) for arm in ("baseline", "no_strings"))
    assert [passes_nothing_on_once_they_are_gone(results, arm) for arm in arms] == [True, False, False]


@PARTS
def test_no_round_with_strings_reaches_the_war(world, runs):
    results = world("strings", runs)

    def with_strings(arm):
        return "XAL" in results.aid.origin.values and bool(results.aid.sel(arm=arm, origin="XAL").any())

    assert not with_strings("baseline")
    assert with_strings("no_strings")


# --- 3 a shared component makes licensed production a zero-sum game -------------------------------------------------


def adds_nothing(results, arm):
    """Rounds built by the ally are handed over, and Warland has no more of them."""
    came = mean_at(evidence.received(results, arm), results, "2036-12")
    return came > 200 and abs(mean_at(evidence.freed(results, arm), results, "2036-12")) < 0.05 * came


def built(results, arm):
    """Arrows of all lines.  [runs]"""
    lines = [line for line in results.produced.line.values if line.endswith(".arrow")]
    return results.produced.sel(arm=arm, line=lines).sum(("month", "line")).values


@PARTS
def test_licensed_production_under_shared_seekers_is_zero_sum_and_stock_is_not(world, runs):
    results = world("seekers", runs)
    assert adds_nothing(results, "baseline")
    assert not adds_nothing(results, "slack_seekers")
    assert not adds_nothing(results, "from_stock")


@PARTS
def test_an_arrow_built_abroad_is_one_fewer_built_at_home_while_seekers_bind(world, runs):
    results = world("seekers", runs)
    assert (built(results, "baseline") == built(results, "no_backfill")).all()
    assert (built(results, "slack_seekers") > built(results, "baseline")).all()


# --- 4 permission is not sufficient ---------------------------------------------------------------------------------

GATES = ("no_rule", "no_will", "no_stock", "no_worth", "no_money", "no_procedure")


def passes(results, arm):
    return bool((evidence.freed(results, arm)[:, -1] > 20).all())


def is_stopped(results, arm):
    return not evidence.freed(results, arm).any()


@PARTS
def test_with_every_gate_open_a_backfill_passes(world, runs):
    results = world("permission", runs)
    assert passes(results, "baseline")


@PARTS
@pytest.mark.parametrize("gate", GATES)
def test_each_gate_alone_stops_it(world, runs, gate):
    results = world("permission", runs)
    assert is_stopped(results, gate)
    assert not is_stopped(results, "baseline")


@PARTS
def test_where_the_rule_permits_five_gates_can_still_be_shut(world, runs):
    """Permission alone would be enough if whatever is permitted passed."""
    results = world("permission", runs)
    permitted = [gate for gate in GATES if gate not in ("no_rule", "no_stock")]
    assert all((evidence.received(results, gate)[:, -1] > 0).all() for gate in permitted)
    assert not any(passes(results, gate) for gate in permitted)


# --- 5 queues beat gifts --------------------------------------------------------------------------------------------


def a_place_in_the_queue_beats_the_gift(results, arm, own_turn):
    """By the end of the event, ten times over."""
    place = mean_at(evidence.moved(results, arm, own_turn), results, "2032-10")
    return place > 10 * mean_at(evidence.freed(results, arm), results, "2037-12")


@PARTS
def test_a_place_in_the_queue_moves_hundreds_and_the_gift_a_handful(world, runs):
    results = world("queues", runs)
    assert a_place_in_the_queue_beats_the_gift(results, "baseline", "own_turn")
    assert not a_place_in_the_queue_beats_the_gift(results, "empty_queue", "empty_own_turn")
    assert mean_at(evidence.moved(results, "baseline", "own_turn"), results, "2032-10") > 100


@PARTS
def test_an_empty_queue_has_nothing_to_move(world, runs):
    results = world("queues", runs)
    assert not evidence.moved(results, "empty_queue", "empty_own_turn").any()


@PARTS
def test_a_place_in_the_queue_is_a_gift_of_time(world, runs):
    """Most of what came early is not there in addition at the end; what a gift brings stays."""
    results = world("queues", runs)
    place = evidence.moved(results, "baseline", "own_turn")
    assert mean_at(place, results, "2037-12") < 0.5 * mean_at(place, results, "2032-10")
    gift = evidence.freed(results, "baseline")
    assert mean_at(gift, results, "2037-12") > 0.9 * mean_at(evidence.received(results, "baseline"), results, "2037-12")


# --- 6 shocks dwarf both --------------------------------------------------------------------------------------------


def dwarfs_a_winter_and_the_gift(results, arm):
    """What Donora lacks after the month of the war, against three months of the front and against the gift."""
    month = evidence.until(results, "2033-03") - 1
    lost = evidence.level(results, "position", "no_gulf_war", "XDA") - evidence.level(results, "position", arm, "XDA")
    winter = results.demand.sel(arm=arm, state="XWA").values[:, month - 3 : month].sum(axis=1)
    return float(lost[:, month].mean()) > 2 * max(
        float(winter.mean()), mean_at(evidence.received(results, arm), results, "2036-12")
    )


def nothing_changes_before_march_2033(results, arm):
    before = slice(evidence.until(results, "2033-02"))
    calm = results.dataset.sel(arm="no_gulf_war").isel(month=before)
    shaken = results.dataset.sel(arm=arm).isel(month=before)
    watched = ("aid", "stock", "asked", "headroom", "demand", "will")
    return all((calm[name].values == shaken[name].values).all() for name in watched)


@PARTS
def test_a_short_war_elsewhere_dwarfs_a_winter_and_a_gift(world, runs):
    results = world("shocks", runs)
    assert dwarfs_a_winter_and_the_gift(results, "baseline")
    assert not dwarfs_a_winter_and_the_gift(results, "skirmish")


@PARTS
def test_nothing_changes_up_to_the_month_before_the_shock(world, runs):
    results = world("shocks", runs)
    assert nothing_changes_before_march_2033(results, "baseline")
    assert not nothing_changes_before_march_2033(results, "sooner")
    assert mean_at(evidence.moved(results, "no_gulf_war", "baseline"), results, "2036-12") > 100


# --- 7 promises cut both ways ---------------------------------------------------------------------------------------


def brings_aid_forward(results, arm):
    """Before any of the first promise is there, more than half of what it promised has gone on."""
    return mean_at(evidence.freed(results, arm), results, "2031-11") > 18


def leaves_the_donor_exposed(results, arm):
    """After the promise was due, and before the next one."""
    late = slice(evidence.until(results, "2031-12"), evidence.until(results, "2032-10"))
    return float(evidence.exposed(results, arm)[:, late].mean()) > 10


@PARTS
def test_an_expected_backfill_brings_aid_forward(world, runs):
    results = world("promises", runs)
    assert brings_aid_forward(results, "baseline")
    assert not brings_aid_forward(results, "counts_on_nothing")


@PARTS
def test_a_broken_promise_leaves_the_donor_exposed(world, runs):
    results = world("promises", runs)
    assert leaves_the_donor_exposed(results, "baseline")
    assert not leaves_the_donor_exposed(results, "kept")
    assert not leaves_the_donor_exposed(results, "counts_on_nothing")


def second_promise_brings_as_much_forward(results, arm):
    """Until the second promise is kept it has brought forward about what the first one had, by the same month."""

    def forward(since, to, without):
        gained = evidence.moved(results, arm, without)
        return mean_at(gained, results, to) - mean_at(gained, results, since)

    first = mean_at(evidence.freed(results, arm), results, "2031-11")
    return forward("2033-12", "2034-11", "no_second") > 0.8 * first


@PARTS
def test_after_a_broken_promise_the_next_one_is_worth_less(world, runs):
    results = world("promises", runs)
    assert second_promise_brings_as_much_forward(results, "no_memory")
    assert second_promise_brings_as_much_forward(results, "kept")
    assert not second_promise_brings_as_much_forward(results, "baseline")


# --- 8 from stock to flow -------------------------------------------------------------------------------------------


def moves_from_stock_to_flow(results, arm):
    """Nearly all from stock at first, less each year, nearly all from the line in the end, and no step between."""
    part = evidence.part_from_stock(results, arm).mean(axis=0)
    between = (part > 0.15) & (part < 0.85)
    return part[0] > 0.85 and part[-1] < 0.15 and bool((np.diff(part) < 0).all()) and between.sum() >= 3


@PARTS
def test_aid_moves_from_stock_to_flow_by_and_by(world, runs):
    results = world("stock_to_flow", runs)
    assert moves_from_stock_to_flow(results, "baseline")
    assert not moves_from_stock_to_flow(results, "no_floor")
    assert not moves_from_stock_to_flow(results, "no_limit")


# --- all of them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", evidence.CLAIMS)
def test_the_command_has_a_table_for_every_claim(world, claim):
    """The table of the arms, also where no backfill comes in some of them."""
    results = world(claim, FEW)
    said = str(results.table)
    assert all(arm in said for arm in results.arms)
    assert "passed on by" in said


@pytest.mark.parametrize("claim", evidence.CLAIMS)
def test_every_claim_has_a_world_of_its_own_with_a_reading_for_people(claim):
    text = (CLAIMS / f"{claim}.yaml").read_text(encoding="utf-8")
    assert text.startswith(f"# Claim {evidence.CLAIMS.index(claim) + 1}: ")
    assert all(
        word in text for word in ("# Baseline: ", "# Control", "# Read:     ", "label: fictional", "no_backfill")
    )


@pytest.mark.parametrize("claim", evidence.CLAIMS)
def test_every_claim_has_a_figure_and_a_command_on_its_page(claim):
    page = (DOCS / "claims.md").read_text(encoding="utf-8")
    assert (DOCS / "figures" / "claims" / f"{claim}.png").is_file()
    assert f"(figures/claims/{claim}.png)" in page
    assert f"backfill run experiments/claims/{claim}.yaml" in page

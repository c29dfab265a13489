"""Claims about cases: whom they ask, what goes ahead meanwhile, where they stand, and that luck has an address."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backfill.world import World

Grow = Callable[..., World]
asking = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("asking.py"))))
ASK, ORIGIN, GRANT, REFUSE = asking.ASK, asking.ORIGIN, asking.GRANT, asking.REFUSE
aid, course, months, questions, raised = asking.aid, asking.course, asking.months, asking.questions, asking.raised
LICENSOR = ASK.format(code="XLI", role="licensor")
MADE = """manufacturers: {works: {state: XDA, lines: {
  arrow: {item: arrow, capacity: 5 per month, lead_time: 1 month, rest_to: XDA, licence: {from: XAL}}}}}"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    return partial(asking.write, tmp_path)


@pytest.fixture
def grow(written: Callable[..., Path]) -> Grow:
    def grown(laws: dict[str, str], answers: dict[str, str], runs: int = 1, **said: Any) -> World:
        return raised(written(laws, answers, **said), range(runs))

    return grown


def stages(world: World) -> dict[str, list[float]]:
    """How many cases stand where, month by month, in the first run."""
    world.run()
    outcome = next(one for one in world.recorder.outcomes if one.name == "cases")
    tables = world.recorder.tables["cases"]
    return {row[2]: tables[:, number, 0].tolist() for number, row in enumerate(outcome.rows)}


# --- whom a case asks -----------------------------------------------------------------------------------------------


def test_where_the_rule_denies_nobody_is_asked(grow: Grow) -> None:
    bar = "  XAL-NO: {title: Nothing to Warland, effect: deny, until: 2030-06-01, refs: [invented]}"
    asked = course(grow({"XAL": f"{ORIGIN}\n{bar}"}, {"XAL": f"{GRANT}, after: 60 days"}), "ordinal")[:, 0]
    assert asked.tolist() == [0] * 5 + [1] * 7
    barred = grow({"XAL": f"{ORIGIN}\n{bar.replace(', until: 2030-06-01', '')}"}, {"XAL": GRANT})
    assert questions(barred) == []
    assert aid(barred).sum() == 0


def test_a_licensor_that_is_the_destination_is_not_asked(grow: Grow) -> None:
    own = "  XWA-ASK: {title: With consent only, effect: consent_required, refs: [invented]}"
    world = grow({"XWA": own}, {"XWA": REFUSE}, licensor="XWA")
    assert questions(world) == []
    assert aid(world)[1, 0] == 40


def test_nobody_asks_for_what_he_does_not_hold(grow: Grow) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": GRANT}, stock=0, more=MADE)
    assert (course(world, "ordinal") == 0).all()


def test_a_lot_that_is_surely_refused_for_ever_has_no_way(grow: Grow) -> None:
    assert questions(grow({"XAL": ORIGIN}, {"XAL": REFUSE})) == []


# --- what goes ahead meanwhile --------------------------------------------------------------------------------------


def test_lots_for_which_nobody_is_asked_do_not_wait_for_the_others(grow: Grow) -> None:
    """A hundred arrows of Allia's and five a month of the donor's own make."""
    arrived = aid(grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, after: 120 days"}, more=MADE))[:, 0]
    assert arrived[:6].tolist() == [0, 5, 5, 5, 5, 20]
    assert arrived.sum() == 40


@pytest.mark.parametrize("rule", ["role: origin", "role: licensor, route: direct"])
def test_lots_for_which_nobody_is_asked_are_given_before_those_whose_consent_is_in_hand(grow: Grow, rule: str) -> None:
    """Whose they are does not matter: the licensor may mind what the donor builds, and nothing else."""
    law = {"XLI": LICENSOR.replace("role: licensor", rule)} if "licensor" in rule else {"XAL": ORIGIN}
    made = MADE.replace("from: XAL", "from: XLI") if "licensor" in rule else MADE
    world = grow(law, dict.fromkeys(law, GRANT), licensor="XLI" if "licensor" in rule else "XAL", more=made)
    ways = [lane for lane in world.shipments.lanes if lane.route.channel == "gift"]
    assert [len(lane.vetoes) for lane in ways] == [0, 1]
    assert {lane.origin for lane in ways} == {"XDA", "XAL"}


def test_a_promise_and_a_pledge_have_their_consents_in_time(grow: Grow) -> None:
    gift = "events: {gift: {kind: pledge, from: XDA, to: XWA, item: arrow, units: 9, arrives: 2030-03}}"

    def given(said: str) -> float:
        world = grow({"XAL": ORIGIN}, {"XAL": said}, more=gift, doctrine="packages")
        world.run()
        return float(sum(world.recorder.tables["aid_by_channel"][:, row, 0].sum() for row in range(5)))

    assert given(f"{GRANT}, after: 300 days") == 9
    assert given(f"{GRANT}, chance: 1 %") == 9
    assert given(REFUSE) == 0
    dated = "answers:\n  first: {until: 2030-09-01, answer: refuse}\notherwise: {answer: grant}"
    late = grow({"XAL": ORIGIN}, {"XAL": dated}, more=gift, doctrine="packages")
    assert aid(late)[:, 0].nonzero()[0].tolist() == [9]  # due in February, let go in September


# --- where a case stands --------------------------------------------------------------------------------------------


def test_a_case_waits_for_its_government_then_for_consent_then_is_open(grow: Grow) -> None:
    slow = "transfers: {any-to-any: {decision: 45 days}}"
    stood = stages(grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, after: 120 days"}, more=slow))
    assert stood["decision"][:5] == [1, 0, 0, 0, 0]
    assert stood["consent"][:5] == [0, 1, 1, 1, 0]
    assert stood["open"][:5] == [0, 0, 0, 0, 1]
    assert not any(stood["refused"])


def test_a_refused_case_is_told_as_refused(grow: Grow) -> None:
    dated = "answers:\n  first: {until: 2030-09-01, answer: refuse, after: 30 days}\notherwise: {answer: grant}"
    stood = stages(grow({"XAL": ORIGIN}, {"XAL": dated}))
    assert stood["refused"] == [0] + [1] * 7 + [0] * 4
    assert stood["consent"] == [1] + [0] * 11


def test_a_case_is_somewhere_or_it_is_closed(grow: Grow) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, chance: 40 %, after: 90 (0 to 200) days"}, 30, until="2033-12")
    (case,) = world.cases
    for _month in months(world):
        counted = sum(np.asarray(where, dtype=int) for where in world.consents.stages(case).values())
        assert (counted == case.opened).all()


def test_an_idle_case_closes_after_a_year_and_its_consent_with_it(grow: Grow) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": GRANT}, until="2031-12")
    assert course(world, "granted")[:, 0].tolist() == [True] * 12 + [False] * 12


# --- luck -----------------------------------------------------------------------------------------------------------

TWO = {"XAL": ORIGIN, "XLI": LICENSOR}
ODDS = {
    "XAL": f"{GRANT}, chance: 60 (40 to 80) %, after: 40 (0 to 90) days",
    "XLI": f"{GRANT}, chance: 70 %, after: 30 (0 to 200) days",
}
WAR = "conflicts: {war: {fighting: [XWA], uses: [arrow], attacks: 20 per month}}"
DOUBT = """events:
  reform: {kind: rule, rules: [XAL-LATER], since: 2030-04, chance: 10 % per month}
"""
LATER = ORIGIN.replace("XAL-ASK", "XAL-LATER").replace("effect:", "status: proposed, effect:")


def test_a_run_alone_equals_its_row(written: Callable[..., Path]) -> None:
    more = "\n".join([MADE.replace("XAL", "XLI"), WAR, DOUBT])
    path = written({**TWO, "XAL": LATER}, ODDS, licensor="XLI", more=more)
    together = raised(path, range(7)).run().tables
    assert len(np.unique(together["cases"].sum(axis=0), axis=1).T) > 3
    for run in range(7):
        alone = raised(path, range(run, run + 1)).run().tables
        for outcome, table in alone.items():
            assert (table[..., 0] == together[outcome][..., run]).all(), outcome


def test_the_order_of_files_changes_nothing(written: Callable[..., Path]) -> None:
    one = raised(written(TWO, ODDS, licensor="XLI"), range(20)).run().tables
    other = raised(written(TWO, ODDS, licensor="XLI", policies="XLI, XAL", consent="XLI, XAL"), range(20)).run().tables
    assert all((one[name] == other[name]).all() for name in one)
    assert len(np.unique(one["aid"].sum(axis=(0, 1)))) > 1


def test_law_in_doubt_asks_only_in_the_runs_in_which_it_came_true(grow: Grow) -> None:
    world = grow({"XAL": LATER}, {"XAL": f"{REFUSE}, chance: 99.9 %"}, 40, stock=1000, more=f"{WAR}\n{DOUBT}")
    (question,) = questions(world)
    for _month in months(world):
        assert (question.ordinal > 0).tolist() == (np.broadcast_to(question.now, 40) >= 0).tolist()
    assert 0 < question.refused.mean() < 1


@pytest.mark.parametrize("chance", ["30 %", "70 %"])
def test_a_better_chance_never_turns_a_yes_into_a_no(grow: Grow, chance: str) -> None:
    before = course(grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, chance: {chance}"}, 60), "granted")[0]
    after = course(grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, chance: 80 %"}, 60), "granted")[0]
    assert (after >= before).all()
    assert (after > before).any()


def test_what_waits_for_a_consent_is_missing_for_want_of_it(grow: Grow) -> None:
    dated = "answers:\n  first: {until: 2030-09-01, answer: refuse, after: 60 days}\notherwise: {answer: grant}"
    world = grow({"XAL": ORIGIN}, {"XAL": dated})
    world.run()
    rows = next(one.rows for one in world.recorder.outcomes if one.name == "why_not")
    table = world.recorder.tables["why_not"][:, :, 0]
    charged = {row[3]: table[:, number].tolist() for number, row in enumerate(rows) if row[2] == "aid"}
    assert charged["consent"] == [40] * 8 + [0] * 4
    assert charged["transit"][8] + charged["procedure"][8] == 40
    assert sum(sum(months) for months in charged.values()) == 40 * 9

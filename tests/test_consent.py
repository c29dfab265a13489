"""Claims about consents: who is asked, when the answer comes, how often it is yes, and what waits for it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backfill.scenario import check_file, load, numbers_of
from backfill.world import World

Grow = Callable[..., World]
RUNS = 2000
asking = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("asking.py"))))
ASK, ORIGIN, GRANT, REFUSE = asking.ASK, asking.ORIGIN, asking.GRANT, asking.REFUSE
aid, course, months, questions, raised = asking.aid, asking.course, asking.months, asking.questions, asking.raised


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    return partial(asking.write, tmp_path)


@pytest.fixture
def grow(written: Callable[..., Path]) -> Grow:
    def grown(laws: dict[str, str], answers: dict[str, str], runs: int = 1, **said: Any) -> World:
        return raised(written(laws, answers, **said), range(runs))

    return grown


def near(share: float, runs: int = RUNS) -> Any:
    """A share of runs, within four standard errors."""
    return pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / runs))


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "after", "first"),
    [
        ("0 days", "0 days", 1),
        ("0 days", "60 days", 3),  # asked on 15 January, granted on 16 March, there a month later
        ("60 days", "30 days", 3),  # the government takes longer than the capital
        ("30 days", "120 days", 5),
    ],
)
def test_a_case_is_open_when_the_later_of_decision_and_consent_is_there(
    grow: Grow, decision: str, after: str, first: int
) -> None:
    stages = f"transfers: {{any-to-any: {{decision: {decision}}}}}"
    arrived = aid(grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, after: {after}"}, more=stages))[:, 0]
    assert arrived.tolist() == [40.0 if month == first else 0.0 for month in range(12)]


def test_an_answer_takes_a_time_of_its_own_in_every_run(grow: Grow) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, after: 150 (0 to 300) days"}, 400)
    first = (aid(world) > 0).argmax(axis=0)
    assert (first.min(), first.max()) == (1, 10)
    assert first.mean() == pytest.approx(1 + 150 / 30.4375, abs=4 * 2.03 / 20)  # 2.03: the triangle's spread in months


def test_where_a_file_says_no_time_the_procedure_of_the_pair_may(grow: Grow) -> None:
    slow = "transfers: {XDA-to-any: {consent: 90 days}}"
    assert aid(grow({"XAL": ORIGIN}, {"XAL": GRANT}, more=slow))[:5, 0].tolist() == [0, 0, 0, 0, 40]
    said = f"{GRANT}, after: 30 days"
    assert aid(grow({"XAL": ORIGIN}, {"XAL": said}, more=slow))[:5, 0].tolist() == [0, 0, 40, 0, 0]


def test_a_fixed_refusal_takes_its_time_and_is_a_refusal(grow: Grow) -> None:
    dated = "answers:\n  first: {until: 2030-06-01, answer: refuse, after: 60 days}\notherwise: {answer: grant}"
    world = grow({"XAL": ORIGIN}, {"XAL": dated})
    (question,) = questions(world)
    stood = [(bool(question.waiting[0]), bool(question.refused[0])) for _month in months(world)]
    assert stood == [(True, False)] * 2 + [(False, True)] * 3 + [(False, False)] * 7


def test_a_waiting_case_does_not_run_out_of_its_year(grow: Grow) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, after: 18 months"}, until="2031-12")
    assert aid(world)[:, 0].nonzero()[0].tolist() == [19]


# --- yes and no -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "share"), [(GRANT, 0.3), (REFUSE, 0.7)])
def test_a_chance_of_thirty_percent_is_thirty_percent_of_runs(grow: Grow, said: str, share: float) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": f"{said}, chance: 30 %"}, RUNS)
    came = aid(world).any(axis=0).mean()
    assert came == near(share)
    assert came != near(0.5)  # the control: other odds would be noticed


def test_an_uncertain_chance_is_drawn_once_in_a_run(grow: Grow) -> None:
    dated = "answers:\n  first: {until: 2035-01-01, answer: grant, chance: 50 (20 to 80) %}"
    for said, path in ((f"{GRANT}, chance: 50 (20 to 80) %", "otherwise"), (dated, "answers.first")):
        world = grow({"XAL": ORIGIN}, {"XAL": said}, RUNS)
        came = aid(world).any(axis=0)
        assert came.mean() == near(0.5)
        drawn = world.draws.table()[f"consent.XAL.{path}.chance"]
        assert (drawn.min() < 0.25, drawn.max() > 0.75) == (True, True)
        assert came[drawn > 0.6].mean() > came[drawn < 0.4].mean() + 0.2


def test_two_consents_multiply(grow: Grow) -> None:
    both = {"XAL": ORIGIN, "XLI": ASK.format(code="XLI", role="licensor")}
    odds = {"XAL": f"{GRANT}, chance: 50 %", "XLI": f"{GRANT}, chance: 60 %"}
    assert aid(grow(both, odds, RUNS, licensor="XLI")).any(axis=0).mean() == near(0.3)
    assert aid(grow({"XAL": ORIGIN}, odds, RUNS, licensor="XLI")).any(axis=0).mean() == near(0.5)


def test_a_refusal_stands_for_a_year_and_then_luck_is_drawn_anew(grow: Grow) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": f"{GRANT}, chance: 30 %"}, RUNS, until="2032-03")
    (question,) = questions(world)
    ever = np.zeros(RUNS, dtype=bool)
    shares = []
    for _month in months(world):
        ever = ever | question.granted
        shares.append(ever.mean())
    assert shares[0] == near(0.3)
    assert len(set(shares[:12])) == len(set(shares[12:24])) == len(set(shares[24:])) == 1
    assert shares[12] == near(1 - 0.7**2)
    assert shares[24] == near(1 - 0.7**3)


def test_a_step_of_will_reopens_a_refusal_at_once(grow: Grow) -> None:
    turn = "events: {turn: {kind: will, date: 2030-06-10, state: XAL, becomes: 90 %}}"
    asked = course(grow({"XAL": ORIGIN}, {"XAL": REFUSE + ", chance: 99.9 %"}, 3, more=turn), "ordinal")
    assert asked.tolist() == [[1] * 3] * 5 + [[2] * 3] * 7
    other = turn.replace("state: XAL", "state: XWA")
    assert (course(grow({"XAL": ORIGIN}, {"XAL": REFUSE + ", chance: 99.9 %"}, 3, more=other), "ordinal") == 1).all()


def test_a_change_of_rule_reopens_a_refusal_at_once(grow: Grow) -> None:
    """The same question, put under another rule from June on."""
    second = ORIGIN.replace("XAL-ASK", "XAL-NEW").replace("when:", "since: 2030-06-01, when:")
    first = ORIGIN.replace("when:", "until: 2030-06-01, when:")
    asked = course(grow({"XAL": f"{first}\n{second}"}, {"XAL": REFUSE + ", chance: 99.9 %"}), "ordinal")[:, 0]
    assert asked.tolist() == [1] * 5 + [2] * 7


def test_new_politics_reach_a_question_that_waits(grow: Grow) -> None:
    """Asked in January, due in May; from March on the answer is another, and it comes within the month."""
    dated = "answers:\n  first: {until: 2030-03-01, answer: refuse, after: 120 days}\notherwise: {answer: grant}"
    assert aid(grow({"XAL": ORIGIN}, {"XAL": dated}))[:, 0].nonzero()[0].tolist() == [3]


def test_a_consent_ends_with_new_politics_and_a_contract_in_force_is_kept(grow: Grow) -> None:
    dated = "answers:\n  later: {since: 2030-04-01, answer: refuse}\notherwise: {answer: grant}"
    slow = "transfers: {any-to-any: {handover: 4 months}}\n"
    war = "conflicts: {war: {fighting: [XWA], uses: [arrow], attacks: 20 per month}}"
    world = grow({"XAL": ORIGIN}, {"XAL": dated}, stock=1000, more=slow + war)
    arrived = aid(world)[:, 0]
    assert arrived[4:7].sum() > 0  # contracts of January to March
    assert arrived[7:].sum() == 0
    (question,) = questions(world)
    assert question.refused[0]


# --- relations ------------------------------------------------------------------------------------------------------


def test_without_an_answer_on_file_relations_and_will_decide(grow: Grow) -> None:
    """The geometric mean: (0.9 x 0.6 x 0.4) ^ (1/3) = 0.6; from either side a relation is the same."""
    for pairs in ("XAL-XDA: 0.9, XWA-XAL: 0.6", "XDA-XAL: 0.9, XAL-XWA: 0.6"):
        world = grow({"XAL": ORIGIN}, {}, RUNS, more=f"relations: {{{pairs}}}")
        assert aid(world).any(axis=0).mean() == near(0.6)
    cool = grow({"XAL": ORIGIN}, {}, RUNS, more="relations: {XAL-XDA: 0.9, XWA-XAL: 0.1}")
    assert aid(cool).any(axis=0).mean() == near((0.9 * 0.1 * 0.4) ** (1 / 3))
    unnamed = grow({"XAL": ORIGIN}, {}, RUNS, more="relations: {XDA-XWA: 0.9}")
    assert aid(unnamed).any(axis=0).mean() == near((0.5 * 0.5 * 0.4) ** (1 / 3))


def test_an_answer_on_file_goes_before_relations(grow: Grow) -> None:
    world = grow({"XAL": ORIGIN}, {"XAL": GRANT}, 50, more="relations: {XAL-XDA: 0.1, XWA-XAL: 0.1}")
    assert aid(world).any(axis=0).all()


@pytest.mark.parametrize(("undetermined", "given"), [("permit", 40), ("deny", 0)])
def test_without_relations_a_missing_answer_is_what_the_scenario_takes_it_for(
    grow: Grow, undetermined: str, given: float
) -> None:
    """The donor has a law of its own here, so that nothing else is undetermined."""
    own = "  XDA-YES: {title: Gifts may go, effect: permit, refs: [invented]}"
    world = grow({"XAL": ORIGIN, "XDA": own}, {}, undetermined=undetermined)
    assert aid(world).sum() == given


@pytest.mark.parametrize(
    ("pairs", "path", "near_word"),
    [
        ("XAL-XDX: 0.5", "relations.XAL-XDX", "XAL-XDA"),
        ("XAL-XAL: 0.5", "relations.XAL-XAL", ""),
        ("XAL-XDA: 0.5, XDA-XAL: 0.6", "relations.XDA-XAL", ""),
        ("XAL-XDA: 50 per month", "relations.XAL-XDA", ""),
    ],
)
def test_a_relation_that_nobody_can_mean_is_told_at_its_line(
    written: Callable[..., Path], pairs: str, path: str, near_word: str
) -> None:
    said = check_file(written({"XAL": ORIGIN}, {}, more=f"relations: {{{pairs}}}"))
    problems = [problem for problem in said if problem.level == "error"]
    assert [(problem.path, problem.nearest) for problem in problems] == [(path, near_word)]
    assert problems[0].place is not None


# --- in arms --------------------------------------------------------------------------------------------------------


def test_an_arm_may_give_an_answer_another_chance(written: Callable[..., Path]) -> None:
    odds = "arms: {odds: {set: {consent.XAL.otherwise.chance: 30 %, consent.XAL.otherwise.after: 60 days}}}"
    setting = load(written({"XAL": ORIGIN}, {"XAL": GRANT}, more=odds)).arm("odds")
    arrived = aid(World(setting, range(RUNS), 1, numbers_of(setting)))
    assert arrived.any(axis=0).mean() == near(0.3)
    assert arrived.any(axis=1).nonzero()[0].tolist() == [3]


@pytest.mark.parametrize("path", ["consent.XAL.otherwise.chanse", "consent.XAL.answers.first.chance"])
def test_an_arm_cannot_speak_of_an_answer_that_is_not_on_file(written: Callable[..., Path], path: str) -> None:
    said = check_file(written({"XAL": ORIGIN}, {"XAL": GRANT}, more=f"arms: {{odds: {{set: {{{path}: 30 %}}}}}}"))
    assert [problem.path for problem in said if problem.level == "error"] == [path]

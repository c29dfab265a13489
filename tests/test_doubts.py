"""Law in doubt: rules that may come into force, findings that may be made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backfill.chance import Chance
from backfill.numbers import Draws
from backfill.passing.gate import Gate
from backfill.scenario import check_file, load, numbers_of
from backfill.studies.run import simulate
from backfill.world import World

WORLD = """
scenario: 1
title: A promise that waits for a law
label: fictional
horizon: 2030-01 to 2033-12
roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}
export_rules: {policies: [XAL]}
items: {arrow: {name: Arrow}}
states:
  XDA: {requirement: 100, doctrine: headroom, backfill_from: [XAL], items: {arrow: {stock: 0}}}
  XAL: {items: {arrow: {stock: 5000, origin: XAL}}}
  XWA: {items: {arrow: {stock: 0}}}
manufacturers:
  works: {state: XAL, lines: {arrow: {item: arrow, capacity: 10 per month, lead_time: 1 month, orders: {
    first: {customer: XWA, units: 300, placed: 2030-01}}}}}
transfers:
  any-to-any: {decision: 0 months, contract: 0 months, handover: 1 month, transit: 1 day}
events:
  reform: {kind: rule, rules: [XAL-OPEN], since: 2031-01, chance: 10 % per month}
"""
LAW = """
policy: 1
jurisdiction: XAL
default: {default}
sources: {invented: {title: Invented for this test, grade: low, url: "https://example.org"}}
rules:
  XAL-OPEN: {title: Arms may go, effect: permit, status: STATUS, since: never, refs: [invented]}
  XAL-WAR: {title: Not into fighting, effect: deny, when: {dest.status: {has: active_combat}}, refs: [invented]}
"""
FINDING = """
  doubt: {kind: finding, by: XAL, state: XDA, token: active_combat, since: 2031-01, until: 2032-01, chance: 40 %}
"""


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(text: str = WORLD, default: str = "deny") -> Path:
        (tmp_path / "policies").mkdir(exist_ok=True)
        law = LAW.replace("{default}", default).replace("STATUS", "proposed")
        (tmp_path / "policies" / "XAL.yaml").write_text(law, encoding="utf-8")
        path = tmp_path / "doubtful.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def mask(path: Path, runs: int, way: tuple[str, str, str, str] = ("XAL", "XDA", "arrow", "XAL")) -> Any:
    """Where a way is open.  [months, runs]"""
    setting = load(path).setting
    chance = Chance(1, range(runs))
    return Gate(setting, Draws(chance, numbers_of(setting)), chance).mask(*way)


def test_a_rule_comes_into_force_with_its_chance_and_stays(written: Any) -> None:
    opened = mask(written(), 4000)
    assert not opened[:12].any()
    assert (opened[1:] >= opened[:-1]).all()
    share = opened[12 + 12 - 1].mean()  # after twelve months of 10 %
    assert share == pytest.approx(1 - 0.9**12, abs=4 * np.sqrt(0.72 * 0.28 / 4000))  # four standard errors
    twice = mask(written(WORLD.replace("10 % per month", "20 % per month")), 4000)[23].mean()
    assert twice > share + 0.1  # the control: another chance, another share


def test_without_uncertain_law_a_way_is_the_same_in_every_run(written: Any) -> None:
    calm = WORLD.partition("events:")[0]
    assert mask(written(calm), 3).shape == (48,)
    assert not mask(written(calm), 3).any()


def test_law_that_nobody_on_the_way_is_under_changes_nothing(written: Any) -> None:
    assert mask(written(), 3, ("XDA", "XWA", "arrow", "XDA")).shape == (48,)


def test_a_rule_with_a_last_month_comes_before_it_or_never(written: Any) -> None:
    opened = mask(written(WORLD.replace("since: 2031-01,", "since: 2031-01, until: 2031-04,")), 500)
    assert (opened[15:] == opened[14]).all()
    assert 0.1 < opened[-1].mean() < 0.5


def test_a_finding_is_made_once_in_a_run_and_holds_for_its_months(written: Any) -> None:
    opened = mask(written(WORLD.partition("  reform")[0] + FINDING, "permit"), 4000)
    assert opened[:12].all()
    assert opened[24:].all()
    inside = opened[12:24]
    assert (inside == inside[0]).all()
    assert inside[0].mean() == pytest.approx(0.6, abs=4 * np.sqrt(0.24 / 4000))  # four standard errors


def test_a_rule_and_a_finding_meet_in_the_runs_in_which_both_came_true(written: Any) -> None:
    both = mask(written(WORLD + FINDING), 300)
    reform = mask(written(WORLD), 300)
    barred = ~mask(written(WORLD.partition("  reform")[0] + FINDING, "permit"), 300)
    assert (both == (reform & ~barred)).all()
    assert (reform & barred).any()


def delivered(path: Path, runs: int, **how: Any) -> Any:
    return simulate(load(path), arms=[], runs=runs, seed=3, **how).dataset


def test_what_a_line_owes_abroad_leaves_in_the_runs_and_months_that_the_law_opens(written: Any) -> None:
    path = written()
    results = delivered(path, 12)
    setting = load(path).setting
    chance = Chance(3, range(12))
    opened = Gate(setting, Draws(chance, numbers_of(setting)), chance).mask("XAL", "XWA", "arrow", "XAL")
    aid = results.aid.sel(arm="baseline", state="XWA").sum(("item", "origin")).transpose("month", "run").values
    first_open = np.where(opened.any(axis=0), opened.argmax(axis=0), 48)
    first_aid = np.where(aid.any(axis=0), aid.argmax(axis=0), 48)
    assert len(set(first_open)) > 4
    assert (first_aid[first_open < 46] > first_open[first_open < 46]).all()
    assert (first_aid[first_open < 46] <= first_open[first_open < 46] + 2).all()
    assert not aid[:, first_open == 48].any()


def test_no_run_knows_the_others_in_its_block(written: Any) -> None:
    path = written(WORLD + FINDING)
    whole, cut = delivered(path, 9, block=9), delivered(path, 9, block=2)
    assert whole.equals(cut)
    scenario = load(path)
    alone, together = (
        World(scenario.setting, replications, 3, numbers_of(scenario.setting)).run().tables
        for replications in (range(5, 6), range(9))
    )
    for outcome, table in alone.items():
        assert (table[..., 0] == together[outcome][..., 5]).all(), outcome


@pytest.mark.parametrize(
    ("old", "new", "path", "near"),
    [
        ("[XAL-OPEN]", "[XAL-OPN]", "events.reform.rules.0", "XAL-OPEN"),
        ("by: XAL", "by: XDA", "events.doubt.by", "XAL"),
        ("active_combat", "active_combatt", "events.doubt.token", "active_combat"),
        ("10 % per month", "10 per month", "events.reform.chance", "% per month"),
    ],
)
def test_uncertain_law_about_no_law_is_told_at_its_line(written: Any, old: str, new: str, path: str, near: str) -> None:
    said = check_file(written((WORLD + FINDING).replace(old, new, 1)))
    problems = [problem for problem in said if problem.level == "error"]
    assert [(problem.path, problem.nearest) for problem in problems] == [(path, near)]
    assert problems[0].place is not None

"""What people get wrong in a world with everything in it: each mistake is told once, at its place, with its cure."""

from __future__ import annotations

import pytest

from backfill.errors import Problem
from backfill.scenario import check_file

WORLD = """\
scenario: 1
title: A small world with everything in it
label: fictional
horizon: 2030-01 to 2033-12
roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}
items:
  arrow: {name: Arrow, licensor: XDA, cost: 2 million usd, shelf_life: 15 years, needs: {seeker: 1}}
  old: {name: Old arrow, licensor: XDA, cost: 1 million usd}
  seeker: {name: Seeker, kind: component, licensor: XDA}
needs: {air_defence: {worth: {arrow: 1, old: 60 %}}}
states:
  XDA:
    requirement: 900
    floor: 40 %
    losses: 0.1 % per month
    trust_prior: 2
    gift: {doctrine: {kind: marginal, chance: 20 %, demand: 300, cost_ratio: 4}}
    sale: {doctrine: headroom}
    backfill_from: [XAL]
    items:
      arrow: {stock: 800, expires: {2031-06: 25 %, 2032-12: 40 %}}
      old: {stock: 300}
  XAL: {doctrine: headroom, items: {arrow: {stock: 300}}}
  XWA: {cover: 3 months, aid_from: [XDA], items: {arrow: {stock: 40}}}
manufacturers:
  works:
    state: XDA
    lines:
      arrow:
        item: arrow
        capacity: 10 per month
        lead_time: 12 months
        ceiling: 20 per month
        ramp: 24 months
        investment: 6 months
        fails: 30 months
        repair: 2 months
        idle_after: 6 months
        restart: 3 months
        learning: 90 %
        built_before: 500
        allocation: priority
        priority: [[XDA], [others]]
      seeker: {item: seeker, capacity: 12 per month}
      depot: {item: arrow, refurbishes: old, capacity: 5 per month, rest_to: XDA}
conflicts:
  border:
    fighting: [XWA]
    uses: [air_defence]
    attacks: 12 per month
    engagement: {kind: shoot_look_shoot, shots: 1, looks: 2}
    kill: 60 %
    dispersion: 6
    seasons: {11: 1.3, 12: 1.3}
    noise: 0.3
    persistence: 50 %
  second:
    fighting: [XWA, XAL]
    uses: [arrow]
    fires: 2 per month
    onset: 1 % per month
    lasts: 6 months
    split: {XWA: 60 %, XAL: 40 %}
transfers:
  any-to-any: {decision: 1 month, handover: 3 months, consent: 2 months}
relations: {XDA-XAL: 0.9, XDA-XWA: 0.6}
events:
  ring: {kind: promise, date: 2030-06, from: XAL, to: XDA, item: arrow, for: gift, swap: 0.5, due: 12 months}
  gift: {kind: pledge, date: 2030-07-01, from: XDA, to: XWA, item: arrow, units: 30, against: ring, paid_by: drawdown}
  help: {kind: budget, payers: [XAL], for: XWA, buys_from: XDA, item: arrow, line: works.arrow, since: 2030-06,
    amount: {2030: 40 million usd}, used_price: 60 %, lag: 2 months}
  drawdown: {kind: authority, state: XDA, since: 2030-01, amount: {2030: 100 million usd}, counts_at: 80 %}
  jump: {kind: queue, since: 2031-03, lasts: 12 months, lines: [works.arrow], first: [XWA], at_most: 60}
  strike: {kind: shock, states: [XDA], item: arrow, units: 30, months: {2031-04: 100 %}, lost: true}
arms:
  no_backfill: {title: Allia sends nothing, without: [events.ring]}
"""

ENDLESS = "a number: unlimited may stand where it leaves out a limit, such as in capacity or at_most"
LINE = "manufacturers.works.lines.arrow"
MARGINAL = "{kind: marginal, chance: 20 %, demand: 300, cost_ratio: 4}"

MISTAKES = [
    ("seasons:", "seasns:", "conflicts.border.seasns", "seasons"),
    ("{11: 1.3, 12: 1.3}", "{13: 1.3}", "conflicts.border.seasons.13", "1 for January"),
    ("{11: 1.3, 12: 1.3}", "1.3", "conflicts.border.seasons", "{11: 1.3, 12: 1.3}"),
    ("{2031-04: 100 %}", "{2031-04: 100 %, 2031-05: 40 %}", "events.strike.months", "100 % at most"),
    ("shelf_life:", "shelflife:", "items.arrow.shelflife", "shelf_life"),
    ("shelf_life: 15 years", "shelf_life: 15", "items.arrow.shelf_life", "without a unit"),
    ("{2031-06: 25 %, 2032-12: 40 %}", "[2031-06]", "states.XDA.items.arrow.expires", "{2031-06: 25 %}"),
    (
        "      old: {stock: 300}",
        "      seeker: {stock: 30, expires: {2031-06: 25 %}}",
        "states.XDA.items.seeker.expires",
        "components do not expire",
    ),
    ("        ramp: 24 months\n", "", f"{LINE}.ceiling", "without ramp"),
    ("ceiling: 20 per month", "ceiling: +20 %", f"{LINE}.ceiling", "a rate"),
    ("ceiling: 20 per month", "ceiling: 20 (30 to 40) per month", f"{LINE}.ceiling", "not between"),
    ("learning: 90 %", "learning: 110 %", f"{LINE}.learning", "between 0 and 1"),
    ("repair: 2 months", "repair: 3 days", f"{LINE}.repair", "belongs in the capacity"),
    ("repair: 2 months", "repair: 2", f"{LINE}.repair", "without a unit"),
    ("allocation: priority", "allocation: prio", f"{LINE}.allocation", "priority"),
    ("[[XDA], [others]]", "[[XDA], [XDA, others]]", f"{LINE}.priority.1.0", "a second time"),
    ("aid_from: [XDA]", "aid_from: [XWA]", "states.XWA.aid_from.0", "another state"),
    (", rest_to: XDA", "", "manufacturers.works.lines.depot.rest_to", "others take the rest"),
    ("lead_time: 12 months", "lead_time: unlimited", f"{LINE}.lead_time", ENDLESS),
    ("kill: 60 %\n", "kill: 60 %\n    per_target: 2\n", "conflicts.border.per_target", "both"),
    ("looks: 2", "looks: 2.5", "conflicts.border.engagement.looks", "a whole number"),
    ("dispersion: 6", "dispersion: 0", "conflicts.border.dispersion", "more than nothing"),
    ("attacks: 12 per month", "attacks: unlimited", "conflicts.border.attacks", ENDLESS),
    (
        "fires: 2 per month",
        "fires: {2030-01: 2 per month, 2031-01: unlimited}",
        "conflicts.second.fires.2031-01",
        ENDLESS,
    ),
    ("{XWA: 60 %, XAL: 40 %}", "[60 %, 40 %]", "conflicts.second.split", "states and their parts"),
    ("{XWA: 60 %, XAL: 40 %}", "{XWA: 60 %, XDA: 40 %}", "conflicts.second.split.XDA", "does not fight here"),
    (
        MARGINAL,
        MARGINAL.replace("cost_ratio: 4", "cost_ratio: 4, dispersion: 0"),
        "states.XDA.gift.doctrine.dispersion",
        "more",
    ),
    (MARGINAL, MARGINAL.replace(" demand: 300,", ""), "states.XDA.gift.doctrine", "demand"),
    ("stock: 800", "stock: unlimited", "states.XDA.items.arrow.stock", ENDLESS),
    ("cover: 3 months", "cover: unlimited", "states.XWA.cover", ENDLESS),
    ("handover: 3 months", "handover: 3 (1 to unlimited) months", "transfers.any-to-any.handover", ENDLESS),
    ("lag: 2 months", "lag: unlimited", "events.help.lag", ENDLESS),
    ("XDA-XAL: 0.9", "XDA: 0.9", "relations.XDA", "two different states of this scenario"),
    ("XDA-XAL: 0.9", "XDA-XDA: 0.9", "relations.XDA-XDA", "two different states of this scenario"),
    ("XDA-XAL: 0.9", "XDA-to-XAL: 0.9", "relations.XDA-to-XAL", "nearest: XDA-XAL"),
    ("paid_by: drawdown", "paid_by: drawdwn", "events.gift.paid_by", "nearest: drawdown"),
    ("at_most: 60", "at_most: -60", "events.jump.at_most", "not below zero"),
    ("line: works.arrow, since", "line: works.seeker, since", "events.help.line", "nearest: works.arrow"),
    ("payers: [XAL]", "payers: []", "events.help.payers", "an empty list"),
    ("buys_from: XDA", "buys_from: XWA", "events.help.buys_from", "another state"),
    ("{2030: 40 million usd}", "40 million usd", "events.help.amount", "{2025: 4 million usd}"),
    ("{2030: 40 million usd}", "{2030-01: 40 million usd}", "events.help.amount.2030-01", "nearest: 2030"),
    ("lost: true", "lost: 1", "events.strike.lost", "true or false"),
]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def told(right: str, wrong: str, tmp_path) -> list[Problem]:
    assert WORLD.count(right) == 1, right
    (tmp_path / "world.yaml").write_text(WORLD.replace(right, wrong), encoding="utf-8")
    return check_file("world.yaml")


@pytest.mark.parametrize(
    ("right", "wrong", "path", "words"), MISTAKES, ids=[f"{w or 'no' + r}"[:40] for r, w, _p, _s in MISTAKES]
)
def test_a_mistake_is_told_once_with_its_place_and_its_cure(right, wrong, path, words, tmp_path):
    (problem,) = told(right, wrong, tmp_path)
    assert problem.path == path
    assert problem.place is not None
    assert problem.place.line > 0
    assert words in str(problem)


def test_the_same_world_without_a_mistake_has_no_problem(tmp_path):
    assert told("title: A small", "title: A small", tmp_path) == []


def test_no_pair_of_states_is_its_own_nearest(tmp_path):
    for wrong in ("XDA-XDA", "XDA", "any-XAL", "XDA-"):
        assert [problem.nearest for problem in told("XDA-XAL", wrong, tmp_path)] == [""]


def test_all_of_them_are_told_at_once_and_the_command_refuses(shell):
    text = WORLD.replace("dispersion: 6", "dispersion: 0").replace("lead_time: 12 months", "lead_time: unlimited")
    shell.write("world.yaml", text.replace("payers: [XAL]", "payers: []"))
    for command in ("check", "run"):
        said = shell(command, "world.yaml")
        assert said.code == 2
        assert (said.out + said.err).count("world.yaml:") == 3
        assert "Traceback" not in said.err

"""What a user adds is found by its name, counts like everything else, and is never named by a scenario file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import backfill as bf
from backfill.errors import ScenarioProblems, UnknownName
from backfill.plugins import OtherPlugins, use
from backfill.registry import ALLOCATION_RULES, DOCTRINES, NotRegistered, PluginFault, Registry
from backfill.results.store import stored_scenario
from backfill.scenario import check_file, load, numbers_of
from backfill.world import World

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
STEADY = "{kind: steady, monthly: 4 (2 to 6) per month}"

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def examples_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.fixture
def write(tmp_path) -> Write:
    """A donor with a thousand arrows gives to a state that wants a hundred; what differs is said of the donor."""

    def written(donor: str = "", *more: str, until: str = "2031-12") -> Path:
        path = tmp_path / "small.yaml"
        lines = [
            "scenario: 1",
            "title: A small world",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            "items: {arrow: {name: Arrow, licensor: XDA}}",
            "states:",
            f"  XDA: {{requirement: 100, {donor + ', ' if donor else ''}items: {{arrow: {{stock: 1000}}}}}}",
            "  XAL: {items: {arrow: {stock: 0}}}",
            "  XWA: {cover: 3 months, items: {arrow: {stock: 0}}}",
            "conflicts: {border_war: {fighting: [XWA], uses: [arrow], attacks: 100 per month}}",
            *more,
        ]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return written


def world(path: Path, runs: range = range(5), **changes: str) -> World:
    scenario = load(path, [f"{key.replace('__', '.')}={value}" for key, value in changes.items()])
    return World(scenario.setting, runs, 1, numbers_of(scenario.setting))


def aid(raised: World) -> np.ndarray:
    """Units that arrive at the aided state  [months, runs]."""
    return raised.run().tables["aid"].sum(axis=1)


def said(path: Path) -> str:
    return "\n".join(str(problem) for problem in check_file(path))


# --- doctrines ------------------------------------------------------------------------------------------------------


def test_a_donor_decides_by_a_doctrine_that_a_user_wrote(write):
    path = write("doctrine: {kind: steady, monthly: 4 per month}")
    scenario = load(path, plugins=["steady"])
    given = aid(World(scenario.setting, range(5), 1, numbers_of(scenario.setting)))
    assert (given[2:] == 4).all()
    assert not np.array_equal(given, aid(world(write("doctrine: headroom"))))


def test_the_numbers_of_a_users_doctrine_are_drawn_listed_and_set_like_any_other(write):
    scenario = load(write(f"doctrine: {STEADY}"), plugins=["steady"])
    assert scenario["states.XDA.doctrine.monthly"].text == "4 (2 to 6) per month"
    raised = World(scenario.setting, range(200), 1, numbers_of(scenario.setting))
    drawn = raised.positions["XDA", "arrow"].giving["gift"].number("monthly", 0.0)
    assert 2 <= drawn.min() < 3
    assert 5 < drawn.max() <= 6
    changed = scenario.set("states.XDA.doctrine.monthly", "7 per month")
    assert changed["states.XDA.doctrine.monthly"].value == 7


def test_a_number_that_the_scenario_leaves_out_may_be_set(write):
    scenario = load(write("doctrine: steady"), plugins=["steady"])
    assert not aid(World(scenario.setting, range(3), 1, numbers_of(scenario.setting))).any()
    assert aid(world(write("doctrine: steady"), states__XDA__doctrine__monthly="9 per month")).any()


@pytest.mark.parametrize(
    ("doctrine", "message"),
    [
        ("stedy", "found 'stedy'; nearest: steady\n  expected one of headroom, flow, packages"),
        ("{kind: steady, montly: 4 per month}", "found the unknown field 'montly'; nearest: monthly"),
        ("{kind: steady, monthly: 4}", "states.XDA.doctrine.monthly\n  found '4' without a unit"),
        ("{kind: steady, share: 40 %}", "found 'share' with steady\n  expected it with flow only"),
    ],
)
def test_a_mistake_in_a_users_doctrine_is_told_where_it_stands(write, doctrine, message):
    load(write(), plugins=["steady"])
    assert message in said(write(f"doctrine: {doctrine}"))


def test_a_doctrine_that_nobody_registered_has_no_fields_to_complain_about(write):
    assert said(write("doctrine: {kind: whim, strength: 3}")).count("error") == 1


# --- actors ---------------------------------------------------------------------------------------------------------

ALWAYS = "actors: {sejm: {kind: parliament, state: XDA, chance: 100 %, lasts: 1 month}}"


@pytest.fixture
def parliament():
    """The example's actor is known."""
    use(["parliament"])


def test_a_parliament_that_always_objects_lets_nothing_go(write, parliament):
    assert not aid(world(write("doctrine: headroom", ALWAYS))).any()
    assert aid(world(write("doctrine: headroom"))).any()


def test_a_parliament_that_never_objects_changes_no_unit(write, parliament):
    free = aid(world(write("doctrine: headroom")))
    never = ALWAYS.replace("100 %", "0 %")
    assert np.array_equal(free, aid(world(write("doctrine: headroom", never))))


def test_a_veto_holds_for_its_months_and_then_gifts_go_on(write, parliament):
    sometimes = ALWAYS.replace("100 %", "20 %").replace("1 month", "3 months")
    path = write("doctrine: {kind: flow}", sometimes, until="2034-12")
    raised = world(path, range(40))
    barred = []
    for month in range(raised.first, raised.last + 1):
        raised.month = month
        raised.step()
        barred.append(np.broadcast_to(raised.positions["XDA", "arrow"].giving["gift"].barred, 40))
    spells = np.diff(np.array(barred, dtype=int), axis=0, prepend=0)
    assert 0.3 < np.mean(barred) < 0.65  # a fifth of the votes, three months each: 1 - 0.8^3 = 0.49
    assert (spells == -1).any()
    for run in range(40):
        begins, ends = (np.flatnonzero(spells[:, run] == step) for step in (1, -1))
        assert all(ends[: len(begins)] - begins[: len(ends)] >= 3)


def test_a_dated_package_waits_until_parliament_agrees(write, parliament):
    pledge = "events: {gift: {kind: pledge, date: 2030-03, from: XDA, to: XWA, item: arrow, units: 50}}"
    given = aid(world(write("doctrine: packages", pledge)))
    assert (given.sum(axis=0) == 50).all()
    assert not aid(world(write("doctrine: packages", ALWAYS, pledge))).any()


def test_an_actor_may_be_switched_off_by_an_arm(write, parliament):
    arms = "arms: {quiet: {title: Nobody objects, without: [actors.sejm]}}"
    scenario = load(write("doctrine: headroom", ALWAYS, arms))
    assert list(scenario.setting.actors) == ["sejm"]
    assert scenario.arm("quiet").actors == {}


def test_a_run_alone_is_its_row_in_a_block_with_a_parliament(write, parliament):
    path = write("doctrine: headroom", ALWAYS.replace("100 %", "30 %"))
    assert np.array_equal(aid(world(path, range(7)))[:, 3], aid(world(path, range(3, 4)))[:, 0])


@pytest.mark.parametrize(
    ("actor", "message"),
    [
        ("{kind: parlament, state: XDA}", "found 'parlament'; nearest: parliament"),
        ("{kind: parliament, state: XZZ}", "actors.sejm.state\n  found 'XZZ'"),
        ("{kind: parliament, state: XDA, chnce: 3 %}", "found the unknown field 'chnce'; nearest: chance"),
        ("{kind: parliament, state: XDA, chance: 140 %}", "actors.sejm.chance\n  found 140 %"),
    ],
)
def test_a_mistake_in_an_actor_is_told_where_it_stands(write, parliament, actor, message):
    assert message in said(write("", f"actors: {{sejm: {actor}}}"))


# --- allocation rules -----------------------------------------------------------------------------------------------


def test_a_users_rule_serves_whole_units_and_never_more_than_there_are():
    use(["newest_first"])
    rule = ALLOCATION_RULES["newest_first"]()
    due = np.array([[[3.0], [2.0]], [[4.0], [1.0]]])
    given = rule.serve(due, [0, 0], np.array([6.0]))
    assert given.sum() == 6
    assert (given[1] == due[1]).all()


LINE = (
    "manufacturers: {works: {state: XAL, lines: {arrow: {item: arrow, licence: {from: XDA}, capacity: 1 per month,"
    " lead_time: 1 month, RULE orders: {old: {customer: XDA, units: 4, placed: 2030-01},"
    " new: {customer: XWA, units: 4, placed: 2030-02}}}}}}"
)


def had(path: Path, months: int) -> dict[str, float]:
    """What each customer of the line was given in the first months."""
    raised = world(path, range(2))
    line = raised.finished_lines[0]
    given = np.zeros(len(line.book.accounts))
    for month in range(raised.first, raised.first + months):
        raised.month = month
        raised.step()
        given += line.deliveries.delivered[:, 0]
    return {account.customer: float(units) for account, units in zip(line.book.accounts, given, strict=True)}


def test_a_line_may_name_a_rule_that_a_user_wrote(write):
    use(["newest_first"])
    usual = had(write("", LINE.replace("RULE", "")), 4)
    newest = had(write("", LINE.replace("RULE", "allocation: newest_first,")), 4)
    assert (usual["XDA"], usual["XWA"]) == (3, 0)  # ordered first, due from February on, one a month
    assert (newest["XDA"], newest["XWA"]) == (1, 1)  # the later order in March, in April who takes the rest


def test_a_rule_that_nobody_registered_is_told_its_nearest(write):
    use(["newest_first"])
    assert "nearest: newest_first" in said(write("", LINE.replace("RULE", "allocation: newest_frist,")))


# --- where classes may come from ------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A distribution on Python's path that offers a doctrine by an entry point."""
    site = tmp_path / "site"
    info = site / "generous-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: generous\nVersion: 1.0\n", encoding="utf-8")
    points = "[backfill.doctrines]\nlavish = generous_doctrines:Lavish\nbroken = no_such_module:Broken\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    code = "class Lavish:\n    def offer(self, position, giving):\n        return position.headroom_left\n"
    (site / "generous_doctrines.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    yield site
    DOCTRINES._known.pop("lavish", None)
    sys.modules.pop("generous_doctrines", None)


def test_an_installed_package_offers_a_doctrine_by_its_entry_point(write, installed):
    assert aid(world(write("doctrine: lavish"))).any()
    assert bf.simulate(load(write("doctrine: lavish")), runs=2, seed=1).plugins.keys() == {"generous_doctrines"}


def test_a_run_with_an_installed_package_repeats_without_an_option_until_the_package_changes(
    write, installed, tmp_path
):
    folder = bf.simulate(load(write("doctrine: lavish")), runs=2, seed=1).save(tmp_path / "run")
    DOCTRINES._known.pop("lavish")
    sys.modules.pop("generous_doctrines")
    assert stored_scenario(folder).setting.states["XDA"].doctrine.kind == "lavish"
    with (installed / "generous_doctrines.py").open("a", encoding="utf-8") as file:
        file.write("# another release\n")
    with pytest.raises(OtherPlugins, match="the plugin generous_doctrines has changed"):
        stored_scenario(folder)


def test_without_the_package_its_doctrine_is_unknown(write):
    assert "found 'lavish'" in said(write("doctrine: lavish"))


def test_an_installed_package_that_is_broken_is_told_only_when_it_is_named(write, installed):
    assert said(write("doctrine: headroom")) == ""
    with pytest.raises(PluginFault, match="'broken' cannot be loaded from no_such_module:Broken"):
        load(write("doctrine: broken"))


def test_no_code_of_an_installed_package_is_loaded_before_a_scenario_names_it(write, installed):
    assert said(write("doctrine: flow")) == ""
    assert "found 'lavishh'; nearest: lavish" in said(write("doctrine: lavishh"))
    assert "generous_doctrines" not in sys.modules


def test_a_name_that_is_taken_stays_taken():
    mine = type("Headroom", (), {"offer": print})
    with pytest.raises(PluginFault, match="found a second doctrine 'headroom'"):
        DOCTRINES.register("headroom")(mine)
    assert DOCTRINES["headroom"].__module__ == "backfill.giving.doctrines"


def test_a_class_that_cannot_serve_is_refused_when_it_is_registered():
    registry = Registry("doctrine", "backfill.nothing", "offer")
    with pytest.raises(PluginFault, match="has no method 'offer'"):
        registry.register("mute")(type("Mute", (), {}))
    odd = type("Odd", (), {"offer": print, "fields": {"chance": "odds"}})
    with pytest.raises(PluginFault, match="the field 'chance' of the doctrine 'odd' is of the kind 'odds'"):
        registry.register("odd")(odd)
    with pytest.raises(NotRegistered, match="found no doctrine 'odd'"):
        registry["odd"]
    assert issubclass(NotRegistered, UnknownName)


@pytest.mark.parametrize("part", ["plugins: [steady]", "import: [steady]", "plugin: os"])
def test_a_scenario_file_can_name_no_module(write, part):
    with pytest.raises(ScenarioProblems, match="the unknown field"):
        load(write("", part))


@pytest.mark.parametrize("kind", ["os:system", "backfill.world.World", "../steady"])
def test_a_kind_is_a_plain_name(write, kind):
    assert "expected a name of small letters" in said(write("", f"actors: {{sejm: {{kind: '{kind}'}}}}"))


# --- other processes -------------------------------------------------------------------------------------------------


def test_a_class_of_ones_own_script_needs_a_module_that_workers_can_import(write):
    @DOCTRINES.register("from_a_cell")
    class FromACell:
        def offer(self, position, giving):
            return giving.will * position.headroom_left

    scenario = load(write("doctrine: from_a_cell"))
    assert bf.simulate(scenario, runs=4, seed=1).aid.any()
    with pytest.raises(PluginFault, match=r"found no doctrine 'from_a_cell'(.|\n)*plugins=\[\.\.\.\]"):
        bf.simulate(scenario, runs=4, seed=1, block=2, workers=2)


def test_plugins_may_be_named_when_a_scenario_is_simulated(write):
    use(["steady"])
    results = bf.simulate(load(write(f"doctrine: {STEADY}")), runs=4, seed=1, block=2, workers=2, plugins=["steady"])
    assert results.aid.any()

"""A world means what its file says: layers, verbs, arms, inheritance, sources, and a stored copy that is equal."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from backfill.errors import ScenarioProblems, UnknownName
from backfill.reading.dates import month
from backfill.scenario import Scenario, check_file, json_schema, load, names, packaged

TESTS = Path(__file__).parent
SMALL = TESTS / "worlds" / "three_states.yaml"
GOOD = (TESTS / "bad_scenarios" / "good.yaml").read_text(encoding="utf-8")

FACTS = """\
id,subject,quantity,value,low,high,unit,period_or_date,confidence,source_title,source_url,note
output,Works,output,240,200,260,missiles_per_year,2024,high,A yearbook,https://example.org/,counted
stock,Donora,stock,900,900,900,missiles,2024,low,A newspaper,https://example.org/,somebody said so
share,Donora,share,40,40,40,percent,2024,low,A newspaper,https://example.org/,somebody said so
price,Arrow,price,4.2,4.2,4.2,million_usd,2024,medium,A contract,https://example.org/,as signed
"""
CATALOGUE = """\
catalogue: 1
title: Arrows
source_files: [sources/facts.csv]
assumptions: {guess: a number of ours}
items:
  arrow: {name: Arrow, licensor: XDA, cost: 4.2 million usd @price}
  spare: {name: Another that no scenario names, licensor: XDA}
manufacturers:
  works: {name: Works, state: XDA, lines: {arrow: {item: arrow, lead_time: 24 months @guess}}}
"""
WORLD = """\
scenario: 1
title: Arrows
label: public
horizon: 2024-01 to 2027-12
catalogue: [arrows]
roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}
items: {arrow: {name: Arrow of this world}}
states:
  XDA: {floor: 40 % @share, items: {arrow: {stock: 900 @stock}}}
  XAL: {}
  XWA: {}
manufacturers: {works: {lines: {arrow: {capacity: 240 per year @output}}}}
"""


LAW = """\
sources: {statute: {title: A statute, url: "https://example.org/", grade: high}}
rules:
  XAL-1: {title: Nothing to Warland, effect: deny, until: 2025-01-01, when: {destination: XWA}, refs: [statute]}
  XAL-2: {title: All to Donora, effect: permit, when: {destination: XDA}, refs: [statute]}
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with a catalogue, its facts, and a scenario on them."""
    (tmp_path / "catalogue" / "sources").mkdir(parents=True)
    (tmp_path / "catalogue" / "arrows.yaml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "catalogue" / "sources" / "facts.csv").write_text(FACTS, encoding="utf-8")
    (tmp_path / "arrows.yaml").write_text(WORLD, encoding="utf-8")
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def child(folder: Path, rest: str, parent: str = "good") -> Scenario:
    return load(written(folder, f"scenario: 1\nextends: {parent}\ntitle: A child\n{rest}"))


def same_settings(one: Scenario, other: Scenario) -> bool:
    variants = [(arm, under) for arm in one.arm_names for under in (None, *one.doctrine_names)]
    return all(one.arm(arm, under) == other.arm(arm, under) for arm, under in variants)


# What the smallest world says


def test_the_smallest_world_reads_as_it_is_written():
    scenario = load(SMALL)
    setting = scenario.setting
    assert setting.horizon == (month("2030-01"), month("2034-12"))
    assert setting.states["XDA"].doctrine.kind == "headroom"
    assert setting.events["gift"].date == dt.date(2030, 6, 1)
    assert setting.manufacturers["donora_works"].lines["arrow"].capacity[0].value == 20
    assert scenario.notes == ()


def test_every_number_knows_its_path_and_its_place():
    numbers = load(SMALL).numbers()
    assert {path: number.path for path, number in numbers.items()} == {path: path for path in numbers}
    assert numbers["states.XDA.floor"].place.line == 14
    assert all(number.place.file.endswith("three_states.yaml") for number in numbers.values())


def test_a_number_can_be_asked_for_by_its_path():
    scenario = load(SMALL)
    assert scenario["states.XDA.floor"].value == 0.8
    with pytest.raises(UnknownName, match=r"nearest: states.XDA.floor"):
        scenario["states.XDA.flor"]


def test_an_arm_drops_an_event_and_the_baseline_keeps_it():
    scenario = load(SMALL)
    assert scenario.arm_names == ("baseline", "no_backfill")
    assert "gift" in scenario.arm("baseline").events
    assert "gift" not in scenario.arm("no_backfill").events
    assert "gift" in scenario.setting.events


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="nearest: no_backfill"):
        load(SMALL).arm("no_backfil")
    with pytest.raises(UnknownName, match="nearest: japan_patriot"):
        load("japan_patriod")
    with pytest.raises(UnknownName, match="no file"):
        load("nowhere/at_all.yaml")


# Catalogue, parents, stored copies


def test_an_entry_starts_from_the_catalogue_field_by_field(folder):
    setting = load(folder / "arrows.yaml").setting
    assert (setting.items["arrow"].name, setting.items["arrow"].licensor) == ("Arrow of this world", "XDA")
    assert setting.manufacturers["works"].lines["arrow"].lead_time.value == 24


def test_what_a_scenario_does_not_name_is_not_in_its_world(folder):
    assert set(load(folder / "arrows.yaml").setting.items) == {"arrow"}


def test_a_fault_in_the_catalogue_is_told_in_the_catalogue(folder):
    written(folder / "catalogue", CATALOGUE.replace("24 months", "24 weeks"), "arrows.yaml")
    (problem,) = check_file(folder / "arrows.yaml")
    assert str(problem).startswith(f"{folder.as_posix()}/catalogue/arrows.yaml:9:")


def test_a_child_is_laid_on_its_finished_parent(folder):
    written(folder, GOOD + "without: [events.hold_up]\n", "parent.yaml")
    scenario = child(folder, "without: [events.help]\nset: {states.XWA.cover: 6 months}\n", parent="parent")
    assert set(scenario.setting.events) == {"gift"}
    assert scenario.setting.states["XWA"].cover.value == 6
    assert scenario.title == "A child"


def test_a_child_switches_on_what_its_parent_switched_off(folder):
    written(folder, GOOD + "without: [events.hold_up]\n", "parent.yaml")
    assert "hold_up" in child(folder, "with: [events.hold_up]\n", parent="parent").setting.events


def test_an_arm_of_a_child_replaces_the_parents_of_that_name(folder):
    scenario = child(folder, "arms: {no_gift: {set: {events.gift.units: 0}}, more: {set: {events.gift.units: 90}}}\n")
    assert scenario.arm_names == ("baseline", "no_gift", "more")
    assert scenario.arm("no_gift").events["gift"].units.value == 0


def test_a_child_that_shortens_the_horizon_makes_later_events_notes(folder):
    scenario = child(folder, "set: {horizon: 2024-01 to 2024-12}\n")
    assert {note.level for note in scenario.notes} == {"note"}
    assert len(scenario.notes) == 2


def test_a_stored_scenario_loads_to_an_equal_world_without_any_other_file(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for file in ("good.yaml", "arrows.yaml"):
        scenario = load(folder / file).set("states.XDA.floor", "55 %").without("manufacturers.works.lines.arrow")
        stored = written(elsewhere, json.dumps(scenario.raw, allow_nan=False), "stored.json")
        assert same_settings(load(stored), scenario)
        assert load(stored).raw == scenario.raw


def test_a_series_lies_inside_a_stored_scenario(folder):
    (folder / "series.csv").write_text("month,fired\n2024-03,7\n2024-05,9\n", encoding="utf-8")
    attacks = "{series: series.csv, column: fired, unit: per month, source: yearbook, gaps: straight line,"
    attacks += " before: 0 per month, after: 5 per month @guess}"
    scenario = load(written(folder, GOOD.replace("12 per month @guess", attacks)))
    found = scenario.setting.conflicts["war"].attacks.values
    assert found == {month("2024-03"): 7.0, month("2024-04"): 8.0, month("2024-05"): 9.0}
    (folder / "series.csv").unlink()
    assert same_settings(load(written(folder, json.dumps(scenario.raw), "stored.json")), scenario)


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/hostname", "series/../../outside.csv"])
def test_a_series_outside_the_folder_is_not_opened(folder, name):
    (folder.parent / "outside.csv").write_text("month,fired\n2024-03,7\n", encoding="utf-8")
    attacks = f"{{series: {name}, column: fired, unit: per month, source: yearbook, gaps: zero,"
    attacks += " before: 0 per month, after: 0 per month}"
    (problem,) = check_file(written(folder, GOOD.replace("12 per month @guess", attacks)))
    assert problem.path == "conflicts.war.attacks.series"


# Verbs


def test_a_patch_changes_a_number_whole(folder):
    scenario = load(folder / "good.yaml").set("states.XDA.floor", "36 %")
    floor = scenario["states.XDA.floor"]
    assert (floor.low, floor.value, floor.high) == (0.36, 0.36, 0.36)
    assert (floor.sources, floor.grade, floor.note) == ((), "assumed", "what-if")


def test_a_value_from_python_may_be_a_number_a_date_or_a_map(folder):
    scenario = load(folder / "good.yaml").set("states.XDA.floor", 0.36).set("events.gift.date", dt.date(2024, 7, 1))
    scenario = scenario.set("states.XDA.gift.doctrine", {"kind": "flow", "share": 0.1})
    assert scenario["states.XDA.floor"].value == 0.36
    assert scenario.setting.events["gift"].date == dt.date(2024, 7, 1)
    json.dumps(scenario.raw, allow_nan=False)
    with pytest.raises(ScenarioProblems, match="'nan'"):
        scenario.set("states.XDA.floor", float("nan"))


def test_a_patched_scenario_leaves_the_first_unchanged(folder):
    scenario = load(folder / "good.yaml")
    scenario.set("states.XDA.floor", "36 %")
    assert scenario["states.XDA.floor"].value == 0.4


def test_a_patch_holds_in_every_arm_and_after_it(folder):
    scenario = child(folder, "arms: {strict: {set: {states.XDA.floor: 50 %}}}\n").set("states.XDA.floor", "36 %")
    assert {scenario.arm(arm).states["XDA"].floor.value for arm in scenario.arm_names} == {0.36}


def test_a_star_reaches_every_entry_at_its_step(folder):
    scenario = load(folder / "good.yaml", ["events.*.note=what-if", "manufacturers.*.lines.*.lead_time=1 year"])
    assert {event.note for event in scenario.setting.events.values()} == {"what-if"}
    assert scenario.setting.manufacturers["works"].lines["arrow"].lead_time.value == 12


def test_a_field_that_nobody_wrote_can_be_set_if_the_schema_knows_it(folder):
    scenario = load(folder / "good.yaml", ["states.XAL.sale.will=10 %", "states.*.release=5 %"])
    assert scenario.setting.states["XAL"].sale.will.value == 0.1
    assert {state.release.value for state in scenario.setting.states.values()} == {0.05}


def test_a_field_of_a_doctrine_written_as_a_word_can_be_set(folder):
    scenario = load(folder / "good.yaml", ["states.XDA.gift.doctrine.kind=flow", "states.XDA.gift.doctrine.share=5 %"])
    doctrine = scenario.setting.states["XDA"].gift.doctrine
    assert (doctrine.kind, doctrine.share.value) == ("flow", 0.05)


def test_add_makes_a_new_event_and_with_brings_one_back(folder):
    scenario = load(folder / "good.yaml")
    entry = {"kind": "pause", "state": "XAL", "since": "2024-05", "until": "2024-06"}
    assert scenario.add("events.calm", entry).setting.events["calm"].state == "XAL"
    without = scenario.without("events.*")
    assert without.setting.events == {}
    assert set(without.with_("events.gift").setting.events) == {"gift"}


def test_what_is_switched_off_stays_known_to_those_who_name_it(folder):
    text = GOOD.replace("units: 64 @yearbook", "units: {same_as: events.gift.units}")
    scenario = load(written(folder, text))
    assert scenario.arm("no_gift").events["help"].units.value == 40


def test_a_number_that_is_switched_off_is_still_drawn_for_those_who_lean_on_it(folder):
    text = GOOD.replace("units: 64 @yearbook", "units: {same_as: events.gift.units}")
    numbers = load(written(folder, text)).numbers("no_gift")
    gift = numbers["events.gift.units"]
    assert (gift.low, gift.value, gift.high, gift.same_as) == (20, 40, 60, "")


def test_arms_are_joined_from_left_to_right_and_must_not_disagree(folder):
    arms = "arms:\n  a: {set: {states.XDA.floor: 50 %}}\n  b: {set: {states.XDA.floor: 60 %}}\n  c: {includes: [a]}\n"
    scenario = child(folder, arms)
    joined = scenario.arm("no_gift+c")
    assert ("gift" in joined.events, joined.states["XDA"].floor.value) == (False, 0.5)
    with pytest.raises(ScenarioProblems, match=r"'60 %' in b and '50 %' in a \(.*mine.yaml:5:"):
        scenario.arm("a+b")


def test_included_arms_must_agree_and_an_arms_own_word_outweighs_them(folder):
    arms = "arms:\n  a: {set: {states.XDA.floor: 50 %}}\n  b: {set: {states.XDA.floor: 60 %}}\n"
    own = child(folder, arms + "  c: {includes: [a], set: {states.XDA.floor: 70 %}}\n")
    assert own.arm("c").states["XDA"].floor.value == 0.7
    with pytest.raises(ScenarioProblems, match="arms that agree"):
        child(folder, arms + "  c: {includes: [a, b]}\n")
    with pytest.raises(ScenarioProblems, match="a ring: d includes e includes d"):
        child(folder, "arms: {d: {includes: [e]}, e: {includes: [d]}}\n")


def test_a_doctrine_is_laid_over_every_arm(folder):
    doctrines = "doctrines: {flow: {set: {states.XDA.gift.doctrine: {kind: flow, share: 30 %}}}}\n"
    scenario = child(folder, doctrines)
    assert scenario.doctrine_names == ("flow",)
    for arm in scenario.arm_names:
        assert scenario.arm(arm).states["XDA"].gift.doctrine.kind == "headroom"
        assert scenario.arm(arm, under="flow").states["XDA"].gift.doctrine.kind == "flow"


def with_law(folder: Path, state: str, law: str, world: str = GOOD) -> Path:
    (folder / "policies").mkdir()
    written(folder / "policies", f"policy: 1\njurisdiction: {state}\ndefault: permit\n{LAW}{law}", f"{state}.yaml")
    return written(folder, f"{world}export_rules: {{policies: [{state}]}}\n")


def test_rules_can_be_changed_and_switched_off_by_their_ids(folder):
    arm = "without: [rules.*-2], set: {rules.XAL-1.until: never}"
    scenario = load(with_law(folder, "XAL", "", GOOD.replace("without: [events.gift]", arm)))
    assert scenario.setting.policies["XAL"]["policy"] == 1
    assert scenario.setting.rules["XAL-1"]["jurisdiction"] == "XAL"
    assert set(scenario.setting.rules) == {"XAL-1", "XAL-2"}
    rules = scenario.arm("no_gift").rules
    assert (set(rules), rules["XAL-1"]["until"]) == ({"XAL-1"}, "never")


def test_a_fault_in_a_rule_is_told_in_the_file_of_law(folder):
    (problem,) = check_file(with_law(folder, "XAL", "  XAL-3: {title: Third, effect: forbid, refs: [statute]}\n"))
    assert str(problem).startswith(f"{folder.as_posix()}/policies/XAL.yaml:8:33: error: rules.XAL-3.effect")


def test_a_customer_whom_no_rule_ever_permits_is_a_note(folder):
    bar = "  XDA-1: {title: Nothing to Allia, effect: deny, when: {destination: XAL}, refs: [statute]}\n"
    (problem,) = check_file(with_law(folder, "XDA", bar))
    assert (problem.level, problem.path) == ("note", "manufacturers.works.lines.arrow.orders.first.customer")


def test_a_customer_whom_the_law_permits_for_a_while_is_none(folder):
    bar = "  XDA-1: {title: Late, effect: deny, since: 2027-06-01, when: {destination: XAL}, refs: [statute]}\n"
    assert check_file(with_law(folder, "XDA", bar)) == []


def test_a_budget_whose_line_is_switched_off_is_told():
    scenario = load("japan_patriot")
    with pytest.raises(ScenarioProblems, match=r"events.purl.line\n  found 'camden.mse', which is switched off"):
        scenario.without("manufacturers.camden.lines.mse")
    assert scenario.without("events.purl").without("manufacturers.camden.lines.mse").setting.events


# Inheritance


def test_a_default_is_one_number_shared_by_its_heirs(folder):
    setting = load(folder / "good.yaml").setting
    assert {state.will.path for state in setting.states.values()} == {"defaults.state.will"}
    assert load(folder / "good.yaml")["states.XAL.will"].path == "defaults.state.will"


def test_a_states_own_word_is_nearer_than_a_default(folder):
    setting = load(folder / "good.yaml", ["states.XDA.will=90 %"]).setting
    assert setting.states["XDA"].will.path == "states.XDA.will"
    assert setting.states["XAL"].will.path == "defaults.state.will"


def test_a_default_for_a_channel_does_not_outweigh_the_states_own_word(folder):
    text = GOOD.replace("state: {will:", "state: {gift: {doctrine: flow, will: 5 % @guess}, will:")
    setting = load(written(folder, text.replace("XAL: {", "XAL: {doctrine: headroom, "))).setting
    assert setting.states["XAL"].gift.doctrine is None
    assert setting.states["XWA"].gift.doctrine.kind == "flow"
    assert setting.states["XDA"].gift.doctrine.kind == "headroom"
    assert setting.states["XDA"].gift.will.path == "defaults.state.gift.will"


def test_a_patch_with_one_heir_left_is_accepted(folder):
    text = GOOD.replace("  XAL: {items", "  XAL: {floor: 50 % @guess, items")
    scenario = load(written(folder, text), ["defaults.state.floor=10 %"])
    assert scenario.setting.states["XWA"].floor.value == 0.1


# Numbers that lean on others


def test_same_as_takes_the_value_of_another_number_in_every_arm(folder):
    text = GOOD.replace("units: 64 @yearbook", "units: {same_as: events.gift.units}")
    text = text.replace("{title: Nothing is sent, without: [events.gift]}", "{set: {events.gift.units: 7}}")
    scenario = load(written(folder, text))
    units = scenario.setting.events["help"].units
    assert (units.low, units.value, units.high, units.same_as) == (20, 40, 60, "events.gift.units")
    assert scenario.arm("no_gift").events["help"].units.value == 7


def test_same_as_follows_a_chain_and_an_inheritance_to_where_the_number_is_drawn(folder):
    text = GOOD.replace(
        "    cover: 3 months @guess",
        "    release: {same_as: states.XWA.will}\n    anticipation: {same_as: states.XWA.release}",
    )
    setting = load(written(folder, text)).setting
    assert setting.states["XWA"].release.same_as == "defaults.state.will"
    assert setting.states["XWA"].anticipation.same_as == "defaults.state.will"


def test_a_level_that_is_the_same_as_a_share_is_a_share_of_the_requirement(folder):
    text = GOOD.replace(
        "    gift: {doctrine: headroom}", "    minimum: {same_as: states.XDA.floor}\n    gift: {doctrine: headroom}"
    )
    minimum = load(written(folder, text)).setting.states["XDA"].minimum
    assert (minimum.kind, minimum.of, minimum.value) == ("share", "requirement", 0.4)


def test_drawn_with_keeps_a_range_of_its_own(folder):
    text = GOOD.replace(
        "units: 64 @yearbook", "units: {value: 10, low: 5, high: 20, source: guess, drawn_with: events.gift.units}"
    )
    units = load(written(folder, text)).setting.events["help"].units
    assert (units.low, units.value, units.high, units.drawn_with) == (5, 10, 20, "events.gift.units")


# Sources


def test_a_row_lends_its_range_and_grade_to_the_number_that_agrees(folder):
    capacity = load(folder / "arrows.yaml")["manufacturers.works.lines.arrow.capacity"]
    assert (capacity.low * 12, capacity.high * 12) == pytest.approx((200, 260), rel=1e-12)  # a twelfth and back
    assert (capacity.grade, capacity.sources, capacity.text) == ("high", ("output",), "240 (200 to 260) per year")


def test_a_low_grade_without_a_spread_is_widened_and_says_so(folder):
    scenario = load(folder / "arrows.yaml")
    stock, floor = scenario["states.XDA.items.arrow.stock"], scenario["states.XDA.floor"]
    assert (stock.low, stock.high, stock.grade) == (450, 1350, "low")
    assert (floor.low, floor.high) == pytest.approx((0.15, 0.65), abs=1e-12)  # sums of decimals
    assert stock.note == "low grade and no spread: half to one and a half"
    assert floor.note == "low grade and no spread: 25 points either way"


def test_a_number_that_differs_from_its_row_is_an_assumption_unless_it_says_why(folder):
    differing = WORLD.replace("240 per year @output", "300 per year @output")
    scenario = load(written(folder, differing))
    (note,) = scenario.notes
    assert "which says 240 missiles per year" in note.found
    assert scenario["manufacturers.works.lines.arrow.capacity"].grade == "assumed"
    explained = WORLD.replace("240 per year @output", "{value: 300 per year, source: output, note: with the new hall}")
    scenario = load(written(folder, explained))
    assert scenario.notes == ()
    assert scenario["manufacturers.works.lines.arrow.capacity"].grade == "high"


def test_the_weakest_of_several_sources_gives_the_grade(folder):
    text = WORLD.replace("900 @stock", "{value: 900, source: [output, price], note: reckoned}")
    assert load(written(folder, text))["states.XDA.items.arrow.stock"].grade == "medium"


def test_an_assumption_is_graded_assumed_and_lends_nothing(folder):
    floor = load(folder / "good.yaml")["defaults.state.will"]
    assert (floor.grade, floor.sources) == ("assumed", ("guess",))


def test_a_fictional_world_needs_no_source(folder):
    text = GOOD.replace("label: public", "label: fictional").replace("3 months @guess", "3 (1 to 6) months")
    assert check_file(written(folder, text)) == []


def test_the_sources_that_are_cited_travel_with_the_setting(folder):
    setting = load(folder / "arrows.yaml").setting
    assert set(setting.sources) == {"output", "stock", "share", "price"}
    assert setting.sources["price"].title == "A contract"
    assert set(setting.assumptions) == {"guess"}


# Tables and schema


def test_paths_lists_every_number_with_its_unit_and_grade(folder):
    rows = {row["path"]: row for row in load(folder / "good.yaml").paths()}
    row = rows["manufacturers.works.lines.arrow.lead_time"]
    assert (row["text"], row["unit"], row["sources"], row["grade"]) == ("24 months", "months", ("guess",), "assumed")
    json.dumps(list(rows.values()), allow_nan=False)


def test_an_unlimited_number_has_no_value_in_a_table(folder):
    scenario = load(folder / "good.yaml", ["manufacturers.works.lines.arrow.capacity=unlimited"])
    row = next(row for row in scenario.paths() if row["path"] == "manufacturers.works.lines.arrow.capacity")
    assert (row["text"], row["value"]) == ("unlimited", None)


def test_the_schema_for_editors_knows_the_fields_of_every_event():
    found = json_schema()
    json.dumps(found, allow_nan=False)
    assert {"extends", "catalogue", "set", "without", "states", "events"} <= set(found["properties"])
    assert {"from", "to", "units", "delivers"} <= set(found["$defs"]["Promise"]["properties"])


# The worlds of the package


@pytest.mark.smoke
@pytest.mark.parametrize("name", names())
def test_a_packaged_world_passes_a_strict_check(name):
    assert [str(problem) for problem in check_file(packaged() / f"{name}.yaml", strict=True)] == []


@pytest.mark.parametrize("name", names())
def test_a_packaged_world_stored_loads_to_an_equal_world(name, tmp_path):
    scenario = load(name)
    stored = written(tmp_path, json.dumps(scenario.raw, allow_nan=False), "stored.json")
    assert same_settings(load(stored), scenario)

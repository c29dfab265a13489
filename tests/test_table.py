"""The closing table is narrow, strict and true."""

import csv
import io
import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.results import sentence, table
from backfill.results.store import guarded
from backfill.words import markdown, path_words, width

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("synthetic.py"))))
WORDS = """[bold]a[/] $x_1^2$ 100 % {a}, "b" 'c'; <script>alert(1)</script> =1+1 javascript:x жук\n第二"""


def one_run(**said):
    aid, back = make.usual(runs=1)
    return make.results(aid, back, **said)


def refuse(constant):
    raise ValueError(f"{constant} in a JSON document")


def strictly(content):
    return json.loads(json.dumps(content, allow_nan=False), parse_constant=refuse)


# The text


def test_names_stand_left_and_numbers_right_with_one_rule_under_each_head():
    first = table.render(make.results()).split("\n\n")[0].splitlines()
    assert first == [
        "                to Ukraine by     to Ukraine by          backfill   months below    demand",
        "                     Dec 2022          Feb 2023         delivered          floor   not met",
        "arm           median   5–95 %   median   5–95 %   units     first       USA  JPN    equiv.",
        "──────────────────────────────────────────────────────────────────────────────────────────",
        "baseline         145  124–168      169  144–195       4  Apr 2022         3    5        14",
        "no_backfill      144  122–166      168  143–193       0         –         5    5        14",
        "more             147  126–170      171  146–197       8  Apr 2022         3    5        14",
    ]


@pytest.mark.parametrize("scale", [0, 1, 1000, 1_000_000])
@pytest.mark.parametrize("arms", [make.ARMS, ("baseline", "no_backfill", "a" * 40 + "+" + "b" * 40)])
def test_it_is_never_wider_than_a_hundred_columns(scale, arms):
    aid, back = make.usual()
    world = make.World(doctrines=("flow", "headroom", "x" * 40))
    results = make.results(aid * scale, back * scale, arms=arms, world=world)
    under = dict.fromkeys(world.doctrines, results.under["flow"])
    text = table.render(make.results(aid * scale, back * scale, arms=arms, world=world, under=under))
    assert max(width(line) for line in text.splitlines()) <= 100


def test_wide_letters_take_two_columns_each():
    lines = table.block(["日本国", "ab"], [table.Group("数", (table.Column("n", ("1", "22")),))]).splitlines()
    assert {width(line) for line in lines[1:]} == {width(lines[-1])}


def test_undefined_is_a_dash_and_never_zero():
    line = next(line for line in table.render(make.results()).splitlines() if line.startswith("no_backfill"))
    assert line.split()[6] == "–"
    passed = table.render(make.results()).split("\n\n")[1].splitlines()
    assert passed[-2].split() == ["no_backfill", "–", "–"]


def test_only_the_baseline_is_bold_and_only_if_asked():
    assert "\x1b" not in table.render(make.results())
    bold = [line for line in table.render(make.results(), bold=True).splitlines() if "\x1b" in line]
    assert bold
    assert all(line.startswith("\x1b[1mbaseline") and line.endswith("\x1b[0m") for line in bold)


def test_pass_through_is_repeated_under_every_other_doctrine():
    text = table.render(make.results())
    assert "flow in both channels" in text
    assert text.count("0.32–0.68") == 2


# One run, no runs that differ, arms that do nothing


def test_one_run_shows_no_interval_and_says_so():
    text = table.render(one_run())
    assert not re.search(r"\d–\d", text)
    assert "this is one run, so there is no interval" in text
    assert "One run: medians are its values" in text


def test_nothing_varies_is_said_where_nothing_varies():
    aid, back = make.flow(runs=40), make.flow(runs=40)
    back[0, :, 3, 0, 1, 1], aid[0, :, 6, 2, 0, 0] = 4, 1
    text = table.render(make.results(aid, back))
    assert "nothing varies" in text
    assert "0.25 reach Ukraine" in text


def test_an_empty_arm_is_noted_and_a_twin_is_named():
    aid, back = make.usual()
    aid[2], back[2] = aid[0], back[0]
    empty = make.results(aid, back, world=make.World(empty=("more",)))
    assert "more is empty: it changes nothing, and its differences are exactly zero." in sentence.notes(empty.table)
    twin = make.results(aid, back)
    assert "more equals baseline in every stock and flow of every run." in sentence.notes(twin.table)
    assert sentence.notes(make.results().table) == []


# The sentence


def answer(aid, back, **said):
    return sentence.answer(make.results(aid, back, **said).table)


def test_the_sentence_names_size_date_doctrine_and_interval():
    assert sentence.answer(make.results().table) == (
        "Of each unit that Japan hands over, 0.50 reach Ukraine by February 2023 (gifts by headroom, sales by flow); "
        "the 90 % interval is 0.32 to 0.68."
    )


def test_the_finding_is_repeated_for_other_ways_of_deciding():
    said = sentence.otherwise(make.results().table)
    assert said == "If the donor decides otherwise, it is 0.50 with flow in both channels."
    assert said in " ".join(table.render(make.results()).split())
    assert sentence.otherwise(make.results(under={}).table) == ""


def test_an_interval_that_holds_zero_turns_it_into_a_may():
    aid, back = make.usual()
    aid[0, :, 6, 2, 1, 0] = [4, 0, 0, 0, 0]
    said = answer(aid, back)
    assert "0.20 may reach Ukraine" in said
    assert "−0.13 to 0.53" in said
    assert "in 80 % of runs nothing changes" in said


def test_more_than_one_for_one_and_less_than_nothing_are_said_as_such():
    aid, back = make.usual()
    aid[0, :, 6, 2, 1, 0] = [7, 7, 8, 8, 8]
    assert answer(aid, back).startswith("Each unit that Japan hands over brings Ukraine 1.90 more by")
    aid[0, :, 6, 2, 1, 0], aid[1:, :, 6, 2, 1, 0] = 0, 2
    assert answer(aid, back).startswith("Each unit that Japan hands over costs Ukraine 0.50 units by")


def test_backfill_that_changes_nothing_is_said_to():
    aid, back = make.usual()
    aid[0] = aid[1]
    assert answer(aid, back).startswith(
        "What Japan hands over changes nothing in what reaches Ukraine by February 2023, in any"
    )


def test_no_backfill_means_nothing_to_pass_on():
    assert answer(make.usual()[0], make.flow()).startswith("Japan hands over less than one unit by February 2023")


def test_without_an_arm_to_compare_with_only_units_are_said():
    aid, back = make.usual()
    back[1] = back[0]
    said = answer(aid, back, arms=("baseline", "other", "more"))
    assert said.startswith("In the median run 169 units reach Ukraine by February 2023")
    assert "no pass-through can be taken" in said


def test_the_central_run_is_no_ground_for_a_pass_through():
    said = answer(*make.usual(runs=1), central=True)
    assert "central value" in said
    assert "0.50" not in said


def test_what_most_of_the_spread_comes_from_is_named_in_words():
    runs = 60
    aid, back = make.flow(runs=runs), make.flow(runs=runs)
    floor = np.random.default_rng(2).random(runs)
    back[0, :, 3, 0, 1, 1], aid[0, :, 6, 2, 0, 0] = 50, np.rint(40 * (1 - floor))
    results = make.results(aid, back, draws={"states.USA.floor": floor, "states.JPN.will": floor[::-1]})
    assert sentence.leaning(results.table).startswith(
        "Most of the spread in the extra units comes from “United States: floor” ("
    )


# As data


def test_data_are_strict_json_with_null_for_undefined():
    found = strictly(table.as_data(make.results()))
    assert found["arms"]["no_backfill"]["pass_through"] is None
    assert found["arms"]["baseline"]["pass_through"]["2023-02"]["value"] == 0.5
    assert found["arms"]["no_backfill"]["first_backfill"] is None
    assert found["under"]["flow"]["more"]["2023-02"]["value"] == 0.5
    assert strictly(table.as_data(one_run()))["arms"]["baseline"]["units"]["2022-12"]["p5"] is None


def test_horizons_before_the_dates_that_are_asked_for_still_have_a_table():
    aid, back = make.flow(months=1), make.flow(months=1)
    text = table.render(make.results(aid, back))
    assert text.count("Jan 2022") == 3


def test_rows_are_as_wide_as_their_head_and_say_what_an_interval_is():
    rows = table.as_rows(make.results())
    assert {len(row) for row in rows} == {len(table.HEAD)}
    assert ("baseline", "", "", "pass_through", "2023-02", "units", 0.5) in [row[:7] for row in rows]
    assert {row[-1] for row in rows} == {"5-95 % of runs", "90 % paired", "median"}


# The user's words


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_takes_no_title_for_a_formula(start):
    assert guarded(f"{start}1+1") == f"'{start}1+1"
    assert guarded("a=1") == "a=1"
    assert guarded(-1.5) == -1.5


def test_titles_may_hold_anything():
    world = make.World(titles={"more": WORDS}, title=WORDS)
    results = make.results(world=world)
    table.render(results)
    text = io.StringIO()
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in table.as_rows(results))
    rows = list(csv.reader(io.StringIO(text.getvalue())))
    assert WORDS.replace("\n", " ") in [row[1] for row in rows]
    marked = markdown(WORDS)
    assert "\\<script\\>" in marked
    assert "\n" not in marked
    assert "](" not in markdown("[a](javascript:x)")


def test_numbers_are_called_by_the_names_that_the_scenario_gives():
    setting = SimpleNamespace(
        states={"USA": SimpleNamespace(name="United States")},
        events={"gift": SimpleNamespace(title="The [big] gift\n")},
        manufacturers={"works": SimpleNamespace(name="", lines={"arrow": SimpleNamespace()})},
    )
    paths = {
        "states.USA.sale.doctrine.share": "United States: sale doctrine share",
        "events.gift.units": "The [big] gift: units",
        "manufacturers.works.lines.arrow.lead_time": "works arrow lead time",
        "states.FRA.floor": "FRA floor",
    }
    assert {path: path_words(setting, path) for path in paths} == paths

"""Claims about the headline side by side: what it rests on, what history says, how it moves with the floor."""

from __future__ import annotations

import json
import runpy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill import load, simulate
from backfill.plots.doctrines import can_be_drawn, differ, headline_by_doctrine, limits, mark_of
from backfill.plots.doctrines import finding as title_of
from backfill.plots.files import FIGURES, ONLY_WHERE, save
from backfill.plots.house import texts
from backfill.results import by_doctrine, sections, sentence
from backfill.results.by_doctrine import basis_of, by_floor, doctrine_rows
from backfill.results.history import ENOUGH_DRAWS, Criterion, HistoryTest, history_test, recorded_for
from backfill.results.outcomes import PassThrough
from backfill.results.table import as_data

HERE = Path(__file__).parent
make = SimpleNamespace(**runpy.run_path(str(HERE / "synthetic.py")))
colliding = runpy.run_path(str(HERE / "test_plots.py"))["colliding"]
LAST = "2023-02"


def criterion(low: float = 0, high: float = np.inf, **said) -> Criterion:
    """Something about what Ukraine receives in the first month."""
    usual = {"name": "first", "says": "some arrived", "outcome": "aid", "state": "UKR", "only": (), "counts": True}
    span = {"since": "2022-01", "until": "2022-01", "low": low, "high": high, "source": "invented"}
    return Criterion(**(usual | span | said))


def agreeing(share: Sequence[float]) -> HistoryTest:
    """A test that so many draws pass."""
    values = np.array(share, float)
    aid = make.flow(arms=1, runs=len(values))
    aid[0, :, 0, 2, 0, 0] = values
    return history_test(make.results(aid, aid, arms=("baseline",)), [criterion(low=1)])


def deciding(gift: str, sale: str):
    """A setting in which the donor decides so."""
    ways = {
        name: SimpleNamespace(doctrine=SimpleNamespace(kind=kind)) for name, kind in (("gift", gift), ("sale", sale))
    }
    return SimpleNamespace(roles=SimpleNamespace(donor="USA"), states={"USA": SimpleNamespace(**ways)})


def many(runs: int = 80, **said):
    """Every run hands over ten, and passes on none where the floor lies high, all of them where it lies low."""
    aid, back = make.flow(runs=runs), make.flow(runs=runs)
    floor = np.random.default_rng(3).permutation(np.linspace(0.1, 0.5, runs))
    back[0, :, 3, 0, 1, 1] = 10
    aid[0, :, 6, 2, 0, 0] = np.where(floor < 0.2, 10, np.where(floor < 0.3, 5, 0))
    return make.results(aid, back, draws={"states.USA.floor": floor}, **said)


# What it rests on


@pytest.mark.parametrize(
    ("gift", "sale", "basis", "words"),
    [
        ("headroom", "headroom", {"found"}, "found"),
        ("marginal", "headroom", {"found"}, "found"),
        ("flow", "replacement", {"assumed"}, "assumed"),
        ("packages", "flow", {"assumed"}, "assumed"),
        ("headroom", "flow", {"found", "assumed"}, "gifts found, sales assumed"),
        ("mine", "mine", {"as mine says"}, "as mine says"),
    ],
)
def test_a_mixture_is_named_by_its_channels(gift, sale, basis, words) -> None:
    found = basis_of(deciding(gift, sale))
    assert set(found.values()) == basis
    row = replace(doctrine_rows(make.results())[0], basis=found)
    assert row.stands_on == words


def test_the_scenarios_own_way_is_first_and_every_other_follows() -> None:
    own, flow = doctrine_rows(make.results())
    assert (own.way, own.title, own.said) == ("", "as written", "gifts by headroom, sales by flow")
    assert (flow.way, flow.title, flow.stands_on) == ("flow", "flow in both channels", "assumed")
    assert own.passing[LAST].value == 0.5
    assert own.units.median == own.units_without.median + 1


def test_what_is_promised_counts_under_every_doctrine() -> None:
    results = make.results()
    kept = results.dataset[["aid", "backfill", "position", "floor", "promised", "delivered"]]
    _, flow = doctrine_rows(replace(results, under={"flow": kept}))
    assert flow.per_promised[LAST].value == 0.25


def test_one_doctrine_alone_is_not_compared() -> None:
    results = make.results(under={})
    assert list(sections.doctrines(results)) == []
    assert sentence.resting(results.table) == ""
    assert not can_be_drawn(results)


def test_the_page_shows_value_interval_and_basis_side_by_side() -> None:
    page = "\n".join(sections.doctrines(make.results()))
    assert "| as written: gifts by headroom, sales by flow | gifts found, sales assumed | 0.50 (0.32–0.68) |" in page
    assert "| flow in both channels | assumed | 0.50 (0.32–0.68) |" in page


def test_the_terminal_says_in_one_note_what_it_rests_on() -> None:
    note = "What pass-through rests on: as written: gifts found, sales assumed; flow in both channels: assumed."
    assert sentence.resting(make.results().table) == note
    assert f"Note: {note}" in " ".join(str(make.results().table).split())


def test_columns_of_ways_that_do_not_fit_beside_each_other_are_left_to_the_files() -> None:
    text = " ".join(str(figured(6).table).split())
    assert text.count("passed on by Feb 2023,") == 2
    assert f"{WORDY} 4 in both channels and {WORDY} 5 in both channels stand in summary.csv." in text
    assert "stand in summary.csv" not in str(figured(2).table)


# History


def test_every_doctrine_is_held_against_history_with_its_own_draws(monkeypatch) -> None:
    """Under flow half as many arrive in the first month; the criterion is met by none of them."""
    results = make.results()
    past = results.dataset[["aid"]].sel(arm=["baseline"]) * 0.5
    monkeypatch.setattr(by_doctrine, "criteria_for", lambda _name: (criterion(low=10),))
    own, flow = doctrine_rows(replace(results, past={"flow": past}))
    assert own.history.share == 1.0
    assert flow.history.share == 0.0
    assert flow.history.in_brief() == "none of 5 (true share below 45.07 % at 95 %)"
    assert doctrine_rows(results)[1].history is None


def test_a_simulation_keeps_what_history_is_held_against() -> None:
    """The baseline alone, under every other doctrine, and of every criterion."""
    results = simulate(load("japan_patriot"), arms=["no_backfill"], runs=2, seed=1)
    assert {"aid_by_channel", "demand", "position"} <= set(results.past["headroom"])
    assert results.past["headroom"].sizes["arm"] == 1
    assert "demand" not in results.under["headroom"]
    rows = results.table.doctrines
    assert [row.way for row in rows] == ["", *results.setting.doctrines]
    assert all(row.history.left_out == () and row.history.runs == 2 for row in rows)
    assert all(any(found is not None for found in row.per_promised.values()) for row in rows)


def test_only_none_of_very_many_draws_rules_a_doctrine_out() -> None:
    few, enough = agreeing([0] * 40), agreeing([0] * ENOUGH_DRAWS)
    assert (few.passed_by_none, few.ruled_out) == (True, False)
    assert (enough.passed_by_none, enough.ruled_out) == (True, True)
    assert "ruled out (true share below 0.15 % at 95 %)" in enough.in_brief()
    assert not agreeing([0] * (ENOUGH_DRAWS - 1) + [1]).passed_by_none
    assert agreeing([1, 0]).in_brief() == "50 %"


def test_nothing_to_be_met_rules_nothing_out() -> None:
    test = history_test(make.results(), [criterion(low=1e9, counts=False)])
    assert not test.passed_by_none
    assert test.bound is None


def test_months_of_use_take_a_stock_and_a_demand() -> None:
    wanted = recorded_for([criterion(), criterion(outcome="months_of_use"), criterion(outcome="position")])
    assert wanted == ("aid", "position", "demand")


# How it moves with the floor


def test_pass_through_is_taken_in_bins_of_the_floor_that_was_drawn() -> None:
    found = by_floor(many())
    values = [one.passing[""].value for one in found.bins]
    assert values == [1.0, 0.5, 0.0, 0.0]
    assert [one.runs for one in found.bins] == [20] * 4
    assert all(before.high < after.low for before, after in zip(found.bins, found.bins[1:], strict=False))
    assert sum(one.passing["flow"].value for one in found.bins) == 1.5


def test_runs_in_another_order_are_in_the_same_bins() -> None:
    results = many()
    turned = replace(
        results,
        dataset=results.dataset.isel(run=slice(None, None, -1)),
        under={way: found.isel(run=slice(None, None, -1)) for way, found in results.under.items()},
    )
    one, other = ([bin_.passing[""].value for bin_ in by_floor(found).bins] for found in (results, turned))
    assert one == other


def test_too_few_runs_or_no_floor_that_was_drawn_have_no_bins() -> None:
    assert by_floor(many(runs=39)) is None
    assert by_floor(many(runs=40)) is not None
    results = many()
    unknown = results.dataset.assign_coords(number=["states.JPN.floor"])
    assert by_floor(replace(results, dataset=unknown)) is None


def test_the_page_shows_the_bins_with_one_column_for_each_doctrine() -> None:
    page = "\n".join(sections.doctrines(many()))
    assert "| floor drawn | runs | as written | flow in both channels |" in page
    assert "(`states.USA.floor`)" in page
    found = json.loads(json.dumps(as_data(many()), allow_nan=False))["by_floor"]
    assert [one["pass_through"]["as_written"]["value"] for one in found["bins"]] == [1.0, 0.5, 0.0, 0.0]


# The figure


WORDY = "headroom, as nobody in Washington would ever put it, in both of the channels"


def figured(ways: int = 1, **said):
    """A run under so many doctrines, each with a long title."""
    world = make.World(doctrines=tuple(f"{WORDY} {number}" for number in range(ways)), **said)
    return replace(make.results(world=world), under=dict.fromkeys(world.doctrines, make.results().under["flow"]))


@pytest.mark.parametrize("ways", [1, 2, 6])
def test_labels_stay_on_the_page_and_apart(ways) -> None:
    assert colliding(headline_by_doctrine(figured(ways))) == []


def test_found_and_assumed_have_marks_of_their_own() -> None:
    own, flow = doctrine_rows(make.results())
    assert [mark_of(own), mark_of(flow), mark_of(replace(own, basis={"gift": "found"}))] == [
        "mixed",
        "assumed",
        "found",
    ]


def test_the_title_says_that_it_depends_only_where_the_intervals_part() -> None:
    setting, rows = make.World().setting, doctrine_rows(make.results())
    near = [replace(row, passing={LAST: PassThrough(0.1 + 0.01 * number, 0.05, 9)}) for number, row in enumerate(rows)]
    apart = [replace(row, passing={LAST: PassThrough(0.1 + number, 0.05, 9)}) for number, row in enumerate(rows)]
    said = "However the United States decides, 0.10 to 0.11 of each unit reach Ukraine by February 2023"
    assert title_of(setting, near, LAST) == said
    said = "How the United States decides moves the answer from 0.10 to 1.10 of each unit by February 2023"
    assert title_of(setting, apart, LAST) == said
    assert not differ([PassThrough(0.1, None, 1), PassThrough(0.9, None, 1)])


def test_the_scale_reaches_from_nothing_to_a_round_part() -> None:
    row = doctrine_rows(make.results())[0]

    def reach(value: float, error: float = 0.0) -> tuple[float, float]:
        return limits([replace(row, passing={LAST: PassThrough(value, error, 9)})])

    assert [reach(value)[1] for value in (0.1, 0.25, 0.3, 0.9, 1.0)] == [0.25, 0.25, 0.5, 1.0, 1.0]
    assert reach(1.5)[1] > 1.5
    assert reach(-0.3)[0] < -0.3


def test_one_run_shows_no_interval_and_says_so() -> None:
    aid, back = make.usual(runs=1)
    said = " ".join(label.get_text() for label in texts(headline_by_doctrine(make.results(aid, back))))
    assert "one run: no interval" in said


def test_the_figure_repeats_to_the_last_byte(tmp_path) -> None:
    results = make.results()
    assert can_be_drawn(results)
    written = []
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        written.append(
            [path.read_bytes() for path in save(headline_by_doctrine(results), tmp_path / name / "doctrines")]
        )
    assert written[0] == written[1]


def test_the_figure_is_among_those_of_a_run_only_if_there_is_more_than_one_doctrine() -> None:
    assert FIGURES["doctrines"] is headline_by_doctrine
    assert ONLY_WHERE["doctrines"] is can_be_drawn
    assert not can_be_drawn(make.results(under={}))


def test_where_no_backfill_comes_there_is_nothing_to_draw() -> None:
    assert not can_be_drawn(make.results(make.usual()[0], make.flow()))

"""Claims about worlds that ask for something else than pass-through: units, a refill, a promise."""

from __future__ import annotations

import csv
import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.plots import write_figures
from backfill.results import keeping, refill
from backfill.results.sentence import answer
from backfill.results.store import save
from backfill.results.summary import summary
from backfill.results.table import as_data

worlds = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("headline_worlds.py"))))
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
NEVER = ("100 % of output}, line: works.arrow", "0 per year}, line: works.arrow")


def rows_of(folder) -> list[dict[str, str]]:
    with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drawn(results, folder) -> set[str]:
    return {path.stem for path in write_figures(results, folder / "figures")}


# --- refill ---------------------------------------------------------------------------------------------------


def test_a_stock_is_back_after_what_lacks_divided_by_what_is_built(tmp_path):
    """220 - 100 bolts at 60 a year take two years; twice as many take half as long."""
    slow = worlds.lived(tmp_path, worlds.REFILL, runs=2)
    fast = worlds.lived(tmp_path, worlds.REFILL, ("capacity: 60 per", "capacity: 120 per"), runs=2)
    assert (refill.years_to_refill(slow, "bolt").sel(arm="baseline") == 2.0).all()
    assert (refill.years_to_refill(fast, "bolt").sel(arm="baseline") == 1.0).all()


def test_a_requirement_counts_in_whole_units(tmp_path):
    """220.6 bolts are back with 220; 221 take one more, which is a month at five a month."""
    drawn = worlds.lived(tmp_path, worlds.REFILL, ("requirement: 220", "requirement: 220.6"), runs=2)
    more = worlds.lived(tmp_path, worlds.REFILL, ("requirement: 220", "requirement: 221"), runs=2)
    assert (refill.years_to_refill(drawn, "bolt").sel(arm="baseline") == 2.0).all()
    assert (refill.years_to_refill(more, "bolt").sel(arm="baseline") > 2.0).all()


def test_needs_that_stay_open_are_not_told_as_back_before_another(tmp_path):
    both = (
        ("capacity: 160 (90 to 260) per year", "capacity: 9 (8 to 10) per year"),
        ("capacity: 60 per", "capacity: 9 per"),
    )
    found = answer(worlds.lived(tmp_path, worlds.REFILL, *both).table)
    assert "after not" not in found
    assert "Not back in the median run either: " in found


def test_all_needs_are_back_when_the_last_one_is(tmp_path):
    results = worlds.lived(tmp_path, worlds.REFILL)
    single = [refill.years_to_refill(results, need).values for need in ("arrow", "bolt")]
    assert np.array_equal(refill.years_until_all(results).values, np.maximum(*single))


def test_a_stock_that_nobody_fills_never_comes_back(tmp_path):
    results = worlds.lived(tmp_path, worlds.REFILL, NEVER)
    assert np.isinf(refill.years_to_refill(results, "arrow").values).all()
    assert "in none of 12 runs is it back at its requirement by December 2035" in answer(results.table)


def test_a_stock_at_its_requirement_needs_no_time(tmp_path):
    full = (("stock: 300", "stock: 1000"), ("stock: 100", "stock: 220"))
    results = worlds.lived(tmp_path, worlds.REFILL, *full)
    assert not refill.years_until_all(results).values.any()
    assert "there is nothing to refill" in answer(results.table)


def test_the_finding_names_the_need_that_is_back_last_and_the_arm_that_moves_it(tmp_path):
    found = answer(worlds.lived(tmp_path, worlds.REFILL).table)
    assert found.startswith(
        f"Donora{APOSTROPHE}s stock of Arrow interceptor is the last to be back at its requirement, "
    )
    assert "Before it comes Bolt (2.0 years)." in found
    assert "% of runs" in found
    assert "Three shifts" in found or "Half the bolts" in found


def test_one_run_says_that_it_has_no_interval(tmp_path):
    found = answer(worlds.lived(tmp_path, worlds.REFILL, runs=1).table)
    assert found.startswith("In this one run ")
    assert "(one run: no interval)" in found
    assert "% of runs" not in found


def test_without_variation_every_run_agrees(tmp_path):
    found = answer(worlds.lived(tmp_path, worlds.REFILL, ("160 (90 to 260)", "210")).table)
    assert "(3.3 years in every run)" in found


def test_a_refill_is_stored_whole(tmp_path):
    results = worlds.lived(tmp_path, worlds.REFILL, NEVER)
    folder = save(results, tmp_path / "stored")
    figures = drawn(results, folder)
    assert "years_to_refill" in figures
    assert not figures & {"promise_ledger", "doctrines", "promise_kept", "aid_by_arm"}
    rows = {(row["arm"], row["outcome"]): row for row in rows_of(folder)}
    assert float(rows["baseline", "years_to_refill_bolt"]["value"]) == 2.0
    assert rows["baseline", "years_to_refill_arrow"]["value"] == ""
    assert float(rows["baseline", "years_to_refill_arrow: not by the end"]["value"]) == 1.0
    assert not any(outcome.startswith("pass_through") for _, outcome in rows)
    assert "months_below_floor_XDA" in {outcome for _, outcome in rows}


def test_the_outcomes_of_a_refill_are_in_the_tables(tmp_path):
    import pyarrow.parquet as pq

    results = worlds.lived(tmp_path, worlds.REFILL)
    folder = save(results, tmp_path / "stored")
    table = pq.read_table(folder / "tables" / "outcomes.parquet").to_pandas()
    stored = table[(table.outcome == "years_to_refill_bolt") & (table.arm == "slow")]
    assert len(stored) == 12
    assert np.array_equal(stored.value, refill.years_to_refill(results, "bolt").sel(arm="slow").values)


# --- units ----------------------------------------------------------------------------------------------------


def test_units_need_no_backfiller(tmp_path):
    results = worlds.units(tmp_path)
    found = answer(results.table)
    assert "units reach Warland by December 2033 (gifts and sales by headroom)" in found
    folder = save(results, tmp_path / "stored")
    told = {"aid_by_arm", "aid_spread_by_arm", "who_supplied_whom"}
    assert told == drawn(results, folder) - {"stock_against_floor", "why_not_more"}
    assert "pass_through" not in (folder / "summary.csv").read_text(encoding="utf-8")


def test_the_difference_of_an_arm_is_taken_run_by_run(tmp_path):
    results = worlds.units(tmp_path)
    measures = {one.by: one for one in results.table.measures["no_gift"]}
    units = results.aid.sum(["state", "item", "origin"]).sum("month")
    paired = (units.sel(arm="no_gift") - units.sel(arm="baseline")).values
    assert measures["2033-12"].value == pytest.approx(paired.mean())


def test_arms_that_change_nothing_are_said_to_change_nothing(tmp_path):
    same = (("without: [events.gift]", "note: as it is"), ("handover: 1 month", "handover: 3 (1 to 9) months"))
    assert "None of 2 other arms changes that in any run." in answer(worlds.units(tmp_path, *same).table)


def test_nothing_given_is_told_as_nothing(tmp_path):
    idle = (("stock: 900", "stock: 0"), ("stock: 200", "stock: 0"), ("from: XAL, to: XDA", "from: XAL, to: XDA"))
    found = answer(worlds.units(tmp_path, *idle).table)
    assert found.startswith(
        "No unit reaches Warland from abroad by December 2033 (gifts and sales by headroom) in any of 12 runs."
    )


def test_one_run_of_units_has_no_interval(tmp_path):
    found = answer(worlds.units(tmp_path, runs=1).table)
    assert found.startswith("In this one run ")
    assert "90 %" not in found


BOLTS = (
    ("doctrine: headroom", "doctrine: packages"),
    ("items: [arrow]}", "items: [arrow, bolt]}"),
    (
        "  arrow: {name: Arrow interceptor, licensor: XDA}",
        "  arrow: {name: Arrow, licensor: XDA}\n  bolt: {name: Bolt}",
    ),
    ("arrow: {stock: 900, requirement: 1000}", "arrow: {stock: 900, requirement: 1000}, bolt: {stock: 30}"),
    ("arms:", "  bolts: {kind: pledge, date: 2031-02, from: XDA, to: XWA, item: bolt, units: 30}\narms:"),
    (
        "by: [2031-12, 2033-12]",
        "by: [2033-12], families: {a: {name: Arrows, items: [arrow]}, b: {name: Bolts, items: [bolt]}}",
    ),
)


def test_a_family_that_leads_is_what_the_headline_counts_and_the_others_stand_apart(tmp_path):
    together = worlds.units(tmp_path, *BOLTS)
    led = worlds.units(tmp_path, *BOLTS, ("by: [2033-12], ", "by: [2033-12], lead: a, "))
    arrows, bolts = (together.table.families[name]["baseline"].units["2033-12"].median for name in ("Arrows", "Bolts"))
    assert bolts == 30
    assert led.table.baseline.units["2033-12"].median == arrows
    assert together.table.baseline.units["2033-12"].median == arrows + bolts
    found = answer(led.table)
    assert found.startswith("Arrows: in ")
    assert "Counted apart: Bolts, 30 in the median run." in found
    assert list(led.table.counted_apart) == ["Bolts"]
    assert "Counted apart" not in answer(together.table)


def test_the_course_of_arms_counts_what_leads(tmp_path):
    from backfill.plots.courses import total_aid

    led = worlds.units(tmp_path, *BOLTS, ("by: [2033-12], ", "by: [2033-12], lead: b, "))
    assert (total_aid(led, "baseline", "XWA")[:, -1] == 30).all()


# --- promise --------------------------------------------------------------------------------------------------


def test_a_promise_in_time_is_whole_when_due(tmp_path):
    quick = (("handover: 3 (1 to 9) months", "handover: 2 months"),)
    results = worlds.kept(tmp_path, *quick)
    assert (keeping.share_when_due(results).sel(arm="baseline") == 1.0).all()
    assert (keeping.months_late(results).sel(arm="baseline") == 0.0).all()
    assert "100 % of 40 units are there when they are due, in March 2031" in answer(results.table)
    assert "Nothing is late in any run" in answer(results.table)


def test_a_promise_is_as_late_as_its_handover(tmp_path):
    """Promised in June 2030, due nine months later; decision, contract, hand-over and transit take 16 months."""
    results = worlds.kept(tmp_path, ("handover: 3 (1 to 9) months", "handover: 12 months"))
    late = keeping.months_late(results).sel(arm="baseline").values
    arrived = keeping.arrived(results).sel(arm="baseline").values
    first = results.months.index("2031-03")
    assert (arrived[:, first] == 0).all()
    assert late.min() == late.max() == 6
    assert (arrived[:, first + 6] == 40).all()
    assert "0 % of 40 units are there when they are due, in March 2031" in answer(results.table)
    assert "All but 2 % are there 6 months late in every run." in answer(results.table)


def test_a_promise_that_is_never_kept_stays_open(tmp_path):
    results = worlds.kept(tmp_path, ("handover: 3 (1 to 9) months", "handover: 90 months"))
    assert np.isinf(keeping.months_late(results).sel(arm="baseline")).all()
    assert "The rest is not there by December 2033 in any run" in answer(results.table)
    assert "open" in str(results.table)


def test_an_arm_without_the_promise_is_undefined(tmp_path):
    results = worlds.kept(tmp_path)
    assert np.isnan(keeping.share_when_due(results).sel(arm="no_gift")).all()
    row = next(one for one in results.table.measures["no_gift"] if one.name == "share_when_due")
    assert row.value is None


def test_a_promise_due_after_the_horizon_is_said_to_be_so(tmp_path):
    results = worlds.kept(tmp_path, ("due: 9 months", "due: 90 months"))
    assert np.isnan(keeping.share_when_due(results)).all()
    assert "is due after December 2033, the end of the horizon; by then 40 of 40 units are there" in answer(
        results.table
    )


def test_a_pledge_counts_its_own_units_only(tmp_path):
    """Two packages go the same way: the headline counts one of them, against the first date that is asked about."""
    other = "  more: {kind: pledge, date: 2031-02, from: XDA, to: XWA, item: arrow, units: 30}\narms:"
    results = worlds.kept(tmp_path, ("arms:", other), event="help")
    assert (keeping.promised(results) == 64).all()
    assert (keeping.arrived(results).isel(month=-1) <= 64).all()
    assert keeping.usual_due(results, "baseline") == "2031-12"


def test_a_promise_is_stored_and_drawn(tmp_path):
    results = worlds.kept(tmp_path)
    folder = save(results, tmp_path / "stored")
    assert drawn(results, folder) >= {"promise_kept", "promise_ledger"}
    rows = {(row["arm"], row["outcome"]): row for row in rows_of(folder)}
    assert rows["no_gift", "share_when_due"]["value"] == ""
    assert float(rows["fast", "share_when_due"]["value"]) == 1.0


# --- all of them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", [1, 2, 31])
@pytest.mark.parametrize("kind", ["units", "refill", "promise"])
def test_every_headline_ends_in_sentences_and_strict_json(tmp_path, kind, runs):
    make = {
        "units": lambda: worlds.units(tmp_path, runs=runs),
        "refill": lambda: worlds.lived(tmp_path, worlds.REFILL, runs=runs),
        "promise": lambda: worlds.kept(tmp_path, runs=runs),
    }
    results = make[kind]()
    found = answer(results.table)
    assert found.endswith(".")
    assert "  " not in found
    assert not any(word in found for word in ("nan", "inf ", "None"))
    data = json.loads(json.dumps(as_data(results), allow_nan=False))
    assert data["headline"] == kind
    assert data["answer"] == found
    assert found[:40].split("*")[0] in summary(results).replace("\\", "")
    assert max(map(len, str(results.table).splitlines())) <= 100


def test_another_way_of_deciding_repeats_the_finding(tmp_path):
    ways = "doctrines:\n  nothing: {title: nothing is given, set: {states.XDA.doctrine: keeps_all}}\narms:"
    words = ways.replace("keeps_all", "{kind: flow, share: 1 %}")
    results = worlds.units(tmp_path, ("arms:", words))
    assert "units with nothing is given." in str(results.table).replace("\n", " ")


def test_where_nothing_is_handed_over_the_arm_in_which_most_is_tells_what_it_would_bring(tmp_path):
    words = (
        ("ROLES", "donor: XDA, backfiller: XAL, aided: XWA"),
        ("outcomes: {HEADLINE}", "outcomes: {by: [2031-12, 2033-12]}\nwithout: [events.gift]"),
        (
            "  no_gift: {title: Allia sends nothing, ",
            "  given: {title: Allia gives, with: [events.gift]}\n  no_backfill: {",
        ),
        ("floor: 80 (70 to 90) %", "floor: 85 %"),
    )
    results = worlds.lived(tmp_path, worlds.GIVING, *words)
    found = answer(results.table)
    assert found.startswith("Allia hands over less than one unit by December 2033, so there is nothing to pass on. In ")
    assert "it is 40 units, of each of which " in found

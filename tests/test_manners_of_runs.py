"""What stays of a run, seen from a shell: folders, stored results, numbers at the edge, tables from elsewhere."""

import io
import json
import re
import subprocess

import pandas as pd
import pytest

WORLD = "three_states.yaml"
FEW = ("run", WORLD, "--runs", "3", "--seed", "1")
FIRST, SECOND = "three_states-1", "three_states-2"


def variant(shell, name, changes):
    """A world that extends the three states, with some lines added; returns its file name."""
    return shell.write(name, f"scenario: 1\nextends: three_states\n{changes}\n")


# Folders and stored results


def test_any_folder_will_do(shell, finished):
    place = shell.elsewhere("it's [odd] {x} %s $HOME данные 数据")
    assert place(*FEW).code == 0
    assert place.tables(FIRST) == finished[0].tables(FIRST)


@pytest.mark.smoke
def test_surroundings_do_not_change_a_byte_of_tables_or_pictures(shell, finished):
    nowhere = {"HOME": "/dev/null/home", "MPLCONFIGDIR": "/dev/null/fonts", "XDG_CACHE_HOME": "/dev/null/cache"}
    said = shell(*FEW, TZ="Pacific/Chatham", LC_ALL="C", PYTHONHASHSEED="4711", **nowhere)
    assert said.code == 0
    assert "Matplotlib" not in said.err
    assert len(shell.tables(FIRST)) > 5
    assert shell.tables(FIRST) == finished[0].tables(FIRST)
    assert len(shell.pictures(FIRST)) >= 6
    assert shell.pictures(FIRST) == finished[0].pictures(FIRST)


@pytest.mark.smoke
def test_runs_started_together_never_share_a_folder(shell):
    running = [shell.start(*FEW, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert shell.folders() == [FIRST, SECOND, "three_states-3"]
    assert shell.tables(FIRST) == shell.tables("three_states-3")


def test_an_existing_folder_is_refused_and_left_alone(shell):
    (shell.folder / "mine").mkdir()
    (shell.folder / "mine" / "thesis.txt").write_text("do not touch", encoding="utf-8")
    said = shell(*FEW, "--out", "mine")
    assert said.code == 2
    assert "mine" in said.err
    assert [path.name for path in (shell.folder / "mine").iterdir()] == ["thesis.txt"]


def test_a_folder_of_ones_own_choice_is_made_with_its_parents(shell):
    assert shell(*FEW, "--out", "a/b/c").code == 0
    assert (shell.folder / "a/b/c/summary.md").exists()
    assert shell.folders() == []


def test_a_mistake_found_late_takes_every_folder_along(shell):
    said = shell(*FEW, "--out", "a/b/c", "--arms", "nobody")
    assert said.code == 2
    assert not (shell.folder / "a").exists()


def test_a_stored_run_is_repeated_from_its_folder_alone(shell):
    shell(*FEW, "--set", "states.XDA.floor=50 %")
    (shell.folder / WORLD).unlink()
    said = shell("run", f"results/{FIRST}")
    assert said.code == 0
    assert shell.tables(FIRST) == shell.tables(SECOND)


def test_a_stored_run_is_repeated_with_a_change(shell, finished):
    place, _ = finished
    said = shell("run", str(place.folder / "results" / FIRST), "--set", "states.XDA.floor=95 %", "--runs", "2")
    assert said.code == 0
    assert "2 runs each, seed 1" in said.out
    assert shell("run", str(place.folder / "results" / FIRST), "--set", "states.XDA.flor=95 %").code == 2


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [('"format": 1', '"format": 99', "newer"), ("}", "", "cut off"), ('"seed"', '"sead"', "without seed")],
)
def test_a_manifest_from_elsewhere_is_refused_in_a_sentence(shell, finished, found, put, said):
    text = (finished[0].folder / "results" / FIRST / "manifest.json").read_text(encoding="utf-8")
    assert found in text
    (shell.folder / "old").mkdir()
    shell.write("old/manifest.json", text.replace(found, put))
    refused = shell("run", "old")
    assert refused.code == 2
    assert said in refused.err
    assert "Traceback" not in refused.err


def test_a_folder_that_is_no_run_is_refused(shell):
    (shell.folder / "empty").mkdir()
    assert shell("run", "empty").code == 2


def test_a_folder_of_the_same_name_does_not_hide_a_packaged_world(shell):
    (shell.folder / "japan_patriot").mkdir()
    assert "found no arm 'nobody'" in shell("run", "japan_patriot", "--arms", "nobody").err


@pytest.mark.smoke
def test_a_new_file_runs_as_it_is(shell):
    assert shell("new", "mine.yaml", "--from", "japan_patriot").code == 0
    assert shell("check", "mine.yaml", "--strict").code == 0
    assert shell("run", "mine.yaml", "--arms", "high_floor", "--runs", "1", "--seed", "1").code == 0


# Numbers at the edge


def test_one_run_has_medians_but_no_interval_and_says_so(shell):
    said = shell("run", WORLD, "--runs", "1", "--seed", "1")
    assert said.code == 0
    assert "one run" in said.out.lower()
    assert "5–95 %" not in said.out


def test_an_arm_that_changes_nothing_is_noted(shell):
    file = variant(shell, "idle.yaml", "arms:\n  idle: {title: the same}")
    said = shell("run", file, "--arms", "idle", "--runs", "2", "--seed", "1")
    assert "idle changes nothing" in said.err


def test_the_first_runs_of_a_longer_run_are_those_of_a_shorter_one(shell, finished):
    assert shell("run", WORLD, "--runs", "5", "--seed", "1").code == 0
    short, long = (aid_of(place) for place in (finished[0], shell))
    assert len(short)
    assert len(long) > len(short)
    assert long[long.run < 3].reset_index(drop=True).equals(short)


def aid_of(place):
    """Who received what, run by run."""
    table = pd.read_parquet(io.BytesIO(place.tables(FIRST)["aid.parquet"]))
    return table.astype({name: str for name in table.columns if name not in ("run", "units")})


def test_equal_quantities_in_other_units_give_equal_results(shell, finished):
    text = (shell.folder / WORLD).read_text(encoding="utf-8")
    same = text.replace("lead_time: 24 months", "lead_time: 2 years").replace("80 (60 to 95) %", "0.8 (0.6 to 0.95)")
    same = same.replace("12 (8 to 20) per month", "144 (96 to 240) per year")
    assert sum(a != b for a, b in zip(same.splitlines(), text.splitlines(), strict=True)) == 3
    shell.write(WORLD, same)
    assert shell(*FEW).code == 0
    assert shell.tables(FIRST) == finished[0].tables(FIRST)


def test_the_order_of_arms_changes_nothing(shell):
    file = variant(shell, "order.yaml", "arms:\n  high: {set: {states.XDA.floor: 95 %}}")
    orders = ("no_backfill,high", "high,no_backfill")
    said = [shell("run", file, "--arms", arms, "--runs", "3", "--seed", "1", "--json").out for arms in orders]
    first, second = (json.loads(text)["arms"] for text in said)
    assert list(first) != list(second)
    assert first == second


def test_a_horizon_of_one_month_works(shell):
    assert shell(*FEW, "--set", "horizon=2030-01 to 2030-01").code == 0


def test_zero_is_a_value(shell):
    zeros = {"states.XDA.items.arrow.stock": "0", "transfers.any-to-any.decision": "0 days", "events.gift.units": "0"}
    said = shell(*FEW, *(word for path, zero in zeros.items() for word in ("--set", f"{path}={zero}")))
    assert said.code == 0


@pytest.mark.parametrize(
    "change",
    ["horizon=2030-01 to 2270-01", "events.gift.date=2030-02-30", "events.gift.date=2040-06", "events.gift.units=many"],
)
def test_what_no_calendar_or_count_holds_is_refused(shell, change):
    said = shell(*FEW, "--set", change)
    assert said.code == 2
    assert said.err.startswith("--set ")


# Series from elsewhere

SERIES = """
assumptions: {counted: invented}
set:
  conflicts.border_war.attacks:
    series: attacks.csv
    column: launched
    unit: per month
    source: counted
    gaps: zero
    before: 0 per month
    after: 12 per month
"""
GOOD = "month,launched,note\n2030-01,10,NA\n2030-02,11,None\n\n2030-04,14,null\n"


def series(shell, text):
    """A world whose attacks come from a CSV with this text; returns its file name."""
    (shell.folder / "attacks.csv").write_bytes(text.encode("utf-8"))
    return variant(shell, "series.yaml", SERIES)


def test_a_series_means_the_same_however_it_was_saved(shell):
    mark = "\ufeff" + GOOD.replace("\n", "\r\n")
    shuffled = "month,launched,note\n2030-04,14,null\n\n\n2030-02,11,None\n2030-01,10,NA\n"
    said = [shell("run", series(shell, text), *FEW[2:], "--json") for text in (GOOD, mark, shuffled)]
    assert [one.code for one in said] == [0, 0, 0]
    first, *others = (json.loads(one.out)["arms"] for one in said)
    assert others == [first, first]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD.replace(",", ";"), 1),
        (GOOD.replace("10,NA", '"10,5",NA'), 2),
        (GOOD.replace("2030-04", "04.2030"), 5),
        (GOOD.replace("2030-04", "2030-02"), 5),
        (GOOD.replace("14", "-14"), 5),
        (GOOD.replace("14", "NA"), 5),
    ],
    ids=["semicolons", "decimal comma", "day first", "month twice", "negative", "a word"],
)
def test_what_a_spreadsheet_makes_of_a_series_is_refused_with_its_line(shell, text, line):
    said = shell("check", series(shell, text))
    assert said.code == 2
    assert re.search(rf"^attacks\.csv:{line}:\d+: error: .*\n  found .*\n  expected ", said.out, flags=re.MULTILINE)


def test_a_run_with_central_numbers_does_not_say_that_they_are_drawn(shell):
    said = shell("run", WORLD, "--runs", "1", "--seed", "1", "--central")
    assert "drawn" not in said.out.splitlines()[1]
    assert "with a range" in said.out.splitlines()[1]


def test_a_world_in_which_nobody_holds_anything_still_runs(shell):
    roles = "{donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}"
    states = "{XDA: {}, XAL: {}, XWA: {}}"
    head = "scenario: 1\ntitle: Nothing\nlabel: fictional\nhorizon: 2030-01 to 2030-01\n"
    shell.write("bare.yaml", f"{head}roles: {roles}\nitems: {{arrow: {{name: Arrow}}}}\nstates: {states}\n")
    said = shell("run", "bare.yaml", "--runs", "2", "--seed", "1")
    assert (said.code, "1 figure " in said.out) == (0, True)
    assert "0 numbers: 0 drawn in their ranges, 0 fixed" in said.out.splitlines()


def test_more_runs_than_any_memory_holds_are_refused(shell):
    said = shell("run", WORLD, "--runs", "100000000000")
    assert (said.code, shell.folders()) == (2, [])
    assert "1000000" in said.err


def test_a_new_file_is_named_as_a_shell_takes_it(shell):
    assert "backfill run 'my file.yaml'" in shell("new", "my file.yaml", "--from", "japan_patriot").out


def test_a_number_of_the_command_line_is_marked_in_the_summary(shell):
    assert shell(*FEW, "--set", "events.gift.units=30").code == 0
    summary = (shell.folder / "results" / FIRST / "summary.md").read_text(encoding="utf-8")
    assert "- `events.gift.units`: 30 (assumed, what-if)" in summary

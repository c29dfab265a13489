"""Stored results: read, compared, asked, taken elsewhere and checked, those of a run like those of a study."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import backfill as bf
from backfill.cli.entry import exit_code
from backfill.errors import UnknownName
from backfill.results.gaps import gap_between
from backfill.results.store import FolderTaken, is_as_written
from backfill.studies.block import Block, live
from backfill.studies.comparing import KEPT, NotComparable, compare_fresh, compare_stored
from backfill.studies.exporting import MissingExtra, export, require_extra
from backfill.studies.mattering import drivers_of
from backfill.studies.querying import FaultInSql, query
from backfill.studies.streams import asked_by
from backfill.studies.verifying import sampled, verify

WORLD = (Path(__file__).parent / "worlds" / "three_states.yaml").read_text(encoding="utf-8")
LAST = "2031-09"
ARMS = """
  bystander: {title: A state that nobody meets, add: {states.XBY: {name: Bystandia}}}
  same: {title: Nothing}
"""
DESIGN = """\
design: 1
title: Floor against gift
scenario: three_states.yaml
arms: [baseline, no_backfill, bystander]
seed: 7
factors:
  floor: {path: states.XDA.floor, values: [60 %, 75 %]}
  gift: {path: events.gift.units, values: [20, 40]}
replications: 6
keep: {series: {aid: each run}}
"""
SOBOL = """\
design: 1
title: Which number
scenario: three_states.yaml
arms: [baseline]
seed: 7
factors:
  floor: {path: states.XDA.floor, between: 60 % to 95 %}
  attacks: {path: conflicts.border_war.attacks, between: 8 to 20 per month}
layout: {sobol: {factors: [floor, attacks], points: 16, indices: true}}
replications: 1
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A world, a study and two runs of it; tests read them and leave them alone."""
    place = tmp_path_factory.mktemp("desk")
    (place / "three_states.yaml").write_text(WORLD.replace("2034-12", LAST) + ARMS.lstrip("\n"), encoding="utf-8")
    (place / "floors.yaml").write_text(DESIGN, encoding="utf-8")
    (place / "sobol.yaml").write_text(SOBOL, encoding="utf-8")
    bf.sweep(place / "floors.yaml", out=place / "study", block=6)
    world = bf.load(place / "three_states.yaml")
    bf.simulate(world, ["no_backfill", "bystander", "same"], runs=40, seed=7).save(place / "run")
    bf.simulate(world.set("states.XDA.floor", "70 %"), ["no_backfill"], runs=10, seed=7).save(place / "other")
    bf.simulate(world, ["no_backfill"], runs=3, seed=8).save(place / "strange")
    return place


@pytest.fixture
def memory(desk):
    """Results that were never stored."""
    return bf.simulate(bf.load(desk / "three_states.yaml"), ["no_backfill", "same"], runs=3, seed=7)


@pytest.fixture
def copies(desk, tmp_path):
    """Copies of the study and the run, to be damaged."""
    for name in ("study", "run"):
        shutil.copytree(desk / name, tmp_path / name)
    return tmp_path


def said(capsys, *words):
    """The exit code of a command, and what it said on stdout and on stderr."""
    capsys.readouterr()
    code = exit_code([str(word) for word in words])
    return code, *capsys.readouterr()


# Reading


def test_a_study_gives_one_row_for_each_point_arm_and_replication(desk):
    frame = bf.open_study(desk / "study").to_pandas()
    assert len(frame) == len(frame.drop_duplicates(["point", "arm", "run"])) == 4 * 3 * 6
    assert list(frame.columns[:5]) == ["point", "floor", "gift", "arm", "run"]
    assert frame["units_to_aided"].notna().all()


def test_a_run_is_read_as_a_study_of_one_point(desk):
    study = bf.open_study(desk / "run")
    assert list(study.points.index) == [0]
    assert set(study.table("aid")["point"]) == {0}
    assert len(study.to_pandas()) == 4 * 40


def test_labelled_arrays_hold_what_the_frame_holds(desk):
    study = bf.open_study(desk / "study")
    arrays, frame = study.to_xarray(), study.to_pandas()
    mine = frame[(frame["point"] == 3) & (frame["arm"] == "baseline") & (frame["run"] == 5)]
    assert arrays["units_to_aided"].sel(point=3, arm="baseline", run=5).item() == mine["units_to_aided"].item()
    assert list(arrays["gift"].values) == [20, 40, 20, 40]


def test_only_the_points_and_columns_that_are_asked_for_are_read(desk, monkeypatch):
    import pyarrow.parquet as pq

    read = []
    whole = pq.read_table
    monkeypatch.setattr(pq, "read_table", lambda path, **how: read.append((path, how)) or whole(path, **how))
    found = bf.open_study(desk / "study").table(columns=["value"], where={"point": [2], "arm": ["baseline"]})
    assert list(found.columns) == ["value"]
    assert len(read) == 1
    assert set(read[0][1]["columns"]) == {"value", "point", "arm"}


def test_a_table_or_a_month_that_is_not_stored_is_named(desk):
    study = bf.open_study(desk / "run")
    with pytest.raises(UnknownName, match="expected one of aid, backfill"):
        study.table("aids")
    with pytest.raises(UnknownName, match=f"stored are {LAST}"):
        study.to_pandas(by="2031-01")
    with pytest.raises(UnknownName, match="found no folder"):
        bf.open_study(desk / "nowhere")


# Comparing


@pytest.mark.parametrize("folder", ["run", "study"])
def test_a_bystander_changes_nothing_at_all(desk, folder):
    found = bf.compare(desk / folder, arms=("baseline", "bystander"))
    assert all((gap.mean, gap.low, gap.high, gap.equal) == (0, 0, 0, 1) for gap in found.gaps.values())
    assert all(gap.is_nothing for gap in found.by_month.values())
    assert len(found.by_month) == 21
    assert found.chance.share == 1.0
    assert found.in_words().startswith("No difference")


def test_an_arm_that_changes_nothing_is_told(desk):
    found = bf.compare(desk / "run", arms=("baseline", "same"))
    assert "both are the same world" in next(found.notes())
    assert all((gap.mean, gap.low, gap.high) == (0, 0, 0) for gap in found.gaps.values())


def test_stored_runs_compare_as_the_results_did(desk):
    results = bf.simulate(bf.load(desk / "three_states.yaml"), ["no_backfill"], runs=40, seed=7)
    mine, stored = bf.compare(results), bf.compare(desk / "run")
    assert stored.gaps["units_to_aided"] == mine.gaps["units to XWA"]
    course = mine.by_month["mean"].values
    assert [gap.mean for gap in stored.by_month.values()] == pytest.approx(list(course))


def test_a_study_is_compared_by_replication_and_not_by_row(desk):
    frame = bf.open_study(desk / "study").to_pandas()
    pairs = frame.pivot_table("units_to_aided", ["point", "run"], "arm")
    per_run = (pairs["baseline"] - pairs["no_backfill"]).groupby("run").mean()
    gap = bf.compare(desk / "study").gaps["units_to_aided"]
    assert gap.runs == 6
    assert gap.mean == pytest.approx(per_run.mean())
    assert gap.high - gap.mean == pytest.approx(1.645 * per_run.std() / np.sqrt(6))


def test_one_point_of_a_study_is_compared_alone(desk):
    found = bf.compare(desk / "study", point=0)
    assert found.gaps["units_to_aided"].is_nothing


def test_two_folders_are_paired_by_what_both_have_and_their_difference_is_told(desk):
    found = bf.compare(desk / "run", desk / "other")
    assert found.runs == 10
    assert list(found.notes()) == [
        "the scenarios differ: states.XDA.floor was 80 (60 to 95) %, is 70 %",
        "paired are the 10 runs that both have, of 40",
    ]
    assert found.chance.whose == "run"


def test_a_change_of_an_arm_is_told_by_its_path(desk, tmp_path):
    text = (desk / "three_states.yaml").read_text(encoding="utf-8").replace("Allia sends nothing", "No gift")
    (tmp_path / "three_states.yaml").write_text(text.replace("cover: 3 months", "cover: 4 months"), encoding="utf-8")
    bf.simulate(bf.load(tmp_path / "three_states.yaml"), ["no_backfill"], runs=3, seed=7).save(tmp_path / "run")
    found = bf.compare(desk / "run", tmp_path / "run")
    assert next(found.notes()) == (
        "the scenarios differ: states.XWA.cover was 3 months, is 4 months; "
        "arms.no_backfill.title was Allia sends nothing, is No gift"
    )
    assert [Path(name).name for name in found.names] == ["run", "run"]
    assert len(set(found.names)) == 2


def test_a_folder_that_is_named_twice_differs_in_nothing(desk, capsys):
    code, out, err = said(capsys, "compare", desk / "run", desk / "study" / ".." / "run")
    assert (code, out) == (2, "")
    assert "nothing differs from itself" in err
    twice = bf.compare(desk / "run", desk / "run", arms=("baseline", "no_backfill"))
    assert twice.gaps == bf.compare(desk / "run").gaps


def test_arms_without_their_name_are_never_taken_for_a_second_folder(desk, memory):
    for first in (memory, desk / "run"):
        with pytest.raises(TypeError, match=r"compare\(results, arms=\('baseline', 'same'\)\)"):
            bf.compare(first, ("baseline", "same"))
    with pytest.raises(TypeError, match="a second folder and point beside results in memory"):
        bf.compare(memory, desk / "run", point=0)
    with pytest.raises(UnknownName, match=r"two of its arms: --arms baseline,no_backfill; in Python arms="):
        bf.compare(desk / "run", "no_backfill")
    assert bf.compare(memory, arms=("baseline", "same")).gaps["unmet demand"].is_nothing


@pytest.mark.parametrize("arms", [("baseline",), ("baseline", "no_backfill", "same"), "baseline"])
def test_a_comparison_takes_two_arms(desk, memory, arms):
    with pytest.raises(UnknownName, match="expected two"):
        bf.compare(memory, arms=arms)
    with pytest.raises(NotComparable, match="expected two"):
        bf.compare(desk / "run", arms=arms)


def test_courses_that_are_not_kept_are_told(desk):
    kept = bf.compare(desk / "study")
    assert kept.by_month
    assert not any("by month" in note for note in kept.notes())
    (desk / "silent.yaml").write_text(DESIGN.replace("keep: {series: {aid: each run}}", ""), encoding="utf-8")
    silent = bf.compare(bf.sweep(desk / "silent.yaml", out=desk / "silent").folder)
    assert silent.by_month == {}
    assert list(silent.notes()) == [
        f"nothing by month: {desk / 'silent'} has no courses; a design keeps them by {KEPT}"
    ]


def test_what_is_not_noise_says_how_many_runs_would_have_done(desk):
    found = bf.compare(desk / "run", outcomes=["aid", "months_below_floor"])
    enough = found.gaps["units_to_aided"].enough
    more = found.gaps["months_below_floor_XDA"].enough - 40
    assert found.in_words().splitlines() == [
        f"Noise? Not for units_to_aided ({enough} would do): 40 runs are enough.",
        f"Open: months_below_floor_XDA could be noise: about {more} more runs would settle it.",
        "The same in every run: months_below_floor_XAL.",
    ]


def test_other_futures_are_not_paired(desk):
    with pytest.raises(NotComparable, match=r"seed 7, .* seed 8: their runs are different futures"):
        bf.compare(desk / "run", desk / "strange")
    with pytest.raises(NotComparable, match="other points"):
        bf.compare(desk / "run", desk / "study")
    with pytest.raises(UnknownName, match="nearest: no_backfill"):
        bf.compare(desk / "run", arms=("baseline", "no_backfil"))


def test_the_first_stream_that_one_arm_alone_has_is_named(desk):
    chance = bf.compare(desk / "run").chance
    assert 0 < chance.share < 1
    assert (chance.stream, chance.whose) == ("number of events.gift.units", "baseline")


def test_listening_changes_no_draw(desk):
    world = bf.load(desk / "three_states.yaml")
    block = Block("baseline", None, world.arm("baseline"), 7, False, 0, 3, ("aid",))
    before = live(block).tables["aid"].values
    assert len(asked_by(block)) > 10
    assert np.array_equal(live(block).tables["aid"].values, before)


def test_a_world_is_simulated_to_be_compared(desk):
    world = bf.load(desk / "three_states.yaml")
    fresh = compare_fresh(world, ["baseline", "no_backfill"], runs=40, seed=7)
    assert fresh.gaps == compare_stored(desk / "run").gaps


def test_noise_is_told_with_the_runs_that_would_settle_it():
    chance = np.random.default_rng(1)
    first = chance.normal(0.1, 1.0, 50)
    gap = gap_between(first, np.zeros(50))
    assert gap.could_be_noise
    assert "more runs would settle it" in gap.in_doubt()
    assert gap.enough > 50
    clear = gap_between(first + 5, np.zeros(50))
    assert clear.enough < 50
    assert "50 runs are enough" in clear.in_doubt()
    assert gap_between(first[:1], np.zeros(1)).in_doubt() == "one run, so no interval"


def test_what_has_no_end_in_one_arm_alone_is_left_out():
    gap = gap_between(np.array([np.inf, np.inf, 3.0]), np.array([np.inf, 4.0, 1.0]))
    assert (gap.runs, gap.left_out, gap.equal, gap.mean) == (2, 1, 0.5, 1.0)


def test_the_command_prints_the_difference_and_strict_json(desk, capsys):
    code, out, _ = said(capsys, "compare", desk / "run", "--arms", "baseline,no_backfill", "--outcome", "aid")
    assert code == 0
    assert "units_to_aided" in out
    assert "Noise?" in out
    assert "draws alike" in out
    code, out, _ = said(capsys, "compare", desk / "run", "--json")
    assert json.loads(out)["outcomes"]["units_to_aided"]["runs"] == 40
    assert said(capsys, "compare", desk / "run", desk / "strange")[0] == 2
    assert said(capsys, "compare", desk / "run", "--runs", "5")[0] == 2


# What matters


def test_the_number_that_decides_stands_first(desk):
    (ranking,) = drivers_of(bf.open_study(desk / "run"), "units_to_aided").rankings
    strongest = ranking.found[0]
    assert strongest.name == "states.XDA.floor"
    assert strongest.low < strongest.value < strongest.high < 0


def test_what_never_varies_has_no_drivers_and_few_points_carry_none(desk):
    run, study = bf.open_study(desk / "run"), bf.open_study(desk / "study")
    (nothing,) = drivers_of(run, "months_below_floor_XAL").rankings
    assert (nothing.note, nothing.found) == ("nothing varies", ())
    few = drivers_of(study, "units_to_aided").rankings
    assert [ranking.note.split(" are")[0] for ranking in few] == ["4 points", "6 runs"]


def test_sobol_indices_are_those_of_scipy(desk):
    from scipy import stats

    study = bf.sweep(desk / "sobol.yaml", out=desk / "sobol")
    first, total, *_ = drivers_of(study, "units_to_aided").rankings
    (sample,) = study.design.sobol
    frame = study.to_pandas().set_index("point")["units_to_aided"]
    rows = [frame.loc[list(part)].to_numpy() for part in (sample.a, sample.b, *sample.mixed)]
    wanted = stats.sobol_indices(
        func={"f_A": rows[0][None], "f_B": rows[1][None], "f_AB": np.array(rows[2:])[:, None]}, n=16
    )
    found = {one.name: one.value for one in first.found}
    assert [found[name] for name in sample.factors] == pytest.approx(list(wanted.first_order.ravel()))
    assert {one.name for one in total.found} == {"floor", "attacks"}
    assert "16 rows are too few" in first.note


def test_drivers_are_shown_with_a_figure_that_repeats(copies, capsys):
    code, out, _ = said(capsys, "show", copies / "run", "--drivers", "units_to_aided")
    figure = copies / "run" / "figures" / "drivers_units_to_aided_baseline.svg"
    before = figure.read_bytes()
    said(capsys, "show", copies / "run", "--drivers", "units_to_aided")
    assert (code, figure.read_bytes()) == (0, before)
    assert "states.XDA.floor" in out
    assert said(capsys, "show", copies / "run", "--drivers", "unit")[0] == 2


def test_a_study_is_shown_with_its_table(desk, capsys):
    code, out, _ = said(capsys, "show", desk / "study")
    assert code == 0
    assert "a study of 4 points" in out
    assert "passed on" in out
    assert json.loads(said(capsys, "show", desk / "run", "--json")[1])["complete"] is True


# Other programs


@pytest.mark.parametrize("folder", ["run", "study"])
def test_every_form_of_export_holds_the_same_numbers(desk, tmp_path, folder):
    study = bf.open_study(desk / folder)
    frame = study.to_pandas()
    table = pd.read_csv(export(study, "csv", tmp_path / "a.csv"))
    assert table["units_to_aided"].tolist() == frame["units_to_aided"].tolist()
    parquet = pd.read_parquet(export(study, "parquet", tmp_path / "a.parquet"))
    assert parquet["unmet_demand"].tolist() == frame["unmet_demand"].tolist()
    with xr.open_dataset(export(study, "netcdf", tmp_path / "a.nc"), engine="h5netcdf") as arrays:
        assert np.array_equal(arrays["units_to_aided"].values, study.to_xarray()["units_to_aided"].values)


def test_a_spreadsheet_finds_no_formula(desk, tmp_path, capsys):
    text = DESIGN.replace("states.XDA.floor, values: [60 %, 75 %]", "states.XDA.name, values: ['=1+1', Donora]")
    (desk / "odd.yaml").write_text(text.replace("replications: 6", "replications: 1"), encoding="utf-8")
    study = bf.sweep(desk / "odd.yaml", out=tmp_path / "odd")
    table = pd.read_csv(export(study, "csv", tmp_path / "odd.csv"))
    assert set(table["floor"]) == {"'=1+1", "Donora"}
    assert set(pd.read_csv(study.folder / "summary.csv")["floor"]) == {"'=1+1", "Donora"}
    answer = said(capsys, "query", desk / "run", "SELECT '=1+1' AS \"+x\"", "--csv")[1]
    assert answer == "'+x\n'=1+1\n"


def test_an_export_overwrites_nothing_and_names_a_missing_extra(desk, tmp_path):
    (tmp_path / "mine.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderTaken, match="nothing of yours"):
        export(bf.open_study(desk / "run"), "csv", tmp_path / "mine.csv")
    with pytest.raises(MissingExtra, match=r"pip install 'backfill\[sql\]'"):
        require_extra("no_such_library", "sql")


def test_sql_finds_what_is_stored(desk):
    study = bf.open_study(desk / "study")
    found = query(study, "SELECT arm, avg(value) FROM outcomes WHERE outcome = 'units_to_aided' GROUP BY arm")
    means = study.to_pandas().groupby("arm")["units_to_aided"].mean()
    assert dict(found.rows) == pytest.approx(dict(means))
    assert query(study, "SELECT count(*) FROM points").rows == [(4,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM '{secret}'",
        "COPY points TO '{secret}.out'",
        "ATTACH '{secret}.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
        "SELECT * FROM study",
        "SELEC 1",
    ],
)
def test_sql_reaches_nothing_else(desk, tmp_path, sql):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    study = bf.open_study(desk / "run")
    with pytest.raises(FaultInSql) as fault:
        query(study, sql.format(secret=secret))
    assert "\n" not in str(fault.value)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


def test_a_query_answers_as_table_csv_or_json(desk, capsys):
    sql = "SELECT arm, count(*) AS runs FROM outcomes GROUP BY arm ORDER BY arm LIMIT 1"
    assert said(capsys, "query", desk / "run", sql)[1].splitlines()[0].split() == ["arm", "runs"]
    assert said(capsys, "query", desk / "run", sql, "--csv")[1].startswith("arm,runs\nbaseline,")
    assert json.loads(said(capsys, "query", desk / "run", sql, "--json")[1])["columns"] == ["arm", "runs"]
    code, out, err = said(capsys, "query", desk / "run", "SELEC")
    assert (code, out, err.count("\n")) == (2, "", 1)


# Checking


@pytest.mark.parametrize("folder", ["run", "study"])
def test_runs_that_are_lived_through_again_are_the_same_to_the_last_bit(desk, folder):
    found = verify(desk / folder, sample=3)
    assert found.is_whole
    assert len(found.runs) == 3


def test_a_sample_repeats_with_its_seed_and_never_takes_a_run_twice(desk):
    study = bf.open_study(desk / "study")
    assert sampled(study, 5, 1) == sampled(study, 5, 1) != sampled(study, 5, 2)
    assert len(set(sampled(study, 100, 1))) == 24


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("study", "shards/outcomes/b000001.parquet"),
        ("study", "manifest.json"),
        ("study", "design.json"),
        ("study", "journal.jsonl"),
        ("run", "tables/outcomes.parquet"),
        ("run", "manifest.json"),
    ],
)
def test_a_single_altered_byte_is_found(copies, capsys, folder, file):
    path = copies / folder / file
    whole = path.read_bytes()
    for place in np.random.default_rng(3).integers(0, len(whole), 5):
        altered = bytearray(whole)
        altered[place] ^= 1
        path.write_bytes(altered)
        code, out, err = said(capsys, "verify", copies / folder, "--sample", "0")
        assert (code, file in out) == (1, True), (place, out, err)
    path.write_bytes(whole)
    assert said(capsys, "verify", copies / folder, "--sample", "0")[0] == 0


def test_a_value_that_was_stored_wrongly_is_found_by_living_through_it_again(copies, capsys, monkeypatch):
    from backfill.studies import study as reading

    true = reading.Study.arrow

    def bent(self, name="outcomes", **how):
        table = true(self, name, **how)
        if name != "outcomes":
            return table
        return table.set_column(
            table.column_names.index("value"), "value", [[x.as_py() + 1e-9 for x in table["value"]]]
        )

    monkeypatch.setattr(reading.Study, "arrow", bent)
    code, out, _ = said(capsys, "verify", copies / "study", "--sample", "1")
    assert code == 1
    assert "is stored as" in out


def test_a_manifest_without_a_hash_over_itself_stays_readable(copies):
    path = copies / "run" / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["check"]
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert is_as_written(copies / "run")
    assert "older" in verify(copies / "run", sample=0).notes[0]


def test_a_folder_without_results_is_a_mistake(tmp_path, capsys):
    assert said(capsys, "verify", tmp_path)[0] == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "studi"], "nearest: "),
        (["show", "run", "--arm", "baseline"], "--arm belongs to --drivers"),
        (["show", "run", "--drivers", "units_to_aide"], "nearest: units_to_aided"),
        (["show", "run", "--drivers", "units_to_aided", "--arm", "no_backfil"], "nearest: no_backfill"),
        (["export", "run", "--format", "parket"], "nearest: parquet"),
        (["compare", "run", "--outcome", "unit_to_aided"], "nearest: units_to_aided"),
        (["query", "run", "SELECT * FROM outcome"], "nearest: outcomes"),
        (["query", "run", ""], "found no question"),
    ],
)
def test_a_mistake_is_met_with_the_nearest_word(desk, capsys, words, told):
    command, folder, *rest = words
    code, out, err = said(capsys, command, desk / folder, *rest)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err

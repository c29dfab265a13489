"""A figure that is drawn again from stored results is the one that the run drew."""

from __future__ import annotations

import hashlib
import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure

import backfill as bf
from backfill.cli.entry import exit_code
from backfill.errors import BackfillError
from backfill.plots.files import FIGURES, save, write_figures, write_svg
from backfill.plots.gallery import NEEDS, NothingToDraw, gallery
from backfill.plots.points import Answer, Dot, drawn_answer, finding
from backfill.report import report
from backfill.results import pictured
from backfill.results.by_doctrine import DoctrineRow
from backfill.results.closing import Spread
from backfill.results.history import Criterion, Held, HistoryTest
from backfill.results.stored import NotStored, TableDamaged, read_results

worlds = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("headline_worlds.py"))))
WAYS = "doctrines:\n  flow: {title: all goes on, set: {states.XDA.doctrine: flow}}\narms:"
PASSING = (
    ("ROLES", "donor: XDA, backfiller: XAL, aided: XWA"),
    ("HEADLINE", "headline: pass_through, by: [2031-12, 2033-12]"),
    ("no_gift:", "no_backfill:"),
    ("arms:", WAYS),
)
UNITS = (("ROLES", "donor: XDA, aided: XWA"), ("HEADLINE", "headline: units, by: [2031-12, 2033-12]"))
KEPT = (
    ("ROLES", "donor: XDA, backfiller: XAL, aided: XWA"),
    ("HEADLINE", "headline: promise, promise: gift, by: [2031-12]"),
)
RUNS = 8
DESIGN = """\
design: 1
title: Floor against gift
scenario: world.yaml
arms: [baseline, no_backfill]
seed: 7
factors:
  floor: {path: states.XDA.floor, values: [60 %, 75 %]}
  gift: {path: events.gift.units, values: [20, 40]}
replications: 6
"""


@pytest.fixture(scope="module")
def passing(tmp_path_factory):
    """A run that asks for pass-through, under two ways of deciding, with the figures that it drew itself."""
    place = tmp_path_factory.mktemp("passing")
    results = worlds.lived(place, worlds.GIVING, *PASSING, runs=RUNS)
    write_figures(results, results.save(place / "run") / "figures")
    return place / "run"


@pytest.fixture
def copy(passing, tmp_path):
    return Path(shutil.copytree(passing, tmp_path / "a copy"))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of four points."""
    place = tmp_path_factory.mktemp("study")
    worlds.lived(place, worlds.GIVING, *PASSING[:-1], runs=2)
    (place / "floors.yaml").write_text(DESIGN, encoding="utf-8")
    bf.sweep(place / "floors.yaml", out=place / "study", block=6)
    return place / "study"


def drawn_again(folder, place, draw=save):
    """The bytes of every figure that the tables of a folder yield."""
    shown = gallery(folder)
    for name in shown.names:
        draw(shown.draw(name), place / shown.file(name))
    return files_in(place)


def drawn_from(results, place):
    """The bytes of every figure of a run that is still in memory, as SVG alone."""
    shown = gallery(results)
    for name in shown.names:
        as_svg(shown.draw(name), place / name)
    return files_in(place)


def as_svg(figure, path):
    write_svg(figure, path.with_name(f"{path.name}.svg"))


def files_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def plotted(capsys, *words):
    """What the command says: its code, its answer, its remarks."""
    capsys.readouterr()
    code = exit_code(["plot", *map(str, words)])
    return code, *capsys.readouterr()


def without_table(folder, name):
    """The folder as a version left it that did not know a table."""
    (folder / "tables" / f"{name}.parquet").unlink()
    change_manifest(folder, lambda content: content["tables"].pop(f"tables/{name}.parquet"))


def change_manifest(folder, change):
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


# --- a figure is what the run drew --------------------------------------------------------------------------------


def test_every_figure_from_tables_is_the_one_that_the_run_drew(passing, tmp_path):
    drawn = files_in(passing / "figures")
    assert {"doctrines.png", "promise_ledger.svg", "stock_against_floor.png", "why_not_more.svg"} <= set(drawn)
    assert drawn_again(passing, tmp_path) == drawn


@pytest.mark.parametrize(
    ("text", "changes", "runs", "among"),
    [
        (worlds.GIVING, PASSING, 1, "stock_against_floor"),
        pytest.param(worlds.GIVING, UNITS, RUNS, "aid_by_arm", marks=pytest.mark.slow),
        (worlds.GIVING, KEPT, RUNS, "promise_kept"),
        (worlds.REFILL, (), RUNS, "years_to_refill"),
    ],
    ids=["one run", "units", "promise", "refill"],
)
def test_so_it_is_for_every_kind_of_question(tmp_path, text, changes, runs, among):
    results = worlds.lived(tmp_path, text, *changes, runs=runs)
    folder = results.save(tmp_path / "run")
    for name in ("drawn", "again"):
        (tmp_path / name).mkdir()
    drawn = drawn_from(results, tmp_path / "drawn")
    assert f"{among}.svg" in drawn
    assert drawn_again(folder, tmp_path / "again", as_svg) == drawn


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arms"),
    [
        ("japan_patriot", ["no_backfill", "rules_2014"]),
        ("fictional", None),
        ("rebuild", None),
        ("shells_europe", None),
        ("ring_exchange", None),
    ],
)
def test_every_figure_of_a_packaged_scenario_is_the_one_that_the_run_drew(tmp_path, name, arms):
    results = bf.simulate(bf.load(name), arms, runs=6, seed=1)
    folder = results.save(tmp_path / "run")
    write_figures(results, folder / "figures")
    (tmp_path / "again").mkdir()
    assert drawn_again(folder, tmp_path / "again") == files_in(folder / "figures")


def test_every_figure_of_a_run_names_the_tables_that_it_needs():
    assert set(NEEDS) == set(FIGURES)


def test_what_history_says_survives_being_stored(tmp_path):
    """Shares of draws over all criteria that count need the draws themselves."""
    results = worlds.lived(tmp_path, worlds.GIVING, *PASSING, runs=RUNS)
    met = [np.arange(RUNS) % 2 == 0, np.arange(RUNS) < 5]
    known = [Criterion(name, name, "aid", "XWA", (), "", "", 0, 1, name != "beside", "") for name in ("one", "two")]
    test = HistoryTest(tuple(Held(one, mask, 3.0) for one, mask in zip(known, met, strict=True)), (), RUNS)
    columns = list(pictured._history(_with_history(results, test)))
    table = pd.concat([_frame(part) for part in columns])
    again = pictured._history_from(table, RUNS)
    assert again.share == test.share == 3 / RUNS
    assert [held.share for held in again.counted] == [0.5, 5 / RUNS]


def _with_history(results, test):
    """Results that remember one way of deciding and what history says to it."""
    row = DoctrineRow("", "as written", "", {}, {}, {}, Spread(1.0), None, test)
    return SimpleNamespace(remembered=lambda _name, _work_out: (row,))


def _frame(columns):
    words = {name: part for name, part in columns.items() if isinstance(part, tuple)}
    return pd.DataFrame(
        {**columns, **{name: [known[code] for code in codes] for name, (codes, known) in words.items()}}
    )


# --- the command --------------------------------------------------------------------------------------------------


def test_drawn_in_the_folder_figures_stay_and_the_folder_is_whole(copy, capsys):
    before = files_in(copy / "figures")
    code, out, _ = plotted(capsys, copy, *("--figure", "doctrines") * 2, "--figure", "aid_by_arm")
    assert code == 0
    assert out.count("(as before)") == 4
    assert files_in(copy / "figures") == before
    assert exit_code(["verify", str(copy), "--sample", "1"]) == 0


def test_a_figure_that_is_gone_comes_back_and_a_changed_one_is_drawn_anew(copy, capsys):
    before = files_in(copy / "figures")
    (copy / "figures" / "aid_by_arm.svg").unlink()
    (copy / "figures" / "aid_by_arm.png").write_bytes(b"something else")
    code, out, _ = plotted(capsys, copy, "--figure", "aid_by_arm")
    assert code == 0
    assert "aid_by_arm.png (differs from what was there)" in out
    assert files_in(copy / "figures") == before


def test_figures_go_elsewhere_and_overwrite_nothing_there(copy, tmp_path, capsys):
    place = tmp_path / "my pictures" / "today"
    assert plotted(capsys, copy, "--figure", "aid_by_arm", "--out", place)[0] == 0
    assert {path.name for path in place.iterdir()} == {"aid_by_arm.png", "aid_by_arm.svg"}
    (place / "promise_ledger.png").write_bytes(b"mine")
    before = files_in(place)
    code, _, err = plotted(capsys, copy, "--figure", "promise_ledger", "--out", place)
    assert code == 2
    assert "promise_ledger.png exists and is another figure; nothing of yours is overwritten" in err
    assert files_in(place) == before


def test_a_file_in_place_of_a_folder_is_refused(copy, tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    code, _, err = plotted(capsys, copy, "--out", tmp_path / "thesis.txt")
    assert (code, "thesis.txt is no folder" in err) == (2, True)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_a_wrong_name_gets_the_nearest_and_all_that_there_are(copy, capsys):
    code, _, err = plotted(capsys, copy, "--figure", "aid_by_arms")
    assert code == 2
    assert "found no figure 'aid_by_arms'; nearest: aid_by_arm" in err
    assert all(name in err for name in FIGURES)


def test_a_figure_for_which_there_is_nothing_says_so(copy, capsys):
    code, _, err = plotted(capsys, copy, "--figure", "years_to_refill")
    assert code == 2
    assert "years_to_refill: this run has nothing to show in it" in err
    assert "can be drawn: " in err


def test_json_is_one_document(copy, capsys):
    code, out, err = plotted(capsys, copy, "--figure", "aid_by_arm", "--json", "--quiet")
    assert (code, err) == (0, "")
    assert [entry["is"] for entry in json.loads(out)["figures"]] == ["as before"] * 2


def test_help_comes_at_once():
    program = (
        "import sys\nfrom backfill.cli import entry\nfrom backfill import cli\n"
        "entry.exit_code(['plot', '--help'])\nsys.exit('matplotlib' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


# --- folders that are not as they should be -----------------------------------------------------------------------


def test_a_folder_without_results_is_named(tmp_path, capsys):
    for place in (tmp_path, tmp_path / "nowhere"):
        code, out, err = plotted(capsys, place)
        assert (code, out) == (2, "")
        assert str(place) in err


@pytest.mark.parametrize("harm", ["missing", "cut off", "altered", "a folder"])
def test_a_table_that_is_not_as_written_is_named(copy, capsys, harm):
    path = copy / "tables" / "aid.parquet"
    content = path.read_bytes()
    path.unlink()
    if harm == "cut off":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "altered":
        path.write_bytes(content[:-40] + b"\0" + content[-39:])
    elif harm == "a folder":
        path.mkdir()
    code, out, err = plotted(capsys, copy)
    assert (code, out) == (2, "")
    assert "aid.parquet is missing or not as it was written" in err
    assert f"backfill verify {copy}" in err


def rewritten(folder, name, change):
    """A table with other content, and a manifest that knows it."""
    path = folder / "tables" / f"{name}.parquet"
    pq.write_table(change(pq.read_table(path)), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change_manifest(folder, lambda content: content["tables"].update({f"tables/{name}.parquet": digest}))


def test_a_table_that_speaks_of_other_runs_is_refused(copy):
    change_manifest(copy, lambda content: content.update(runs=3))
    with pytest.raises(TableDamaged, match=r"found the run \d+, which the manifest does not know"):
        read_results(copy)


def test_a_table_with_other_columns_is_refused(copy):
    rewritten(copy, "series", lambda table: table.drop_columns(["p50"]))
    with pytest.raises(TableDamaged, match="has other columns than this version reads"):
        read_results(copy)


def test_an_older_folder_says_which_table_it_lacks_and_draws_the_rest(copy, capsys):
    for name in pictured.schemas():
        without_table(copy, name)
    code, out, err = plotted(capsys, copy)
    assert code == 0
    assert "aid_by_arm" in out
    assert "doctrines" not in out
    assert f"{copy} holds no table doctrines and history, for an older version wrote it" in err
    assert f"backfill run {copy} makes it again" in err
    assert plotted(capsys, copy, "--figure", "doctrines")[0] == 2


# --- in Python ----------------------------------------------------------------------------------------------------


def test_the_same_functions_draw_results_in_memory_and_in_a_folder(passing, tmp_path):
    names = bf.figures(passing)
    assert "aid_by_arm" in names
    figure = bf.plot(passing, "aid_by_arm")
    assert isinstance(figure, Figure)
    own = bf.plots.aid_by_arm(bf.read_results(passing))
    one, other = (save(drawn, tmp_path / "aid_by_arm")[1].read_bytes() for drawn in (figure, own))
    assert one == other
    assert bf.figures(bf.open_study(passing)) == names
    assert bf.figures(worlds.lived(tmp_path, worlds.GIVING, *PASSING, runs=RUNS)) == names


def test_a_figure_that_cannot_be_drawn_raises(passing):
    with pytest.raises(NothingToDraw, match="nothing to show"):
        bf.plot(passing, "years_to_refill")
    with pytest.raises(BackfillError, match="nearest: doctrines"):
        bf.plot(passing, "doctrine")


def test_what_was_not_stored_is_not_made_up(passing, tmp_path):
    results = bf.read_results(passing)
    with pytest.raises(NotStored, match=r"summary\.md"):
        str(results.table)
    with pytest.raises(NotStored, match="copy the folder"):
        results.save(tmp_path / "new")


# --- a study ------------------------------------------------------------------------------------------------------


def test_a_study_shows_its_headline_at_each_point(study, tmp_path, capsys):
    code, out, err = plotted(capsys, study, "--out", tmp_path)
    assert (code, err) == (0, "")
    assert "outcome_by_point.png" in out
    drawn = (tmp_path / "outcome_by_point.svg").read_text(encoding="utf-8")
    assert drawn.count("<!-- floor 60 %, gift 20 -->") == 1
    assert plotted(capsys, study, "--out", tmp_path)[1].count("(as before)") == 2 * out.count(".svg")


def test_a_study_without_enough_points_says_why_it_names_no_drivers(study, capsys):
    code, _, err = plotted(capsys, study, "--figure", "drivers")
    assert code == 2
    assert "too few points and runs" in err
    assert "nearest: outcome_by_point" in plotted(capsys, study, "--figure", "outcome_by_points")[2]


def test_a_study_that_was_interrupted_says_so_and_shows_what_is_done(study, tmp_path, capsys):
    half = Path(shutil.copytree(study, tmp_path / "half"))
    lines = (half / "journal.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (half / "journal.jsonl").write_text("".join(lines[:2]), encoding="utf-8")
    code, out, err = plotted(capsys, half, "--figure", "outcome_by_point")
    assert code == 0
    assert "the study is not complete" in err
    assert f"backfill sweep {half} --resume" in err
    assert "2 of 4 points done" in (half / "figures" / "outcome_by_point.svg").read_text(encoding="utf-8")
    (half / "journal.jsonl").write_text("", encoding="utf-8")
    code, out, err = plotted(capsys, half)
    assert (code, "there is nothing to draw" in out) == (0, True)
    assert "no run of it is done yet" in plotted(capsys, half, "--figure", "drivers")[2]


def test_many_points_stand_in_the_order_of_their_values(study):
    opened = bf.open_study(study)
    dots = tuple(Dot(number, f"floor {number} %", number / 90, number / 100, number / 80) for number in range(60))
    answer = Answer("pass_through", 2, "90 % interval", "2033-12", dots, 3)
    words = [text.get_text() for text in drawn_answer(opened, answer).findobj(lambda part: hasattr(part, "get_text"))]
    assert any("Points in the order of their values" in text for text in words)
    assert "0.00: floor 0 %" in words
    assert "0.66: floor 59 %" in words


def test_points_whose_intervals_overlap_are_not_said_to_differ(study):
    design = bf.open_study(study).design
    near = tuple(Dot(number, f"floor {number}", 0.5 + number / 100, 0.4, 0.6) for number in range(3))
    assert finding(design, Answer("pass_through", 2, "", "2033-12", near, 0)).endswith(
        "0.50 to 0.52, no point clearly apart"
    )
    wordy = tuple(Dot(number, "many words " * 9, number, number - 0.1, number + 0.1) for number in range(3))
    assert finding(design, Answer("pass_through", 2, "", "2033-12", wordy, 0)).endswith("0.00 to 2.00 over 3 points")
    far = (near[0], Dot(3, "floor 3", 0.9, 0.8, 1.0))
    assert finding(design, Answer("pass_through", 2, "", "2033-12", far, 0)).endswith(
        "from 0.50 with floor 0 to 0.90 with floor 3"
    )


# --- the report ---------------------------------------------------------------------------------------------------


def test_a_report_draws_the_figures_that_a_folder_lacks(copy, study, tmp_path):
    with_figures = report(copy)
    shutil.rmtree(copy / "figures")
    assert report(copy) == with_figures
    assert not (copy / "figures").exists()
    bare = Path(shutil.copytree(study, tmp_path / "bare", ignore=shutil.ignore_patterns("figures")))
    assert 'id="figure-outcome_by_point"' in report(bare)

"""A study: what comes out is the same however it was worked out, and its folder tells what it is."""

import errno
import json
import os
import runpy
import shutil
import subprocess
import threading
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import pytest

import backfill as bf
from backfill.cli.entry import exit_code
from backfill.results.store import FolderTaken, UnreadableManifest
from backfill.studies import borrowed, executors, shards, store, sweep
from backfill.studies.folders import Declined, NotToBeResumed, opened_study
from backfill.studies.journal import JournalDamaged, read_journal
from backfill.studies.shards import StudyOutOfSight, do_block
from backfill.studies.store import OtherStudy, ShardDamaged, StoreLocked, differences, locked
from backfill.studies.task import StageFailed
from backfill.studies.workers import WorkerLost

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sweep_worlds.py"))))
furnish, stop_after = make.furnish, make.stop_after
WORLDS, DESIGN, LAST, BLOCK = make.WORLDS, make.DESIGN, make.LAST, make.BLOCK


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder in which one works, with a world and a design of four points."""
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The study as nothing disturbed it; tests read it and leave it alone."""
    place = tmp_path_factory.mktemp("undisturbed")
    furnish(place)
    return bf.sweep(place / "floors.yaml", out=place / "study", block=BLOCK)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A study that was stopped after two of its four blocks; tests take copies."""
    place = tmp_path_factory.mktemp("stopped")
    furnish(place)
    stop_after(2, place / "floors.yaml", place / "half")
    return place / "half"


@pytest.fixture
def half(desk, stopped):
    """A copy of a study that was stopped half-way."""
    shutil.copytree(stopped, desk / "half")
    return desk / "half"


def resumed(folder, **how):
    return bf.sweep(folder, resume=True, **how)


def journal(folder):
    return read_journal(Path(folder) / "journal.jsonl")[0]


# What comes out


def test_a_study_holds_every_point_arm_and_run_once(undisturbed):
    frame = undisturbed.to_pandas()
    last = frame[frame["units_to_aided"].notna()]
    assert len(last) == 4 * 2 * 6
    assert not last.duplicated(["point", "arm", "run"]).any()
    assert sorted(last.groupby("point")["gift"].first()) == [20, 20, 40, 40]


def test_a_point_of_a_study_is_the_run_of_its_world(undisturbed):
    world = bf.load(undisturbed.folder.parent / "three_states.yaml", ["states.XDA.floor=75 %", "events.gift.units=40"])
    alone = bf.simulate(world, ["no_backfill"], runs=6, seed=7)
    frame = undisturbed.to_pandas()
    mine = frame[(frame["floor"] == "75 %") & (frame["gift"] == 40)]
    for arm in ("baseline", "no_backfill"):
        stored = mine[mine["arm"] == arm].sort_values("run")["units_to_aided"]
        assert list(stored) == list(alone.aid.sel(arm=arm).sum(["month", "state", "item", "origin"]).values)


def test_neither_workers_nor_order_change_what_comes_out(desk, undisturbed):
    assert bf.sweep("floors.yaml", workers=2, block=BLOCK).hash == undisturbed.hash


def test_a_study_that_was_stopped_and_gone_on_with_is_the_same(half, undisturbed):
    assert 0 < len(journal(half)) < 4
    kept = {entry.number for entry in journal(half)}
    study = resumed(half)
    assert study.hash == undisturbed.hash
    assert kept < {entry.number for entry in study.entries}


def test_another_seed_gives_something_else(desk, undisturbed):
    (desk / "other.yaml").write_text(DESIGN.replace("seed: 7", "seed: 8"), encoding="utf-8")
    assert bf.sweep("other.yaml", block=BLOCK).hash != undisturbed.hash


def test_a_point_stops_where_its_own_runs_suffice(desk):
    wanted = "{first: 6, most: 24, stop_when: {outcome: aid, interval: 90 %, narrower_than: 12}}"
    text = DESIGN.replace("replications: 6", f"replications: {wanted}")
    (desk / "precise.yaml").write_text(text, encoding="utf-8")
    one = bf.sweep("precise.yaml", block=12)
    two = bf.sweep("precise.yaml", workers=2, block=12)
    runs = one.to_pandas().groupby("point")["run"].nunique()
    assert set(runs) <= {6, 12, 24}
    assert len(set(runs)) > 1
    assert one.hash == two.hash
    assert resumed(two.folder).hash == one.hash


@pytest.mark.parametrize("workers", [1, 2])
def test_a_kill_between_two_looks_does_not_move_where_a_point_stops(desk, workers):
    """Stopped after every block once: within a round of runs, and just before each look."""
    wanted = "{first: 6, most: 24, stop_when: {outcome: aid, interval: 90 %, narrower_than: 12}}"
    (desk / "precise.yaml").write_text(DESIGN.replace("replications: 6", f"replications: {wanted}"), encoding="utf-8")
    whole = bf.sweep("precise.yaml", out="whole", block=12)
    runs = whole.to_pandas().groupby("point")["run"].nunique()
    assert len(set(runs)) > 1
    for blocks in range(1, len(whole.entries)) if workers == 1 else (3,):
        stop_after(blocks, "precise.yaml", f"stopped-{blocks}", block=12)
        assert "not complete" in shown_state(f"stopped-{blocks}")
        again = resumed(f"stopped-{blocks}", workers=workers)
        assert again.hash == whole.hash
        assert (again.to_pandas().groupby("point")["run"].nunique() == runs).all()
    assert "not complete" not in shown_state("whole")


def shown_state(folder):
    """What `show` says of a study, whether it is complete and how to go on."""
    from contextlib import redirect_stdout
    from io import StringIO

    with redirect_stdout(StringIO()) as said:
        assert exit_code(["show", folder]) == 0
    return said.getvalue().splitlines()[1]


def test_quantiles_of_a_course_are_told_once_a_point_has_all_its_runs(desk):
    keep = "keep: {outcomes: [aid], series: {aid: [5 %, 50 %], stock: each run}}\n"
    (desk / "floors.yaml").write_text(DESIGN + keep, encoding="utf-8")
    study = bf.sweep("floors.yaml", block=3)
    told, series = study.table("quantiles"), study.table("series")
    assert set(told["outcome"]) == {"units_to_aided"}
    assert sorted(told["quantile"].unique()) == [0.05, 0.5]
    mine = series[(series["point"] == 2) & (series["arm"] == "baseline") & (series["month"] == LAST)]
    mine = mine[mine["outcome"] == "units_to_aided"]
    half = told[
        (told["point"] == 2) & (told["arm"] == "baseline") & (told["month"] == LAST) & (told["quantile"] == 0.5)
    ]
    assert len(mine) == 6
    assert half["value"].item() == mine["value"].median()
    assert {"position", "units_to_aided"} == set(series["outcome"].astype(str))


def test_a_table_that_is_not_there_is_named(undisturbed):
    with pytest.raises(bf.BackfillError, match="expected one of outcomes, draws, series, points"):
        undisturbed.table("outcome")


# The folder


def test_a_study_is_complete_before_its_first_run(desk):
    with opened_study("floors.yaml", out="mine") as study:
        assert {path.name for path in study.folder.iterdir()} >= {"manifest.json", "design.json", "points.parquet"}
        assert bf.Study("mine").table("points").shape[0] == 4
        assert bf.Study("mine").entries == []


def test_six_studies_begun_at_one_moment_have_six_folders(desk):
    gate, found = threading.Barrier(6), []

    def begin():
        design = bf.read_design("floors.yaml")
        gate.wait()
        with opened_study(design) as study:
            found.append(study.folder.name)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"floors-{number}" for number in range(1, 7)]


def test_a_folder_that_exists_is_refused_and_left_alone(desk):
    (desk / "mine").mkdir()
    with pytest.raises(FolderTaken, match="nothing of yours is overwritten"):
        bf.sweep("floors.yaml", out="mine")
    assert list((desk / "mine").iterdir()) == []


def test_a_moved_study_is_gone_on_with_though_its_scenario_is_gone(half, undisturbed, desk):
    (desk / "three_states.yaml").unlink()
    (desk / "floors.yaml").unlink()
    half.rename(desk / "elsewhere")
    assert resumed(desk / "elsewhere").hash == undisturbed.hash


def test_a_folder_is_only_gone_on_with_when_one_says_so(half):
    with pytest.raises(NotToBeResumed, match="--resume"):
        bf.sweep(half)


def test_a_folder_of_something_else_is_no_study(desk, finished):
    with pytest.raises(NotToBeResumed, match=r"holds no manifest\.json"):
        resumed(desk)
    with pytest.raises(UnreadableManifest, match="holds a single run"):
        resumed(finished[0].folder / "results" / "three_states-1")


# Identity is meaning


def test_a_comment_changes_nothing(half, undisturbed, desk):
    world = (desk / "three_states.yaml").read_text(encoding="utf-8")
    (desk / "three_states.yaml").write_text(f"# read again\n{world}", encoding="utf-8")
    (desk / "floors.yaml").write_text(f"{DESIGN}# a remark\n", encoding="utf-8")
    assert bf.sweep("floors.yaml", out=half, resume=True).hash == undisturbed.hash


def test_a_number_of_the_scenario_changes_what_the_study_is(half, desk):
    world = (desk / "three_states.yaml").read_text(encoding="utf-8")
    (desk / "three_states.yaml").write_text(world.replace("stock: 900", "stock: 901"), encoding="utf-8")
    with pytest.raises(OtherStudy, match=r"states\.XDA\.items\.arrow\.stock was 900, is 901"):
        bf.sweep("floors.yaml", out=half, resume=True)


def test_a_number_of_the_design_changes_what_the_study_is(half, desk):
    (desk / "floors.yaml").write_text(DESIGN.replace("replications: 6", "replications: 7"), encoding="utf-8")
    with pytest.raises(OtherStudy, match="replications was 6, is 7"):
        bf.sweep("floors.yaml", out=half, resume=True)


def test_another_version_does_not_go_on_with_a_study(half, monkeypatch):
    present = store.versions()
    monkeypatch.setattr(store, "versions", lambda: present | {"backfill": "9.9"})
    with pytest.raises(OtherStudy, match=r"backfill 0\.1\.0, this is 9\.9"):
        resumed(half)


def test_another_machine_is_told(half, monkeypatch):
    monkeypatch.setattr(store, "processor", lambda: {"machine": "pdp11"})
    with opened_study(half, resume=True) as study:
        assert ["another machine" in note for note in study.notes] == [True]


def test_a_newer_format_is_refused_in_a_sentence(half):
    path = half / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 1', '"format": 2', 1), encoding="utf-8")
    with pytest.raises(UnreadableManifest, match="install a newer backfill"):
        resumed(half)


@pytest.mark.parametrize("name", ["manifest.json", "design.json", "points.parquet"])
def test_an_altered_byte_is_seen(half, name):
    content = bytearray((half / name).read_bytes())
    place = content.index(b"XDA") if b"XDA" in content else len(content) // 2
    content[place + 2] ^= 1
    (half / name).write_bytes(content)
    with pytest.raises(UnreadableManifest, match=f"{name} is not as it was written"):
        resumed(half)


def test_only_differences_are_told():
    before, after = {"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 4}], "d": 3}
    assert list(differences(before, after)) == ["a.1.b was 2, is 4", "c was 3, is not there", "d was not there, is 3"]


# Accidents on disk


def test_a_torn_last_line_is_dropped_with_a_note(half, undisturbed):
    path = half / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    with opened_study(half, resume=True) as study:
        assert ["was cut off" in note for note in study.notes] == [True]
        assert len(study.entries) == 1
    assert resumed(half).hash == undisturbed.hash


def test_a_journal_without_its_last_lines_loses_only_those(half, undisturbed):
    path = half / "journal.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    study = resumed(half)
    assert study.hash == undisturbed.hash
    assert len(list((half / "shards" / "outcomes").iterdir())) == 4


def test_any_other_damage_of_the_journal_is_refused_and_named(half):
    path = half / "journal.jsonl"
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"runs": 6', b'"runs": 7', 1))
    with pytest.raises(JournalDamaged, match=r"journal\.jsonl:1 is damaged"):
        resumed(half)


def test_a_corrupted_shard_is_told_and_worked_out_again(half, undisturbed):
    shard = half / journal(half)[0].files["outcomes"].path
    content = bytearray(shard.read_bytes())
    content[100] ^= 1
    shard.write_bytes(content)
    with pytest.raises(ShardDamaged, match=f"{shard.name} is missing or damaged"):
        bf.Study(half).table()
    with opened_study(half, resume=True) as study:
        assert [shard.name in note for note in study.notes] == [True]
    assert resumed(half).hash == undisturbed.hash


def test_what_a_dead_worker_left_is_swept_away(half):
    (half / "shards" / "draws" / "abc.part").write_bytes(b"half a")
    resumed(half)
    assert not list(half.rglob("*.part"))


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_loses_nothing(half, undisturbed, monkeypatch):
    before = journal(half)
    with monkeypatch.context() as crowded:
        crowded.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            resumed(half)
    assert journal(half) == before
    assert not list(half.rglob("*.part"))
    assert resumed(half).hash == undisturbed.hash


def test_a_small_disk_that_fills_loses_nothing(desk):
    place = desk / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80k", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("nobody may mount a file system here")
    try:
        (desk / "long.yaml").write_text(DESIGN.replace("replications: 6", "replications: 90"), encoding="utf-8")
        with pytest.raises(OSError, match="No space left"):
            bf.sweep("long.yaml", out=place / "study", block=6)
        kept = journal(place / "study")
        assert kept
        assert len(bf.Study(place / "study").table()) > 0
        subprocess.run(["mount", "-o", "remount,size=8m", str(place)], check=True)
        with opened_study(place / "study", resume=True) as study:
            assert (study.notes, study.entries) == ([], kept)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(half, capsys):
    bound = subprocess.run(["mount", "--bind", str(half), str(half)], check=False)
    if bound.returncode:
        pytest.skip("nobody may mount a file system here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(half)], check=True)
        assert exit_code(["sweep", str(half), "--resume"]) == 1
        assert "error: Read-only file system" in capsys.readouterr().err
    finally:
        subprocess.run(["umount", "-l", str(half)], check=True)
    assert resumed(half).failures == []


# One writer


def test_a_second_process_on_one_folder_is_refused(half):
    with locked(half) as notes:
        assert notes == []
        with pytest.raises(StoreLocked, match="another process works on"):
            resumed(half)


def test_a_file_system_without_locks_is_told(half, monkeypatch):
    import filelock

    def unable(*_args, **_how):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(filelock.FileLock, "acquire", unable)
    with locked(half) as notes:
        assert ["without locks" in note for note in notes] == [True]


# Points that fail


@pytest.fixture
def unlucky(monkeypatch):
    """Point 2 cannot be simulated, until the returned list is emptied."""
    import backfill.studies.task as tasks

    bad, live = [2], tasks._together

    def together(design, task, plugins):
        if set(bad) & set(task.points):
            raise StageFailed("simulating baseline", "RuntimeError: out of luck")
        return live(design, task, plugins)

    monkeypatch.setattr(tasks, "_together", together)
    return bad


def test_a_point_that_fails_is_recorded_and_takes_no_other_down(desk, unlucky, undisturbed):
    study = bf.sweep("floors.yaml", block=24)
    assert [(one.point, one.stage) for one in study.failures] == [(2, "simulating baseline")]
    assert set(study.to_pandas()["point"]) == {0, 1, 3}
    assert "failed: point 2 (floor 75 %, gift 20), simulating baseline" in (study.folder / "summary.md").read_text(
        encoding="utf-8"
    )
    assert resumed(study.folder).failures == study.failures


def test_what_failed_is_tried_again_when_one_asks_for_it(desk, unlucky, undisturbed):
    study = bf.sweep("floors.yaml", block=BLOCK)
    unlucky.clear()
    again = bf.sweep(study.folder, failed=True)
    assert again.failures == []
    assert again.hash == undisturbed.hash


def test_failed_points_give_exit_code_1(desk, unlucky, capsys):
    assert exit_code(["sweep", "floors.yaml", "--quiet"]) == 1
    said = capsys.readouterr()
    assert "failed: point 2" in said.out


# Workers that die


class Deadly(executors.Here):
    """Dies of some points, as often as it is told to."""

    def __init__(self, deaths):
        self.deaths = deaths

    def submit(self, fn, /, *args, **kwargs):
        points = args[1].points
        left = self.deaths.get(points, 0)
        if not left:
            return super().submit(fn, *args, **kwargs)
        self.deaths[points] = left - 1
        future = Future()
        future.set_exception(WorkerLost("gone"))
        return future


def lived(design, deaths, block=BLOCK):
    with opened_study(design, block=block) as study:
        crew = executors.Crew(Deadly(deaths), lambda: 2, elsewhere=False)
        sweep.Sweep(study, crew, lambda *_: None, lambda _: None).work_off()
    return bf.Study(study.folder)


def test_a_block_whose_worker_died_is_worked_out_again(desk, undisturbed):
    assert lived("floors.yaml", {(1,): 2, (3,): 1}).hash == undisturbed.hash


def test_a_block_that_kills_every_worker_is_given_up_point_by_point(desk, undisturbed):
    study = lived("floors.yaml", {(0, 1, 2, 3): 3, (2,): 3}, block=24)
    assert [(one.point, one.stage) for one in study.failures] == [(2, "working")]
    assert set(study.to_pandas()["point"]) == {0, 1, 3}
    whole = bf.sweep("floors.yaml", block=24)
    assert bf.sweep(study.folder, failed=True).hash == whole.hash


def test_a_worker_that_does_not_see_the_study_says_so(desk):
    with pytest.raises(StudyOutOfSight, match="same file system"):
        do_block(str(desk / "nowhere"), None, ())


# Manners


def test_without_a_terminal_a_large_sweep_names_the_option_that_answers(desk, monkeypatch, capsys):
    from backfill.cli import sweeping

    monkeypatch.setattr(sweeping, "LONG", 0.0)
    text = DESIGN.replace("replications: 6", "replications: 600")
    (desk / "floors.yaml").write_text(text, encoding="utf-8")
    assert exit_code(["sweep", "floors.yaml"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert not (desk / "results" / "floors-1").exists()


def test_a_sweep_that_is_declined_leaves_no_folder(desk):
    def no(_forecast):
        raise Declined("no")

    with pytest.raises(Declined):
        bf.sweep("floors.yaml", block=BLOCK, ask=no)
    assert list((desk / "results").iterdir()) == []


def test_a_forecast_grows_with_what_is_left(desk):
    found = []
    bf.sweep("floors.yaml", block=BLOCK, ask=found.append)
    assert len(found) == 1
    assert found[0].seconds > 0
    assert found[0].disk > 3 * 1000


def test_json_is_one_document(desk, capsys):
    assert exit_code(["sweep", "floors.yaml", "--json", "--quiet"]) == 0
    said = capsys.readouterr()
    content = json.loads(said.out)
    assert said.err == ""
    assert {row["arm"] for row in content["rows"]} == {"baseline", "no_backfill"}
    assert [point["gift"] for point in content["points"]] == [20, 40, 20, 40]


def test_a_mistake_in_a_design_leaves_no_folder(desk, capsys):
    (desk / "floors.yaml").write_text(DESIGN.replace("states.XDA.floor", "states.XDA.flor"), encoding="utf-8")
    assert exit_code(["sweep", "floors.yaml"]) == 2
    assert "floors.yaml:7" in capsys.readouterr().err
    assert not (desk / "results").exists()


def test_a_class_of_the_script_itself_works_alone_and_names_plugins_for_more(desk, monkeypatch):
    monkeypatch.setattr(borrowed, "_behind", lambda _design: iter(["__main__"]))
    with pytest.raises(bf.BackfillError, match=r"in the script itself.*plugins="):
        bf.sweep("floors.yaml", workers=2, block=BLOCK)
    assert list((desk / "results").iterdir()) == []
    assert bf.sweep("floors.yaml", workers=1, block=BLOCK).failures == []


def test_no_workers_at_all_are_refused(desk):
    with pytest.raises(bf.BackfillError, match="workers=0"):
        bf.sweep("floors.yaml", workers=0)


def test_a_scheduler_that_is_not_there_or_an_extra_that_is_missing_is_told(desk, monkeypatch):
    monkeypatch.setattr(executors, "PATIENCE", 0.2)
    with pytest.raises(bf.BackfillError, match=r"no Dask scheduler answers|needs the extra"):
        bf.sweep("floors.yaml", dask="tcp://127.0.0.1:9")


def test_shards_have_one_schema(undisturbed):
    import pyarrow.parquet as pq

    for kind in ("outcomes", "draws"):
        schemas = {str(pq.read_schema(path)) for path in (undisturbed.folder / "shards" / kind).iterdir()}
        assert len(schemas) == 1
    assert shards.sha256_of(undisturbed.folder / undisturbed.entries[0].files["draws"].path) in str(undisturbed.entries)

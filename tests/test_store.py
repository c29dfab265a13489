"""A stored run repeats to the byte, is never mixed with another and can be read back or is refused in a sentence."""

import json
import multiprocessing
import runpy
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from backfill.results import store
from backfill.results.store import FolderTaken, UnreadableManifest, changed_tables, next_free, read_manifest, save

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("synthetic.py"))))
TABLES = (
    "aid", "backfill", "stock", "promises", "draws", "outcomes", "series", "causes", "displacement",
    "doctrines", "history", "kept", "flows", "limits", "slips",
)  # fmt: skip


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_holds_manifest_summary_and_every_table(tmp_path):
    folder = save(make.results(), tmp_path / "run")
    assert set(contents(folder)) == {"manifest.json", "summary.csv", "summary.md"} | {
        f"tables/{name}.parquet" for name in TABLES
    }


def test_the_same_results_give_the_same_bytes(tmp_path):
    first, second = (contents(save(make.results(), tmp_path / name)) for name in ("a", "b"))
    assert first == second


def test_other_results_give_other_bytes(tmp_path):
    aid, back = make.usual()
    aid[0, 0, 6, 2, 0, 0] += 1
    first, second = save(make.results(), tmp_path / "a"), save(make.results(aid, back), tmp_path / "b")
    assert contents(first)["tables/aid.parquet"] != contents(second)["tables/aid.parquet"]
    assert contents(first)["tables/backfill.parquet"] == contents(second)["tables/backfill.parquet"]


def test_tables_hold_every_unit_that_moved(tmp_path):
    folder = save(make.results(), tmp_path / "run")
    moved = pq.read_table(folder / "tables" / "backfill.parquet").to_pylist()
    assert len(moved) == 10
    assert moved[0] == {
        "arm": "baseline", "run": 0, "month": "2022-04", "state": "USA", "item": "pac3", "origin": "JPN", "units": 4,
    }  # fmt: skip
    aid = pq.read_table(folder / "tables" / "aid.parquet")
    assert sum(aid["units"].to_pylist()) == int(make.usual()[0].sum())


def test_a_table_without_rows_keeps_its_columns_and_types(tmp_path):
    full = save(make.results(), tmp_path / "full")
    empty = save(make.results(make.flow(), make.flow()), tmp_path / "empty")
    for name in TABLES:
        schemas = [pq.read_schema(folder / "tables" / f"{name}.parquet") for folder in (full, empty)]
        assert schemas[0] == schemas[1]
    assert pq.read_table(empty / "tables" / "aid.parquet").num_rows == 0


def test_a_world_without_promises_has_an_empty_ledger(tmp_path):
    results = make.results()
    bare = make.Results(
        dataset=results.dataset.drop_vars(["promised", "contracted", "shipped", "delivered", "draws", "number"]),
        under={}, scenario=results.scenario, arms=results.arms, runs=5, seed=1,
    )  # fmt: skip
    folder = save(bare, tmp_path / "run")
    assert pq.read_table(folder / "tables" / "promises.parquet").num_rows == 0
    assert pq.read_table(folder / "tables" / "draws.parquet").num_rows == 0


def test_outcomes_are_kept_run_by_run_under_every_way_of_deciding(tmp_path):
    folder = save(make.results(), tmp_path / "run")
    rows = pq.read_table(folder / "tables" / "outcomes.parquet").to_pylist()
    wanted = {"arm": "more", "run": 4, "outcome": "units_to_aided", "by": "2023-02"}
    found = [row for row in rows if wanted.items() <= row.items()]
    assert [(row["decides"], row["value"]) for row in found] == [("", 200.0), ("flow", 200.0)]


# Folders


def test_what_exists_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("do not touch", encoding="utf-8")
    (tmp_path / "file").write_text("do not touch", encoding="utf-8")
    for name in ("mine", "file"):
        with pytest.raises(FolderTaken, match=name):
            save(make.results(), tmp_path / name)
    assert contents(tmp_path) == {"mine/thesis.txt": b"do not touch", "file": b"do not touch"}


def test_folders_are_numbered_by_creating_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "made_up-2").mkdir(parents=True)
    assert [make.results().save().name for _ in range(2)] == ["made_up-1", "made_up-3"]


def test_runs_started_together_never_share_a_folder(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.starmap(next_free, [("x", tmp_path)] * 20)
    assert sorted(found) == sorted((tmp_path / f"x-{number}") for number in range(1, 21))


# Manifests


def test_a_manifest_says_how_to_repeat_and_to_check_the_run(tmp_path):
    folder = save(make.results(seed=2**200), tmp_path / "run")
    found = read_manifest(folder)
    assert (found["format"], found["seed"], found["runs"], found["central"]) == (1, 2**200, 5, False)
    assert found["arms"] == list(make.ARMS)
    assert found["scenario"]["resolved"] == make.World().raw
    assert {"backfill", "python", "numpy", "scipy", "mesa"} <= set(found["versions"])
    assert changed_tables(folder) == []


def test_a_table_that_was_touched_is_found(tmp_path):
    folder = save(make.results(), tmp_path / "run")
    with (folder / "tables" / "aid.parquet").open("ab") as file:
        file.write(b" ")
    assert changed_tables(folder) == ["tables/aid.parquet"]


def test_identity_is_meaning():
    known = store.identity(make.results())
    assert known == store.identity(make.results(command="backfill run elsewhere"))
    assert known == store.identity(make.results(world=make.World(name="renamed")))
    assert known != store.identity(make.results(seed=2))
    assert known != store.identity(make.results(world=make.World(title="another world")))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace('"format": 1', '"format": 99'), "install a newer backfill"),
        (lambda text: text.replace('"format": 1', '"format": "one"'), "unknown format"),
        (lambda text: text.replace("}", ""), "cut off or damaged"),
        (lambda text: text[: len(text) // 2], "cut off or damaged"),
        (lambda text: text.replace('"seed"', '"sead"'), "without seed"),
        (lambda _: "[]", "no manifest of this program"),
        (lambda _: "", "cut off or damaged"),
    ],
)
def test_a_manifest_from_elsewhere_is_refused_in_a_sentence(tmp_path, change, said):
    folder = save(make.results(), tmp_path / "run")
    path = folder / "manifest.json"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(UnreadableManifest, match=said):
        read_manifest(folder)


def test_a_folder_without_a_manifest_is_no_finished_run(tmp_path):
    with pytest.raises(UnreadableManifest, match="no finished run"):
        read_manifest(tmp_path)


# The summary


def test_the_summary_answers_first_and_ends_with_the_command(tmp_path):
    folder = save(make.results(), tmp_path / "run")
    text = (folder / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("# Japan backfills US stocks\n")
    assert text.index("How many more reach Ukraine?") < text.index("**Of each unit") < text.index("```text")
    assert "Capitals answer requests for consent with the chances and in the times of the scenario" in text
    assert "`states.USA.floor`: 0.25 (assumed)" in text
    assert "states.USA.requirement" not in text
    assert "states.JPN.floor" not in text
    assert text.endswith("## Again\n\nInside this folder:\n\n```sh\nbackfill run .\n```\n")
    known = save(make.results(command="backfill run mine.yaml --seed 1"), tmp_path / "known")
    assert (known / "summary.md").read_text(encoding="utf-8").endswith("```sh\nbackfill run mine.yaml --seed 1\n```\n")


def test_every_file_is_utf8_with_plain_line_ends(tmp_path):
    world = make.World(title="Überfluß und 不足", titles={"more": "=HYPERLINK(1)\r\nñandú"})
    folder = save(make.results(world=world), tmp_path / "данные [x] 'y'")
    for name in ("summary.md", "summary.csv", "manifest.json"):
        text = (folder / name).read_bytes().decode("utf-8")
        assert "\r" not in text
    assert "# Überfluß und 不足" in (folder / "summary.md").read_text(encoding="utf-8")
    assert "'=HYPERLINK(1) ñandú" in (folder / "summary.csv").read_text(encoding="utf-8")
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["title"] == "Überfluß und 不足"


@pytest.mark.parametrize(
    ("name", "value"),
    [("runs", "ten"), ("runs", 0), ("seed", -1), ("arms", "baseline"), ("arms", [1]), ("scenario", [])],
)
def test_a_damaged_manifest_is_refused_in_a_sentence(tmp_path, name, value):
    folder = make.results().save(tmp_path / "run")
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(content | {name: value}), encoding="utf-8")
    with pytest.raises(UnreadableManifest, match="damaged"):
        read_manifest(folder)

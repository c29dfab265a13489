"""Stored folders come from anywhere: whatever they say is data, and nothing outside them is touched."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import backfill as bf
from backfill.cli.entry import exit_code
from backfill.results.store import UnreadableManifest, check_of, written_manifest
from backfill.studies.exporting import export
from backfill.studies.folders import opened_study
from backfill.studies.journal import JournalDamaged, _check, _text
from backfill.studies.store import ShardDamaged, _dumped, study_manifest

WORLDS = Path(__file__).parent / "worlds"
DESIGN = """\
design: 1
scenario: three_states.yaml
arms: [baseline, no_backfill]
seed: 7
factors: {gift: {path: events.gift.units, values: [20, 40, 60]}}
replications: 4
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study and a run of a short world."""
    place = tmp_path_factory.mktemp("made")
    world = (WORLDS / "three_states.yaml").read_text(encoding="utf-8").replace("2034-12", "2030-12")
    (place / "three_states.yaml").write_text(world, encoding="utf-8")
    (place / "gifts.yaml").write_text(DESIGN, encoding="utf-8")
    bf.sweep(place / "gifts.yaml", out=place / "study")
    bf.simulate(bf.load(place / "three_states.yaml"), ["no_backfill"], runs=2, seed=7).save(place / "run")
    return place


@pytest.fixture
def study(made, tmp_path):
    return Path(shutil.copytree(made / "study", tmp_path / "study"))


def said(capsys, *words):
    code = exit_code([str(word) for word in words])
    return code, *capsys.readouterr()


def forged(folder, change, write=_dumped):
    """The manifest with something changed, and a hash over it that is right again."""
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["check"]
    change(content)
    path.write_text(write(content | {"check": check_of(content)}), encoding="utf-8")


def told(folder, change):
    """The journal with its lines changed, each with a check that is right again."""
    path = folder / "journal.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        del line["check"]
        change(line)
    path.write_text("".join(_text(line | {"check": _check(line)}) + "\n" for line in lines), encoding="utf-8")


WRONG = [
    *((name, value) for name in ("title", "label", "versions", "tables") for value in (None, 7, [1])),
    ("versions", {"numpy": 2}),
    ("tables", {"design.json": None}),
    ("arms", []),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
@pytest.mark.parametrize("kind", ["study", "run"])
def test_a_manifest_with_other_types_is_refused_in_a_sentence(made, tmp_path, capsys, kind, name, value):
    folder = Path(shutil.copytree(made / kind, tmp_path / kind))
    forged(folder, lambda content: content.update({name: value}), _dumped if kind == "study" else written_manifest)
    code, _, err = said(capsys, "show", folder)
    assert code == 2
    assert "is damaged at" in err


@pytest.mark.parametrize("name", ["title", "label", "versions", "tables"])
def test_a_manifest_without_what_reading_takes_names_it(study, capsys, name):
    forged(study, lambda content: content.pop(name))
    code, _, err = said(capsys, "show", study)
    assert code == 2
    assert f"a manifest without {name}" in err


@pytest.mark.parametrize(("name", "value"), [("block", "x"), ("block", 0), ("block", None), ("processor", None)])
def test_a_study_without_its_block_or_processor_is_refused(study, name, value):
    forged(study, lambda content: content.update({name: value}) if name == "block" else content.pop(name))
    with pytest.raises(UnreadableManifest, match="damaged at its block or processor"):
        study_manifest(study)


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line["files"]["outcomes"].update(path="../../precious.txt"),
        lambda line: line["files"]["outcomes"].update(path="/dev/zero"),
        lambda line: line["files"]["outcomes"].update(path=line["files"]["draws"]["path"]),
        lambda line: line["files"]["outcomes"].update(path=7),
        lambda line: line["files"]["outcomes"].update(sha256=None),
        lambda line: line.update(files=[]),
        lambda line: line.update(points=[]),
        lambda line: line.update(points=[-1]),
        lambda line: line.update(first="0"),
        lambda line: line.update(runs=0),
        lambda line: line.update(failed=[{"point": 0, "stage": 1, "reason": None}]),
    ],
)
def test_a_line_that_no_study_writes_is_refused(study, capsys, change):
    told(study, change)
    code, _, err = said(capsys, "show", study)
    assert code == 2
    assert "journal.jsonl:1 is damaged" in err


@pytest.mark.parametrize("change", [{"points": [3]}, {"runs": 10**12}, {"first": 1}])
def test_a_block_of_another_study_is_refused(study, change):
    told(study, lambda line: line.update(change))
    with pytest.raises(JournalDamaged, match=r"of another study: this one has 3 points of 4 runs"):
        bf.Study(study).table()
    with pytest.raises(JournalDamaged, match="of another study"):
        bf.sweep(study, resume=True)


def test_a_line_that_stands_there_twice_counts_once(study):
    before, path = bf.Study(study).hash, study / "journal.jsonl"
    path.write_bytes(path.read_bytes() * 2)
    assert bf.Study(study).hash == before
    assert bf.sweep(study, resume=True).hash == before


def test_going_on_with_a_study_deletes_nothing_where_a_link_leads(study, tmp_path):
    """Files that the journal does not know are swept away, and a link made a folder of the user's one of shards."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "precious.txt").write_text("mine", encoding="utf-8")
    shutil.rmtree(study / "shards" / "series")
    (study / "shards" / "series").symlink_to(mine, target_is_directory=True)
    with pytest.raises(ShardDamaged, match="series is a link"), opened_study(study, resume=True):
        pass
    assert (mine / "precious.txt").read_text(encoding="utf-8") == "mine"


def test_shards_that_are_gone_are_worked_out_again(study):
    before = bf.Study(study).hash
    shutil.rmtree(study / "shards")
    assert bf.sweep(study, resume=True).hash == before


def test_a_shard_that_is_no_table_is_told(study, capsys):
    """Its hash is right: whoever wrote the one wrote the other."""
    junk = b"no table at all"

    def change(line):
        file = line["files"]["outcomes"]
        (study / file["path"]).write_bytes(junk)
        file["sha256"] = hashlib.sha256(junk).hexdigest()

    told(study, change)
    for words in (("show", study), ("compare", study), ("export", study, "--out", study / "a.csv")):
        code, _, err = said(capsys, *words)
        assert code in (1, 2)
        assert "Traceback" not in err
        assert err
    assert not (study / "a.csv").exists()


def test_a_table_of_a_run_with_other_columns_is_told(made, tmp_path, capsys):
    folder = Path(shutil.copytree(made / "run", tmp_path / "run"))
    for name in ("draws", "series"):
        shutil.copyfile(folder / "tables" / f"{name}.parquet", folder / "tables" / "outcomes.parquet")
        code, _, err = said(capsys, "compare", folder)
        assert code == 2
        assert "outcomes.parquet is missing or damaged: backfill verify" in err


def test_a_file_of_the_user_beside_an_export_stays(study, tmp_path):
    mine = tmp_path / "a.csv.part"
    mine.write_text("mine", encoding="utf-8")
    export(bf.open_study(study), "csv", tmp_path / "a.csv")
    assert mine.read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["a.csv", "a.csv.part"]


def test_an_export_into_no_folder_is_a_mistake_and_names_it(study, capsys):
    code, _, err = said(capsys, "export", study, "--out", study / "nowhere" / "a.csv")
    assert code == 2
    assert f"found no folder {study / 'nowhere'}" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_mistake_stays_a_mistake_where_nothing_can_be_said(tmp_path):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        words = [sys.executable, "-m", "backfill", "show", str(tmp_path / "nowhere")]
        assert subprocess.run(words, stderr=full, check=False, cwd=tmp_path).returncode == 2


def test_a_study_that_keeps_no_units_is_compared_by_what_it_keeps(made, tmp_path):
    text = DESIGN.replace("replications: 4", "replications: 3\nkeep: {outcomes: [exposure]}")
    (made / "exposed.yaml").write_text(text, encoding="utf-8")
    found = bf.compare(bf.sweep(made / "exposed.yaml", out=tmp_path / "exposed").folder)
    assert (list(found.gaps), found.runs) == (["exposure"], 3)
    assert not any("paired are" in note for note in found.notes())

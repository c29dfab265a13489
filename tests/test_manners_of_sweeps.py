"""How sweeps behave towards people and machines, seen from a shell: folders, streams, questions, words, tables."""

import json
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import backfill as bf
from backfill.cli.entry import exit_code

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sweep_worlds.py"))))
worlds = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("headline_worlds.py"))))
ODD = "данные [x] 'y' $z"
unix = pytest.mark.skipif(sys.platform == "win32", reason="pipes of a Unix shell")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The study as nothing disturbed it; tests read it and leave it alone."""
    place = tmp_path_factory.mktemp("undisturbed")
    make.furnish(place)
    return bf.sweep(place / "floors.yaml", out=place / "study")


def test_surroundings_change_no_bit_of_a_study(shell, undisturbed):
    place = shell.elsewhere(ODD)
    make.furnish(place.folder)
    nowhere = {"HOME": "/nonexistent", "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    said = place("sweep", "floors.yaml", "--workers", "2", "--quiet", **nowhere)
    assert (said.code, said.err) == (0, "")
    study = bf.Study(place.folder / "results" / "floors-1")
    assert study.hash == undisturbed.hash
    for name in ("summary.csv", "summary.md", "points.parquet"):
        assert (study.folder / name).read_bytes() == (undisturbed.folder / name).read_bytes()


@unix
def test_a_reader_who_leaves_costs_no_block_of_a_study(shell, undisturbed):
    make.furnish(shell.folder)
    program = shlex.quote(shell_program())
    line = f"{program} sweep floors.yaml | head -1; {program} show results/floors-1 | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=shell.folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert bf.Study(shell.folder / "results" / "floors-1").hash == undisturbed.hash


@unix
def test_a_question_that_nobody_can_answer_is_refused_at_once_and_leaves_no_folder(shell):
    make.furnish(shell.folder)
    shell.write("long.yaml", make.DESIGN.replace("replications: 6", "replications: 900000"))
    line = f"{shlex.quote(shell_program())} sweep long.yaml <&-"
    done = subprocess.run(
        ["bash", "-c", line], cwd=shell.folder, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 2
    assert "nobody is here to be asked: add --yes" in done.stderr
    assert shell.folders() == []


def shell_program():
    """The installed command, as the fixture finds it."""
    import shutil
    import sysconfig

    return shutil.which("backfill", path=sysconfig.get_path("scripts"))


def refuse(constant):
    """NaN and Infinity are no JSON."""
    raise ValueError(f"{constant} in a JSON document")


@pytest.mark.parametrize("words", [("sweep", "slow.yaml", "--quiet"), ("show", "results/slow-1")])
def test_what_never_comes_is_null_in_strict_json(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    Path("world.yaml").write_text(worlds.REFILL, encoding="utf-8")
    Path("slow.yaml").write_text("design: 1\nscenario: world.yaml\narms: [baseline, slow]\nreplications: 2\n", "utf-8")
    if words[0] == "show":
        assert exit_code(["sweep", "slow.yaml"]) == 0
    capsys.readouterr()
    assert exit_code([*words, "--json"]) == 0
    said = capsys.readouterr()
    rows = json.loads(said.out, parse_constant=refuse)["rows"]
    never = [one for row in rows for one in row["headline"] if one["never"] == 1.0]
    assert said.err == ""
    assert [one["value"] for one in never] == [None]


def test_a_value_of_a_factor_is_no_formula_and_steers_no_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make.furnish(tmp_path)
    text = make.DESIGN.replace(
        "gift: {path: events.gift.units, values: [20, 40]}", 'gift: {path: title, values: ["=1+1"]}'
    )
    Path("floors.yaml").write_text(text.replace("Floor against gift", "Sum [bold] $x_1$ ünd 不足"), encoding="utf-8")
    assert exit_code(["sweep", "floors.yaml"]) == 0
    assert "Sum [bold] $x_1$ ünd 不足" in capsys.readouterr().out
    rows = Path("results/floors-1/summary.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].split(",")[:3] == ["0", "60 %", "'=1+1"]


def test_a_table_of_points_means_the_same_however_it_was_saved(tmp_path):
    make.furnish(tmp_path)
    design = make.DESIGN.replace(", values: [60 %, 75 %]}", "}").replace(", values: [20, 40]}", "}")
    (tmp_path / "table.yaml").write_text(f"{design}layout: {{table: points.csv}}\n", encoding="utf-8")
    found = []
    for content in (
        b"floor,gift\n60 %,20\n75 %,40\n",
        b"\xef\xbb\xbffloor,gift\r\n60 %,20\r\n75 %,40\r\n",
        b'floor,gift\n\n"60 %","20"\n\n75 %,40',
        b"gift,floor\n20,60 %\n40,75 %\n",
    ):
        (tmp_path / "points.csv").write_bytes(content)
        found.append([dict(sorted(point.settings.items())) for point in bf.read_design(tmp_path / "table.yaml").points])
    assert all(points == found[0] for points in found)
    assert [point["floor"] for point in found[0]] == ["60 %", "75 %"]


def test_stored_results_are_read_where_nothing_can_be_written(tmp_path, undisturbed, capsys):
    import shutil

    shutil.copytree(undisturbed.folder, tmp_path / "study")
    bound = subprocess.run(["mount", "--bind", str(tmp_path / "study"), str(tmp_path / "study")], check=False)
    if bound.returncode:
        pytest.skip("nobody may mount a file system here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(tmp_path / "study")], check=True)
        for words in (("show",), ("verify", "--sample", "1"), ("compare",), ("show", "--drivers", "units_to_aided")):
            command, *more = words
            assert exit_code([command, str(tmp_path / "study"), *more]) == 0, words
        assert "Traceback" not in capsys.readouterr().err
    finally:
        subprocess.run(["umount", "-l", str(tmp_path / "study")], check=True)

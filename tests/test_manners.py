"""How the program behaves towards people and machines, seen from a shell: streams, exit codes, signals, words."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

WORLD = "three_states.yaml"
FEW = ("run", WORLD, "--runs", "3", "--seed", "1")
ESCAPE, RETURN = "\x1b", "\r"
SERVERS = {"CI": "true", "GITHUB_ACTIONS": "true", "FORCE_COLOR": "1"}
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of Unix")


def refuse(constant):
    """NaN and Infinity are no JSON."""
    raise ValueError(f"{constant} in a JSON document")


def strictly(text):
    """The one document that a text holds."""
    return json.loads(text, parse_constant=refuse)


def variant(shell, name, changes):
    """A world that extends the three states, with some lines added; returns its file name."""
    return shell.write(name, f"scenario: 1\nextends: three_states\n{changes}\n")


# Streams, exit codes, questions


@pytest.mark.smoke
def test_the_answer_goes_to_stdout_and_the_rest_to_stderr(finished):
    _, said = finished
    assert said.code == 0
    assert "baseline" in said.out
    assert "no_backfill" in said.out
    assert "Traceback" not in said.err
    assert "baseline" not in said.err


@pytest.mark.smoke
@pytest.mark.parametrize(
    "words",
    [
        ("scenarios", "--json"),
        ("scenarios", "three_states.yaml", "--json"),
        ("check", WORLD, "--json"),
        ("schema",),
        ("run", WORLD, "--runs", "1", "--json"),
        ("explain", "--from", "JPN", "--to", "UKR", "--item", "pac3_mse", "--on", "2024-01-15", "--json"),
    ],
    ids=lambda words: words[0] + str(len(words)),
)
def test_json_is_one_strict_document_and_nothing_else(shell, words):
    said = shell(*words)
    assert said.code == 0
    assert strictly(said.out)


def test_undefined_is_null_in_json(shell):
    said = shell("run", WORLD, "--set", "events.gift.units=0", "--runs", "2", "--json")
    assert strictly(said.out)["arms"]["baseline"]["pass_through"] is None


@pytest.mark.smoke
def test_quiet_leaves_stderr_empty(shell):
    said = shell(*FEW, "--quiet")
    assert (said.code, said.err) == (0, "")
    assert said.out


@pytest.mark.parametrize(
    "words", [FEW, ("--help",), ("run", "--help"), ("run", "nowhere"), ("scenarios",), ("check", WORLD)]
)
def test_redirected_output_carries_no_escape_codes_even_on_build_servers(shell, words):
    said = shell(*words, **SERVERS)
    for text in (said.out, said.err):
        assert ESCAPE not in text
        assert RETURN not in text


@unix
def test_no_color_is_obeyed_at_a_terminal(shell):
    import pty

    ours, theirs = pty.openpty()
    done = shell.start(*FEW, stdout=theirs, stderr=theirs, env=shell.environment(NO_COLOR="1", TERM="xterm"))
    os.close(theirs)
    seen = read_terminal(ours)
    assert done.wait(60) == 0
    assert "baseline" in seen
    assert not re.search(r"\x1b\[[0-9;]*m", seen)


def read_terminal(end):
    """Everything a terminal shows until the program lets go of it."""
    seen = b""
    while True:
        try:
            piece = os.read(end, 4096)
        except OSError:
            return seen.decode("utf-8", "replace")
        if not piece:
            return seen.decode("utf-8", "replace")
        seen += piece


@pytest.mark.smoke
def test_a_mistake_stands_whole_on_one_line_at_any_width(shell):
    path = "states.XDA." + "x" * 39
    variant(shell, "wrong.yaml", f"set: {{{path}: 1}}")
    said = shell("check", "wrong.yaml", COLUMNS="20", LINES="5")
    assert said.code == 2
    assert re.search(rf"^wrong\.yaml:3:\d+: error: .*{re.escape(path)}", said.out, flags=re.MULTILINE)


@unix
def test_a_reader_who_leaves_costs_no_traceback_and_no_result(shell):
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"{shell_program()}" {" ".join(FEW)} | head -1'],
        cwd=shell.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert shell.folders() == ["three_states-1"]


@unix
def test_a_closed_stream_costs_no_traceback_and_no_result(shell):
    command = f'"{shell_program()}" {" ".join(FEW)} >&-'
    done = subprocess.run(["bash", "-c", command], cwd=shell.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert shell.folders() == ["three_states-1"]


def shell_program():
    """The installed command, as the fixture finds it."""
    import shutil
    import sysconfig

    return shutil.which("backfill", path=sysconfig.get_path("scripts"))


@unix
def test_a_full_disk_is_said_in_one_line_and_leaves_nothing(shell):
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = shell.start(*FEW, stdout=full, stderr=subprocess.PIPE)
        _, err = done.communicate(timeout=60)
    assert done.returncode == 1
    assert err.decode() == "error: No space left on device\n"
    assert shell.folders() == []


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_stream_that_cannot_take_a_character_gets_a_replacement(shell, encoding):
    variant(shell, "named.yaml", "title: Überfluß und 不足")
    said_bytes = subprocess.run(
        [shell_program(), "run", "named.yaml", "--runs", "2", "--seed", "1"],
        cwd=shell.folder,
        env=shell.environment(PYTHONIOENCODING=encoding),
        capture_output=True,
        check=False,
    )
    assert said_bytes.returncode == 0
    assert b"berflu" in said_bytes.stdout
    assert b"??" in said_bytes.stdout
    assert "不足" in (shell.folder / "results/named-1/summary.md").read_text(encoding="utf-8")


@pytest.mark.smoke
@pytest.mark.parametrize(
    "words",
    [
        ("run", WORLD, "--runs", "0"),
        ("run", WORLD, "--runs", "2.5"),
        ("run", WORLD, "--runs", "-3"),
        ("run", WORLD, "--seed", "-1"),
        ("run", WORLD, "--arms", "no_backfil"),
        ("run", WORLD, "--set", "states.XDA.flor=50 %"),
        ("run", WORLD, "--set", "states.XDA.floor"),
        ("run", WORLD, "--set", "states.XDA.floor=50"),
        ("run", "three_stats"),
        ("run", "missing.yaml"),
        ("run", WORLD, "--workers", "0"),
        ("run", WORLD, "--rums", "3"),
        ("rum", WORLD),
        ("check", "missing.yaml"),
        ("new", WORLD, "--from", "japan_patriot"),
        ("new", "mine.yaml", "--from", "nowhere"),
        ("new", "mine.yaml", "--from", WORLD),
        ("explain", "--from", "JPN", "--to", "UKR", "--item", "pac3_mse", "--on", "2024-02-30"),
        (
            "explain",
            "--from",
            "JPN",
            "--to",
            "UKR",
            "--item",
            "a4",
            "--on",
            "2024-01-15",
            "--scenario",
            "japan_patriot",
        ),
        ("explain", "--from", "JP", "--to", "UKR", "--item", "pac3", "--on", "2024-01-15"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_message_exit_code_2_and_leaves_nothing(shell, words):
    before = sorted(shell.folder.iterdir())
    said = shell(*words)
    assert said.code == 2
    assert "error" in said.out + said.err
    assert "Traceback" not in said.err
    assert sorted(shell.folder.iterdir()) == before


def test_a_near_word_is_named(shell):
    assert "no_backfill" in shell("run", WORLD, "--arms", "no_backfil").err
    assert "japan_patriot" in shell("run", "japan_patriott").err


@pytest.mark.smoke
def test_a_run_without_a_seed_shows_one_that_repeats_it(shell):
    first = shell("run", WORLD, "--runs", "3")
    seed = re.search(r"seed (\d+)", first.out)[1]
    shell("run", WORLD, "--runs", "3", "--seed", seed)
    assert shell.tables("three_states-1") == shell.tables("three_states-2")
    assert int(seed) > 1000


@pytest.mark.parametrize("beyond", [32, 64])
def test_seeds_of_any_size_are_honoured_whole(shell, finished, beyond):
    assert shell("run", WORLD, "--runs", "3", "--seed", str(1 + 2**beyond)).code == 0
    assert shell.tables("three_states-1") != finished[0].tables("three_states-1")


# Signals


@unix
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["alone", "workers"])
def test_a_stopped_run_is_gone_within_seconds_and_says_how_to_start_again(shell, sent, code, workers):
    words = ("run", WORLD, "--runs", "200000", "--seed", "7", *workers)
    running = shell.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    wait_until(lambda: shell.folders() or running.poll() is not None)
    time.sleep(1.0)
    os.killpg(running.pid, sent)
    began = time.monotonic()
    _, err = running.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert running.returncode == code
    assert b"Traceback" not in err
    assert err.decode().splitlines() == [f"stopped; nothing is stored. Again: backfill {' '.join(words)}"]
    assert shell.folders() == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes where Linux lists them")
def test_workers_end_with_whoever_started_them(shell):
    words = ("run", WORLD, "--runs", "200000", "--seed", "7", "--workers", "2")
    running = shell.start(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(children(running.pid)) == 2)
    workers = children(running.pid)
    running.kill()
    running.wait()
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), seconds=10)


def children(parent):
    """The processes that a process has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def wait_until(reached, seconds=30):
    """Look again and again until something holds."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)


# The user's words are data

WORDS = """[bold]a[/] $x_1^2$ 100 % {a}, "b" 'c'; <script>alert(1)</script> =1+1 javascript:x жук"""


@pytest.mark.smoke
def test_titles_may_hold_anything(shell):
    arm = f"arms:\n  odd:\n    title: {json.dumps(WORDS, ensure_ascii=False)}\n    without: [events.gift]"
    file = variant(shell, "words.yaml", f"title: {json.dumps(WORDS, ensure_ascii=False)}\n{arm}")
    said = shell("run", file, "--runs", "2", "--seed", "1")
    assert said.code == 0
    assert WORDS in said.out


def test_titles_cannot_steer_a_terminal(shell):
    file = variant(shell, "steer.yaml", 'title: "a\\u001b[31mred\\u001b[0m\\nsecond line"')
    said = shell("scenarios", file)
    assert ESCAPE not in said.out
    assert "a [31mred [0m second line" in said.out


@pytest.mark.parametrize("name", ["all", "baseline", "A", "a+b", "a,b", "/up", "x" * 41, "é"])
def test_names_of_arms_are_checked_with_their_line(shell, name):
    file = variant(shell, "arms.yaml", f"arms:\n  {json.dumps(name)}: {{title: x, without: [events.gift]}}")
    said = shell("check", file)
    assert said.code == 2
    assert re.search(r"^arms\.yaml:4:\d+: error: arms", said.out, flags=re.MULTILINE)


def test_a_fault_is_reported_where_it_was_written(shell):
    said = shell("run", WORLD, "--set", "states.XDA.floor=50")
    assert said.err.startswith("--set states.XDA.floor=50: error")
    file = variant(shell, "child.yaml", "arms:\n  high:\n    set: {states.XDA.floor: 50}")
    assert shell("check", file).out.startswith("child.yaml:5:")


def test_a_ring_of_parents_is_named(shell):
    shell.write("a.yaml", "scenario: 1\nextends: b\ntitle: a\n")
    shell.write("b.yaml", "scenario: 1\nextends: a\ntitle: b\n")
    said = shell("check", "a.yaml")
    assert said.code == 2
    assert "ring" in said.out

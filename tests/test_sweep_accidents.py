"""A sweep that is killed, stopped or robbed of its workers: nothing that was done is lost, and the rest is the same."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import backfill as bf
from backfill.studies.store import StoreLocked, locked
from backfill.studies.workers import Processes, WorkerLost

WORLDS = Path(__file__).parent / "worlds"
DESIGN = """\
design: 1
scenario: three_states.yaml
arms: [baseline, no_backfill]
seed: 3
factors: {floor: {path: states.XDA.floor, values: [60 %, 70 %, 75 %, 80 %]}}
replications: 50
"""
SCRIPT = """
import backfill as bf
bf.sweep("floors.yaml", out="clustered", dask="ADDRESS", block=10, resume=True)
"""
BACKFILL = [sys.executable, "-m", "backfill"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with a world of three years and a design of 400 runs."""
    place = tmp_path_factory.mktemp("accidents")
    world = (WORLDS / "three_states.yaml").read_text(encoding="utf-8")
    (place / "three_states.yaml").write_text(world.replace("2034-12", "2031-03"), encoding="utf-8")
    (place / "floors.yaml").write_text(DESIGN, encoding="utf-8")
    return place


def started(desk, *words, **how):
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([str(word) for word in words], cwd=desk, **(quiet | how))


def until(true, patience=60.0):
    """Wait for something, and fail if it does not come."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def lines(folder):
    path = folder / "journal.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def gone(pid):
    """Whether a process has ended; one that nobody has asked about yet counts as ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    return True


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc to look for processes in")


KILLED = """
import os, signal, sys
import backfill as bf
from backfill.studies import journal, shards, store

moment, number, share = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
whole = {"shard": shards.write_safely, "naming": store.append, "journal": journal._write_all}
calls = 0

def dies(*words):
    global calls
    calls += 1
    if calls < number:
        return whole[moment](*words)
    if moment == "shard":
        path, content = words
        path.write_bytes(bytes(content)[: int(share * len(content))])
    if moment == "journal":
        handle, content = words
        os.write(handle, content[: int(share * len(content))])
        os.fsync(handle)
    os.kill(os.getpid(), signal.SIGKILL)

if moment == "shard":
    shards.write_safely = dies
if moment == "naming":
    store.append = dies
if moment == "journal":
    journal._write_all = dies
bf.sweep("floors.yaml", out="study", workers=1 if moment == "shard" else 2, block=10, resume=True)
"""
"""A sweep that kills itself: within a shard, between the names of its shards and their line, within that line."""
SEED = "BACKFILL_KILL_SEED"
"""Of the moments at which sweeps are killed; another one each time, unless this variable says which."""


def moments(seed):
    """Three kills in some order: what is going on, the how manieth of it, and how far it has come."""
    chance = np.random.default_rng(seed)
    kinds = list(chance.permutation([str(chance.choice(["naming", "journal"])), "any"]))
    kinds.insert(int(chance.integers(1, 3)), "shard")  # alone without workers, so not the first from standard input
    return [(str(kind), int(chance.integers(2, 5)), float(chance.uniform())) for kind in kinds]


@needs_proc
def test_killed_at_random_moments_and_gone_on_with_it_is_the_same_study(desk):
    """400 runs in 20 blocks, by a script without a main guard; the first sitting reads it from standard input."""
    seed = int(os.environ.get(SEED, np.random.SeedSequence().entropy % 2**32))
    sys.stdout.write(f"killed by seed {seed}; the same moments again: {SEED}={seed}\n")
    (desk / "script.py").write_text(KILLED, encoding="utf-8")
    done = 0
    for kill, (kind, number, share) in enumerate(moments(seed)):
        sys.stdout.write(f"kill {kill}: {kind}, number {number}, at {share:.0%}; {done} blocks are done\n")
        with (desk / "script.py").open(encoding="utf-8") as typed:
            words = ("script.py" if kill else "-", kind, number, share)
            study = started(desk, sys.executable, *words, stdin=typed, stdout=None, stderr=None)
        workers = killed(study, desk / "study", None if kind != "any" else done + number, share / 10)
        assert study.returncode == -signal.SIGKILL
        until(lambda workers=workers: all(map(gone, workers)), 5.0)
        done = lines(desk / "study")
    assert 3 <= done < 20
    survived = bf.sweep(desk / "floors.yaml", out=desk / "study", resume=True)
    undisturbed = bf.sweep(desk / "floors.yaml", out=desk / "undisturbed", block=10)
    assert survived.hash == undisturbed.hash
    assert len(survived.entries) == 20
    assert not list((desk / "study").rglob("*.part"))


def killed(study, folder, blocks, delay):
    """Wait until a sweep has killed itself, or kill it some time after so many blocks; the workers that it had."""
    workers = set()

    def seen():
        with suppress(FileNotFoundError, ProcessLookupError):
            workers.update(children(study.pid))
        return study.poll() is not None or (blocks is not None and lines(folder) >= blocks)

    until(seen, 120.0)
    if study.poll() is None:
        time.sleep(delay)
        study.kill()
    study.wait()
    return workers


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_from_outside_it_keeps_what_is_done_and_says_how_to_go_on(desk, stop, code):
    out = desk / f"stopped-{code}"
    long = desk / f"long-{code}.yaml"
    long.write_text(DESIGN.replace("replications: 50", "replications: 60000"), encoding="utf-8")
    words = ("sweep", long, "--out", out, "--workers", "2", "--yes")
    study = started(desk, *BACKFILL, *words, start_new_session=True)
    until(lambda: lines(out) >= 2)
    os.killpg(study.pid, stop)
    began = time.monotonic()
    _, said = study.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert study.returncode == code
    assert f"Go on: backfill sweep {out} --resume" in said
    assert "Traceback" not in said
    assert len(bf.Study(out).entries) == lines(out) >= 2
    assert not list(out.rglob("*.part"))


HOLDER = """
import sys, time
from pathlib import Path
from backfill.studies.store import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_lock_frees_itself_with_its_owner(tmp_path):
    owner = started(tmp_path, sys.executable, "-c", HOLDER, tmp_path)
    assert owner.stdout.readline() == "locked\n"
    with pytest.raises(StoreLocked, match="another process works on"), locked(tmp_path):
        pass
    owner.kill()
    owner.communicate()
    with locked(tmp_path) as notes:
        assert notes == []


ORPHANS = """
import os, time
from backfill.studies.workers import Processes
crew = Processes(2)
print(crew.submit(os.getpid).result(), crew.submit(os.getpid).result(), flush=True)
busy = [crew.submit(time.sleep, 60) for _ in range(2)]
time.sleep(60)
"""


@needs_proc
def test_workers_end_in_the_midst_of_work_when_their_parent_is_killed(tmp_path):
    parent = started(tmp_path, sys.executable, "-c", ORPHANS)
    parent.stdout.readline()
    workers = children(parent.pid)
    time.sleep(0.2)
    parent.kill()
    parent.communicate()
    assert len(workers) == 2
    until(lambda: all(map(gone, workers)), 5.0)


def test_a_worker_that_is_killed_takes_only_its_own_work_along():
    with Processes(2) as crew:
        first = crew.submit(os.getpid).result()
        killed, other = crew.submit(os._exit, 3), crew.submit(time.sleep, 0.1)
        with pytest.raises(WorkerLost, match="was killed at its work"):
            killed.result()
        assert other.result() is None
        assert crew.submit(os.getpid).result() != os.getpid()
        assert first != os.getpid()


def test_an_error_in_a_worker_arrives_as_itself():
    with Processes(1) as crew:
        with pytest.raises(ValueError, match="invalid literal"):
            crew.submit(int, "seven").result()
        assert crew.submit(int, "7").result() == 7


@pytest.mark.slow
def test_six_sweeps_started_at_one_moment_are_six_equal_studies(desk):
    sweeps = [started(desk, *BACKFILL, "sweep", "floors.yaml", "--quiet", "--yes") for _ in range(6)]
    for process in sweeps:
        process.communicate(timeout=300)
    assert [process.returncode for process in sweeps] == [0] * 6
    folders = sorted((desk / "results").iterdir())
    assert [folder.name for folder in folders] == [f"floors-{number}" for number in range(1, 7)]
    assert len({bf.Study(folder).hash for folder in folders}) == 1


JAPAN = """\
design: 1
title: Japan's Patriots over all ranges
scenario: japan_patriot
arms: [baseline, no_backfill]
seed: 1
layout: {lhs: {factors: all_ranges, points: 20}}
replications: 1000
"""


def held(pid):
    """Bytes that a process and those that it has started hold in memory."""
    found = 0
    with suppress(FileNotFoundError, ProcessLookupError, IndexError):
        for one in (pid, *children(pid)):
            found += int(Path(f"/proc/{one}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return found


def most_held(process):
    """The most that a process and its workers hold until it ends, looked at five times a second."""
    most = 0
    while process.poll() is None:
        most = max(most, held(process.pid))
        time.sleep(0.2)
    process.communicate()
    return most


@pytest.mark.slow
@needs_proc
def test_twenty_thousand_runs_killed_ten_times_are_the_same_study(tmp_path, capsys):
    (tmp_path / "japan.yaml").write_text(JAPAN, encoding="utf-8")

    def sweep(out):
        call = f"bf.sweep('japan.yaml', out={out!r}, workers=2, block=500, resume=True)"
        return started(tmp_path, sys.executable, "-c", f"import backfill as bf\n{call}\n", stderr=None)

    began = time.monotonic()
    most = most_held(sweep("undisturbed"))
    took = time.monotonic() - began
    whole, moments = bf.Study(tmp_path / "undisturbed"), np.random.default_rng(2).uniform(0, 2, 10)
    for kill, moment in enumerate(moments):
        study = sweep("study")
        until(lambda kill=kill: lines(tmp_path / "study") >= 3 * kill, 600)
        time.sleep(moment)
        study.kill()
        study.communicate()
    sweep("study").communicate(timeout=3600)
    size = sum(path.stat().st_size for path in (tmp_path / "study").rglob("*") if path.is_file())
    with capsys.disabled():
        said = f"{took:.0f} s, {most / 1e6:.0f} MB at most, {size / 1e6:.0f} MB in the folder"
        sys.stderr.write(f"\n20,000 runs of two arms: {said}\n")
    assert len(whole.entries) == 40
    assert bf.Study(tmp_path / "study").hash == whole.hash
    assert most < 1.5e9


@pytest.fixture
def cluster(tmp_path):
    """A Dask scheduler and two workers, each a process of its own: the address, and the workers."""
    pytest.importorskip("distributed")
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "text": False}

    def part(name, *words):
        return started(
            tmp_path, sys.executable, "-m", f"distributed.cli.{name}", "--host", "127.0.0.1", *words, **quiet
        )

    scheduler = part("dask_scheduler", "--port", port, "--dashboard-address", "127.0.0.1:0")
    alone = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", tmp_path / "dask")
    workers = [part("dask_worker", address, *alone) for _ in range(2)]
    yield address, workers
    for process in (*workers, scheduler):
        process.terminate()
        process.wait()


def patient(address):
    """Wait until two workers have reported to the scheduler."""
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what a cluster warns of when it is robbed of a worker is its own affair
def test_a_cluster_that_loses_a_worker_gives_the_same_study(desk, cluster):
    address, workers = cluster
    patient(address)
    study = started(desk, sys.executable, "-c", SCRIPT.replace("ADDRESS", address))
    until(lambda: lines(desk / "clustered") >= 3)
    workers[0].kill()
    _, said = study.communicate(timeout=120)
    assert study.returncode == 0, said
    alone = bf.sweep(desk / "floors.yaml", out=desk / "alone", block=10)
    assert bf.Study(desk / "clustered").hash == alone.hash

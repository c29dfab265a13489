"""What tests of several parts need: the installed command, and a place to run it in."""

import os
import shutil
import signal
import subprocess
import sysconfig
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # in the background; what tests start shall hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

ALLIAS_LAW = """
policy: 1
jurisdiction: XAL
title: Allia's rules
force: policy
default: permit
sources: {invented: {title: Invented for this test, grade: low, url: "https://example.org"}}
rules:
  XAL-NO-WAR:
    title: Nothing of Allia's make goes to Warland
    effect: deny
    since: 2020-01-01
    when: WHEN
    refs: [invented]
    confidence: low
"""
WORLDS = Path(__file__).parent / "worlds"
PROGRAM = shutil.which("backfill", path=sysconfig.get_path("scripts"))


@dataclass(frozen=True)
class Said:
    """What a command left behind: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """A folder in which commands are typed."""

    folder: Path

    def environment(self, **changes: str) -> dict[str, str]:
        """The surroundings of a command: those of the test, with changes."""
        return {**os.environ, **changes}

    def __call__(self, *words: str, **changes: str) -> Said:
        """Run the installed `backfill` without a terminal; changes go into its environment."""
        done = subprocess.run(
            [PROGRAM, *words],
            cwd=self.folder,
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Said(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    def start(self, *words: str, **options: object) -> subprocess.Popen[bytes]:
        """Start the command and leave it running."""
        return subprocess.Popen([PROGRAM, *words], cwd=self.folder, stdin=subprocess.DEVNULL, **options)

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder; returns its name."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def tables(self, name: str) -> dict[str, bytes]:
        """The tables of a folder of results, byte for byte."""
        found = [path for path in (self.folder / "results" / name).rglob("*") if path.suffix in (".csv", ".parquet")]
        return {path.name: path.read_bytes() for path in found}

    def pictures(self, name: str) -> dict[str, bytes]:
        """The figures of a folder of results, byte for byte."""
        found = [path for path in (self.folder / "results" / name).rglob("*") if path.suffix in (".png", ".svg")]
        return {path.name: path.read_bytes() for path in found}

    def elsewhere(self, name: str) -> "Shell":
        """A new folder below this one, with the world of three states in it."""
        place = Shell(self.folder / name)
        place.folder.mkdir()
        shutil.copy(WORLDS / "three_states.yaml", place.folder)
        return place

    def folders(self) -> list[str]:
        """The folders of results, sorted."""
        results = self.folder / "results"
        return sorted(path.name for path in results.iterdir()) if results.exists() else []


FEW = ("run", "three_states.yaml", "--runs", "3", "--seed", "1")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A folder in which the three states were run once, and what was said; tests read it and leave it alone."""
    place = Shell(tmp_path_factory.mktemp("finished"))
    shutil.copy(WORLDS / "three_states.yaml", place.folder)
    return place, place(*FEW)


@pytest.fixture
def shell(tmp_path):
    """A fresh folder that holds the world of three states."""
    shutil.copy(WORLDS / "three_states.yaml", tmp_path / "three_states.yaml")
    return Shell(tmp_path)


@pytest.fixture
def allia_denies(tmp_path):
    """Write a law of Allia's into the test's folder that denies what a condition, in the words of rules, holds for."""

    def write(when: str) -> None:
        (tmp_path / "policies").mkdir()
        (tmp_path / "policies" / "XAL.yaml").write_text(ALLIAS_LAW.replace("WHEN", when), encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def listening():
    """Let a dashboard listen: `with listening(files, results) as (address, app)`."""
    for part in ("starlette", "uvicorn", "plotly", "httpx"):
        pytest.importorskip(part, reason=f"the dashboard is an extra, and {part} is not installed")
    return _listening


@contextmanager
def _listening(files, results, port=0, **options):
    """A dashboard at an address, and its app, until the block ends."""
    from backfill.dashboard.app import create_app
    from backfill.dashboard.serving import bound, server

    listener = bound("127.0.0.1", port)
    app = create_app(results, files=files, **options)
    serving = server(app)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", app
    finally:
        serving.should_exit = True
        thread.join(20)
        app.state.desk.close()
        listener.close()

"""The server behind the page: what it answers, what it refuses, and that both are what the Python API says."""

import json
import subprocess
import sys
import threading
import time
from importlib import resources
from pathlib import Path

import pytest

import backfill as bf
from backfill.results import sentence
from backfill.results.comparison import compare
from backfill.studies.block import Block
from backfill.studies.exploring import Piece, joined
from backfill.studies.warm import Stopped, Wanted, WarmCrew

httpx = pytest.importorskip("httpx", reason="these tests ask the server through httpx")
WORLD = Path(__file__).parent / "worlds" / "three_states.yaml"
FLOOR = "states.XDA.floor"


@pytest.fixture(scope="module")
def page(tmp_path_factory, listening):
    """Ask the dashboard, which knows the world of three states."""
    with (
        listening([WORLD], tmp_path_factory.mktemp("results")) as (address, _),
        httpx.Client(base_url=address, timeout=120) as client,
    ):
        yield client


def answered(page, **asked):
    """The pieces of an answer."""
    reply = page.get("/api/explore/answer", params={"scenario": "three_states", **asked})
    assert reply.status_code == 200, reply.text
    return [json.loads(line) for line in reply.text.splitlines()]


def refused(page, **asked):
    """The sentence of a refusal."""
    reply = page.get("/api/explore/answer", params={"scenario": "three_states", **asked})
    assert reply.status_code in (404, 422)
    return reply.json()["error"]


def test_the_answer_is_what_the_python_api_says(page):
    pieces = answered(page, arms="no_backfill", set=f"{FLOOR}=70", runs=80, seed=3)
    api = bf.simulate(bf.load(WORLD).set(FLOOR, "70 %"), ["no_backfill"], runs=80, seed=3, under=False)
    last = pieces[-2]
    assert [(piece["stage"], piece["runs"]) for piece in pieces] == [
        ("answer", 50), ("figures", 50), ("answer", 80), ("figures", 80),
    ]  # fmt: skip
    assert last["answer"] == sentence.answer(api.table)
    assert last["leaning"] == sentence.leaning(api.table)
    passed = api.table.baseline.passing[api.table.passing_dates[-1]]
    assert last["number"] == pytest.approx({"value": passed.value, "low": passed.low, "high": passed.high}, abs=0)
    assert last["arms"] == {"no_backfill": compare(api, ("no_backfill", "baseline")).in_words()}


def test_the_figures_are_those_of_the_python_api(page):
    figures = answered(page, arms="no_backfill", runs=20)[-1]
    api = bf.simulate(bf.load(WORLD), ["no_backfill"], runs=20, seed=1, under=False)
    total = api.aid.sel(state="XWA").sum(["item", "origin"]).cumsum("month").quantile(0.5, "run")
    for arm in figures["arms"]:
        assert arm["total"]["p50"] == pytest.approx(total.sel(arm=arm["name"]).values.tolist(), abs=0.001)


def test_the_first_answer_has_the_courses_and_the_last_one_everything(page):
    first, last = answered(page, arms="no_backfill", runs=60)[1::2]
    assert set(last) - set(first) == {"causes", "flows", "map"}
    assert last["causes"]
    assert last["map"] is None  # invented states are nowhere


def test_fewer_runs_are_cut_from_those_that_are_known(page):
    wider = answered(page, arms="no_backfill", runs=70, seed=4)[-2]["number"]
    known = answered(page, arms="no_backfill", runs=20, seed=4)[-2]
    api = bf.simulate(bf.load(WORLD), ["no_backfill"], runs=20, seed=4, under=False)
    assert known["answer"] == sentence.answer(api.table)
    assert known["number"] != wider


def test_a_block_is_asked_for_once_where_runs_follow_each_other():
    parts = [Piece("w", "baseline", 1, part, ("aid",)) for part in (range(50), range(50, 200), range(300, 400))]
    assert [piece.runs for piece in joined(parts)] == [range(200), range(300, 400)]
    whole = parts[1]._replace(keep=("aid", "why_not"))
    assert whole.holds(parts[1]._replace(runs=range(60, 70)))
    assert not whole.holds(parts[0])
    assert not parts[1].holds(whole)
    assert not whole.holds(parts[1]._replace(seed=2))


def test_the_page_has_the_look_of_the_report_and_an_outline_of_the_world(page):
    look = page.get("/static/tokens.css")
    assert look.headers["content-type"].startswith("text/css")
    assert look.text == resources.files("backfill.report").joinpath("tokens.css").read_text(encoding="utf-8")
    assert len(page.get("/outline.json").json()["land"]) > 100


def test_a_moved_number_moves_the_answer_and_an_unmoved_one_does_not(page):
    usual, again, moved = (
        answered(page, arms="no_backfill", runs=20, **asked)[-2]["number"] for asked in ({}, {}, {"set": f"{FLOOR}=95"})
    )
    assert usual == again
    assert moved != usual


def test_numbers_come_with_their_ranges_and_the_strongest_first(page):
    world = page.get("/api/explore/world", params={"scenario": "three_states"}).json()
    by_path = {number["path"]: number for number in world["numbers"]}
    assert by_path[FLOOR] | {"value": 80, "low": 60, "high": 95, "unit": "%"} == by_path[FLOOR]
    assert {"manufacturers.donora_works.lines.arrow.capacity", "events.gift.units"} <= set(by_path)
    assert all(number["low"] <= number["value"] <= number["high"] for number in world["numbers"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"runs": "10000000"}, "runs: found 10,000,000; this page works out 1 to 1,000 at once"),
        ({"runs": "0"}, "runs: found 0"),
        ({"runs": "-3"}, "runs: found '-3'; expected a whole number"),
        ({"seed": "-1"}, "seed: found '-1'"),
        ({"seed": "1.5"}, "seed: found '1.5'"),
        ({"arms": "no_backfil"}, "nearest: no_backfill"),
        ({"set": f"{FLOOR}=96"}, "found 96; the scenario's range is 60 % to 95 %"),
        ({"set": f"{FLOOR}=nan"}, "found 'nan'; expected a number"),
        ({"set": f"{FLOOR}=70 @source"}, "expected a number"),
        ({"set": "states.XDA.flor=70"}, f"nearest: {FLOOR}"),
        ({"set": "title=mine"}, "no uncertain number"),
    ],
)
def test_what_cannot_be_asked_is_said(page, asked, said):
    assert said in refused(page, **asked)


def test_all_mistakes_are_said_at_once(page):
    said = refused(page, runs="0", arms="nobody", set=f"{FLOOR}=1")
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize("name", ["/etc/passwd", "../three_states", str(WORLD), "three_states.yaml", "no_such"])
def test_a_page_can_name_no_path(page, name):
    reply = page.get("/api/explore/world", params={"scenario": name})
    assert reply.status_code == 404
    assert "no scenario" in reply.json()["error"]


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"])
def test_only_files_of_the_page_are_served(page, path):
    assert page.get(path).status_code == 404


def test_every_answer_carries_the_policy(page):
    for path in ("/", "/static/main.js", "/api/explore/world?scenario=none", "/nothing"):
        headers = page.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy


def test_the_page_asks_nobody_else(page):
    static = Path(sys.modules["backfill.dashboard.app"].__file__).parent / "static"
    for file in static.rglob("*.*"):
        text = file.read_text(encoding="utf-8")
        assert "http://" not in text, file
        assert "https://" not in text, file
    assert page.get("/plotly.min.js").headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost:8765", 200), ("[::1]:8765", 200), ("evil.example", 421), ("10.0.0.7:8765", 421)],
)
def test_another_name_is_refused(page, host, status):
    assert page.get("/", headers={"host": host}).status_code == status


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_and_another_method_are_refused(page, site):
    """A page at another port of this machine is of the same site."""
    cross = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
    assert page.get("/api/worlds", headers=cross).status_code == 403
    assert page.post("/api/explore/answer").status_code == 405


def test_an_exposed_server_answers_to_addresses_and_not_to_strange_names(tmp_path, listening):
    with listening([], tmp_path, exposed=True) as (address, _):
        assert httpx.get(address, headers={"host": "10.0.0.7:8765"}).status_code == 200
        assert httpx.get(address, headers={"host": "evil.example"}).status_code == 421


def test_a_file_of_the_same_name_does_not_hide_a_packaged_world(tmp_path):
    app_module = pytest.importorskip("backfill.dashboard.app", reason="the dashboard is an extra")
    mine = tmp_path / "fictional.yaml"
    mine.write_text(WORLD.read_text(encoding="utf-8"), encoding="utf-8")
    worlds = app_module.create_app(tmp_path, files=[mine]).state.worlds
    assert worlds.open("fictional-file").title == "Three states and one missile"
    assert worlds.open("fictional").title != "Three states and one missile"


def test_a_block_that_nobody_wants_any_more_is_dropped():
    scenario = bf.load(WORLD)
    crew = WarmCrew(1)
    long = Block("baseline", None, scenario.arm(), 1, False, 0, 60_000)
    short = Block("baseline", None, scenario.arm(), 1, False, 0, 2, ("aid",))
    try:
        list(crew.work_off([short], Wanted()))
        wanted = Wanted()
        waiting = crew.work_off([long], wanted)
        threading.Timer(1, wanted.stop).start()  # it is under way by then
        with pytest.raises(Stopped):
            next(waiting)
        began = time.monotonic()
        assert len(list(crew.work_off([short], Wanted()))) == 1
        assert time.monotonic() - began < 30  # a block of that size takes minutes
    finally:
        crew.close()


def test_another_host_needs_a_second_word(shell):
    said = shell("dashboard", "--host", "192.0.2.1", "--no-browser")
    assert said.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "--expose" in said.err


def test_a_missing_extra_is_named_in_one_line():
    code = (
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'plotly' else real(name, *rest)\n"
        "from backfill.cli.entry import exit_code\nimport backfill.cli\n"
        "raise SystemExit(exit_code(['dashboard', '--no-browser']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "error: the dashboard needs plotly: pip install 'backfill[dashboard]'\n"

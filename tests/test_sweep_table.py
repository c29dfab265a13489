"""What a sweep prints at its end, and `show` at any time: points, settings, answers, what failed, what is next."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

import backfill as bf
from backfill.cli.entry import exit_code
from backfill.studies.folders import opened_study
from backfill.studies.summing import rows
from backfill.studies.telling import closing

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sweep_worlds.py"))))
DESIGN, BLOCK = make.DESIGN, make.BLOCK


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder in which one works, with a world and a design of four points."""
    make.furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The study as nothing disturbed it; tests read it and leave it alone."""
    place = tmp_path_factory.mktemp("undisturbed")
    make.furnish(place)
    return bf.sweep(place / "floors.yaml", out=place / "study", block=BLOCK)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A study that was stopped after two of its four blocks."""
    place = tmp_path_factory.mktemp("stopped")
    make.furnish(place)
    make.stop_after(2, place / "floors.yaml", place / "half")
    return place / "half"


def shown(study, wide=100):
    """The closing table, line by line."""
    return closing(
        study.design, list(rows(study.folder, study.design, study.entries)), study.failures, wide
    ).splitlines()


def test_the_first_line_of_the_closing_table_is_the_first_point(undisturbed):
    text = (undisturbed.folder / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("# Floor against gift\n")
    rows = (undisturbed.folder / "summary.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("point,floor,gift,arm,by,runs,units_mean,")
    assert len(rows) == 1 + 4 * 2 * len({row.split(",")[4] for row in rows[1:]})


headline_worlds = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("headline_worlds.py"))))
HEADLINES = {
    "refill": (
        headline_worlds.REFILL,
        "[baseline, slow]",
        ["years until back:", "Arrow interceptor", "5–95 %", "open: not by 2035-12"],
    ),
    "units": (
        headline_worlds.GIVING.replace("ROLES", "donor: XDA, aided: XWA").replace("HEADLINE", "headline: units"),
        "[baseline, no_gift]",
        ["more than baseline", "mean    90 %, paired", "−40.0 to −40.0"],
    ),
    "promise": (
        headline_worlds.GIVING.replace("ROLES", "donor: XDA, backfiller: XAL, aided: XWA").replace(
            "HEADLINE", "headline: promise, promise: gift"
        ),
        "[baseline, fast]",
        ["share there", "when due", "0–100 %", "months late until"],
    ),
}


@pytest.mark.parametrize("kind", HEADLINES)
def test_the_closing_table_answers_the_headline_of_the_scenario(tmp_path, kind):
    world, arms, told = HEADLINES[kind]
    (tmp_path / "world.yaml").write_text(world, encoding="utf-8")
    design = f"design: 1\nscenario: world.yaml\narms: {arms}\nseed: 1\nreplications: 3\n"
    (tmp_path / "design.yaml").write_text(design, encoding="utf-8")
    text = (bf.sweep(tmp_path / "design.yaml", out=tmp_path / "study").folder / "summary.md").read_text("utf-8")
    assert all(words in text for words in told), text
    assert "passed on" not in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("kind", "words", "rows"),
    [
        ("refill", "[years_to_refill]", {"years_to_refill_arrow", "years_to_refill_bolt"}),
        ("promise", "[promise]", {"units_promised", "share_when_due", "months_late"}),
        ("promise", "[months_late, aid]", {"months_late", "units_to_aided"}),
    ],
)
def test_the_rows_of_a_headline_are_kept_by_a_word(tmp_path, kind, words, rows):
    world, arms, told = HEADLINES[kind]
    (tmp_path / "world.yaml").write_text(world, encoding="utf-8")
    design = f"design: 1\nscenario: world.yaml\narms: {arms}\nseed: 1\nreplications: 3\nkeep: {{outcomes: {words}}}\n"
    (tmp_path / "design.yaml").write_text(design, encoding="utf-8")
    study = bf.sweep(tmp_path / "design.yaml", out=tmp_path / "study")
    assert {name for name, _ in study.outcomes} == rows
    text = (study.folder / "summary.md").read_text("utf-8")
    assert told[-1] in text, text


def test_a_headline_that_is_not_kept_is_told_with_its_word(desk):
    (desk / "floors.yaml").write_text(DESIGN + "keep: {outcomes: [months_below_floor]}\n", encoding="utf-8")
    study = bf.sweep("floors.yaml")
    text = (study.folder / "summary.md").read_text(encoding="utf-8")
    assert "the headline is not kept: keep: {outcomes: [aid, pass_through, months_below_floor]}" in text
    assert "  6" in text


def test_every_setting_of_a_point_stands_beside_what_came_of_it(undisturbed):
    lines = shown(undisturbed)
    assert [line.split()[:6] for line in lines[4:]] == [
        [str(point), floor, "%", gift, arm, "6"]
        for point, (floor, gift) in enumerate([("60", "20"), ("60", "40"), ("75", "20"), ("75", "40")])
        for arm in ("baseline", "no_backfill")
    ]
    assert lines[0].split() == ["units", "to", "Warland", "passed", "on"]
    assert " ".join(lines[2].split()) == "point floor gift arm runs mean 90 % per unit 90 %, paired"


@pytest.mark.parametrize("wide", [50, 60, 100])
def test_the_closing_table_fits_its_terminal(undisturbed, wide):
    lines = shown(undisturbed, wide)
    assert max(map(len, lines)) <= wide
    for words in ("60 %", "40", "baseline", "90 %, paired"):
        assert any(words in line for line in lines)


def test_many_factors_leave_room_for_what_came_of_them(desk):
    (desk / "wide.yaml").write_text(
        "design: 1\nscenario: three_states.yaml\narms: [baseline, no_backfill]\nseed: 1\n"
        "layout: {lhs: {factors: all_ranges, points: 2}}\nreplications: 1\n",
        encoding="utf-8",
    )
    study = bf.sweep("wide.yaml")
    text = (study.folder / "summary.md").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 100
    assert "point 1: states.XDA.floor " in text
    assert ", and 4 more\n" in text
    assert "one run of each point: no interval" in text
    assert all(f",{path}," in (study.folder / "summary.csv").read_text(encoding="utf-8") for path in study.design.paths)


def test_more_points_than_one_reads_are_counted(desk):
    values = ", ".join(f"{share} %" for share in range(50, 75))
    (desk / "many.yaml").write_text(
        f"design: 1\nscenario: three_states.yaml\narms: [baseline, no_backfill]\nseed: 1\n"
        f"factors: {{floor: {{path: states.XDA.floor, values: [{values}]}}}}\nreplications: 2\n",
        encoding="utf-8",
    )
    lines = shown(bf.sweep("many.yaml"))
    assert lines[-1] == "and 5 more points: summary.csv"
    assert [line.split()[0] for line in lines[4:-1]] == [str(point) for point in range(20) for _ in range(2)]


def test_points_that_are_not_begun_are_named(stopped):
    lines = shown(bf.Study(stopped))
    assert lines[-1] == "not begun: points 2 and 3"
    assert {line.split()[0] for line in lines[4:-1]} == {"0", "1"}


def test_a_study_without_a_block_says_so(desk):
    with opened_study("floors.yaml", out="mine"):
        assert shown(bf.Study("mine")) == ["no point is done", "not begun: points 0, 1, 2 and 3"]


def test_a_factor_without_a_say_has_an_empty_cell(desk):
    (desk / "said.yaml").write_text(
        "design: 1\nscenario: three_states.yaml\narms: [baseline]\nseed: 1\nreplications: 1\nfactors:\n"
        "  way: {path: states.XDA.doctrine, values: [headroom, flow]}\n"
        "  share: {path: states.XDA.doctrine.share, values: [10 %], only_when: {way: flow}}\n",
        encoding="utf-8",
    )
    study = bf.sweep("said.yaml")
    assert (study.folder / "summary.csv").read_text("utf-8").splitlines()[1].startswith("0,headroom,,baseline,")
    assert [line.split()[:3] for line in shown(study)[4:6]] == [["0", "headroom", "–"], ["1", "flow", "10"]]


def test_the_next_commands_are_named(desk, capsys):
    assert exit_code(["sweep", "floors.yaml", "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "next: backfill compare results/floors-1 --arms baseline,no_backfill\n" in said
    assert "      backfill show results/floors-1 --drivers units_to_aided\n" in said

"""Pages for every kind of question and for studies, also where something is missing, unfinished or has failed."""

from __future__ import annotations

import csv
import json
import re
import runpy
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

import backfill as bf
from backfill.cli.entry import exit_code
from backfill.plots.files import write_figures
from backfill.report import numbers, report
from backfill.results.store import save
from backfill.studies.study import open_study
from backfill.studies.task import StageFailed

worlds = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("headline_worlds.py"))))
WORLDS = Path(__file__).parent / "worlds"
DESIGN = """\
design: 1
title: Floors and gifts
scenario: three_states.yaml
arms: [baseline, no_backfill]
seed: 7
factors:
  floor: {path: states.XDA.floor, between: 60 % to 90 %}
  gift: {path: events.gift.units, between: 20 to 60}
layout:
  lhs: {factors: [floor, gift], points: POINTS}
replications: 2
"""


class Page(HTMLParser):
    """What a reader and a machine find on a page: words, headings, elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split()).replace("\xa0", " ")

    @property
    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _ in self.tags if re.fullmatch("h[1-6]", tag)]


def is_well_made(page: str) -> bool:
    """Ids are unique and found, headings in order, tables named, nothing comes from elsewhere, nothing runs."""
    found = Page(page)
    ids = [said["id"] for _, said in found.tags if "id" in said]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert found.headings.count(1) == 1
    assert found.headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(found.headings))
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in found.tags}
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|@font-face|https?:", style)
    tables = [tag for tag, _ in found.tags if tag in ("table", "caption")]
    assert tables == ["table", "caption"] * (len(tables) // 2)
    assert all("scope" in said for tag, said in found.tags if tag == "th")
    return True


def stored(results, folder):
    save(results, folder)
    write_figures(results, folder / "figures")
    return folder


# --- runs, by what they are asked ------------------------------------------------------------------------------


def test_a_refill_says_which_stock_is_back_when_and_in_how_many_runs_it_is_not(tmp_path):
    results = worlds.lived(tmp_path, worlds.REFILL, ("160 (90 to 260)", "120 (40 to 220)"))
    page = report(stored(results, tmp_path / "run"))
    assert is_well_made(page)
    text = Page(page).text
    open_in = {row["arm"]: row for row in rows_of(tmp_path / "run", "years_to_refill_arrow: not by the end")}
    never = float(open_in["baseline"]["value"])
    assert 0 < never < 1
    assert f"open in {100 * never:.0f} %" in text
    assert "until the stock of Arrow interceptor is back" in text
    assert "not by the end, share" not in text
    assert page.index('id="figure-years-to-refill"') < page.index('id="arms-compared"')


def test_a_promise_says_its_share_in_per_cent_and_shows_it_first(tmp_path):
    page = report(stored(worlds.kept(tmp_path), tmp_path / "run"))
    assert is_well_made(page)
    row = rows_of(tmp_path / "run", "share_when_due")[0]
    assert f"{100 * float(row['value']):.0f} %" in Page(page).text
    assert page.index('id="figure-promise-kept"') < page.index('id="arms-compared"')


def test_units_stand_before_what_an_arm_adds_and_zero_columns_become_a_line(tmp_path):
    page = report(stored(worlds.units(tmp_path), tmp_path / "run"))
    assert is_well_made(page)
    head = re.search(r"<thead>.*?</thead>", page)[0]
    assert head.index("units to Warland") < head.index("more than the baseline")
    assert "promised and not delivered" not in head
    assert re.search(r"Zero in every arm, in 5–95 % of runs: [^.]*promised and not delivered", Page(page).text)


def test_the_first_sentence_alone_is_bold(tmp_path):
    page = report(stored(worlds.units(tmp_path), tmp_path / "run"))
    bold, rest = re.search(r'<p class="answer"><strong>(.*?)</strong>(.*?)</p>', page).groups()
    assert bold.endswith(".")
    assert "by December 2033" in bold
    assert rest.strip()


def test_what_is_open_is_not_said_to_be_undefined(tmp_path):
    results = worlds.lived(tmp_path, worlds.REFILL, ("160 (90 to 260)", "120 (40 to 220)"))
    summary = numbers.Summary.read(save(results, tmp_path / "run"), results.setting)
    cell = summary.last("baseline", "years_to_refill_arrow")
    assert summary.doubt(cell).startswith(cell.span)
    assert cell.span.startswith("from ")


def rows_of(folder, outcome):
    with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["outcome"] == outcome]


# --- folders in which something is missing -----------------------------------------------------------------------


def test_a_folder_without_figures_has_them_drawn_and_one_without_one_does_without(tmp_path):
    folder = save(worlds.units(tmp_path), tmp_path / "run")
    page = report(folder)
    assert is_well_made(page)
    assert 'id="figure-aid-by-arm"' in page
    assert not (folder / "figures").exists()
    write_figures(worlds.units(tmp_path), folder / "figures")
    (folder / "figures" / "aid_by_arm.svg").unlink()
    page = report(folder)
    assert is_well_made(page)
    assert "figure-aid-by-arm" not in page
    assert "<figure" in page


@pytest.mark.parametrize(("format_", "said"), [(0, "of unknown format 0"), (99, "install a newer backfill")])
def test_another_format_is_refused_in_a_sentence(tmp_path, capsys, format_, said):
    folder = save(worlds.units(tmp_path), tmp_path / "run")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": format_}), encoding="utf-8")
    assert exit_code(["report", str(folder)]) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "report.html").exists()


# --- studies -----------------------------------------------------------------------------------------------------


def swept(place, points, **how):
    """A study of a Latin hypercube over a short world."""
    world = (WORLDS / "three_states.yaml").read_text(encoding="utf-8")
    (place / "three_states.yaml").write_text(world.replace("2034-12", "2031-09"), encoding="utf-8")
    (place / "floors.yaml").write_text(DESIGN.replace("POINTS", str(points)), encoding="utf-8")
    return bf.sweep(place / "floors.yaml", out=place / "study", **how)


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """A study of enough points to say what matters; tests read it and leave it alone."""
    return swept(tmp_path_factory.mktemp("sampled"), 32)


def test_the_page_of_a_study_ranks_its_factors_as_python_does(sampled):
    from backfill.studies.mattering import drivers_of

    found = drivers_of(sampled, "units_to_aided").leading.found[0]
    page = report(sampled.folder)
    assert is_well_made(page)
    text = Page(page).text
    assert f"leans most on “{found.name}”" in text
    assert f"rank correlation {found.value:.2f}".replace("-", "−") in text
    assert 'id="figure-what-matters"' in page
    assert "All 32 points are done." in text
    assert "32 values, " in text


def test_the_ends_over_the_points_are_those_of_the_table(sampled):
    with (sampled.folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["arm"] == "no_backfill"]
    least = min(rows, key=lambda row: float(row["units_mean"]))
    text = Page(report(sampled.folder)).text
    assert f"{float(least['units_mean']):,.0f} point {least['point']}: floor" in text


def test_few_points_carry_no_ranking_and_the_page_says_so(tmp_path):
    study = swept(tmp_path, 3)
    page = report(study.folder)
    assert is_well_made(page)
    assert "3 points are too few to carry it; 30 are the least" in Page(page).text
    assert "figure-what-matters" not in page


def test_a_study_that_was_stopped_tells_what_is_done_and_how_to_go_on(tmp_path):
    class Stopped(Exception):
        pass

    seen = []

    def stop(runs, _total):
        seen.append(runs)
        if len(seen) > 1:
            raise Stopped

    with pytest.raises(Stopped):
        swept(tmp_path, 4, block=2, progress=stop)
    assert not (tmp_path / "study" / "summary.csv").exists()
    page, done = report(tmp_path / "study"), open_study(tmp_path / "study").to_pandas()["point"].nunique()
    assert is_well_made(page)
    assert 0 < done < 4
    text = Page(page).text
    assert f"The study is not complete: {done} of 4 points done." in text
    assert f"backfill sweep {tmp_path / 'study'} --resume" in text


def test_a_study_of_which_nothing_is_done_has_a_page(tmp_path):
    study = swept(tmp_path, 2)
    shutil.rmtree(study.folder / "shards")
    (study.folder / "summary.csv").unlink()
    (study.folder / "journal.jsonl").write_bytes(b"")
    page = report(study.folder)
    assert is_well_made(page)
    assert "No point is done yet. The study is not complete: 0 of 2 points done." in Page(page).text


def test_points_that_failed_are_named_with_their_reason(tmp_path, monkeypatch):
    import backfill.studies.task as tasks

    live = tasks._together

    def together(design, task, plugins):
        if 1 in task.points:
            raise StageFailed("simulating baseline", "RuntimeError: out of <luck>")
        return live(design, task, plugins)

    monkeypatch.setattr(tasks, "_together", together)
    page = report(swept(tmp_path, 3).folder)
    assert is_well_made(page)
    text = Page(page).text
    assert "2 of 3 points done, 1 failed." in text
    assert "simulating baseline RuntimeError: out of <luck>" in text


def test_the_title_of_a_study_stays_words(tmp_path):
    nasty = "<script>alert(1)</script> & $x$"
    (tmp_path / "world.yaml").write_text(
        (WORLDS / "three_states.yaml").read_text(encoding="utf-8").replace("2034-12", "2031-09"), encoding="utf-8"
    )
    design = (
        f"design: 1\ntitle: '{nasty}'\nscenario: world.yaml\narms: [baseline]\nseed: 1\nreplications: 2\n"
        "points: [{a: 60 %}]\nfactors: {a: {path: states.XDA.floor, values: [60 %]}}\n"
    )
    (tmp_path / "d.yaml").write_text(design, encoding="utf-8")
    page = report(bf.sweep(tmp_path / "d.yaml", out=tmp_path / "study").folder)
    assert is_well_made(page)
    assert nasty in Page(page).text


def test_a_refill_that_is_not_done_by_the_end_counts_as_done_at_the_end(tmp_path):
    """Ranks need a value for every run: the horizon of six years stands where a stock is not back."""
    from backfill.studies.mattering import _values

    (tmp_path / "world.yaml").write_text(worlds.REFILL, encoding="utf-8")
    design = (
        "design: 1\ntitle: Rates\nscenario: world.yaml\narms: [baseline]\nseed: 1\nreplications: 3\n"
        "factors: {rate: {path: manufacturers.works.lines.arrow.capacity, values: [60 per year, 400 per year]}}\n"
    )
    (tmp_path / "d.yaml").write_text(design, encoding="utf-8")
    study = bf.sweep(tmp_path / "d.yaml", out=tmp_path / "study")
    values = _values(study, "years_to_refill_arrow", "baseline", study.month(None))["years_to_refill_arrow"]
    assert (values.loc[0] == 6.0).all()
    assert (values.loc[1] < 6.0).all()
    page = report(study.folder)
    assert is_well_made(page)
    assert "The time until the stock of Arrow interceptor is back lies between" in Page(page).text
    assert "not by the end" in Page(page).text

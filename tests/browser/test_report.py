"""The page in a real browser: quiet, alone, readable, printable."""

from __future__ import annotations

import json
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from backfill.plots.files import write_figures
from backfill.report import report
from backfill.results.store import save
from backfill.scenario import load
from backfill.studies.run import simulate
from backfill.studies.sweep import sweep

pytestmark = pytest.mark.browser
NASTY = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"> & co"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The report of a small run whose title and question try to be markup."""
    place = tmp_path_factory.mktemp("browser")
    results = simulate(load("fictional"), ["no_backfill"], runs=6, seed=1)
    folder = save(results, place / "run")
    write_figures(results, folder / "figures")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["scenario"]["resolved"] |= {"title": NASTY, "question": NASTY}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    path = place / "report.html"
    path.write_text(report(folder), encoding="utf-8")
    return path


DESIGN = f"""\
design: 1
title: "{NASTY.replace('"', "'")}"
scenario: fictional
arms: [baseline, no_backfill]
seed: 1
factors:
  floor: {{path: states.XAA.floor, between: 40 % to 70 %}}
layout:
  lhs: {{factors: [floor], points: 32}}
replications: 2
"""


@pytest.fixture(scope="module")
def study_file(tmp_path_factory):
    """The report of a small study, with a figure of what drove it and rows that are folded."""
    place = tmp_path_factory.mktemp("study")
    (place / "floors.yaml").write_text(DESIGN, encoding="utf-8")
    path = place / "report.html"
    path.write_text(report(sweep(place / "floors.yaml", out=place / "study").folder), encoding="utf-8")
    return path


@pytest.fixture(params=["page_file", "study_file"])
def any_file(request):
    """The page of a run, then that of a study."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def opened(browser):
    """Opens the page as a browser shows it, with all that it asked for and complained of."""

    @contextmanager
    def open_(path: Path, width: int = 1280, **options):
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        yield page, asked, said
        page.close()

    return open_


def test_it_asks_for_nothing_and_complains_of_nothing(opened, any_file):
    with opened(any_file) as (_page, asked, said):
        assert asked == [any_file.as_uri()]
        assert said == []


def test_words_of_a_user_do_nothing(opened, page_file):
    with opened(page_file) as (page, _asked, _said):
        assert page.title() == NASTY
        assert page.locator("h1").inner_text() == NASTY
        assert page.locator("script, img").count() == 0


def test_words_of_a_user_do_nothing_in_a_study_either(opened, study_file):
    with opened(study_file) as (page, _asked, _said):
        assert page.locator("h1").inner_text().startswith("<script>")
        assert page.title().startswith("<script>")
        assert page.locator("script, img").count() == 0


def test_ids_are_unique(opened, any_file):
    with opened(any_file) as (page, _asked, _said):
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
        assert len(ids) == len(set(ids)) > 50


def test_headings_are_in_order_and_links_lead_somewhere(opened, any_file):
    with opened(any_file) as (page, _asked, _said):
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(node => Number(node.tagName[1]))")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
        lost = "[...document.querySelectorAll('nav a')].filter(a => !document.querySelector(a.hash)).length"
        assert page.locator("nav a").count() > 5
        assert page.evaluate(lost) == 0


def test_all_of_it_is_there_without_script(opened, any_file):
    with opened(any_file, java_script_enabled=False) as (page, _asked, _said):
        assert page.locator("section h2").count() > 5
        assert page.locator("figure svg").first.is_visible()
        if page.locator("section details:not([open])").count():
            page.locator("section details:not([open]) > summary").first.click()
            assert page.locator("section details[open] table").first.is_visible()


def test_the_name_of_a_figure_is_its_finding(opened, any_file):
    with opened(any_file) as (page, _asked, _said):
        for figure in page.locator("figure svg").all():
            finding = figure.get_attribute("aria-label").partition(". ")[0]
            assert len(finding.split()) > 4
            assert figure.locator("xpath=..").get_attribute("aria-label") == f"Figure: {finding}"


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_bars_a_reader_and_nothing_hangs_out(opened, any_file, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(any_file, width) as (page, _asked, _said):
        found = axe.Axe().run(page).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_it_prints(opened, any_file):
    with opened(any_file) as (page, _asked, _said):
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert printed.startswith(b"%PDF-")
        assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 3

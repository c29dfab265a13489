"""The page in a real browser: quiet, alone, readable, printable."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest

from backfill.plots.files import write_figures
from backfill.report import report
from backfill.results.store import save
from backfill.scenario import load
from backfill.studies.run import simulate

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


@pytest.fixture
def opened(browser):
    """Opens the page as a browser shows it, with all that it asked for and complained of."""

    @contextmanager
    def open_(path: Path, width: int = 1280):
        page = browser.new_page(viewport={"width": width, "height": 900})
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        yield page, asked, said
        page.close()

    return open_


def test_it_asks_for_nothing_and_complains_of_nothing(opened, page_file):
    with opened(page_file) as (_page, asked, said):
        assert asked == [page_file.as_uri()]
        assert said == []


def test_words_of_a_user_do_nothing(opened, page_file):
    with opened(page_file) as (page, _asked, _said):
        assert page.title() == NASTY
        assert page.locator("h1").inner_text() == NASTY
        assert page.locator("script, img").count() == 0


def test_ids_are_unique(opened, page_file):
    with opened(page_file) as (page, _asked, _said):
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
        assert len(ids) == len(set(ids)) > 100


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_bars_a_reader_and_nothing_hangs_out(opened, page_file, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(page_file, width) as (page, _asked, _said):
        found = axe.Axe().run(page).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_it_prints(opened, page_file):
    with opened(page_file) as (page, _asked, _said):
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert printed.startswith(b"%PDF-")
        assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 3

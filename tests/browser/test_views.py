"""The views on law, one run and stored studies, in a browser: what a reader does, sees and may rely on."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
pytest.importorskip("playwright")
pytest.importorskip("starlette")

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import expect  # noqa: E402

import backfill as bf  # noqa: E402

ARMS, RUNS = ("baseline", "no_backfill"), 3
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
WAIT = 20_000
"""Milliseconds that a slow machine may take to live through a run."""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two runs of one world with other seeds; the title of the second is a user's bad idea."""
    home = tmp_path_factory.mktemp("results")
    world = bf.load("fictional")
    for name, seed in (("fictional-1", 5), ("fictional-2", 6)):
        bf.simulate(world, arms=ARMS, runs=RUNS, seed=seed, under=False).save(home / name)
    path = home / "fictional-2" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | {"title": "<script>alert(1)</script> $x$"}), encoding="utf-8")
    (home / "damaged-1").mkdir()
    (home / "damaged-1" / "manifest.json").write_text("{", encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def address(results, listening):
    """Where the server listens."""
    with listening([], results) as (found, _):
        yield f"{found.rstrip('/')}/"


@pytest.fixture
def page(browser):
    """A page of which every complaint is remembered."""
    opened = browser.new_page(viewport=WIDE)
    opened.complaints = []
    opened.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda fault: opened.complaints.append(str(fault)))
    opened.set_default_timeout(WAIT)
    expect.set_options(timeout=WAIT)
    yield opened
    opened.close()


def test_a_rule_question_is_answered_as_python_answers_it(page, address):
    page.goto(f"{address}?view=rules")
    page.get_by_label("What", exact=True).select_option("pac3_mse")
    page.get_by_label("Who sends it").select_option("DEU")
    page.get_by_label("On which day").fill("2024-08-01")
    page.get_by_role("button", name="Ask").click()
    known = bf.explain("DEU", "UKR", item="pac3_mse", on="2024-08-01").as_json()
    expect(page.locator("#answer h1")).to_contain_text(known["sentence"])
    expect(page.get_by_role("link", name="Germany to Ukraine", exact=False)).to_have_attribute("aria-current", "true")
    assert "from=DEU" in page.url
    assert "on=2024-08-01" in page.url
    page.reload()
    expect(page.locator("#answer h1")).to_contain_text(known["sentence"])
    assert page.complaints == []


def test_a_wrong_day_in_the_address_is_told_beside_its_field(page, address):
    page.goto(f"{address}?view=rules&from=JPN&to=UKR&item=pac3_mse&on=2024-02-30")
    expect(page.locator("#ask-on-problem")).to_contain_text("2024-02-30")
    expect(page.get_by_label("On which day")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("On which day").fill("2024-02-29")
    page.keyboard.press("Enter")
    expect(page.locator("#answer h1")).to_contain_text("29 February 2024")
    expect(page.locator("#ask-on-problem")).to_have_count(0)


def test_a_run_is_stepped_through_by_keyboard_and_the_address_follows(page, address, results):
    page.goto(f"{address}?view=step&study=fictional-1&run=2")
    slider = page.get_by_role("slider", name="Month")
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("July"))
    expect(page).to_have_url(re.compile(r"month=\d{4}-07"))
    month = re.search(r"month=(\d{4}-\d{2})", page.url)[1]
    stock = bf.simulate(bf.load("fictional"), arms=ARMS, runs=RUNS, seed=5, under=False).stock
    row = page.locator("#stock tbody tr").first.locator("td").all_inner_texts()
    held = stock.sel(arm="baseline", run=2, month=month).values
    assert float(row[3].replace(",", "")) in held.ravel()
    before = page.locator("#stock table").inner_text()
    page.reload()
    expect(page.locator("#stock table")).to_have_text(re.compile(re.escape(row[3])))
    assert page.locator("#stock table").inner_text() == before
    assert page.complaints == []


def test_what_the_address_asks_of_a_run_in_vain_is_told(page, address):
    page.goto(f"{address}?view=step&study=fictional-1&run=99")
    expect(page.locator("#step-run-problem")).to_contain_text("runs 0 to 2")
    page.goto(f"{address}?view=step&study=fictional-1&month=1066-10")
    expect(page.locator("#step-month-problem")).to_contain_text("1066-10")


def test_a_study_is_opened_and_two_arms_are_compared(page, address):
    page.goto(f"{address}?view=studies")
    expect(page.locator("#stored")).to_contain_text("cut off or damaged")
    page.get_by_role("link", name="fictional-1").click()
    expect(page.locator("#closing-table")).to_contain_text("baseline")
    expect(page.locator("#study-course .plot svg").first).to_be_visible()
    expect(page.locator("#compare-said")).to_contain_text("between baseline and no_backfill")
    page.get_by_label("against this arm").select_option("baseline")
    expect(page.locator("#compare-said")).to_contain_text("No difference")
    page.get_by_label("of", exact=True).select_option("fictional-2")
    expect(page.locator("#compare-with-problem")).to_contain_text("different futures")


def test_a_title_is_text_and_nothing_leaves_the_folder(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}?view=studies&study=fictional-2")
    expect(page.locator("#answer")).to_contain_text("<script>alert(1)</script> $x$")
    page.goto(f"{address}?view=studies&study=..%2F..%2Fetc")
    expect(page.locator("#open-study-problem")).to_contain_text("outside the folder")
    assert all(url.startswith((address, "data:", "blob:")) for url in asked)


def test_two_pages_with_other_states_do_not_disturb_each_other(browser, address):
    one, two = (browser.new_page(viewport=WIDE) for _ in range(2))
    one.goto(f"{address}?view=step&study=fictional-1&run=0&month=2030-03")
    two.goto(f"{address}?view=step&study=fictional-1&run=1&month=2031-05")
    for page, said in ((one, "run 0"), (two, "run 1"), (one, "March 2030"), (two, "May 2031")):
        expect(page.locator("#page")).to_contain_text(said)
    one.reload()
    expect(one.locator("#page")).to_contain_text("March 2030")
    one.close()
    two.close()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(
    ("view", "ready"),
    [
        ("rules", "#matrix table"),
        ("step&study=fictional-1", "#queue"),
        ("studies", "#stored table"),
        ("studies&study=fictional-1", "#differences"),
    ],
)
def test_a_view_is_usable_by_everybody_and_fits(page, address, size, view, ready):
    page.set_viewport_size(size)
    page.goto(f"{address}?view={view}")
    expect(page.locator(ready)).to_be_visible()
    found = Axe().run(page).response["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]) for fault in serious] == []
    assert page.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth")
    assert page.complaints == []


@pytest.mark.parametrize(
    ("view", "button", "name"),
    [
        ("rules", "CSV: who may supply whom", "rules_matrix_2024-01-15.csv"),
        ("step&study=fictional-1", "CSV: Stock", "stock.csv"),
        ("studies&study=fictional-1", "CSV: Differences", "fictional-1_compared.csv"),
    ],
)
def test_every_view_hands_its_numbers_over(page, address, view, button, name):
    page.goto(f"{address}?view={view}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    assert waiting.value.suggested_filename.endswith(name)
    assert len(Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()) > 2

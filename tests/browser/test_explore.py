"""Explore as a reader meets it: in a browser, with a mouse, a keyboard, on a phone."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import backfill as bf
from backfill.results import flows, sentence

pytestmark = pytest.mark.browser
WORLD = Path(__file__).parents[1] / "worlds" / "three_states.yaml"
PATIENCE = 60_000
FLOOR = "states.XDA.floor"
STATE = "/?view=explore&scenario=three_states&arms=no_backfill&runs=60&seed=1"
PLACED = STATE.replace("three_states", "placed")

NAME_OF_FOCUS = """() => {
    const here = document.activeElement;
    return here.getAttribute("aria-label") || here.id || here.innerText;
}"""


def expect(found):
    from playwright.sync_api import expect as wait

    wait.set_options(timeout=PATIENCE)
    return wait(found)


def headline_of(page, runs=60):
    """The sentence on the page, once all runs are in."""
    heading = page.locator(f"h1[data-runs='{runs}']")
    expect(heading).to_be_visible()
    expect(page.locator("#answer")).not_to_have_attribute("aria-busy", "true")
    return heading.inner_text()


def said_by_api(runs=60, **fixed):
    """The same sentence from Python, as far as the page puts it in the heading."""
    scenario = bf.load(WORLD)
    for path, text in fixed.items():
        scenario = scenario.set(path, text)
    results = bf.simulate(scenario, ["no_backfill"], runs=runs, seed=1, under=False)
    return sentence.answer(results.table).split("; ")[0].rstrip(".") + "."


def test_moving_a_slider_gives_what_python_gives(site, open_page):
    page = open_page(site + STATE)
    assert headline_of(page) == said_by_api()
    slider = page.get_by_role("slider", name=re.compile("floor, slider"))
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"floor%3D"))
    fixed = parse_qs(urlsplit(page.url).query)["set"][0]
    path, _, value = fixed.partition("=")
    assert path == FLOOR
    assert float(value) > 80
    expect(page.locator("#answer")).not_to_have_attribute("aria-busy", "true")
    assert headline_of(page) == said_by_api(**{FLOOR: f"{value} %"})


def flows_said_by_api(path, **fixed):
    """What the baseline sends from state to state, largest first, as the page writes it."""
    scenario = bf.load(path)
    for name, text in fixed.items():
        scenario = scenario.set(name, text)
    sent = flows.by_year(bf.simulate(scenario, [], runs=60, seed=1, under=False)).sel(arm="baseline", measure="sent")
    names = {code: state.name for code, state in scenario.setting.states.items()}
    total = sorted(
        zip(map(str, sent["pair"].values), sent.sum("year").values.tolist(), strict=True), key=lambda one: -one[1]
    )
    return [[*(names[code] for code in flows.ends_of(pair)), units] for pair, units in total if units >= 0.5]


def flows_on_page(page):
    """The same from the table below the map."""
    rows = page.locator("#map tbody tr").all()
    found = [row.locator("td").all_text_contents() for row in rows]
    return [[giver, taker, float(units.replace(",", ""))] for giver, taker, units in found]


def test_the_map_follows_a_slider_and_shows_what_python_gives(site, placed, open_page):
    page = open_page(site + PLACED)
    headline_of(page)
    before = flows_on_page(page)
    expect(page.locator("#map .plot path").first).to_be_attached()
    slider = page.get_by_role("slider", name=re.compile("floor, slider"))
    slider.focus()
    for fixed, key in ((None, None), ("60 %", "Home")):
        if key:
            page.keyboard.press(key)
            expect(page.locator("#answer")).to_have_attribute("aria-busy", "true")
            headline_of(page)
        expected = flows_said_by_api(placed, **({"states.CAN.floor": fixed} if fixed else {}))
        shown = flows_on_page(page)
        assert [row[:2] for row in shown] == [row[:2] for row in expected]
        assert [row[2] for row in shown] == pytest.approx([row[2] for row in expected], abs=0.5)  # as it is rounded
    assert flows_on_page(page) != before
    assert page.locator("figure[aria-busy]").count() == 0


def test_a_new_move_cancels_the_one_before(site, open_page):
    page = open_page(site + STATE)
    headline_of(page)
    told = []
    page.on("request", lambda asked: told.append(("asked", floor_in(asked.url))))
    page.on("requestfailed", lambda asked: told.append(("over", floor_in(asked.url))))
    page.get_by_role("slider", name=re.compile("floor, slider")).focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile(r"floor%3D60"))
    assert headline_of(page) == said_by_api(**{FLOOR: "60 %"})
    assert told[:3] == [("asked", "95"), ("over", "95"), ("asked", "60")]


def floor_in(url):
    """The floor that a question holds."""
    return parse_qs(urlsplit(url).query)["set"][0].partition("=")[2]


def test_two_pages_with_different_sliders_do_not_mix(site, open_page):
    low, high = open_page(f"{site}{STATE}&set={FLOOR}%3D62"), open_page(f"{site}{STATE}&set={FLOOR}%3D94")
    assert headline_of(low) == said_by_api(**{FLOOR: "62 %"})
    assert headline_of(high) == said_by_api(**{FLOOR: "94 %"})
    low.reload()
    assert headline_of(low) == said_by_api(**{FLOOR: "62 %"})
    assert "62" in low.url
    assert "94" not in low.url


def test_the_address_is_the_state_after_a_restart(tmp_path, open_page, listening):
    with listening([WORLD], tmp_path) as (address, _):
        page = open_page(f"{address}{STATE}&set={FLOOR}%3D62")
        before = headline_of(page)
    with listening([WORLD], tmp_path, port=int(address.rpartition(":")[2])):
        page.reload()
        assert headline_of(page) == before
        assert page.locator(".held .value").input_value() == "62"


def test_a_value_out_of_range_is_told_and_not_bent(site, open_page):
    page = open_page(f"{site}{STATE}&set={FLOOR}%3D300", calm=False)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("found 300; the scenario's range is 60 % to 95 %")
    assert "300" in page.url
    assert page.locator(".held .value").input_value() == "300"
    assert page.locator(".held .value").get_attribute("aria-invalid") == "true"


@pytest.mark.parametrize("asked", ["scenario=no_such_world", "scenario=three_states&runs=10000000", "view=nothing"])
def test_bad_words_in_the_address_get_a_friendly_message(site, open_page, asked):
    page = open_page(f"{site}/?{asked}", calm=False)
    expect(page.get_by_role("alert").first).to_be_visible()
    assert "Traceback" not in page.inner_text("body")


def test_a_field_typed_and_not_left_counts(site, open_page):
    page = open_page(site + STATE)
    before = headline_of(page)
    field = page.get_by_role("textbox", name=re.compile("floor"))
    field.fill("63")
    page.evaluate("document.querySelector('form').requestSubmit()")  # Run, with the field never left
    expect(page).to_have_url(re.compile(r"floor%3D63"))
    expect(page.locator("#answer")).not_to_have_attribute("aria-busy", "true")
    assert headline_of(page) == said_by_api(**{FLOOR: "63 %"}) != before
    field.fill("64")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"floor%3D64"))


def test_words_of_the_user_stay_words(tmp_path, open_page, listening):
    mine = tmp_path / "mine.yaml"
    bad = '<script>document.title="caught"</script><img src=x onerror=alert(1)> $x^2$'
    text = WORLD.read_text(encoding="utf-8")
    text = text.replace("title: Three states and one missile", f"title: '{bad}'").replace(
        "name: Warland", f"name: '{bad}'"
    )
    mine.write_text(text, encoding="utf-8")
    with listening([mine], tmp_path) as (address, _):
        page = open_page(f"{address}/?scenario=mine&arms=no_backfill&runs=20")
        expect(page.locator("h1[data-runs='20']")).to_contain_text("<script>")
        assert page.title() == "Explore - backfill"
        assert page.locator("main script, main img").count() == 0
        assert "<script>" in page.locator("#course h2").inner_text()


def test_the_whole_path_works_from_the_keyboard(site, open_page):
    page = open_page(site + STATE)
    before = headline_of(page)
    names = []
    while "floor, slider" not in "".join(names[-1:]) and len(names) < 60:
        page.keyboard.press("Tab")
        names.append(page.evaluate(NAME_OF_FOCUS))
    assert "field-scenario" in names
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile(r"floor%3D60"))
    expect(page.locator("#answer")).not_to_have_attribute("aria-busy", "true")
    assert headline_of(page) == said_by_api(**{FLOOR: "60 %"}) != before
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_and_nothing_sticks_out(site, open_page, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = open_page(site + PLACED, width=width, height=844, color_scheme=scheme)
    headline_of(page)
    if width < 720:
        page.locator("#side > summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#tag").inner_text().lower() == "fictional"
    assert page.locator("#tag").is_visible()
    found = axe.Axe().run(page)
    serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []


@pytest.mark.parametrize("kind", ["SVG", "PNG", "CSV"])
def test_every_figure_can_be_taken_away(site, open_page, kind):
    page = open_page(site + PLACED)
    headline_of(page)
    expect(page.locator("#map")).to_be_visible()
    for figure in page.locator("figure").all():
        with page.expect_download() as download:
            figure.get_by_role("button", name=kind).click()
        content = download.value.path().read_bytes()
        start = {"SVG": b"<svg", "PNG": b"\x89PNG", "CSV": b"\xef\xbb\xbf"}[kind]
        assert content.startswith(start)
        assert download.value.suggested_filename.startswith("placed-")

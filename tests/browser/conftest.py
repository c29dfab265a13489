"""A dashboard that listens, and a browser that looks at it."""

import os
import shutil
from pathlib import Path

import pytest

WORLD = Path(__file__).parents[1] / "worlds" / "three_states.yaml"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 60_000
"""Milliseconds: a busy machine may take a while for a first ensemble."""


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on the path; apt-get install chromium, or set CHROMIUM")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="session")
def placed(tmp_path_factory):
    """The world of three states, which lie where real ones do, so that a map can show them."""
    text = WORLD.read_text(encoding="utf-8")
    for invented, real in (("XDA", "CAN"), ("XAL", "JPN"), ("XWA", "POL")):
        text = text.replace(invented, real)
    path = tmp_path_factory.mktemp("worlds") / "placed.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def site(tmp_path_factory, listening, placed):
    """The address of a dashboard that knows the world of three states, invented and placed on the map."""
    with listening([WORLD, placed], tmp_path_factory.mktemp("results")) as (address, _):
        yield address


@pytest.fixture
def open_page(browser):
    """Open an address in a fresh browser. What its console complains about, and whoever else is asked, fails the test.

    calm: False where a test asks for a refusal, which a browser's console calls an error
    """
    opened, complaints = [], []

    def open_(address, *, width=1280, height=900, calm=True, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        home = address.partition("/?")[0]

        def hear(said):
            if calm and said.type in ("error", "warning"):
                complaints.append(said.text)

        def see(asked):
            if not asked.url.startswith((home, "data:", "blob:")):
                complaints.append(asked.url)

        page.on("console", hear)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.on("request", see)
        page.goto(address)
        return page

    yield open_
    for context in opened:
        context.close()
    assert complaints == []

"""The picture of the dashboard in the README: Explore, as it opens, with one number held.

    python experiments/dashboard.py [docs/figures/dashboard.png]

Starts a dashboard of its own and photographs it in headless Chromium, which has to be installed, as has `playwright`.
"""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backfill.dashboard.app import create_app
from backfill.dashboard.serving import bound, server

STATE = "view=explore&scenario=japan_patriot&arms=no_backfill&set=states.USA.inventory.equivalents%3D2000"
SIZE = {"width": 1280, "height": 1180}
PATIENCE = 300_000
COLOURS = 64


def main(target: str = "docs/figures/dashboard.png") -> None:
    """Write the picture."""
    with listening() as address:
        photographed(address, Path(target))
    lighter(Path(target))


@contextmanager
def listening() -> Iterator[str]:
    """The address of a dashboard, until it is no longer needed."""
    listener, app = bound("127.0.0.1", 0), create_app()
    serving = server(app)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        serving.should_exit = True
        thread.join(20)
        app.state.desk.close()


def photographed(address: str, target: Path) -> None:
    """What a reader sees when all runs are in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/?{STATE}")
        settled(page)
        page.reload()  # what is known already comes at once, so that no busy machine stands in the picture
        settled(page)
        page.wait_for_timeout(600)
        page.screenshot(path=target)
        browser.close()


def settled(page: Any) -> None:
    """Wait until all runs are in and drawn."""
    page.locator("h1[data-runs='200']").wait_for()
    page.locator("#answer:not([aria-busy])").wait_for()
    page.locator("#map .plot path").first.wait_for(state="attached")


def lighter(target: Path) -> None:
    """The same picture in few colours: a page of flat colours loses nothing by it."""
    from PIL import Image

    with Image.open(target) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:2])

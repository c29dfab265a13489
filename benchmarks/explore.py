"""How long a page takes to follow a slider: to the first number, to the first fan, until all runs are in.

    python benchmarks/explore.py [scenario] [moves]

Starts a dashboard of its own and opens Explore in headless Chromium, which has to be installed, as has `playwright`.
One number is held and moved, one step at a time; the clock starts with the move and is that of the page. Prints every
move, the medians, and how busy the machine was.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
from typing import Any

NUMBER = "manufacturers.camden.lines.mse.capacity.2027-07"
PATIENCE = 120_000
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")

TIMED = """async ([path, step]) => {
  const slider = document.querySelector(`.number[title="${path}"] input[type=range]`);
  const heading = document.querySelector("#answer h1"), plot = document.querySelector("#course .plot");
  const found = {}, began = performance.now(), since = () => (performance.now() - began) / 1000;
  const seen = new MutationObserver(() => {
    if (heading.dataset.runs === "50") found.number ??= since();
  });
  seen.observe(heading, { attributes: true });
  const drawn = () => { found.fan ??= since(); };
  plot.on("plotly_afterplot", drawn);
  heading.dataset.runs = "";
  slider.value = Number(slider.value) + step * Number(slider.step);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const answer = document.getElementById("answer");
  await new Promise((done) => {
    const over = () => heading.dataset.runs === "200" && !answer.hasAttribute("aria-busy");
    const look = () => (over() ? done() : setTimeout(look, 5));
    setTimeout(look, 50);
  });
  seen.disconnect();
  plot.removeListener("plotly_afterplot", drawn);
  return [found.number, found.fan, since()];
}"""


def main(scenario: str = "japan_patriot", moves: int = 5) -> None:
    """Print seconds for each move of a number of the scenario."""
    server = subprocess.Popen(
        [sys.executable, "-m", "backfill", "dashboard", "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        print(f"{scenario}: seconds to the first number, the first fan (50 runs), all 200 runs; load {load()}")
        found = timed(address_of(server), scenario, moves)
        for one in [*found, [statistics.median(column) for column in zip(*found, strict=True)]]:
            print("  ".join(f"{seconds:5.2f}" for seconds in one))
        print(f"the last line holds the medians; load {load()}")
    finally:
        server.terminate()
        server.wait()


def load() -> str:
    """How many processes wanted a core in the last minute, and how many cores there are."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def address_of(server: subprocess.Popen[str]) -> str:
    """Where it listens, as it says itself."""
    for line in server.stdout or ():
        if found := re.search(r"http://[0-9.]+:[0-9]+", line):
            return found[0]
    raise SystemExit("the dashboard did not start")


def timed(address: str, scenario: str, moves: int) -> list[Any]:
    """Open the page, hold a number once, and then move it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/?view=explore&scenario={scenario}&arms=no_backfill")
        page.locator("h1[data-runs='200']").wait_for()
        page.locator("#answer:not([aria-busy])").wait_for()
        for more in page.locator("details.more > summary").all():
            more.click()
        path = NUMBER if page.locator(f'.number[title="{NUMBER}"]').count() else first_path(page)
        every = [page.evaluate(TIMED, [path, 1]) for _ in range(moves + 1)]
        browser.close()
        return every[1:]


def first_path(page: Any) -> str:
    """The number on which the answer leans most."""
    return str(page.locator(".number").first.get_attribute("title"))


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))

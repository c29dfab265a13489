"""How cost grows with the world: invented worlds of many states and lines, lived in small blocks.

    python benchmarks/big_world.py

Prints milliseconds a run for worlds of growing size, draws them as growth.png beside this file, and prints memory and
time of the largest world; README.md keeps the last.
"""

from __future__ import annotations

import resource
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from time import perf_counter

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.plots import palette
from backfill.plots.house import LABEL, MARGIN, Page, in_house_style
from backfill.records.recorder import Recorder
from backfill.scenario import load, numbers_of
from backfill.scenario.schema import Setting
from backfill.world import World

RUNS = 20
REGION = 25
"""States that hand things on among themselves: how many makes a lot may have does not grow with the world."""
KEPT = ("aid", "backfill", "produced")
PROCEDURE = "{decision: 1 month, contract: 1 month, handover: 2 (1 to 4) months, transit: 15 days}"
CODES = ["X" + "".join(pair) for pair in product(ascii_uppercase, repeat=2)]


@dataclass(frozen=True)
class Size:
    """How large a world is; every state has ten routes, half of them for aid and half for backfill."""

    states: int = 200
    lines: int = 500
    items: int = 20
    months: int = 24

    @property
    def codes(self) -> list[str]:
        """The states."""
        return CODES[: self.states]

    @property
    def components(self) -> int:
        """How many of the items are parts of others: one in five."""
        return self.items // 5

    @property
    def finished(self) -> list[str]:
        """The items that somebody can use."""
        return [f"m{number}" for number in range(self.items - self.components)]


def text_of(size: Size) -> str:
    """The world as a file."""
    years, months = divmod(size.months - 1, 12)
    return "\n".join(
        [
            "scenario: 1",
            "title: A large invented world",
            "label: fictional",
            f"horizon: 2030-01 to {2030 + years}-{months + 1:02d}",
            f"roles: {{donor: {CODES[0]}, backfiller: {CODES[1]}, aided: {CODES[2]}, items: [m0]}}",
            "items:",
            *(
                f"  {item}: {{name: {item}, needs: {{p{_number(item) % size.components}: 1}}}}"
                for item in size.finished
            ),
            *(f"  p{number}: {{name: Part {number}, kind: component}}" for number in range(size.components)),
            "needs:",
            *(f"  of_{item}: {{worth: {{{item}: 1}}}}" for item in size.finished),
            "states:",
            *(_state(size, number) for number in range(size.states)),
            "manufacturers:",
            *(_line(size, number) for number in range(size.lines)),
            "conflicts:",
            *(_war(size, number) for number in range(max(size.states // 20, 1))),
            f"transfers: {{any-to-any: {PROCEDURE}}}",
        ]
    )


def _number(item: str) -> int:
    return int(item[1:])


def _munition(size: Size, item: str) -> str:
    """A munition that takes one part, which several share."""
    return f"  {item}: {{name: {item}, needs: {{p{_number(item) % size.components}: 1}}}}"


def _state(size: Size, number: int) -> str:
    """A state that holds every second item, is aided in five needs and asks for backfill in five others."""
    held = [item for item in size.finished if (_number(item) + number) % 2]
    stocks = ", ".join(f"{item}: {{stock: {200 + 10 * number % 170}, procurement: 24 per year}}" for item in held)
    stances = [_asks(size, number, place) for place in range(10)]
    policy = "doctrine: headroom, requirement: 150, floor: 50 %, will: 60 (40 to 80) %, spread: 0.3, release: 20 %"
    return f"  {size.codes[number]}: {{{policy}, items: {{{stocks}}}, needs: {{{', '.join(stances)}}}}}"


def _asks(size: Size, number: int, place: int) -> str:
    """One need in which a state asks another, a different one for each."""
    need = f"of_{size.finished[(number + place) % len(size.finished)]}"
    first = number - number % REGION
    region = min(REGION, size.states - first)
    other = size.codes[first + (number - first + 1 + 7 * place % (region - 1)) % region]
    if place < 5:
        return f"{need}: {{aid_from: [{other}], cover: 3 months, load: 4, fire_units: {{2030-01: {10 + place}}}}}"
    return f"{need}: {{backfill_from: [{other}], objective: 260}}"


def _line(size: Size, number: int) -> str:
    """Every tenth line makes parts; the others make one of the munitions."""
    part = number % 10 == 0
    item = f"p{number // 10 % size.components}" if part else size.finished[number % len(size.finished)]
    capacity = "3600 per year" if part else "120 (90 to 150) per year"
    lead = "" if part else ", lead_time: 9 (6 to 12) months"
    line = f"{{item: {item}, capacity: {capacity}{lead}}}"
    return f"  maker{number}: {{state: {size.codes[number * 3 % size.states]}, lines: {{a: {line}}}}}"


def _war(size: Size, number: int) -> str:
    """A theatre for every twenty states, in which three of them fight with three munitions."""
    fighting = ", ".join(size.codes[(20 * number + step) % size.states] for step in (0, 3, 5))
    uses = ", ".join(size.finished[(number + step) % len(size.finished)] for step in range(3))
    return (
        f"  war{number}: {{fighting: [{fighting}], uses: [{uses}], attacks: 6 per month, per_target: 2, dispersion: 5}}"
    )


def written(size: Size) -> Setting:
    """The world, read and checked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.yaml"
        path.write_text(text_of(size), encoding="utf-8")
        return load(path).setting


def lived(setting: Setting, runs: int = RUNS) -> Recorder:
    """A block of the world, three outcomes kept."""
    return World(setting, range(runs), 1, numbers_of(setting), keep=KEPT).run()


def seconds(size: Size) -> float:
    """How long a block takes, raising the world included, reading its file not."""
    setting = written(size)
    started = perf_counter()
    lived(setting)
    return perf_counter() - started


SIZES = {
    "states": [Size(states=n, lines=100, items=15) for n in (25, 50, 100, 200)],
    "lines": [Size(states=50, lines=n, items=15) for n in (60, 120, 240, 480)],
    "months": [Size(states=50, lines=100, items=15, months=n) for n in (12, 24, 48, 96)],
}


Costs = dict[str, list[tuple[int, float]]]


def costs() -> Costs:
    """Milliseconds a run of each size, by what grows: states, lines or months."""
    return {
        measure: [(getattr(size, measure), 1000 * seconds(size) / RUNS) for size in sizes]
        for measure, sizes in SIZES.items()
    }


@in_house_style
def drawn(found: Costs) -> Figure:
    """One panel for each measure of size: milliseconds a run, and the straight line through the first and the last."""
    page = Page(height=2.7)
    page.head(
        "Twice the world costs at most about twice the time",
        [f"Milliseconds a run, in blocks of {RUNS}; grey: the straight line through the ends"],
    )
    width = (page.width - 2 * MARGIN - 0.35) / len(found)
    for number, (measure, points) in enumerate(found.items()):
        left = MARGIN + 0.35 + number * width
        axes = page.axes(left=left, top=0.75, right=page.width - left - width + 0.35, bottom=0.62)
        _panel(axes, measure, points)
    page.sign("Invented worlds: ten routes a state, one line in ten makes parts. A shared machine.", "FICTIONAL")
    return page.figure


def _panel(axes: Axes, measure: str, points: list[tuple[int, float]]) -> None:
    sizes, times = zip(*points, strict=True)
    axes.plot((sizes[0], sizes[-1]), (times[0], times[-1]), color=palette.EDGE, linewidth=1)
    axes.plot(sizes, times, color=palette.INK, marker="o", markersize=3.5, linewidth=1.2)
    axes.set_xlim(0, sizes[-1] * 1.08)
    axes.set_ylim(0, times[-1] * 1.15)
    axes.set_xticks(sizes, [str(size) for size in sizes], fontsize=LABEL - 1)
    axes.set_xlabel(measure, fontsize=LABEL)
    axes.tick_params(labelsize=LABEL - 1)


def main() -> None:
    """Print how cost grows with each measure of size and draw it, then print what the largest world takes."""
    found = costs()
    for measure, points in found.items():
        for size, time in points:
            print(f"{size:4d} {measure:7s} {time:8.1f} ms a run")
    drawn(found).savefig(Path(__file__).with_name("growth.png"), dpi=150)
    took = seconds(Size())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"200 states, 500 lines, 20 items, 24 months, a block of {RUNS}: {took:.0f} s, at most {peak:.2f} GB")


if __name__ == "__main__":
    main()

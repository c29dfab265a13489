"""One figure for each of the four studies, into docs/figures/studies, and the numbers that README.md quotes.

    python experiments/figures.py [FOLDER]      # where the studies lie: results, if nothing is said

Each study is made by `backfill sweep experiments/NAME.yaml`, and its newest folder `NAME-N` is read here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from studies_drawn import Bar, Mark, Ring, Surface, bars, lines, on_a_date, surfaces

import backfill as bf
from backfill.plots.files import write_png
from backfill.results.drivers import chance_bound, rank_correlation

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "figures" / "studies"
COVERED = "90 %"
MOST_BARS = 7
WINDOWS = (
    ("gifts", 2022 + 11 / 12, 2023.75),
    ("gifts", 2024 + 4 / 12, 2025 + 1 / 12),
    ("sales", 2025 + 7 / 12, 2027.0),
)
"""When Washington gives, and when it sells, in japan_patriot."""


@dataclass(frozen=True)
class Found:
    """A study and its summary, a row for each point, arm and date."""

    study: bf.Study
    rows: pd.DataFrame

    @property
    def source(self) -> str:
        """What was run, for the foot of a figure."""
        design = self.study.design
        runs = design.replications.most
        points = len(design.points)
        said = f"{points} points, {runs:,} paired runs each" if points > 1 else f"{runs:,} paired runs"
        return f"experiments/{design.name}.yaml: {said}, seed {design.seed}"

    @property
    def tag(self) -> str:
        """Whether its world is invented."""
        return str(self.study.design.scenario.label).upper()

    def of(self, arm: str, by: str) -> pd.DataFrame:
        """The rows of an arm at a date, point by point."""
        rows = self.rows[(self.rows["arm"] == arm) & (self.rows["by"] == by)]
        return rows.sort_values("point").reset_index(drop=True)


def newest(folder: Path, name: str) -> Found:
    """The latest study of a design in a folder, and its summary."""
    numbers = [
        (int(found[1]), path) for path in folder.iterdir() if (found := re.fullmatch(name + r"-(\d+)", path.name))
    ]
    if not numbers:
        raise SystemExit(f"no study {name}-N in {folder}; make one: backfill sweep experiments/{name}.yaml")
    study = bf.Study(max(numbers)[1])
    return Found(study, pd.read_csv(study.folder / "summary.csv"))


def percent(written: pd.Series) -> list[float]:
    """The numbers of a column such as `25 %`."""
    return [float(text.split()[0]) for text in written]


def ring(row: pd.Series) -> Ring:
    """Pass-through with its interval."""
    return Ring(row["pass_through"], row["pass_through_low_90"], row["pass_through_high_90"])


def pass_through(found: Found) -> object:
    """Two maps over floor and anticipation, one for each way of deciding that looks at them."""
    rows = found.of("baseline", "2030-12")
    ways = {"flow": "gifts by headroom, sales by flow", "headroom": "headroom in both channels"}
    maps = []
    for sale, title in ways.items():
        chosen = rows[(rows["gift"] == "headroom") & (rows["sale"] == sale)]
        maps.append(
            Surface(title, percent(chosen["floor"]), percent(chosen["anticipation"]), list(chosen["pass_through"]))
        )
        least, most = chosen.loc[chosen["pass_through"].idxmin()], chosen.loc[chosen["pass_through"].idxmax()]
        tell(title, {f"least, floor {least['floor']}, {least['anticipation']}": ring(least),
                     f"most, floor {most['floor']}, {most['anticipation']}": ring(most)})  # fmt: skip
    flow = ring(rows[rows["gift"] == "flow"].iloc[0])
    tell("flow in both channels", {"everywhere": flow})
    highest = maps[1].values.index(max(maps[1].values))
    high = [row for row, floor in enumerate(maps[1].across) if floor == max(maps[1].across)]
    without, counted = (end(maps[1].values[row] for row in high) for end in (min, max))
    return surfaces(
        f"Headroom passes on most near a floor of {maps[1].across[highest]:g} %, up to {max(maps[1].values):.2f}; at "
        f"{max(maps[1].across):g} % {without:.2f}, or {counted:.2f} if promises count",
        [
            f"Extra units to Ukraine by December 2030 per Japanese one. Flow in both channels: {flow.value:.2f}",
            "Across: US floor, % of requirement. Up: how far promises count. Frame: the scenario's centre",
        ],
        maps,
        centre=(25, 50),
        source=found.source,
        tag=found.tag,
    )


def rule_timing(found: Found) -> object:
    """Pass-through by the day on which the rounds are handed over; the regimes do not differ."""
    rows = found.of("baseline", "2026-12")
    apart = rows.groupby(["opens", "handover"])["pass_through"].agg(lambda known: known.max() - known.min()).max()
    print(f"regimes differ by {apart:.3f} at most")
    barred = rows[(rows["bar"] != "never")]
    kinds = []
    for handover, months, name in (("15.6 months", 22.8, "after 23 months"), ("4 months", 6.0, "after 6 months")):
        chosen = barred[(barred["handover"] == handover) & barred["pass_through"].notna()]
        marks = [Mark(year_of(row["opens"]) + months / 12, ring(row)) for _, row in chosen.iterrows()]
        tell(name, {str(row["opens"]): ring(row) for _, row in chosen.iterrows()})
        kinds.append((name, marks))
    everything = [mark.ring.value for _, marks in kinds for mark in marks]
    return on_a_date(
        f"The date of hand-over decides how much passes on by December 2026: {min(everything):.2f} to "
        f"{max(everything):.2f} of each round",
        [
            f"Extra units to Ukraine per unit, by date of hand-over, 6 or 23 months after the law; bars: {COVERED}",
            f"Washed: when Washington gives or sells. Onward transfer barred; freed, it moves {apart:.2f} at most",
        ],
        kinds,
        windows=WINDOWS,
        source=found.source,
        tag=found.tag,
    )  # fmt: skip


def year_of(date: str) -> float:
    """A date as a number of years."""
    year, month, day = (int(part) for part in str(date).split("-"))
    return year + (month - 1 + (day - 1) / 31) / 12


def seekers(found: Found) -> object:
    """Pass-through of what is built and of what is sent from stock, by the number of seekers."""
    kinds = []
    for arm, name in (("from_stock", "sent from stock"), ("baseline", "built under licence")):
        rows = found.of(arm, "2036-12")
        tell(name, {row["seekers"]: ring(row) for _, row in rows.iterrows()})
        kinds.append(
            (
                name,
                [
                    Mark(where, ring(row))
                    for where, (_, row) in zip(percent(rows["seekers"]), rows.iterrows(), strict=True)
                ],
            )
        )
    return lines(
        "While seekers bind, rounds from stock pass on whole and rounds built under licence not at all",
        [
            "Extra arrows to Warland by December 2036 per arrow that Allia hands over",
            f"Across: seekers a month. {COVERED} intervals are narrower than the marks. Lines: what is needed",
        ],
        kinds,
        guides=[(20, "Donora's line"), (25, "both lines")],
        source=found.source,
        tag=found.tag,
    )


def all_ranges(found: Found) -> object:
    """Which numbers carry the spread of the aid, and of what passes on."""
    outcomes = found.study.table("outcomes").to_pandas().astype({"outcome": str, "by": str, "arm": str})
    draws = found.study.table("draws").to_pandas().astype({"number": str})
    numbers = draws.pivot_table(index="run", columns="number", values="value").sort_index()
    numbers = numbers.loc[:, numbers.max() > numbers.min()]
    chosen = outcomes[(outcomes["arm"] == "baseline") & (outcomes["by"] == "2030-12")]
    panels = []
    for outcome, title in (("units_to_aided", "Rounds that reach Ukraine"), ("aid_gained", "What the backfill adds")):
        values = chosen[chosen["outcome"] == outcome].set_index("run")["value"].sort_index().to_numpy(float)
        ranked = strongest(numbers, values)
        tell(title, {bar.name: bar.ring for bar in ranked})
        panels.append((title, ranked))
    bound = chance_bound(len(numbers), numbers.shape[1])
    print(f"{numbers.shape[1]} numbers, chance bound {bound:.3f}")
    (_, aid), (_, added) = panels
    return bars(
        f"{aid[0].name} goes with the aid ({aid[0].ring.value:.2f}); none goes far with what backfill adds "
        f"({max(abs(bar.ring.value) for bar in added):.2f} at most)",
        [
            f"Rank correlation with outcomes by December 2030, {numbers.shape[1]} numbers; {COVERED} intervals",
            f"Washed: what the strongest of so many unrelated numbers would reach by chance ({bound:.2f})",
        ],
        panels,
        bound=bound,
        source=found.source,
        tag=found.tag,
    )


def strongest(numbers: pd.DataFrame, values: object) -> list[Bar]:
    """The numbers whose ranks go with an outcome most, each once where several share a draw, with an interval."""
    import numpy as np

    known = np.asarray(values, float)
    found = {name: rank_correlation(numbers[name].to_numpy(float), known) for name in numbers}
    named: list[Bar] = []
    seen: set[float] = set()
    error = 1.645 / np.sqrt(len(known) - 3)
    for name in sorted(found, key=lambda name: (-abs(found[name]), name)):
        if round(found[name], 9) in seen or len(named) == MOST_BARS:
            continue
        seen.add(round(found[name], 9))
        low, high = (float(np.tanh(np.arctanh(found[name]) + side * error)) for side in (-1, 1))
        named.append(Bar(said(name), Ring(found[name], low, high)))
    return named


NAMES = {
    "states.USA.floor": "US floor",
    "states.USA.will": "US will",
    "states.USA.release": "US release",
    "states.USA.anticipation": "US anticipation",
    "states.USA.look_ahead": "US look-ahead",
    "states.USA.inventory.equivalents": "US stock and need",
    "states.USA.flow_share": "Share of sales",
    "states.USA.inventory.parts.pac3_mse": "MSE in the US stock",
    "states.DEU.inventory.per_fire_unit": "Rounds per fire unit",
    "states.USA.persistence": "How long US will lasts",
    "states.USA.spread": "Spread of US will",
    "states.UKR.cover": "Ukraine's cover",
    "conflicts.ukraine.attacks.after": "Attacks after 2025",
    "manufacturers.camden.lines.mse.orders.ukraine.scale": "Ukraine's queue share",
    "manufacturers.camden.lines.mse.lead_time": "Lead time of lines",
    "manufacturers.comlog.lines.gemt.orders.germany_for_ukraine.units": "GEM-T paid by Germany",
    "manufacturers.boeing.lines.seeker.slack": "Slack of seekers",
    "events.purl.part": "MSE part of allies' money",
    "events.purl.amount.2026": "Allies' money from 2026",
    "events.jp_backfill.delivers": "Japanese rounds",
    "events.jp_backfill.units": "Japan's promise",
    "events.comlog_opens.becomes": "Schrobenhausen's output",
    "events.comlog_opens.by": "Schrobenhausen's date",
    "needs.air_defence.worth.pac3": "Worth of a PAC-3",
    "events.us_objective.weight": "US stock and objective",
}


def said(path: str) -> str:
    """A number's name on a figure."""
    return NAMES.get(path, path)


def tell(title: str, rings: dict[str, Ring]) -> None:
    """Print values with their intervals."""
    for name, known in rings.items():
        print(f"{title}; {name}: {known.value:.2f} ({known.low:.2f} to {known.high:.2f})")


DRAWN = {"pass_through": pass_through, "rule_timing": rule_timing, "seekers": seekers, "all_ranges": all_ranges}


def main(words: Sequence[str]) -> None:
    """Draw those that are named, or all."""
    folder = Path(words[0]) if words else ROOT / "results"
    OUT.mkdir(parents=True, exist_ok=True)
    for name in words[1:] or DRAWN:
        write_png(DRAWN[name](newest(folder, name)), OUT / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])

"""What forecasts of the past with this model were worth, from the stored scorecard of the packaged worlds."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence

from backfill.report.html import Html, element, grid, joined
from backfill.scenario.shelf import HINDCASTS, packaged
from backfill.words import UNDEFINED, count, long_month, number, signed

SCORECARD = "scorecard.csv"
COMMAND = "backfill validate --runs 200 --seed 1"
AGAINST = {"last": "the last value", "trend": "a straight line", "plan": "the plan"}


def rows() -> list[dict[str, str]]:
    """The scorecard as `backfill validate` wrote it."""
    with (packaged() / HINDCASTS / SCORECARD).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def history(scenario: str, label: str) -> Html:
    """The scorecard, and whether any of it is about this world."""
    known = rows()
    own = [row for row in known if row["scenario"] == scenario]
    shown = own or known
    return joined(
        [
            element("p", _about(known, own, label)),
            _table(shown, own=bool(own)),
            element("p", _bands(shown)),
            element("p", _skills(shown)),
            element("p", "Stored with the program and not run again for this page. It repeats with ", _again(), "."),
        ]
    )


def _about(known: Sequence[dict[str, str]], own: Sequence[dict[str, str]], label: str) -> str:
    worlds = len({row["scenario"] for row in known})
    if own:
        return "This world is a forecast of the past; this is how it was scored."
    if label == "fictional":
        return (
            "This world is invented, so that no score of its own exists. The same model has made "
            f"{count(len(known), 'forecast')} of the past in {count(worlds, 'frozen world')}; they say what its "
            "mechanisms are worth where something is known."
        )
    return (
        "No forecast of the past tests this world itself. The same model, in "
        f"{count(worlds, 'world')} frozen on a day in the past, has made {count(len(known), 'forecast')}:"
    )


def _table(shown: Sequence[dict[str, str]], *, own: bool) -> Html:
    head = ["forecast", "frozen", "bias", *(f"skill against {words}" for words in AGAINST.values()), "inside 90 %"]
    cells = [
        [
            f"{row['title']}, {row['unit']}",
            long_month(row["frozen"][:7]),
            _short(float(row["bias"])),
            *(_skill(row[f"skill_{name}"]) for name in AGAINST),
            f"{row['inside_90']} of {row['points']}",
        ]
        for row in shown
    ]
    return grid("Scores of this world" if own else "Scores of all packaged forecasts of the past", head, cells)


def _skill(value: str) -> str:
    return signed(float(value), 2) if value else UNDEFINED


def _short(value: float) -> str:
    return signed(value, 1 if abs(value) < 100 else 0)


def _bands(shown: Sequence[dict[str, str]]) -> str:
    points = sum(int(row["points"]) for row in shown)
    inside = sum(int(row["inside_90"]) for row in shown)
    verdict = "The bands are too narrow: read them as a lower limit." if inside < 0.8 * points else ""
    return (
        f"Of {count(points, 'observation')}, {inside} lie in the 90 % band ({number(0.9 * points)} expected). {verdict}"
    )


def _skills(shown: Sequence[dict[str, str]]) -> str:
    said = []
    for name, words in AGAINST.items():
        known = [float(row[f"skill_{name}"]) for row in shown if row[f"skill_{name}"]]
        if known:
            said.append(f"better than {words} in {sum(value > 0 for value in known)} of {len(known)}")
    return (
        f"Skill is 0 where a forecast is no better than what anybody could have said, 1 if perfect: {', '.join(said)}."
    )


def _again() -> Html:
    digest = hashlib.sha256((packaged() / HINDCASTS / SCORECARD).read_bytes()).hexdigest()[:12]
    return joined([element("code", COMMAND), f" (sha256 {digest}…)"])

"""The page itself: what a stored folder holds, in the order in which a reader asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from html import unescape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.report import grounds, numbers, score
from backfill.report.drawing import figures_of
from backfill.report.html import Html, element, grid, joined
from backfill.report.pictures import figure
from backfill.report.prose import Section, inline, sections
from backfill.results.headline import kind_of
from backfill.results.store import read_manifest, stored_scenario
from backfill.words import count

if TYPE_CHECKING:
    from backfill.scenario import Scenario

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
OPENING = {
    "refill": ("years_to_refill", "stock_against_floor"),
    "promise": ("promise_kept", "promise_ledger", "aid_by_arm"),
    "units": ("aid_by_arm", "stock_against_floor"),
    "pass_through": ("aid_by_arm", "doctrines", "stock_against_floor"),
}
"""Which figure stands under the answer, by what is asked: the first of these that was drawn."""
_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\u201c])")
ARMS, RULES = "Arms compared", "Rules that decided"
BELOW = {
    "rules_timeline": RULES,
    "doctrines": "How the donor decides",
    "why_not_more": "Why not more?",
    "which_limit_bound": "Why not more?",
    "aid_spread_by_arm": ARMS,
    "queue_displacement": "Who waits for whom",
}
"""Figures that belong to a section; whatever else was drawn stands together."""
LIMITS = "What this run cannot tell"


def report(folder: Path | str, *, plugins: Sequence[str] = ()) -> str:
    """A stored run or study as one HTML page that needs nothing else.

    plugins: the modules of a user with which it was made
    Raises UnreadableManifest, UnreadableSummary, UnreadableFigure, OtherPlugins; TableDamaged where figures are drawn.
    """
    place = Path(folder)
    manifest = read_manifest(place)
    if manifest.get("kind") == "study":
        from backfill.report.study import study_page

        with figures_of(place, plugins, without=("drivers",)) as drawn:
            return study_page(place, plugins, drawn)
    with figures_of(place, plugins) as drawn:
        return _Run(place, manifest, stored_scenario(place, plugins=plugins), drawn).page


def whole(title: str, body: Html) -> str:
    """A complete document around a body, in the look of the house."""
    here = resources.files("backfill.report")
    style = "\n".join(here.joinpath(name).read_text(encoding="utf-8") for name in ("tokens.css", "report.css"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", title),
        element("style", Html(style)),
    )
    page = element("html", head, element("body", element("main", body)), lang="en", data_theme="light")
    return f"<!DOCTYPE html>\n{page}\n"


def section(heading: str, *inside: str) -> Html:
    """A part of a page under its heading; nothing if there is nothing in it."""
    if not any(inside):
        return Html()
    return element("section", element("h2", heading), *inside, id=anchor(heading))


def anchor(heading: str) -> str:
    """The name by which a part of a page is reached."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in heading.lower()).split())


def contents(parts: Sequence[Html]) -> Html:
    """Links to the parts of a page."""
    heads = [unescape(part.partition("<h2>")[2].partition("</h2>")[0]) for part in parts]
    links = [element("li", element("a", head, href=f"#{anchor(head)}")) for head in heads]
    return element("nav", element("ul", *links), aria_label="In this report")


def run_line(manifest: Mapping[str, Any], *facts: str) -> Html:
    """The honesty tag and what was run, on one line."""
    label = str(manifest["label"])
    tag = element("span", label, class_=f"tag {label}")
    return element("p", tag, element("span", " · ".join([str(manifest["scenario"]["name"]), *facts])), class_="run")


def provenance(manifest: Mapping[str, Any], *, command: str) -> Html:
    """The exact command, the hashes of what went in and came out, and the versions."""
    versions = [[element("code", name), str(said)] for name, said in manifest.get("versions", {}).items()]
    tables = [[element("code", name), element("code", str(said))] for name, said in manifest.get("tables", {}).items()]
    return joined(
        [
            element("pre", command),
            element("p", "Identity of scenario, arms, runs and seed (sha256): ", element("code", manifest["identity"])),
            grid("Tables, with the sha256 of each", ["table", "sha256"], tables, numbers=False) if tables else "",
            grid("Made with", ["library", "version"], versions, numbers=False) if versions else "",
        ]
    )


class _Run:
    """A stored run, and what its page says of it."""

    def __init__(
        self, folder: Path, manifest: Mapping[str, Any], scenario: Scenario, drawn: Mapping[str, Path]
    ) -> None:
        self.folder, self.manifest, self.scenario = folder, manifest, scenario
        self.summary = numbers.Summary.read(folder, scenario.setting)
        self.written = {part.heading: part for part in self._sections()}
        self.drawn = drawn

    def _sections(self) -> list[Section]:
        path = self.folder / "summary.md"
        try:
            return sections(path.read_text(encoding="utf-8"))
        except OSError as missing:
            raise numbers.UnreadableSummary(f"{path} is missing; run it again") from missing

    @cached_property
    def page(self) -> str:
        parts = [part for part in self._parts() if part]
        return whole(self.scenario.title, joined([self._top(), contents(parts), *parts]))

    def _top(self) -> Html:
        first = [self._figure(self._opening)] if self._opening else []
        if not self.drawn:
            first = [element("p", "There is nothing in this run that could be drawn.", class_="soft")]
        return element(
            "header",
            run_line(self.manifest, *self._facts()),
            element("h1", self.scenario.question or self.scenario.title),
            element("p", self._answer(), class_="answer"),
            numbers.three(self.summary),
            *first,
        )

    def _facts(self) -> Iterator[str]:
        since, until = self.scenario.setting.horizon
        runs = self.manifest["runs"]
        yield f"{count(runs, 'paired run')}" if runs > 1 else "one run"
        yield f"seed {self.manifest['seed']}"
        yield f"{since // 12} to {until // 12}"
        yield "every number at its central value" if self.manifest["central"] else "every range drawn"

    def _answer(self) -> Html:
        """The finding, its first sentence bold; what else moves it; and what it leans on."""
        top = next(iter(self.written.values()), Section("", ()))
        said = " ".join(next((block for block in top.blocks if block.startswith("**")), "").replace("**", "").split())
        drives = self.written.get("What drives it", Section("", ("",))).blocks[:1]
        first, *others = _END_OF_SENTENCE.split(said, maxsplit=1)
        return joined([element("strong", inline(first)), *map(inline, (*others, *drives))], " ")

    def _figure(self, name: str) -> Html:
        return figure(self.drawn[name], f"figure-{name.replace('_', '-')}")

    @cached_property
    def _opening(self) -> str:
        asked = OPENING.get(kind_of(self.scenario.setting), ())
        return next((name for name in asked if name in self.drawn), "")

    def _parts(self) -> Iterator[Html]:
        yield section(ARMS, numbers.arms(self.summary), *self._pictures(ARMS), self._notes())
        yield self._written("How the donor decides")
        yield section("In pictures", *(self._figure(name) for name in self.drawn if self._is_loose(name)))
        yield self._written("Why not more?")
        yield self._written("What else follows")
        yield self._written("What drives it", "What drove it")
        yield self._written("Who waits for whom")
        yield section(RULES, *self._pictures(RULES), *grounds.decided(self.scenario))
        own = self._told("Held against history")
        yield section(
            "Held against the past",
            joined([element("h3", "Its own past"), own]) if own else "",
            joined([element("h3", "Forecasts of the past")]) if own else "",
            score.history(self.scenario.name, self.scenario.label),
        )
        end = element("a", "at the end", href="#the-register")
        below = element("p", "Every number, assumption and source stands ", end, ".")
        yield section("What it rests on", grounds.grades(self.scenario), below)
        yield section("What this cannot tell you", self._told(LIMITS))
        yield section("Do it again", provenance(self.manifest, command=str(self.manifest.get("command", ""))))
        yield section("The register", grounds.register(self.scenario))

    def _is_loose(self, name: str) -> bool:
        """Whether a figure stands neither under the answer nor in a section of the summary."""
        return name != self._opening and BELOW.get(name) not in {*self.written, ARMS, RULES}

    def _written(self, heading: str, shown: str = "") -> Html:
        """A section of the summary with its figures."""
        told = self._told(heading)
        return section(shown or heading, *self._pictures(heading), told) if told else Html()

    def _pictures(self, heading: str) -> list[Html]:
        """The figures that belong to a section, apart from the one at the top."""
        names = [name for name, place in BELOW.items() if place == heading and name in self.drawn]
        return [self._figure(name) for name in names if name != self._opening]

    def _told(self, heading: str) -> Html:
        part = self.written.get(heading)
        return Html() if part is None else part.as_html()

    def _notes(self) -> Html:
        """What the closing table remarks on arms and runs."""
        top = next(iter(self.written.values()), Section("", ()))
        fenced = next((block for block in top.blocks if block.startswith("```")), "")
        notes = [" ".join(part.split()).rstrip("` ") for part in fenced.split("\nNote: ")[1:]]
        return element("ul", *(element("li", note) for note in notes)) if notes else Html()

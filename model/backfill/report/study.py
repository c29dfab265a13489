"""A stored study as a page: what was varied, over which points, what came of it, and what drove it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from backfill.report import drove, grounds, points, score
from backfill.report.html import Html, element, joined
from backfill.report.page import contents, provenance, run_line, section, whole
from backfill.report.pictures import figure
from backfill.studies.study import Study
from backfill.words import count

LIMITS = (
    "Points differ in what the design varies and share the rest: differences between them are sharper than levels.",
    "A study says what follows from its assumptions over the chosen points. It does not say how likely a point is.",
    "Intervals say how well this many runs know a mean, not how far single futures lie apart.",
    "What drove a result is told by order, point by point or run by run: it says what matters, not what causes what.",
)
DRIVERS = "drivers_"
"""Stored figures whose names begin with it are drawn anew for the page."""


def study_page(folder: Path, plugins: Sequence[str] = (), drawn: Mapping[str, Path] | None = None) -> str:
    """The page of a study, from its folder alone. Raises UnreadableManifest, OtherPlugins, ShardDamaged.

    drawn: its figures by their names
    """
    return _Page(Study(folder, plugins), drawn or {}).whole


class _Page:
    """A study, and what its page says of it."""

    def __init__(self, study: Study, drawn: Mapping[str, Path]) -> None:
        self.drawn = drawn
        self.study, self.design = study, study.design.raw
        self.setting = study.design.scenario.setting
        self.measures = points.measures(self.setting, self.rows)
        self.drivers = drove.what_drove(study) if self.rows else []

    @cached_property
    def rows(self) -> list[points.Row]:
        """What came of each point and arm by the last date, as summary.csv says it, also while it is not yet there."""
        from backfill.studies.summing import csv_of

        return points.last_rows(points.rows_of(csv_of(self.study.folder, self.study.design, self.study.entries)))

    @property
    def whole(self) -> str:
        parts = [part for part in self._parts() if part]
        return whole(self.study.title, joined([self._top(), *self._pictures(), contents(parts), *parts]))

    def _top(self) -> Html:
        world = self.study.design.scenario
        asked = " ".join(filter(None, [f"{world.title}.", world.question]))
        return element(
            "header",
            run_line(self.study.manifest, *self._facts()),
            element("h1", self.study.title),
            element("p", *self._lead(), class_="answer"),
            element("p", f"The world: {asked}", class_="soft"),
        )

    def _parts(self) -> Iterator[Html]:
        world, manifest = self.study.design.scenario, self.study.manifest
        yield section("What was varied", points.factors(self.design))
        yield section("What came of it", *self._results())
        yield section("What drove it", drove.section_of(self.study, self.drivers))
        yield section("Points that failed", points.failed(self.study.failures, self.design["points"]))
        yield section("Rules that decided", *grounds.decided(world))
        yield section("Held against the past", score.history(world.name, world.label))
        yield section("What it rests on", grounds.grades(world))
        yield section("What this cannot tell you", element("ul", *(element("li", line) for line in LIMITS)))
        yield section("Do it again", provenance(manifest, command=str(manifest.get("command", ""))))
        yield section("The register", grounds.register(world))

    def _facts(self) -> Iterator[str]:
        yield count(len(self.study.points), "point")
        yield count(len(self.study.arms), "arm")
        yield f"{count(self.study.runs_done, 'run')} of each arm"
        yield f"seed {self.study.seed}"

    def _lead(self) -> Iterator[Html]:
        """How far the headline moves, what it leans on, and how much of the study is there."""
        first = self.measures[0] if self.measures else None
        told = points.lead(self.rows, first, self.study.arms[0]) if first else "No point is done yet."
        yield element("strong", told)
        yield joined([f" {part}" for part in (drove.first_sentence(self.study, self.drivers), self._state()) if part])

    def _state(self) -> str:
        """How many points are done and how many failed; how to go on where some are missing."""
        done, failed = len({row["point"] for row in self.rows}), len({one.point for one in self.study.failures})
        wrong = f", {failed:,} failed" if failed else ""
        points_in_all = count(len(self.study.points), "point")
        all_done = done == len(self.study.points)
        said = f"All {points_in_all} are done" if all_done and done > 1 else f"{done:,} of {points_in_all} done{wrong}"
        if self.study.is_complete:
            return f"{said}."
        again = shlex.join(["backfill", "sweep", str(self.study.folder), "--resume"])
        return f"The study is not complete: {said}. It goes on with: {again}"

    def _results(self) -> list[Html]:
        if not self.measures:
            return [element("p", "Nothing is stored yet.")]
        several = len({row["point"] for row in self.rows}) > 1
        over = points.over_points(self.rows, self.measures, self.design) if several else Html()
        return [over, points.table(self.rows, self.measures, self.design)]

    def _pictures(self) -> list[Html]:
        return [figure(path, f"figure-{name}") for name, path in self.drawn.items() if not name.startswith(DRIVERS)]

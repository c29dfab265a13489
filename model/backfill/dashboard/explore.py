"""Moving the numbers of a world: a paired ensemble is run again and its answer follows."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backfill.dashboard.answers import NO_STORE, as_json, required, said
from backfill.dashboard.series import answer_of, courses_of, figures_of
from backfill.dashboard.sliders import in_order, sliders_of
from backfill.dashboard.wishes import FIRST_RUNS, MOST_ARMS, MOST_RUNS, SEED, USUAL_RUNS, Wish, wish_of
from backfill.errors import BackfillError
from backfill.results.closing import baseline_units, headline
from backfill.results.drivers import drawn, rank_correlation
from backfill.studies.exploring import PICTURED, Explorer
from backfill.studies.run import twins_of
from backfill.studies.warm import Wanted
from backfill.words import one_line

if TYPE_CHECKING:
    from backfill.dashboard.shelf import Worlds
    from backfill.results import Results
    from backfill.scenario import Scenario

WATCH = 0.02
"""Seconds after which it is noticed that the page has moved on."""
FIRST_WORLD = "japan_patriot"

Found = TypeVar("Found")


@dataclass
class Desk:
    """What answers the moves of all pages: warm processes, threads that wait for them, what drives each world."""

    worlds: Worlds
    _driving: dict[int, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _screening: dict[int, threading.Lock] = field(default_factory=dict)

    @cached_property
    def explorer(self) -> Explorer:
        """Started when it is first needed."""
        return Explorer()

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        """They wait; the work is done in the processes."""
        return ThreadPoolExecutor(8, thread_name_prefix="explore")

    def warm_up(self) -> None:
        """Start the processes and open the first world before anybody asks."""
        _ = self.explorer
        self.worlds.listed()
        self.driving(self.worlds.open(FIRST_WORLD), FIRST_WORLD)

    def close(self) -> None:
        """Let processes and threads go, if there are any."""
        if "explorer" in self.__dict__:
            self.explorer.crew.close()
        if "threads" in self.__dict__:
            self.threads.shutdown(wait=False)

    def explore(self, wish: Wish, runs: list[range], wanted: Wanted) -> Results:
        """What the page wishes to know, from so many runs; from all of them with what else is drawn. Raises Stopped.

        Holding a number in every arm leaves those arms alike that were alike, so twins are known from the file.
        """
        also = PICTURED if runs[-1].stop == wish.runs else ()
        twins = twins_of(wish.written, ["baseline", *wish.arms], None)
        return self.explorer.explore(
            wish.scenario, wish.arms, runs, wish.seed, which=wish.which, wanted=wanted, also=also, twins=twins
        )

    def driving(self, scenario: Scenario, name: str) -> list[str]:
        """Paths of the uncertain numbers of a scenario as it is written, those on which the answer leans most first."""
        with self._lock:
            lock = self._screening.setdefault(id(scenario), threading.Lock())
        with lock:
            if id(scenario) not in self._driving:
                self._driving[id(scenario)] = self._screened(scenario, name)
        return self._driving[id(scenario)]

    def _screened(self, scenario: Scenario, name: str) -> list[str]:
        helpings = [range(FIRST_RUNS), range(FIRST_RUNS, USUAL_RUNS)]
        which = f"{name} {id(scenario)} ()"
        results = self.explorer.explore(scenario, (), helpings, SEED, which=which, wanted=Wanted(), also=PICTURED)
        outcomes = [headline(results)[0], baseline_units(results)]
        columns = {path: values for path, values in drawn(results).items() if np.ptp(values) > 0}
        moving = [outcome for outcome in outcomes if np.ptp(outcome) > 0]
        strength = {
            path: max((rank_correlation(one, two) ** 2 for two in moving), default=0.0) for path, one in columns.items()
        }
        return sorted(strength, key=lambda path: (-strength[path], path))


def _world(request: Request) -> Response:
    """What can be chosen and moved in a world: arms, and numbers with those that drive the answer first."""
    name = required(request, "scenario")
    desk: Desk = request.app.state.desk
    scenario = desk.worlds.open(name)
    driving = desk.driving(scenario, name)
    setting = scenario.setting
    arms = [
        {"name": arm, "title": one_line(setting.arms[arm].title) if arm in setting.arms else ""}
        for arm in scenario.arm_names
    ]
    return said(
        {
            "name": name,
            "title": one_line(scenario.title),
            "question": one_line(scenario.question),
            "label": scenario.label,
            "arms": arms,
            "numbers": [slider.as_data() for slider in in_order(sliders_of(scenario), driving)],
            "usual_runs": USUAL_RUNS,
            "most_runs": MOST_RUNS,
            "most_arms": MOST_ARMS,
            "seed": SEED,
        }
    )


async def _answer(request: Request) -> Response:
    """The answer of a few runs and its figures, then those of all: one JSON document on each line."""
    desk: Desk = request.app.state.desk
    wish = await asyncio.get_running_loop().run_in_executor(desk.threads, wish_of, request)
    return StreamingResponse(_told(desk, wish, request), 200, NO_STORE, "application/x-ndjson")


async def _told(desk: Desk, wish: Wish, request: Request) -> AsyncIterator[str]:
    """Line by line, the number first and the figures after it, until it is all said or the page has gone."""
    wanted = Wanted()
    try:
        for helping in wish.helpings:
            results = await _watched(desk, partial(desk.explore, wish, helping, wanted), wanted, request)
            last = results.runs == wish.runs
            answer = await _watched(desk, partial(answer_of, results), wanted, request)
            yield as_json({"stage": "answer", "last": last, **answer}) + "\n"
            drawn = figures_of if last else courses_of
            figures = await _watched(desk, partial(drawn, results), wanted, request)
            yield as_json({"stage": "figures", "last": last, **figures}) + "\n"
    except BackfillError as fault:
        if not wanted.stopped:
            yield as_json({"error": str(fault)}) + "\n"
    finally:
        wanted.stop()


async def _watched(desk: Desk, work: Callable[[], Found], wanted: Wanted, request: Request) -> Found:
    """Work in a thread, and have it stopped when the page has gone."""
    future = asyncio.get_running_loop().run_in_executor(desk.threads, work)
    future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left who asks for it
    while not future.done():
        await asyncio.wait({future}, timeout=WATCH)
        if not future.done() and await request.is_disconnected():
            wanted.stop()
    return await future


routes = [Route("/api/explore/world", _world), Route("/api/explore/answer", _answer)]

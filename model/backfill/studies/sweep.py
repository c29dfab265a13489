"""A sweep: every point of a design, as often as it asks for, whatever happens in between."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.errors import BackfillError
from backfill.studies.borrowed import refuse_out_of_reach
from backfill.studies.executors import Crew, crew, is_lost
from backfill.studies.folders import opened_study
from backfill.studies.journal import Entry, Failure
from backfill.studies.rows import rows_of
from backfill.studies.shards import Done, do_block
from backfill.studies.store import StudyFolder
from backfill.studies.task import OUTCOMES, Task, split

if TYPE_CHECKING:
    from backfill.studies.design import Design
    from backfill.studies.study import Study

MOST_DEATHS = 3
"""Workers that may die at a block before it is given up."""
AHEAD = 2
"""Blocks that are given out for each worker: one at work, one waiting, so that memory stays the same however many
there are."""

Progress = Callable[[int, int], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Forecast:
    """What a sweep will take, told from its first block. Seconds; bytes."""

    seconds: float
    memory: int
    disk: int


Ask = Callable[[Forecast], None]


class Gone(BackfillError):
    """Whoever was to do the work is not there any more; what is done is kept."""


@dataclass(frozen=True)
class Sweep:
    """A study being worked through.

    progress: called with the runs done and the runs to do, arms included
    ask: called with a forecast before most of the work; raises if it is too much
    """

    study: StudyFolder
    crew: Crew
    progress: Progress
    ask: Ask

    @property
    def _design(self) -> Design:
        return self.study.design

    def work_off(self, *, failed: bool = False) -> None:
        """Work out all that is missing; with `failed`, also what failed before."""
        for start, stop in self._rounds():
            points = self._going_on(start)
            tasks = split(self._design, points, start, stop - start, block=self.study.block) if points else []
            missing = [task for task in tasks if not self._is_done(task, again=failed)]
            self._work_round(missing, start)

    def _rounds(self) -> Iterator[tuple[int, int]]:
        """The replications before each look: those of a point that is precise already are not lived through."""
        wanted = self._design.replications
        stops = wanted.looks if wanted.stop_when is not None else (wanted.most,)
        return zip((0, *stops), stops, strict=False)

    def _going_on(self, runs: int) -> list[int]:
        """The points whose first runs have not failed and do not suffice, judged by what is stored of each alone."""
        everyone = [point.number for point in self._design.points]
        if runs == 0:
            return everyone
        stuck = {failure.point for entry in self.study.entries for failure in entry.failed if entry.first < runs}
        return [point for point in everyone if point not in stuck and not self._suffices(point, runs)]

    def _suffices(self, point: int, runs: int) -> bool:
        from backfill.studies.designs.precision import is_precise

        lived = sum(entry.runs for entry in self.study.entries if point in entry.points and entry.first < runs)
        if lived < runs:  # it stopped at an earlier look
            return True
        found = rows_of(self.study.folder, self.study.entries, OUTCOMES, point, runs)
        return is_precise(self._design.replications.stop_when, found)

    def _is_done(self, task: Task, *, again: bool) -> bool:
        """Whether a block is in the journal, as one or point by point."""
        points: set[int] = set()
        for entry in self.study.entries:
            if entry.first == task.first and set(entry.points) <= set(task.points):
                points |= set(entry.points)
                if again and entry.failed:
                    return False
        return points == set(task.points)

    def _work_round(self, missing: Sequence[Task], start: int) -> None:
        """Give out blocks, take in what comes back; the first one alone where it tells what the others will take."""
        arms = len(self._design.arms)
        waiting = deque(missing)
        total = arms * (_runs(missing) + _runs(self.study.entries))
        self.progress(total - arms * _runs(waiting), total)
        if start == 0 and len(waiting) > self.crew.size:
            pilots = [done for done in self._worked([waiting.popleft()]) if done.files]
            if pilots:
                self.ask(self._forecast(pilots[0], waiting))
        for _ in self._worked(waiting):
            self.progress(arms * _runs(self.study.entries), max(total, 1))

    def _forecast(self, pilot: Done, waiting: Sequence[Task]) -> Forecast:
        rest = _runs(waiting) / _runs([pilot.task])
        seconds = pilot.seconds * rest / self.crew.size
        return Forecast(seconds, pilot.memory * self.crew.size, round(pilot.size * (1 + rest)))

    def _worked(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """Work tasks off, a few at a time; every block that is done is kept, also when this is stopped."""
        waiting = deque(tasks)
        given: dict[Future[Done], Task] = {}
        deaths: Counter[Task] = Counter()
        try:
            while waiting or given:
                while waiting and len(given) < (AHEAD * self.crew.size if self.crew.elsewhere else 1):
                    task = waiting.popleft()
                    given[self._given_out(task)] = task
                for future in wait(given, return_when=FIRST_COMPLETED).done:
                    yield from self._taken_in(future, given.pop(future), waiting, deaths)
        except BaseException:
            self._keep_finished(given)
            raise

    def _given_out(self, task: Task) -> Future[Done]:
        own = None if self.crew.elsewhere else self._design
        return self.crew.executor.submit(do_block, str(self.study.folder.resolve()), task, self.study.plugins, own)

    def _taken_in(
        self, future: Future[Done], task: Task, waiting: deque[Task], deaths: Counter[Task]
    ) -> Iterator[Done]:
        """Keep a block; one whose worker has died is tried again, then point by point, then given up."""
        try:
            done = future.result()
        except BaseException as error:
            if not is_lost(error):
                raise
            deaths[task] += 1
            if deaths[task] < MOST_DEATHS:
                waiting.appendleft(task)
                return
            if len(task.points) > 1:
                waiting.extendleft(replace(task, points=(point,)) for point in reversed(task.points))
                return
            said = f"the worker died {MOST_DEATHS} times; too little memory is the usual reason"
            done = Done(task, {}, (Failure(task.points[0], "working", said),), 0.0, 0, 0)
        self.study.accept(done)
        yield done

    def _keep_finished(self, given: dict[Future[Done], Task]) -> None:
        """On the way out: what is done already is kept, if there is room for it."""
        for future in given:
            if future.done() and not future.cancelled() and future.exception() is None:
                with suppress(OSError):
                    self.study.accept(future.result())


def _runs(blocks: Sequence[Task] | Sequence[Entry] | deque[Task]) -> int:
    """Runs of one arm over all points of some blocks."""
    return sum(len(block.points) * block.runs for block in blocks)


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def _unasked(_forecast: Forecast) -> None:
    """Whatever it takes."""


def sweep(
    design: Design | Path | str,
    *,
    out: Path | str | None = None,
    workers: int = 1,
    dask: str | None = None,
    resume: bool = False,
    failed: bool = False,
    plugins: Sequence[str] = (),
    progress: Progress = _silent,
    ask: Ask = _unasked,
    block: int | None = None,
) -> Study:
    """Live through every point of a design, stored block by block; whatever stops it, what is done is kept.

    design:  a design, its file, or the folder of a study that is to be gone on with
    out:     a new folder; None takes the next free `results/NAME-N`
    workers: processes; they need no main guard, and know the modules that `plugins` names
    dask:    the address of a scheduler, in place of processes of our own
    resume:  go on with the study in `out`, or in the folder that `design` names; only what is missing is worked out
    block:   runs of each arm that are worked out at once, for a new study; None: by how many there are, and how large
    failed:  try the points again that failed before
    Raises StoreLocked, OtherStudy, FolderTaken and what reading a design raises.
    """
    from backfill.studies.study import Study

    with opened_study(design, out=out, resume=resume or failed, plugins=plugins, block=block) as study:
        work_through(study, workers=workers, dask=dask, failed=failed, progress=progress, ask=ask)
    return Study(study.folder)


def work_through(
    study: StudyFolder,
    *,
    workers: int = 1,
    dask: str | None = None,
    failed: bool = False,
    progress: Progress = _silent,
    ask: Ask = _unasked,
) -> None:
    """Work out all that an open study lacks, and sum it up."""
    from backfill.studies.summing import write_summary

    if workers < 1:
        raise BackfillError(f"found workers={workers}; expected a whole number from 1 on")
    if workers > 1 or dask is not None:
        refuse_out_of_reach(study.design, study.plugins)
    try:
        with crew(workers, dask) as hands:
            Sweep(study, hands, progress, ask).work_off(failed=failed)
    finally:
        study.drop_unfinished()
    write_summary(study.folder, study.design, study.entries)

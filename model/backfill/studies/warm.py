"""Processes that stay ready between questions, and drop a block as soon as nobody wants its answer any more."""

from __future__ import annotations

import gc
import os
import pickle
import queue
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from backfill.errors import BackfillError
from backfill.studies.block import Block, Lived, live
from backfill.studies.workers import WorkerLost, receive, send, worker_process

STOP = "stop"
WATCH = 0.01
"""Seconds after which a process is told that nobody wants its block any more."""
LIFE = "from backfill.studies.warm import serve; serve()"
"""What a process is started with. As a main module, its faults would bear names that nobody else can read."""


class Stopped(BackfillError):
    """Nobody waits for this any more."""


@dataclass(frozen=True)
class Wanted:
    """Somebody who waits for blocks, until `stop` is called."""

    _gone: threading.Event = field(default_factory=threading.Event)
    _told: list[Any] = field(default_factory=list)

    def stop(self) -> None:
        """Want nothing more."""
        self._gone.set()
        for done in list(self._told):
            done.put((-1, Stopped("stopped")))

    @property
    def stopped(self) -> bool:
        """Whether nobody waits any more."""
        return self._gone.is_set()

    def waits_at(self, done: Any) -> None:
        """Tell this queue when it is over."""
        self._told.append(done)
        if self.stopped:
            done.put((-1, Stopped("stopped")))


@dataclass(frozen=True)
class _Task:
    """A block for whoever is free, and where its outcome goes."""

    block: Block
    number: int
    wanted: Wanted
    done: queue.SimpleQueue[tuple[int, Lived | BaseException]]


class WarmCrew:
    """Some processes that have imported all they need and wait for blocks."""

    def __init__(self, size: int = 2) -> None:
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._hands = [_Hand() for _ in range(size)]
        for hand in self._hands:
            threading.Thread(target=hand.serve, args=(self._tasks,), daemon=True).start()

    def work_off(self, blocks: Iterable[Block], wanted: Wanted) -> Iterator[tuple[int, Lived]]:
        """Simulate blocks, the first while the next are made; each comes with its number when done. Raises Stopped."""
        done: queue.SimpleQueue[tuple[int, Lived | BaseException]] = queue.SimpleQueue()
        wanted.waits_at(done)
        many = 0
        for block in blocks:
            self._tasks.put(_Task(block, many, wanted, done))
            many += 1
        for _ in range(many):
            number, outcome = done.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield number, outcome

    def close(self) -> None:
        """Let all processes go."""
        for _ in self._hands:
            self._tasks.put(None)
        for hand in self._hands:
            hand.end()


class _Hand:
    """One process, and the thread that hands it one block after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._serial = 0
        self._process = worker_process("-c", LIFE)

    def serve(self, tasks: queue.SimpleQueue[_Task | None]) -> None:
        """Work off tasks until there is a None."""
        while (task := tasks.get()) is not None:
            outcome: Lived | BaseException = Stopped("stopped")
            if not task.wanted.stopped:
                outcome = self._outcome(task)
            task.done.put((task.number, outcome))

    def _outcome(self, task: _Task) -> Lived | BaseException:
        self._serial += 1
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(self._serial, task.wanted, over), daemon=True)
        try:
            self._say((self._serial, task.block))
            watch.start()
            found: Lived | BaseException | None = receive(self._process.stdout)
        except (OSError, ValueError, EOFError, pickle.UnpicklingError):
            found = None
        finally:
            over.set()
        if found is None:
            self.end()
            self._process = worker_process("-c", LIFE)
            return WorkerLost("a worker process was killed while simulating")
        return found

    def _watch(self, serial: int, wanted: Wanted, over: threading.Event) -> None:
        """Tell the process when nobody wants its block any more."""
        while not over.wait(WATCH):
            if wanted.stopped:
                with suppress(OSError, ValueError):
                    self._say((serial, STOP))
                return

    def _say(self, message: object) -> None:
        with self._lock:
            send(self._process.stdin, message)

    def end(self) -> None:
        """Kill the process and close what led to it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def serve() -> None:
    """Simulate blocks until the pipe ends, and drop one that is no longer wanted: the life of a warm worker.

    It tidies its memory when a block has been handed over and nobody waits: looking for what can be let go takes a
    tenth of a block's time.
    """
    import backfill.world  # noqa: F401 - imported ahead of the first block

    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    blocks: queue.SimpleQueue[tuple[int, Block]] = queue.SimpleQueue()
    dropped: set[int] = set()
    threading.Thread(target=_listen, args=(source, blocks, dropped), daemon=True).start()
    gc.freeze()
    gc.disable()
    while True:
        serial, block = blocks.get()
        send(target, _lived(block, serial, dropped))
        gc.collect()


def _lived(block: Block, serial: int, dropped: set[int]) -> Lived | BaseException:
    def still_wanted() -> None:
        if serial in dropped:
            raise Stopped("stopped")

    try:
        return live(block, still_wanted)
    except BackfillError as fault:
        return fault


def _listen(source: Any, blocks: queue.SimpleQueue[tuple[int, Block]], dropped: set[int]) -> None:
    """Take messages while a block is simulated; the end of the pipe is the end of the process."""
    while (message := receive(source)) is not None:
        serial, content = message
        if content == STOP:
            dropped.add(serial)
        else:
            blocks.put((serial, content))
    os._exit(0)

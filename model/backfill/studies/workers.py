"""Processes that simulate blocks: started as a module of this package, gone when whoever started them is gone.

No main guard is needed around a call, no script is imported again, and nothing waits for a lock: a worker reads its
jobs from a pipe, and the end of the pipe is the end of the worker.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, Self

from backfill.errors import BackfillError
from backfill.registry import NotRegistered, PluginFault
from backfill.studies.block import Block, Lived, live

HEADER = 8
"""Bytes that say how long the next message is."""


class WorkerLost(BackfillError):
    """A worker process ended before its block was done."""


def simulate_blocks(blocks: Sequence[Block], workers: int) -> Iterator[tuple[int, Lived]]:
    """Simulate blocks, here or in several processes; each comes with its number, in the order in which they end."""
    if workers <= 1 or len(blocks) <= 1:
        for number, block in enumerate(blocks):
            yield number, live(block)
        return
    with _Crew(min(workers, len(blocks))) as crew:
        yield from crew.work_off(blocks)


class _Crew:
    """Some workers, each with a thread that hands it one block after the other."""

    def __init__(self, size: int) -> None:
        command = [sys.executable, "-m", "backfill.studies.workers"]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | _ONE_THREAD
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "start_new_session": True}
        self._processes = [
            subprocess.Popen(command, env=environment, **pipes)  # noqa: S603 - this package, with this interpreter
            for _ in range(size)
        ]
        self._waiting: queue.SimpleQueue[tuple[int, Block]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, Lived | BaseException]] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what it was still to be told, nobody hears any more
                        pipe.close()

    def work_off(self, blocks: Sequence[Block]) -> Iterator[tuple[int, Lived]]:
        for numbered in enumerate(blocks):
            self._waiting.put(numbered)
        for process in self._processes:
            threading.Thread(target=self._serve, args=(process,), daemon=True).start()
        for _ in blocks:
            number, outcome = self._done.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield number, outcome

    def _serve(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            try:
                number, block = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                _send(process.stdin, block)
                outcome = _receive(process.stdout)
            except (OSError, ValueError, EOFError, pickle.UnpicklingError) as lost:
                outcome = lost
            lost_worker = WorkerLost("a worker process was killed while simulating")
            self._done.put((number, lost_worker if outcome is None else outcome))


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _send(pipe: IO[bytes] | None, message: object) -> None:
    if pipe is None:
        raise ValueError("no pipe")
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(data).to_bytes(HEADER, "big"))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> Lived | BaseException | None:
    """The next message; None at the end of the pipe."""
    if pipe is None:
        raise ValueError("no pipe")
    header = pipe.read(HEADER)
    if len(header) < HEADER:
        return None
    received: Lived | BaseException = pickle.loads(pipe.read(int.from_bytes(header, "big")))  # noqa: S301 - our own child
    return received


_HINT = "a worker process knows what is installed and what is named: --plugin MODULE, or plugins=[...] in Python"


def serve() -> None:
    """Simulate one block after the other until the pipe ends: the life of a worker."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    while (block := _receive(source)) is not None:
        try:
            outcome: Lived | BaseException = live(block)  # type: ignore[arg-type]
        except NotRegistered as unknown:
            outcome = PluginFault(f"{unknown}\n{_HINT}")
        except BackfillError as error:
            outcome = error
        _send(target, outcome)


if __name__ == "__main__":
    serve()

"""Processes that work: started as a module of this package, gone when whoever started them is gone.

No main guard is needed around a call, no script is imported again, and nothing waits for a lock: a worker reads its
jobs from a pipe, and the end of the pipe is the end of the worker, whatever it is doing.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, as_completed
from contextlib import suppress
from itertools import chain, islice
from typing import IO, Any

from backfill.errors import BackfillError
from backfill.registry import NotRegistered, PluginFault
from backfill.studies.block import Block, Lived, live

HEADER = 8
"""Bytes that say how long the next message is."""
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_HINT = "a worker process knows what is installed and what is named: --plugin MODULE, or plugins=[...] in Python"


class WorkerLost(BackfillError):
    """A worker process ended before its work was done."""


def simulate_blocks(blocks: Iterable[Block], workers: int) -> Iterator[tuple[int, Lived]]:
    """Simulate blocks, here or in several processes; each comes with its number, in the order in which they end.

    Workers begin with the first of them while the others are still being made.
    """
    waiting = iter(blocks)
    first = list(islice(waiting, 2))
    if workers <= 1 or len(first) < 2:
        for number, block in enumerate([*first, *waiting]):
            yield number, live(block)
        return
    with Processes(workers) as crew:
        numbers = {crew.submit(live, block): number for number, block in enumerate(chain(first, waiting))}
        for future in as_completed(numbers):
            yield numbers[future], future.result()


class Processes(Executor):
    """Worker processes of our own: one that is lost takes only its work with it, and another takes its place.

    Leaving the `with` ends them at once; what was still to be done is dropped.
    """

    def __init__(self, size: int) -> None:
        self._waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._lock, self._closed = threading.Lock(), False
        self._processes: set[subprocess.Popen[bytes]] = set()
        for _ in range(size):
            threading.Thread(target=self._serve, args=(self._hire(),), daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a function called in a worker; it has to be one that a module holds."""
        future: Future[Any] = Future()
        self._waiting.put((future, (fn, args, kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """End all workers, in the midst of work or not."""
        with self._lock:
            self._closed = True
            ending = list(self._processes)
        for process in ending:
            process.kill()
        for process in ending:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what it was still to be told, nobody hears any more
                        pipe.close()

    def _hire(self) -> subprocess.Popen[bytes]:
        """Start a worker in a session of its own, so that Ctrl-C reaches only whoever leads the work."""
        with self._lock:
            if self._closed:
                raise WorkerLost("the work is over")
            process = worker_process("-m", "backfill.studies.workers")
            self._processes.add(process)
        return process

    def _serve(self, process: subprocess.Popen[bytes]) -> None:
        """Hand one job after the other to a worker, and to the next one if it is lost."""
        while not self._closed:
            future, job = self._waiting.get()
            if not future.set_running_or_notify_cancel():
                continue
            outcome = _asked(process, job)
            if outcome is not None:
                _settle(future, *outcome)
                continue
            try:
                with self._lock:
                    self._processes.discard(process)
                process.kill()
                process.wait()
                process = self._hire()
            except (BackfillError, OSError):
                return
            finally:
                future.set_exception(WorkerLost("a worker process was killed at its work"))


_Job = tuple["Future[Any]", tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]


def _settle(future: Future[Any], outcome: Any, error: BaseException | None) -> None:
    if error is None:
        future.set_result(outcome)
    else:
        future.set_exception(error)


def _asked(process: subprocess.Popen[bytes], job: object) -> tuple[Any, BaseException | None] | None:
    """What a worker answers: an outcome or an error; None if it is gone."""
    try:
        send(process.stdin, job)
        answer: tuple[Any, BaseException | None] | None = receive(process.stdout)
    except (OSError, ValueError, EOFError, pickle.UnpicklingError):
        return None
    return answer


def worker_process(*words: str) -> subprocess.Popen[bytes]:
    """This interpreter at a part of this package, one thread for its arithmetic, and a pipe to it and from it."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | _ONE_THREAD
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "start_new_session": True}
    return subprocess.Popen([sys.executable, *words], env=environment, **pipes)  # noqa: S603 - our own package


def send(pipe: IO[bytes] | None, message: object) -> None:
    """Put one message into a pipe."""
    if pipe is None:
        raise ValueError("no pipe")
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(data).to_bytes(HEADER, "big"))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes] | None) -> Any:
    """The next message; None at the end of the pipe."""
    if pipe is None:
        raise ValueError("no pipe")
    header = pipe.read(HEADER)
    if len(header) < HEADER:
        return None
    return pickle.loads(pipe.read(int.from_bytes(header, "big")))  # noqa: S301 - our own child, our own parent


def serve() -> None:
    """Do one job after the other until the pipe ends: the life of a worker."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, jobs), daemon=True).start()
    while True:
        with suppress(BrokenPipeError):
            send(target, _done(jobs.get()))


def _listen(source: IO[bytes], jobs: queue.SimpleQueue[Any]) -> None:
    """Take in jobs; when whoever gives them is gone, so is this process, in the midst of a block."""
    try:
        while (job := receive(source)) is not None:
            jobs.put(job)
    finally:
        os._exit(0)


def _done(job: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> tuple[Any, BaseException | None]:
    """The outcome of a job, or the error that it ended with."""
    work, args, kwargs = job
    try:
        return work(*args, **kwargs), None
    except NotRegistered as unknown:
        return None, PluginFault(f"{unknown}\n{_HINT}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told where the work was given out
        return None, _sendable(error)


def _sendable(error: Exception) -> Exception:
    """The error itself where a pipe can carry it, else one that says the same."""
    try:
        same = str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own object
    except Exception:  # noqa: BLE001 - any class may refuse in its own way
        same = False
    if same:
        return error
    named = isinstance(error, BackfillError)
    return BackfillError(str(error) if named else f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    serve()

"""Who does the work of a sweep: this process, processes of our own, or the workers of a Dask cluster."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backfill.errors import BackfillError, MissingExtra
from backfill.studies.workers import Processes, WorkerLost

PATIENCE = 30.0
"""Seconds to wait for a scheduler to answer, and for its first worker."""


class NoCluster(BackfillError):
    """A Dask scheduler that does not answer, or that has no workers."""


@dataclass(frozen=True)
class Crew:
    """An executor, how many of it work side by side, and whether that is in processes other than this one.

    count: asked again and again, since a cluster grows and shrinks
    """

    executor: Executor
    count: Callable[[], int]
    elsewhere: bool

    @property
    def size(self) -> int:
        """How many work side by side now; one at least is waited for."""
        return max(self.count(), 1)


class Here(Executor):
    """Does everything at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function; its outcome, or its error, is there on return."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - told to whoever asks for the result
            future.set_exception(error)
        return future


@contextmanager
def crew(workers: int = 1, dask: str | None = None) -> Iterator[Crew]:
    """Whoever is to do the work; gone at the end, in the midst of it or not.

    dask: the address of a scheduler, such as `tcp://127.0.0.1:8786`
    Raises NoCluster, MissingExtra.
    """
    if dask is not None:
        with _cluster(dask) as found:
            yield found
    elif workers > 1:
        with Processes(workers) as processes:
            yield Crew(processes, lambda: workers, elsewhere=True)
    else:
        yield Crew(Here(), lambda: 1, elsewhere=False)


@contextmanager
def _cluster(address: str) -> Iterator[Crew]:
    try:
        from distributed import Client
    except ImportError as missing:
        raise MissingExtra("--dask needs the extra `dask`: pip install 'backfill[dask]'") from missing
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as silent:
        raise NoCluster(f"no Dask scheduler answers at {address}; start one: dask scheduler") from silent
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as alone:
            raise NoCluster(
                f"the Dask scheduler at {address} has no workers; start some: dask worker {address}"
            ) from alone
        yield Crew(client.get_executor(pure=False), lambda: sum(client.ncores().values()), elsewhere=True)


def is_lost(error: BaseException) -> bool:
    """Whether an error means that a worker died at its work, rather than that the work went wrong."""
    distributed = sys.modules.get("distributed")
    killed = () if distributed is None else (distributed.KilledWorker,)
    return isinstance(error, (WorkerLost, BrokenExecutor, *killed))

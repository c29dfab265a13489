"""A bar for whoever waits longer than two seconds at a terminal; nobody else sees it."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from backfill.cli.streams import at_terminal

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0  # seconds that a person waits without asking how long it takes


class Meter:
    """Shows how much is done and how long the rest takes. Call it with (done, total); it cleans up behind itself."""

    def __init__(self, *, quiet: bool = False, of: str = "runs") -> None:
        self._of = of
        self._wanted = not quiet and at_terminal(sys.stderr)
        self._bar: Progress | None = None
        self.total = 0
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        self.total = total
        if self._bar is None and self._wanted and self._expected(done, total) > PATIENCE:
            self._bar = _open_bar(total, self._of)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._started

    def _expected(self, done: int, total: int) -> float:
        return self.seconds * total / max(done, 1)


def _open_bar(total: int, of: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (MofNCompleteColumn(" of "), TextColumn(of), BarColumn(), TimeRemainingColumn(), TextColumn("left"))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task("", total=total)
    bar.start()
    return bar

"""The worlds that the page may open: those that come with the package, and the files named on the command line."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from backfill.dashboard.answers import Refused
from backfill.reading.words import nearest
from backfill.scenario import Scenario, load
from backfill.scenario.shelf import heads, names


@dataclass
class Worlds:
    """Worlds by name, each read once and again when its file has changed. A page can name no path.

    files: files of the user, by the name under which the page knows them
    _outdated: worlds whose files have changed since; kept, so that what is remembered of them by their identity in
    memory is never taken for that of another
    """

    files: dict[str, Path] = field(default_factory=dict)
    _read: dict[str, tuple[int, Scenario]] = field(default_factory=dict)
    _outdated: list[Scenario] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, files: Sequence[Path]) -> Worlds:
        """The packaged worlds and some files, which are read at once. Raises ScenarioProblems, UnknownName."""
        worlds = cls()
        for path in files:
            name = f"{path.stem}-file" if path.stem in names() else path.stem
            worlds.files[name] = path
            worlds.open(name)
        return worlds

    def listed(self) -> list[dict[str, str]]:
        """Name, title, label and question of each, the user's own first."""
        own = [self._line(name) for name in self.files]
        return own + self._packaged

    @cached_property
    def _packaged(self) -> list[dict[str, str]]:
        return [asdict(head) for head in heads()]

    def _line(self, name: str) -> dict[str, str]:
        world = self.open(name)
        return {"name": name, "title": world.title, "label": world.label, "question": world.question}

    def open(self, name: str) -> Scenario:
        """A world by its name. Raises Refused for a name that is not on the list, ScenarioProblems."""
        path = self.files.get(name)
        if path is None and name not in names():
            near = nearest(name, [*self.files, *names()])
            raise Refused(f"There is no scenario {name!r}." + (f" Did you mean {near}?" if near else ""), 404)
        changed = path.stat().st_mtime_ns if path is not None else 0
        with self._lock:
            when, world = self._read.get(name, (None, None))
            if world is None or when != changed:
                if world is not None:
                    self._outdated.append(world)
                world = load(path or name)
                self._read[name] = (changed, world)
            return world

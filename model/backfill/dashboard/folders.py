"""The folder of results that the page may read: what lies in it, and nothing that lies elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backfill.dashboard.answers import Refused
from backfill.errors import BackfillError
from backfill.reading.words import nearest
from backfill.results.store import MANIFEST, read_manifest
from backfill.studies.store import study_manifest

MOST_LISTED = 200
LARGEST_MANIFEST = 32 * 2**20
"""Bytes; that of a large scenario has about one hundredth."""
LARGEST_TABLE = 256 * 2**20
LONGEST_NAME = 200


@dataclass(frozen=True)
class Stored:
    """A run or a study in the folder of results, its manifest read and found whole."""

    name: str
    folder: Path
    manifest: dict[str, Any]

    @property
    def is_study(self) -> bool:
        """Whether it has many points; a run has one."""
        return self.manifest.get("kind") == "study"

    @property
    def arms(self) -> list[str]:
        """The arms that were lived through, the baseline first."""
        return list(self.manifest["arms"])

    @property
    def arm_titles(self) -> dict[str, str]:
        """What the scenario calls each arm; its own words."""
        said = self.manifest["scenario"]["resolved"].get("arms") or {}
        titles = {name: entry.get("title") for name, entry in said.items() if isinstance(entry, dict)}
        return {arm: str(titles.get(arm) or "") for arm in self.arms}

    def head(self) -> dict[str, Any]:
        """What a list says of it."""
        resolved = self.manifest["scenario"]["resolved"]
        return {
            "name": self.name,
            "kind": "study" if self.is_study else "run",
            "title": str(self.manifest.get("title") or self.manifest["scenario"]["name"]),
            "question": str(resolved.get("question") or ""),
            "label": str(self.manifest.get("label") or ""),
            "scenario": self.manifest["scenario"]["name"],
            "arms": [{"name": arm, "title": title} for arm, title in self.arm_titles.items()],
            "runs": self.manifest["runs"],
            "seed": str(self.manifest["seed"]),
            "central": self.manifest["central"],
        }

    def file(self, path: str) -> Path | None:
        """A file of it; None if it is not there, too large to be read, or leads elsewhere."""
        found = self.folder / path
        inside = found.resolve().is_relative_to(self.folder.resolve())
        return found if inside and found.is_file() and found.stat().st_size <= LARGEST_TABLE else None


def listed(home: Path) -> list[dict[str, Any]]:
    """Everything that is stored, the latest first; what cannot be read says why."""
    return [_line(home, folder) for folder in _folders(home)[:MOST_LISTED]]


def count_of(home: Path) -> int:
    """How many folders there are, listed or not."""
    return len(_folders(home))


def _folders(home: Path) -> list[Path]:
    return sorted(_inside(home), key=lambda folder: (-folder.stat().st_mtime, folder.name))


def _inside(home: Path) -> Iterator[Path]:
    """Folders that hold something of ours; whatever leads out of the folder is left alone."""
    if not home.is_dir():
        return
    root = home.resolve()
    for folder in home.iterdir():
        if folder.is_dir() and folder.resolve().is_relative_to(root) and (folder / MANIFEST).is_file():
            yield folder


def _line(home: Path, folder: Path) -> dict[str, Any]:
    when = dt.datetime.fromtimestamp(folder.stat().st_mtime).astimezone().isoformat(timespec="minutes")
    try:
        return opened(home, folder.name).head() | {"when": when}
    except BackfillError as fault:
        return {"name": folder.name, "when": when, "problem": str(fault)}


def opened(home: Path, name: str) -> Stored:
    """What is stored under a name. Raises Refused for a name that leads out of the folder, UnreadableManifest."""
    folder = _place(home, name)
    manifest = folder / MANIFEST
    if not manifest.resolve().is_relative_to(home.resolve()):
        raise Refused(f"{name} leads out of the folder of results, so it is not opened.", 403)
    if manifest.is_file() and manifest.stat().st_size > LARGEST_MANIFEST:
        raise Refused(f"{name} has a manifest of more than {LARGEST_MANIFEST // 2**20} MB, so it is not opened.")
    content = read_manifest(folder)
    return Stored(name, folder, study_manifest(folder) if content.get("kind") == "study" else content)


def _place(home: Path, name: str) -> Path:
    if len(name) > LONGEST_NAME or "\0" in name:
        raise Refused("That is no name of a study.")
    try:
        folder, root = (home / name).resolve(), home.resolve()
    except (OSError, RuntimeError) as fault:
        raise Refused(f"{name} cannot be opened.") from fault
    if folder == root or not folder.is_relative_to(root):
        raise Refused(f"{name} lies outside the folder of results, so it is not opened.", 403)
    if not folder.is_dir():
        near = nearest(name, [one.name for one in _inside(home)])
        raise Refused(
            f"There is no study {name!r} in the folder of results." + (f" Nearest: {near}." if near else ""), 404
        )
    return home / name

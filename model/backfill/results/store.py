"""A run on disk: a folder of its own with tables, a summary and a manifest that says how to repeat it."""

from __future__ import annotations

import csv
import hashlib
import json
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.errors import BackfillError

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.scenario import Scenario

FORMAT = 1
MANIFEST = "manifest.json"
CHECK = "check"
TABLES = "tables"
HOME = Path("results")
LIBRARIES = ("numpy", "scipy", "mesa", "pandas", "pyarrow", "xarray")
CSV_DIGITS = 9
"""Decimals in summary.csv: all that means something, and none of the noise of binary fractions."""
NEEDED: dict[str, type] = {
    "title": str, "label": str, "scenario": dict, "arms": list, "runs": int, "seed": int, "central": bool,
    "identity": str, "versions": dict, "tables": dict,
}  # fmt: skip
"""What reading and repeating a run takes, and as what it is stored."""


class FolderTaken(BackfillError):
    """The folder for results holds something already; nothing of the user's is overwritten."""


class UnreadableManifest(BackfillError):
    """A folder without a manifest that this version can read; the message says what to do."""


def save(results: Results, folder: Path | str | None = None) -> Path:
    """Write a run into a new or empty folder, the manifest last; figures are drawn by `backfill.plots`.

    folder: None takes the next free `results/NAME-N`
    Raises FolderTaken.
    """
    from backfill.results.summary import summary
    from backfill.results.tables import write_tables

    place = next_free(results.scenario.name) if folder is None else _empty(Path(folder))
    tables = write_tables(results, place / TABLES)
    tables.append(_write_summary_csv(results, place / "summary.csv"))
    _write_text(place / "summary.md", summary(results))
    content = manifest(results, tables, place)
    _write_text(place / MANIFEST, written_manifest(content | {CHECK: check_of(content)}))
    return place


def next_free(name: str, home: Path = HOME) -> Path:
    """A new folder `home/NAME-N`, numbered by creating it, so that runs started together never share one."""
    home.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        folder = home / f"{name}-{number}"
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("numbers do not end")


def _empty(folder: Path) -> Path:
    """A folder that holds nothing, made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except (FileExistsError, NotADirectoryError) as file:
        raise FolderTaken(f"{folder} is no folder; nothing of yours is overwritten") from file
    if taken:
        raise FolderTaken(f"{folder} exists and is not empty; nothing of yours is overwritten")
    return folder


def _write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, in UTF-8 and with plain line ends everywhere."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)


def written_manifest(content: Mapping[str, Any]) -> str:
    """A manifest of a run as it stands in its file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def check_of(content: Mapping[str, Any]) -> str:
    """The hash that a manifest holds over all else that is in it."""
    return _hash((json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n").encode("utf-8"))


def is_as_written(folder: Path | str) -> bool:
    """Whether the manifest of a run is the one that was written, byte for byte; one without a hash is taken as it is.

    Raises UnreadableManifest.
    """
    content = read_manifest(folder)
    if CHECK not in content:
        return True
    known = {name: value for name, value in content.items() if name != CHECK}
    same = (Path(folder) / MANIFEST).read_bytes() == written_manifest(content).encode("utf-8")
    return same and content[CHECK] == check_of(known)


def manifest(results: Results, tables: Sequence[Path], folder: Path) -> dict[str, Any]:
    """What the run was, with what it was made and what it left: enough to repeat and to check it."""
    return {
        "format": FORMAT,
        "program": "backfill",
        "command": results.repeat,
        "title": results.scenario.title,
        "label": results.scenario.label,
        **meaning(results),
        "identity": identity(results),
        "versions": versions(),
        "processor": processor(),
        "tables": {path.relative_to(folder).as_posix(): _hash(path.read_bytes()) for path in tables},
    }


def meaning(results: Results) -> dict[str, Any]:
    """All that decides what comes out: the resolved scenario, its arms, runs and seed."""
    return {
        "scenario": {"name": results.scenario.name, "resolved": results.scenario.raw},
        "arms": list(results.arms),
        "ways": list(results.under),
        "runs": results.runs,
        "seed": results.seed,
        "central": results.central,
        **({"plugins": dict(results.plugins)} if results.plugins else {}),
    }


def identity(results: Results) -> str:
    """The hash of the meaning: not of comments, file times, folders or the name of a file."""
    content = meaning(results)
    resolved = content.pop("scenario")["resolved"]
    text = json.dumps(content | {"resolved": resolved}, sort_keys=True, ensure_ascii=False, default=str)
    return _hash(text.encode("utf-8"))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def versions() -> dict[str, str]:
    """This package, Python and the libraries on which numbers depend."""
    from backfill import __version__

    found = {"backfill": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            found[library] = metadata.version(library)
    return found


def processor() -> dict[str, Any]:
    """The machine, and the instructions that numpy uses on it: the last bit of a sum may depend on them."""
    import numpy as np

    config: Any = np.show_config(mode="dicts")
    return {
        "machine": platform.machine(),
        "system": sys.platform,
        "instructions": list(config.get("SIMD Extensions", {}).get("found", [])),
    }


def _write_summary_csv(results: Results, path: Path) -> Path:
    """The closing table for a spreadsheet: one row for each arm, outcome and date."""
    from backfill.results.table import HEAD, as_rows

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows([guarded(cell) for cell in row] for row in as_rows(results))
    return path


def guarded(cell: str | float | None) -> str | float:
    """A cell that no spreadsheet takes for a formula; undefined is empty.

    >>> guarded("=1+1"), guarded(-2.5), guarded(260.1499999999998), guarded(None)
    ("'=1+1", -2.5, 260.15, '')
    """
    if isinstance(cell, str):
        return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
    return "" if cell is None else round(cell, CSV_DIGITS)


def read_manifest(folder: Path | str) -> dict[str, Any]:
    """The manifest of a stored run. Raises UnreadableManifest for a newer, a cut-off or a missing one."""
    path = Path(folder) / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise UnreadableManifest(f"{folder} holds no {MANIFEST}: it is no finished run") from missing
    except ValueError as broken:
        raise UnreadableManifest(f"{path} is cut off or damaged; run it again from its scenario") from broken
    return _checked(content, path)


def _checked(content: Any, path: Path) -> dict[str, Any]:
    """A manifest of a format that this version reads, with everything in it that repeating a run takes."""
    if not isinstance(content, dict) or content.get("program") != "backfill":
        raise UnreadableManifest(f"{path} is no manifest of this program")
    found = content.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise UnreadableManifest(
            f"{path} has format {found}; this version reads up to format {FORMAT}: install a newer backfill"
        )
    missing = [name for name in NEEDED if name not in content]
    if found != FORMAT or missing:
        said = f"without {', '.join(missing)}" if missing else f"of unknown format {found!r}"
        raise UnreadableManifest(f"{path} is a manifest {said}; run it again from its scenario")
    damaged = [name for name, kind in NEEDED.items() if type(content[name]) is not kind]
    if damaged or not _repeatable(content):
        raise UnreadableManifest(f"{path} is damaged at {', '.join(damaged) or 'its values'}; run it again")
    return content


def _repeatable(content: dict[str, Any]) -> bool:
    """Whether numbers are in their ranges, arms are names, versions and hashes words, and the scenario is whole."""
    numbers = content["runs"] >= 1 and content["seed"] >= 0
    arms, scenario = content["arms"], content["scenario"]
    tables = [content["versions"], content["tables"], content.get("plugins", {})]
    words = all(isinstance(table, dict) and all(isinstance(word, str) for word in table.values()) for table in tables)
    named = bool(arms) and all(isinstance(arm, str) for arm in arms) and isinstance(scenario.get("name"), str)
    return numbers and words and named and isinstance(scenario.get("resolved"), dict)


def stored_scenario(folder: Path | str, sets: Sequence[str] = (), *, plugins: Sequence[str] = ()) -> Scenario:
    """The scenario of a stored run, from its manifest alone, with `path=value` applied.

    plugins: the modules of a user with which it was made; a manifest names them, and nothing is imported for that
    Raises UnreadableManifest; OtherPlugins if they are missing or have changed.
    """
    from backfill.plugins import refuse_changed, refuse_missing, use

    content = read_manifest(folder)
    use(plugins)
    refuse_missing(content.get("plugins", {}), folder)
    found = _reloaded(content["scenario"], sets, plugins)
    refuse_changed(content.get("plugins", {}), folder)
    return found


def _reloaded(stored: dict[str, Any], sets: Sequence[str], plugins: Sequence[str]) -> Scenario:
    from backfill.scenario import load

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{Path(str(stored['name'])).name}.json"
        path.write_text(json.dumps(stored["resolved"], ensure_ascii=False), encoding="utf-8")
        return load(path, sets, plugins=plugins)


def changed_tables(folder: Path | str) -> list[str]:
    """The tables of a stored run whose bytes are not those that its manifest names."""
    place = Path(folder)
    stored = read_manifest(place).get("tables", {})
    return [name for name, known in stored.items() if not _is(place / name, known)]


def _is(path: Path, known: str) -> bool:
    return path.is_file() and _hash(path.read_bytes()) == known

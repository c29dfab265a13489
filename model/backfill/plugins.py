"""Modules of a user's own that register doctrines, allocation rules and actors: named by the user, never by a file."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from backfill.errors import BackfillError
from backfill.registry import REGISTRIES, PluginFault

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_PACKAGE = "backfill"


class OtherPlugins(BackfillError):
    """A stored run was made with plugins that are not there, or not the same; the message names them."""


def use(modules: Iterable[str]) -> tuple[str, ...]:
    """Import modules by their names, so that what they register may be named in scenarios; each name once.

    Raises PluginFault in one line for what cannot be imported.
    """
    names = tuple(dict.fromkeys(modules))
    for name in names:
        if not _NAME.fullmatch(name) or name.endswith(".py"):
            near = f"; nearest: {Path(name).stem}" if name.endswith(".py") else ""
            raise PluginFault(f"found the plugin {name!r}{near}\n  expected the name of a module")
        try:
            import_module(name)
        except PluginFault:
            raise
        except Exception as fault:
            raise PluginFault(f"the plugin {name!r} cannot be imported: {type(fault).__name__}: {fault}") from fault
    return names


def hashes(modules: Iterable[str]) -> dict[str, str]:
    """The hash of each module's file, or of all files of a package, by the module's name."""
    return {name: _hash(name) for name in sorted(set(modules))}


def _hash(name: str) -> str:
    content = hashlib.sha256()
    for said, file in _files(name).items():
        content.update(said.encode() + b"\0" + file.read_bytes())
    return content.hexdigest()


def _files(name: str) -> dict[str, Path]:
    """The files in which an imported module is written; none for one without a file, such as a notebook."""
    file = Path(getattr(sys.modules.get(name), "__file__", None) or "")
    if not file.is_file():
        return {}
    if file.name != "__init__.py":
        return {file.name: file}
    return {part.relative_to(file.parent).as_posix(): part for part in sorted(file.parent.rglob("*.py"))}


def is_own(name: str) -> bool:
    """Whether a module is part of this package."""
    return name.partition(".")[0] == _PACKAGE


def refuse_missing(stored: Iterable[str], folder: Path | str) -> None:
    """Refuse to repeat a run whose plugins nobody has named or installed. Raises OtherPlugins."""
    missing = [name for name in stored if name not in sys.modules and not is_installed(name)]
    if missing:
        options = " ".join(f"--plugin {name}" for name in missing)
        raise OtherPlugins(f"{folder} was made with the plugin {', '.join(missing)}; to repeat it, add {options}")


def is_installed(name: str) -> bool:
    """Whether an installed distribution offers doctrines, rules or actors out of the package of a module."""
    homes = {home.partition(".")[0] for registry in REGISTRIES for home in registry.homes()}
    return name.partition(".")[0] in homes


def refuse_changed(stored: Mapping[str, str], folder: Path | str) -> None:
    """Refuse to repeat a run with plugins that are written otherwise by now. Raises OtherPlugins."""
    present = hashes(stored)
    changed = [name for name, known in stored.items() if present[name] != known]
    if changed:
        raise OtherPlugins(
            f"the plugin {', '.join(changed)} has changed since {folder} was made with it; "
            "bring back the file as it was, or run the scenario itself"
        )

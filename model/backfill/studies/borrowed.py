"""What a study borrows from its user: modules that register what its scenario names, and whether workers find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backfill.plugins import hashes, is_installed, is_own
from backfill.registry import REGISTRIES, PluginFault
from backfill.scenario.registered import modules_behind

if TYPE_CHECKING:
    from backfill.studies.design import Design


def written_by_users(design: Design, plugins: Sequence[str] = ()) -> dict[str, str]:
    """The modules outside this package on which the outcome depends, each with the hash of its file."""
    named = (*design.scenario.plugins, *plugins)
    return hashes([*named, *(name for name in _behind(design) if not is_own(name))])


def refuse_out_of_reach(design: Design, plugins: Sequence[str]) -> None:
    """Refuse several processes for classes that only this one knows. Raises PluginFault."""
    named = {name.partition(".")[0] for name in (*design.scenario.plugins, *plugins)}
    for module in sorted(set(_behind(design))):
        if not is_own(module) and module.partition(".")[0] not in named and not is_installed(module):
            where = "in the script itself" if module == "__main__" else f"in {module}"
            raise PluginFault(
                f"the scenario names a class that is defined {where}, which other processes do not know; "
                'move it into a module and name that, plugins=["MODULE"] or --plugin MODULE, or take workers=1'
            )


def _behind(design: Design) -> Iterator[str]:
    """The modules of all that the arms name, and of all that the factors set."""
    for arm in design.arms:
        yield from modules_behind(design.scenario.arm(arm))
    for word in {value for point in design.points for value in point.settings.values() if isinstance(value, str)}:
        yield from (registry[word].__module__ for registry in REGISTRIES if word in registry)

"""A state at war is given weapons by states whose own stocks others refill: simulate who ends up with what.

The public names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backfill.errors import BackfillError as BackfillError
    from backfill.errors import ScenarioProblems as ScenarioProblems
    from backfill.results import Results as Results
    from backfill.results.comparison import compare as compare
    from backfill.results.outcomes import pass_through as pass_through
    from backfill.rules import explain as explain
    from backfill.scenario import Scenario as Scenario
    from backfill.scenario import load as load
    from backfill.studies.hindcasts import validate as validate
    from backfill.studies.run import simulate as simulate

__version__ = "0.1.0"

_HOMES = {
    "BackfillError": "backfill.errors",
    "Results": "backfill.results",
    "Scenario": "backfill.scenario",
    "ScenarioProblems": "backfill.errors",
    "compare": "backfill.results.comparison",
    "explain": "backfill.rules",
    "load": "backfill.scenario",
    "pass_through": "backfill.results.outcomes",
    "simulate": "backfill.studies.run",
    "validate": "backfill.studies.hindcasts",
}

__all__ = [
    "BackfillError",
    "Results",
    "Scenario",
    "ScenarioProblems",
    "__version__",
    "compare",
    "explain",
    "load",
    "pass_through",
    "simulate",
    "validate",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'backfill' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

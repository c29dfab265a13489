"""A state at war is given weapons by states whose own stocks others refill: simulate who ends up with what.

The public names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backfill.compared import compare as compare
    from backfill.drawing import figures as figures
    from backfill.drawing import plot as plot
    from backfill.errors import BackfillError as BackfillError
    from backfill.errors import ScenarioProblems as ScenarioProblems
    from backfill.results import Results as Results
    from backfill.results.outcomes import pass_through as pass_through
    from backfill.results.stored import read_results as read_results
    from backfill.rules import explain as explain
    from backfill.scenario import Scenario as Scenario
    from backfill.scenario import load as load
    from backfill.studies.design import Design as Design
    from backfill.studies.design import read_design as read_design
    from backfill.studies.hindcasts import validate as validate
    from backfill.studies.run import simulate as simulate
    from backfill.studies.study import Study as Study
    from backfill.studies.study import open_study as open_study
    from backfill.studies.sweep import sweep as sweep

__version__ = "0.1.0"

_HOMES = {
    "BackfillError": "backfill.errors",
    "Design": "backfill.studies.design",
    "Results": "backfill.results",
    "Scenario": "backfill.scenario",
    "ScenarioProblems": "backfill.errors",
    "Study": "backfill.studies.study",
    "compare": "backfill.compared",
    "explain": "backfill.rules",
    "figures": "backfill.drawing",
    "load": "backfill.scenario",
    "open_study": "backfill.studies.study",
    "pass_through": "backfill.results.outcomes",
    "plot": "backfill.drawing",
    "read_design": "backfill.studies.design",
    "read_results": "backfill.results.stored",
    "simulate": "backfill.studies.run",
    "sweep": "backfill.studies.sweep",
    "validate": "backfill.studies.hindcasts",
}

_PARTS = ("plots",)
"""Packages that are at hand without an import of their own."""

__all__ = [
    "BackfillError",
    "Design",
    "Results",
    "Scenario",
    "ScenarioProblems",
    "Study",
    "__version__",
    "compare",
    "explain",
    "figures",
    "load",
    "open_study",
    "pass_through",
    "plot",
    "read_design",
    "read_results",
    "simulate",
    "sweep",
    "validate",
]


def __getattr__(name: str) -> object:
    if name in _PARTS:
        return import_module(f"backfill.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'backfill' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""What a scenario means, checked: names that exist, dates in the horizon, licences, rings."""

from __future__ import annotations

from backfill.errors import Problem
from backfill.scenario.schema import Setting
from backfill.scenario.verbs import Draft


def meaning(setting: Setting, draft: Draft) -> list[Problem]:
    """Everything in a setting that can be read but makes no sense."""
    return []

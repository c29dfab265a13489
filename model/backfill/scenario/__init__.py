"""Worlds written down: loaded, varied and checked."""

from backfill.scenario.load import Scenario, check_file, load
from backfill.scenario.schema import Setting
from backfill.scenario.shelf import names, packaged

__all__ = ["Scenario", "Setting", "check_file", "load", "names", "packaged"]

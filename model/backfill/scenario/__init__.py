"""Worlds written down: loaded, varied and checked."""

from backfill.scenario.editors import json_schema
from backfill.scenario.finish import numbers_of
from backfill.scenario.load import check_file, load
from backfill.scenario.schema import Setting
from backfill.scenario.shelf import hindcasts, names, packaged
from backfill.scenario.variants import Scenario

__all__ = ["Scenario", "Setting", "check_file", "hindcasts", "json_schema", "load", "names", "numbers_of", "packaged"]

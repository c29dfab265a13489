"""Pictures of what happened: a stock against its floor, what the arms change, what was promised and what came."""

from backfill.plots.arms import aid_by_arm
from backfill.plots.causes import missing_by_cause
from backfill.plots.doctrines import headline_by_doctrine
from backfill.plots.files import write_figures
from backfill.plots.flows import who_supplied_whom
from backfill.plots.kept import promise_kept
from backfill.plots.ledger import promise_ledger
from backfill.plots.limits import which_limit_bound
from backfill.plots.points import outcome_by_point
from backfill.plots.refill import years_to_refill
from backfill.plots.rules_timeline import rules_timeline
from backfill.plots.slipping import queue_displacement
from backfill.plots.spreads import aid_spread_by_arm
from backfill.plots.stock import stock_against_floor
from backfill.plots.surface import answer_surface
from backfill.plots.world_map import map_of_flows

__all__ = [
    "aid_by_arm",
    "aid_spread_by_arm",
    "answer_surface",
    "headline_by_doctrine",
    "map_of_flows",
    "missing_by_cause",
    "outcome_by_point",
    "promise_kept",
    "promise_ledger",
    "queue_displacement",
    "rules_timeline",
    "stock_against_floor",
    "which_limit_bound",
    "who_supplied_whom",
    "write_figures",
    "years_to_refill",
]

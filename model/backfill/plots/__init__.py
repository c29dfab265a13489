"""Pictures of what happened: a stock against its floor, what the arms change, what was promised and what came."""

from backfill.plots.arms import aid_by_arm
from backfill.plots.doctrines import headline_by_doctrine
from backfill.plots.files import write_figures
from backfill.plots.kept import promise_kept
from backfill.plots.ledger import promise_ledger
from backfill.plots.refill import years_to_refill
from backfill.plots.stock import stock_against_floor

__all__ = [
    "aid_by_arm",
    "headline_by_doctrine",
    "promise_kept",
    "promise_ledger",
    "stock_against_floor",
    "write_figures",
    "years_to_refill",
]

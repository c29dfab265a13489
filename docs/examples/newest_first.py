"""A line that serves the newest debts first, as makers do who fear for their next contract."""

from backfill.kernels.allocation import serve_by_class
from backfill.registry import ALLOCATION_RULES


@ALLOCATION_RULES.register("newest_first")
class NewestFirst:
    """Class by class as usual, but within a class the month that fell due last comes first."""

    def serve(self, due, classes, supply, *, only=None):
        return serve_by_class(due[::-1], classes, supply, only=only)[::-1]

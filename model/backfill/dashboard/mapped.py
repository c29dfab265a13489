"""The map of the page: which state sent how much to which, and the way over the sphere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backfill.plots.world_map import great_circle, routes_of, world
from backfill.results import flows
from backfill.words import one_line, state_name

if TYPE_CHECKING:
    from backfill.results import Results

STEPS = 32
"""Points of a way: enough that no corner shows on a wide page."""


def map_of(results: Results) -> dict[str, Any] | None:
    """Mean units of the baseline from state to state, the largest first; None if no real state sends anything.

    way: east and north in tenths of a degree     years: units in each calendar year
    """
    routes, unknown = routes_of(results, None) if flows.is_recorded(results) else ([], [])
    if not routes:
        return None
    sent = flows.by_year(results).sel(arm=results.arms[0], measure="sent")
    names = {state: one_line(state_name(results.setting, state)) for route in routes for state in route[:2]}
    return {
        "years": [str(year) for year in sent["year"].values],
        "elsewhere": [one_line(state_name(results.setting, state)) for state in unknown],
        "states": {
            state: {"name": name, "role": role_of(results, state), "place": world().places[state]}
            for state, name in names.items()
        },
        "routes": [
            {
                "from": giver,
                "to": taker,
                "units": round(units, 3),
                "years": sent.sel(pair=f"{giver}{flows.TO}{taker}").values.round(3),
                "way": great_circle(world().places[giver], world().places[taker], STEPS).round(1),
            }
            for giver, taker, units in routes
        ],
    }


def role_of(results: Results, state: str) -> str:
    """What a state is in the question: aided, backfiller, donor or other."""
    roles = results.setting.roles
    return {roles.aided: "aided", roles.backfiller: "backfiller", roles.donor: "donor"}.get(state, "other")

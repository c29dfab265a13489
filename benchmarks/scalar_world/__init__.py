"""The small world lived once, by plain Mesa agents with plain floats: yardstick and twin of the array world.

It knows what `small_world.yaml` says and no more: no budgets, no queues that are re-ordered, no rules. Whatever it
does know it does as `backfill.world` does, with draws from the same addresses, so that every recorded number is equal.
"""

from scalar_world.world import ScalarWorld

__all__ = ["ScalarWorld"]

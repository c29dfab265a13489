"""Arithmetic of the month, on arrays whose last axis is the runs: no kernel knows how many there are."""

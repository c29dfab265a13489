"""Thinking with a world: a page on this machine, in which numbers are moved, rules asked and runs read."""

"""Production lines: what they can build, for whom, and who gets it."""

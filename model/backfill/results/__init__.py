"""What came of a run, and how it is said: outcomes, the closing table, its sentence, the stored folder."""

from backfill.results.results import Results

__all__ = ["Results"]

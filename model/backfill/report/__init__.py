"""A stored result as one page to send: question, answer, figures, grounds and limits, without network or script."""

from __future__ import annotations

from backfill.report.page import report

__all__ = ["report"]

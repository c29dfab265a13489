"""Who may send what to whom, on which day, and which rule says so."""

from backfill.rules.book import Rulebook
from backfill.rules.decision import Decision, RouteDecision, Trace
from backfill.rules.explaining import Explanation, explain
from backfill.rules.law import SEVERITY, Answer
from backfill.rules.transfer import Transfer

__all__ = ["SEVERITY", "Answer", "Decision", "Explanation", "RouteDecision", "Rulebook", "Trace", "Transfer", "explain"]

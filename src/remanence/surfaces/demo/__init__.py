"""A demonstration that needs nothing but the package: a conversation, questions, and what is recalled."""

from remanence.surfaces.demo.conversation import PATH, household
from remanence.surfaces.demo.run import BUDGET_TOKENS, Recalled, ask, fill, latencies, quantile

__all__ = ["BUDGET_TOKENS", "PATH", "Recalled", "ask", "fill", "household", "latencies", "quantile"]

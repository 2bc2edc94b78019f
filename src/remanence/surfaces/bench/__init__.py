"""Measures the product's speed, size and idleness through its public calls, on the machine it runs on."""

from remanence.surfaces.bench.suite import Figures, Plan, Report, measure

__all__ = ["Figures", "Plan", "Report", "measure"]

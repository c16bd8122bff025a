"""Stationary points: reduction, cells, phases, minima in the weights, surveys."""

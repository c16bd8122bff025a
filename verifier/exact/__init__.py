"""Exact derivations: moments, the loss, its stationary points (floor 2)."""

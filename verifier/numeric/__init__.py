"""Independent evidence: Monte Carlo, optimisation, training (never sees `exact`)."""

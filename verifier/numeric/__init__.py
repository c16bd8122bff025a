"""Independent evidence: Monte Carlo, optimisation, training (floor 2; never sees `exact`)."""

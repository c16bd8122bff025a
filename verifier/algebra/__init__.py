"""Normal forms: polynomials over Q, trace words, Wick contraction, real roots (floor 1)."""

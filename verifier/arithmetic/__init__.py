"""Exact numbers: rational matrices, polynomials in one variable, real algebraic numbers."""

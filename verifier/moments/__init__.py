"""Exact means of matrix expressions that a user types: grammar, laws, answers."""

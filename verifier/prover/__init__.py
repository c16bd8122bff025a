"""Theorems for a user's own setting: derived, written as proofs, decided by the checker."""

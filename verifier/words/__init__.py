"""Trace words: matrix expressions of every size at once, and Wick contraction."""

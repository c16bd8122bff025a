"""Sweeps of setting files: any keys, every cell an exploration."""

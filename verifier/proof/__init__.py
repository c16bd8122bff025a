"""What counts as proved: the trusted base, standard library only (floor 1)."""

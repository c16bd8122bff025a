"""What the best layer does in a user's own setting, and how certain that is."""

"""One file per theorem, each read from top to bottom like a section of a paper (floor 4)."""

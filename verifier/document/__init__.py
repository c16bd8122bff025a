"""What a person sees: terminal, JSON record, LaTeX, plots (floor 3)."""

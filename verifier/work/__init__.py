"""Many independent pieces of work: here, on processes, or on a cluster."""

"""Numbers at small sizes: exact quadratics, descents, sampled prompts through the forward pass."""

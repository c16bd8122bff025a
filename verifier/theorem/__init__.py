"""A theorem: claims, a derivation and evidence; registry, check, search for counterexamples."""

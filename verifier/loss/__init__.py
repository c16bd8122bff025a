"""The exact loss: three routes to it, and its evaluators."""

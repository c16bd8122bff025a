"""A symbolic and numeric theorem verifier for the theory of in-context learning."""

__version__ = "0.1.0"

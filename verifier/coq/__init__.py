"""Proof files for Coq: a second checker, whose soundness is itself a theorem (coq/kernel).

Nothing here is trusted but the *statements* that are written: a certificate that is written wrongly
is refused by Coq. Standard library and ``verifier.proof`` only.
"""

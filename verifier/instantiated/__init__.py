"""From `explore`'s one setting to the theorem that contains it, and back to its numbers.

A setting is written as a symbolic one (`symbolic`); `verifier.prover` finds the theorem about that
and the checker accepts it (`theorem`); what it states is then evaluated at the setting's numbers
(`evaluation`) and must be what `explore` computed by its own route (`proving`).
"""

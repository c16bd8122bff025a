"""The prover: from a setting to a theorem about its best layer, certificates found by machine.

A setting (`setting_file`) says how prompts are made and which layer reads them; `data_model` and
`layer` write both down as a context of the kernel. The prediction is a sum of *features*, weights
times random parts (`features`); their least-squares optimum (`optimum`) gives the minimum, and
`projection` writes the proof, which the kernel in `verifier.proof` checks. Nothing here is trusted.
"""

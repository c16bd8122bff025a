"""The kernel: what a context means, statements, rules and proof files. Standard library only.

Read in this order: `syntax`, `context`, `normal`, `mean`, `rules`, `record`; then what shares no
code with normal forms: `direct`, `symmetry`, `instances`, `refute`.
What is trusted, and why each rule is sound: docs/meaning.md.
"""

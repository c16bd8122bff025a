"""The kernel: what a context means, statements, rules and proof files. Standard library only.

Read in this order: `syntax`, `context`, `statements`; normal forms: `networks`, `normal`, `arrays`,
`gaussian`, `draws`, `isotropy`, `expectations`, `mean`, `given`; the rules: `atoms`, `trees`,
`minima`, `lemmas`, `rules`; files: `codec`, `record`; then what shares no code with normal forms:
`direct`, `symmetry`, `instances`.
What is trusted, and why each rule is sound: docs/meaning.md.
"""

"""The kernel: what a context means, statements, rules and proof files. Standard library only.

Read in this order: `syntax`, `context`, `normal`, `mean`, `rules`, `record`, `refute`.
What is trusted, and why each rule is sound: docs/meaning.md.
"""

"""The theorems of the second shelf: alike in form and many, so each is mutated in fewer places."""

NAMES = (
    "heads",
    "query-in-sum",
    "task-mean",
    "noise-levels",
    "causal-training",
    "retrieval",
    "elliptical",
    "vector-responses",
    "two-steps",
    "gd-plus-plus",
    "length-and-shift",
    "random-covariance",
    "gradient-flow",
    "looped",
    "low-rank-heads",
    "task-pool",
)

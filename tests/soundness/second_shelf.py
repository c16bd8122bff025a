"""The theorems of the second shelf: alike in form and many, so each is mutated in fewer places."""

SETTINGS = (
    "heads",
    "query-in-sum",
    "task-mean",
    "noise-levels",
    "causal-training",
    "retrieval",
    "elliptical",
    "random-covariance",
    "task-pool",
)
BY_HAND = (
    "k-steps",
    "universal-bound",
    "tied-steps",
    "vector-responses",
    "two-steps",
    "gd-plus-plus",
    "length-and-shift",
    "gradient-flow",
    "looped",
    "low-rank-heads",
)
NAMES = (*SETTINGS, *BY_HAND)

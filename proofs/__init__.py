"""One file per theorem, each read from top to bottom like a section of a paper (floor 4)."""

READING_ORDER = (
    "theorem1",
    "theorem2",
    "gaussian_pair",
    "theorem3",
    "von_oswald",
    "ridge_bayes",
    "landscape",
    "heads",
    "query_in_sum",
    "task_mean",
    "noise_levels",
    "causal_training",
    "retrieval",
    "elliptical",
    "two_steps",
    "gd_plus_plus",
    "length_and_shift",
    "random_covariance",
    "gradient_flow",
    "looped",
)

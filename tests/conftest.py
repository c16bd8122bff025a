"""One BLAS thread per process: the matrices here are small, and the tests run in parallel."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

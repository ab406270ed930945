"""Random jobs: each part of a job drawn in a file of its own, one fuzzed job, and the processes that run them."""

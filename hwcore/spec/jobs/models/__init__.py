"""Networks that a job can ask for: a file for each."""

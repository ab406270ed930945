"""Rows of jobs: states, attempts, events, results of helpers, and the one door to them, `JobStore`."""

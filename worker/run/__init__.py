"""Processes that compute an attempt at a job, or a share of one; they speak `worker.babysit.protocol`."""

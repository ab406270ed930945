"""The process that computes: an attempt of a job, or a share of one, spoken to over `worker.babysit.protocol`."""

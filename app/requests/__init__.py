"""Requests as they come in: bodies, parameters, what a path names, and the stores that routes are given."""

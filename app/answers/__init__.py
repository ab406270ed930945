"""Answers as they go out: representations of jobs, links, events, metrics."""

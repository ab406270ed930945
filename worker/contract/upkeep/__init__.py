"""Upkeep of the service: what broker and workers lose, garbage, and files that are damaged."""

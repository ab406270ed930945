"""Choices of the operator: every setting, and the URL of the broker."""

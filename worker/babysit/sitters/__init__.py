"""Sitters: each looks after one process at a time, of an attempt or of a share, until its end."""

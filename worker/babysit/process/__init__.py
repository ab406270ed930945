"""The process of an attempt or of a share, seen from outside."""

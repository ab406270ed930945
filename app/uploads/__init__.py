"""Kinds of files that users upload, in one table: their checker, their largest size, their words."""

"""Kinds of files that users upload, in one table: who judges them, how large they may be, what they are called."""

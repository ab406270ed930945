"""The command line `mho`."""

from app.cli.program import main

__all__ = ["main"]

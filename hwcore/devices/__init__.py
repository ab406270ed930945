"""What a memory cell does with the conductance it is told: one effect per file."""

from hwcore.devices.programming import program

__all__ = ["program"]

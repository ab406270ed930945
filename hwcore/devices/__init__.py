"""What a memory cell does with the conductance it is told: one effect per file."""

from hwcore.devices.programming import program, programmed_moments, programming_sigma

__all__ = ["program", "programmed_moments", "programming_sigma"]

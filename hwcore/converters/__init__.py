"""Converters between digital codes and what the array sees."""

from hwcore.converters.dac import dac_code, dac_lsb

__all__ = ["dac_code", "dac_lsb"]

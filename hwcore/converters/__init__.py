"""Converters between digital codes and what the array sees."""

from hwcore.converters.adc import Converted, adc, adc_codes, converted, largest_code
from hwcore.converters.adc_range import adc_full_scale, largest_current, least_error_range, percentile_range
from hwcore.converters.bit_planes import bit_planes
from hwcore.converters.coded_drives import coded_current, coded_drives, coded_sum
from hwcore.converters.dac import dac_code, dac_lsb, largest_input_code

__all__ = [
    "Converted",
    "adc",
    "adc_codes",
    "adc_full_scale",
    "bit_planes",
    "coded_current",
    "coded_drives",
    "coded_sum",
    "converted",
    "dac_code",
    "dac_lsb",
    "largest_code",
    "largest_current",
    "largest_input_code",
    "least_error_range",
    "percentile_range",
]

"""Digital arithmetic around the arrays, one pure function per operation: exactly, and in whole numbers."""

from hwcore.digital.accumulator import accumulated, largest_number, narrowed
from hwcore.digital.activation import activated
from hwcore.digital.code_registers import CodeRegisters
from hwcore.digital.digital_nodes import DigitalNodes, NodeRegisters
from hwcore.digital.fold import fold_normalization
from hwcore.digital.integer_operations import IntegerOperations
from hwcore.digital.integer_thresholds import code_of, integer_thresholds
from hwcore.digital.lstm import lstm_step
from hwcore.digital.multiplier import Multipliers
from hwcore.digital.normalize import normalized
from hwcore.digital.number_format import NumberFormat
from hwcore.digital.operations import OPERATIONS
from hwcore.digital.rounding import divided, shifted
from hwcore.digital.sum_registers import SumRegisters, lsb_exponent
from hwcore.digital.table_registers import TableRegisters
from hwcore.digital.unfold import as_maps, padded, unfolded

__all__ = [
    "OPERATIONS",
    "CodeRegisters",
    "DigitalNodes",
    "IntegerOperations",
    "Multipliers",
    "NodeRegisters",
    "NumberFormat",
    "SumRegisters",
    "TableRegisters",
    "accumulated",
    "activated",
    "as_maps",
    "code_of",
    "divided",
    "fold_normalization",
    "integer_thresholds",
    "largest_number",
    "lsb_exponent",
    "lstm_step",
    "narrowed",
    "normalized",
    "padded",
    "shifted",
    "unfolded",
]

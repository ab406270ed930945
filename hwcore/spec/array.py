"""The periphery around the cells: the DAC in front of the first layer, and the size of an array."""

from pydantic import Field

from hwcore.spec.activation import Bits
from hwcore.spec.base import Spec


class Input(Spec):
    """The DAC in front of the first layer."""

    bits: Bits | None = Field(default=None, description="Bits of the inputs. null: the data as they are.")


class Array(Spec):
    """Size of one array; a tile is a pair of them, one for each component."""

    rows: int = Field(default=128, ge=1, le=16384, description="Word lines, one per input.")
    cols: int = Field(default=128, ge=1, le=16384, description="Bit lines, one per output.")

"""Units as they stand in schemas and reports, and the one place where SI prefixes are made."""

import math
from typing import Final

SIEMENS: Final = "S"
OHM: Final = "ohm"
VOLT: Final = "V"
SECOND: Final = "s"
STEP: Final = "step"
PER_STEP: Final = "1/step"
PIXEL: Final = "pixel"

_PREFIXES: Final = {-15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M"}


def with_prefix(value: float, unit: str, digits: int = 4) -> str:
    """A quantity as people read it: with_prefix(4e-5, "S") is "40 uS".

    Args:
        value: in the unit without prefix; finite.
        unit: the unit's symbol.
        digits: significant digits.
    """
    if value == 0:
        return f"0 {unit}"
    exponent = 3 * math.floor(math.log10(abs(value)) / 3 + 1e-12)
    exponent = min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
    return f"{value / 10.0**exponent:.{digits}g} {_PREFIXES[exponent]}{unit}"

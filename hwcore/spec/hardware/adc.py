"""The ADC at the end of every bit line: its bits, and the range that they cover."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from hwcore.spec.reading.base import Alternative, Spec
from hwcore.units import SIEMENS


class FullRange(Alternative):
    """Up to the largest current that the column can carry: nothing is clipped."""

    type: Literal["full"] = Field(
        default="full",
        description="Up to the largest current that the conductances of the column allow with the largest input.",
    )


class CalibratedRange(Alternative):
    """Taken once from the currents of the training images, for every column of every tile."""

    type: Literal["calibrated"] = Field(default="calibrated", description="Taken once from the data.")
    percentile: float | None = Field(
        default=None,
        ge=50.0,
        le=100.0,
        description="Share of the currents, in percent and without unit, that lies within the range; 100: all of "
        "them. null: the range with the least squared error of the conversion.",
    )


class GivenRange(Alternative):
    """The same for every column of every tile."""

    type: Literal["given"] = Field(default="given", description="The same for every column of every tile.")
    full_scale: float = Field(
        ge=1e-15,
        le=1e6,
        description="Largest current of the range over the read voltage: an input of full scale on one cell of so "
        "much conductance fills it.",
        json_schema_extra={"unit": SIEMENS},
    )


AdcRange = Annotated[FullRange | CalibratedRange | GivenRange, Discriminator("type")]


class Adc(Spec):
    """One conversion for every column of every tile, before the tiles are added digitally."""

    bits: int | None = Field(
        default=None,
        ge=2,
        le=16,
        description="Bits of a converter. The current of a pair has a sign, and two bits are the fewest that have a "
        "code for zero beside one on either side. null: ideal.",
    )
    range: AdcRange = Field(
        default=CalibratedRange(),
        description="What the bits cover, on both sides of zero. Left out: calibrated, with the least squared error.",
    )

    def other_range(self) -> AdcRange:
        """The range that a designer would weigh against this one: full against calibrated, calibrated against full."""
        return FullRange() if isinstance(self.range, CalibratedRange) else CalibratedRange()

"""Deep autoencoder of MLPerf Tiny as a job asks for it."""

from typing import Literal

from pydantic import Field

from hwcore.spec.jobs.model_fields import NORMALIZATION, Normalization, Width
from hwcore.spec.reading.base import Alternative


class FcAutoencoder(Alternative):
    """The anomaly detector of MLPerf Tiny: dense layers down to a code and up to the inputs again."""

    type: Literal["fc-autoencoder"] = Field(
        default="fc-autoencoder", description="Dense layers whose outputs are to be the inputs."
    )
    units: Width = Field(default=128, description="Units of every layer but that of the code.")
    layers: int = Field(default=4, ge=1, le=8, description="Layers before the code, and after it.")
    code: Width = Field(default=8, description="Units of the code.")
    normalization: Normalization | None = Field(default=None, description=NORMALIZATION)

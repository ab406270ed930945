"""Fields that networks have in common."""

from typing import Annotated, Literal

from pydantic import Field

Width = Annotated[int, Field(ge=1, le=8192)]
Channels = Annotated[int, Field(ge=1, le=1024)]
Normalization = Literal["batch", "none"]

NORMALIZATION = (
    "batch: batch normalisation, folded into the digital scale and bias of each column, so it needs "
    "scale per_column and bias digital. null: batch where the hardware allows it, else none."
)

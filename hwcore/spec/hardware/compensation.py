"""Compensation of drift: a digital factor on the outputs."""

from typing import Annotated, Literal

from pydantic import Field

Compensation = Annotated[
    Literal["none", "per_tile", "per_column"],
    Field(
        description="Factor on the outputs that makes up for the drift, taken from the mean response at t0 over that "
        "of now: none, one per tile, or one per column of every tile."
    ),
]

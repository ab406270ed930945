"""Kinds of fit by which a published device is described; `hwcore.devices` has the function of each.

Numbers are those of the publication, in its units: converting them would change their last digit.
"""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from hwcore.spec.reading.base import Spec

Divisor = Annotated[
    float | str | None,
    Field(description="Conductance that x is a share of, S, or the parameter that says it. null: x is g in uS."),
]


class PolynomialFit(Spec):
    """sigma = sum_i c_i x^i, of a write; in proportion to the parameter that x is a share of, if it is one."""

    kind: Literal["polynomial"]
    over: Divisor = None
    unit: Literal["S", "uS"] = Field(description="Unit of the coefficients.")
    coefficients: tuple[float, ...] = Field(min_length=1, description="c_0, c_1, ...")


class SaturatingFit(Spec):
    """sigma = A (1 - exp(-I / B)), of a write or a read; I is the current g V, or the conductance itself."""

    kind: Literal["saturating"]
    times: str | None = Field(
        default=None, description="The parameter V, V. null: A, B and the fit are in conductances."
    )
    amplitude: float = Field(gt=0.0, description="A, ampere or siemens.")
    scale: float = Field(gt=0.0, description="B, ampere or siemens.")


class FlickerFit(Spec):
    """sigma / g = Q (ln((t + t_r) / (2 t_r)))^(1/2), Q = min(c / x^p, Q_max), of a read at time t after the write."""

    kind: Literal["flicker"]
    over: Divisor
    coefficient: float = Field(gt=0.0, description="c, without unit.")
    power: float = Field(gt=0.0, description="p, without unit.")
    largest: float = Field(gt=0.0, description="Q_max, without unit.")
    read_seconds: float = Field(gt=0.0, description="t_r, duration of a read, s.")
    begins: float = Field(gt=0.0, description="Earliest time at which the device was looked at, s.")


class ClippedLine(Spec):
    """clip(slope ln x + offset, low, high), without unit."""

    slope: float
    offset: float
    low: float = Field(ge=0.0)
    high: float = Field(ge=0.0)


class LogarithmicFit(Spec):
    """Mean mu and deviation s of the exponent nu of drift from device to device, each a clipped line in ln x."""

    kind: Literal["logarithmic"]
    over: Divisor
    mean: ClippedLine
    deviation: ClippedLine
    begins: float = Field(gt=0.0, description="t0: time after the write at which drift begins, s.")


ProgrammingFit = Annotated[PolynomialFit | SaturatingFit, Discriminator("kind")]
ReadFit = Annotated[FlickerFit | SaturatingFit, Discriminator("kind")]
DriftFit = LogarithmicFit
Fit = PolynomialFit | SaturatingFit | FlickerFit | LogarithmicFit

"""The documents of published devices: for each its source, the conductances that it was fitted on, and the fits."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from hwcore.spec.hardware.fits import DriftFit, Fit, ProgrammingFit, ReadFit
from hwcore.spec.reading.base import Spec

FitOfEffect = TypeVar("FitOfEffect", bound=Fit)


class Parameter(Spec):
    """A number that a description may choose about the device."""

    default: float = Field(description="That of the publication.")
    at_least: float
    at_most: float
    unit: str
    description: str = Field(description="For the JSON Schema of the description.")


class Range(Spec):
    """The conductances that the fits hold for."""

    low: float = Field(ge=0.0, description="S.")
    high: float | str = Field(description="S, or the parameter that says it.")
    over: str | None = Field(
        default=None, description="The parameter, V, that both ends, then in ampere, are divided by."
    )


class Choice(Spec, Generic[FitOfEffect]):
    """A choice between several fits of one effect, e.g. of the time between write and measurement."""

    field: str = Field(description="Its field in a description.")
    default: str
    description: str = Field(description="For the JSON Schema of the description.")
    fits: Annotated[dict[str, FitOfEffect], Field(min_length=2)]

    @model_validator(mode="after")
    def _known_default(self) -> "Choice[FitOfEffect]":
        if self.default not in self.fits:
            raise ValueError(f"default: got {self.default}; allowed: {', '.join(self.fits)}")
        return self


class DeviceEffect(Spec, Generic[FitOfEffect]):
    """One effect of a device."""

    title: str = Field(description="A sentence for the JSON Schema: which effect of which device.")
    description: str = Field(description="For the field `type` in the JSON Schema: source and range.")
    fit: FitOfEffect | None = Field(default=None, description="null: there is a choice of several.")
    choice: Choice[FitOfEffect] | None = None

    @model_validator(mode="after")
    def _fit_or_choice(self) -> "DeviceEffect[FitOfEffect]":
        if (self.fit is None) == (self.choice is None):
            raise ValueError("fit, choice: got both or none; allowed: one of them")
        return self

    @property
    def fits(self) -> tuple[FitOfEffect, ...]:
        """Every fit of the effect; those of a choice in its order."""
        if self.choice is not None:
            return tuple(self.choice.fits.values())
        return () if self.fit is None else (self.fit,)


class Device(Spec):
    """A published device, whose name is that of its document."""

    format: Literal["mho.device/1"]
    position: int = Field(
        default=1000, description="Place in lists of models; devices with the same one are in the order of their names."
    )
    title: str = Field(description="One line: the technology, its range, how it was written.")
    source: str = Field(description="The publication, and who made the fit.")
    remarks: str = Field(default="", description="What is part of the fit and what is not.")
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    range: Range
    programming: DeviceEffect[ProgrammingFit] | None = None
    drift: DeviceEffect[DriftFit] | None = None
    read: DeviceEffect[ReadFit] | None = None

    @model_validator(mode="after")
    def _known_parameters(self) -> "Device":
        used = [self.range.high, self.range.over]
        for effect in (self.programming, self.drift, self.read):
            used += [getattr(fit, name, None) for fit in (effect.fits if effect else ()) for name in ("over", "times")]
        for name in used:
            if isinstance(name, str) and name not in self.parameters:
                raise ValueError(f"{name}: unknown parameter; allowed: {', '.join(self.parameters) or 'none'}")
        return self


@cache
def devices() -> Mapping[str, Device]:
    """Every published device by name, in the order of lists."""
    return read_devices(resources.files("hwcore.spec.hardware").joinpath("devices"))


def read_devices(folder: Traversable) -> Mapping[str, Device]:
    """The documents of a folder, NAME.json each, by name and in the order of lists.

    Raises:
        ValueError: one of them is no document of a device; the message names the file.
    """
    found = {}
    for entry in folder.iterdir():
        if entry.name.endswith(".json"):
            try:
                found[entry.name.removesuffix(".json")] = Device.model_validate_json(entry.read_text("utf-8"))
            except ValidationError as error:
                raise ValueError(f"{entry.name} is no document of a device: {error}") from error
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: (item[1].position, item[0]))))

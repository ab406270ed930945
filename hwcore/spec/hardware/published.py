"""Models of published devices, made from their documents: a class for every effect of every device.

The classes are those of `hwcore/spec/hardware/devices/*.json`; a further document there is a further model, in the
parser, in the JSON Schema and in `hwcore.devices`.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypeVar

from pydantic import Field, create_model

from hwcore.spec.hardware.compensation import Compensation
from hwcore.spec.hardware.device import Device, DeviceEffect, Parameter, devices
from hwcore.spec.hardware.fits import DriftFit, FlickerFit, ProgrammingFit, ReadFit
from hwcore.spec.hardware.fitted import Fitted
from hwcore.spec.reading.base import OneOf


class Published(Fitted):
    """Base of the models of published devices.

    Attributes:
        device: its document.
        effect: the part of the document that the model is made of.
    """

    device: ClassVar[Device]
    effect: ClassVar[DeviceEffect[Any]]

    @property
    def g_range(self) -> tuple[float, float]:
        """Smallest and largest conductance that the model holds for, S."""
        ends = self.device.range
        over = 1.0 if ends.over is None else self.number(ends.over)
        return ends.low / over, self.number(ends.high) / over

    def number(self, value: float | str) -> float:
        """The number itself, or the value of the parameter of this name."""
        return float(getattr(self, value)) if isinstance(value, str) else value

    def share_of_published(self, parameter: str) -> float:
        """A parameter over its value in the publication, without unit."""
        return self.number(parameter) / self.device.parameters[parameter].default

    def _chosen(self) -> Any:
        choice = self.effect.choice
        return self.effect.fits[0] if choice is None else choice.fits[getattr(self, choice.field)]


class PublishedProgramming(Published):
    """Base of the programming noise of published devices."""

    @property
    def fit(self) -> ProgrammingFit:
        """The fit that the description chooses."""
        fit: ProgrammingFit = self._chosen()
        return fit


class PublishedRead(Published):
    """Base of the read noise of published devices."""

    @property
    def fit(self) -> ReadFit:
        """The fit that the description chooses."""
        fit: ReadFit = self._chosen()
        return fit

    @property
    def begins(self) -> float | None:
        """Earliest time after the write at which the device was looked at, s; None: the noise does not grow."""
        return self.fit.begins if isinstance(self.fit, FlickerFit) else None


class PublishedDrift(Published):
    """Base of the drift of published devices; every one has `compensation`, after the fields of the device."""

    if TYPE_CHECKING:
        compensation: Compensation

    @property
    def fit(self) -> DriftFit:
        """The fit that the description chooses."""
        fit: DriftFit = self._chosen()
        return fit

    @property
    def t0(self) -> float:
        """Time after the write at which the cells have what was programmed, s."""
        return self.fit.begins

    @property
    def begins(self) -> float:
        """t0, s."""
        return self.t0


Model = TypeVar("Model", bound=Published)


def _models(effect: Literal["programming", "read", "drift"], base: type[Model], **more: Any) -> tuple[type[Model], ...]:
    """A class for every device that has the effect, in the order of lists.

    Args:
        effect: of the documents.
        base: of the classes.
        more: fields that they all have, after those of the device.
    """
    found = []
    for name, device in devices().items():
        about: Any = getattr(device, effect)
        if about is not None:
            title = "".join(part.capitalize() for part in (*name.split("_"), effect))
            fields = _fields(name, device, about) | more
            model = create_model(title, __base__=base, __doc__=about.title, __module__=__name__, **fields)
            model.device, model.effect = device, about
            found.append(model)
    return tuple(found)


def _fields(name: str, device: Device, about: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "type": (Annotated[str, OneOf((name,))], Field(default=name, description=about.description))
    }
    fields |= {each: (float, _parameter(parameter)) for each, parameter in device.parameters.items()}
    choice = about.choice
    if choice is not None:
        chosen = Field(default=choice.default, description=choice.description)
        fields[choice.field] = (Annotated[str, OneOf(tuple(choice.fits))], chosen)
    return fields


def _parameter(parameter: Parameter) -> Any:
    return Field(
        default=parameter.default,
        ge=parameter.at_least,
        le=parameter.at_most,
        description=parameter.description,
        json_schema_extra={"unit": parameter.unit},
    )


PROGRAMMING_MODELS: Final = _models("programming", PublishedProgramming)
READ_MODELS: Final = _models("read", PublishedRead)
DRIFT_MODELS: Final = _models("drift", PublishedDrift, compensation=(Compensation, "none"))

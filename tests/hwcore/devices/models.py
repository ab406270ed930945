"""Models of noise by name, and all published ones: a further document joins every test that goes through them."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, TypeVar

from pydantic import TypeAdapter

from hwcore.spec import Drift, Fitted, Programming, Published, Read

Model = TypeVar("Model", bound=Published)


def programming(name: str, /, **fields: Any) -> Programming:
    """The model of programming noise of that `type`."""
    return TypeAdapter[Programming](Programming).validate_python({"type": name, **fields})


def drift(name: str, /, **fields: Any) -> Drift:
    """The model of drift of that `type`."""
    return TypeAdapter[Drift](Drift).validate_python({"type": name, **fields})


def read_noise(name: str, /, **fields: Any) -> Read:
    """The model of read noise of that `type`."""
    return TypeAdapter[Read](Read).validate_python({"type": name, **fields})


def every(models: Iterable[type[Model]]) -> Sequence[Model]:
    """Every published model with every choice, as published and with all parameters doubled."""
    found = []
    for model in models:
        choice = model.effect.choice
        choices = [{}] if choice is None else [{choice.field: chosen} for chosen in choice.fits]
        parameters = model.device.parameters
        scaled = [{}, {name: 2 * parameter.default for name, parameter in parameters.items()}] if parameters else [{}]
        found += [model.model_validate({**one, **other}) for one, other in product(choices, scaled)]
    return found


def ends(model: object, high: float) -> tuple[float, float]:
    """Smallest and largest conductance that a model holds for, S; 0 and `high` of one that holds for all."""
    return model.g_range if isinstance(model, Fitted) else (0.0, high)

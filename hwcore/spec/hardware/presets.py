"""The hardware descriptions that ship with mho, each with its source."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hwcore.errors import InvalidInput
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.reading.base import contradiction
from hwcore.spec.reading.document import fault
from hwcore.spec.reading.wording import near_match, quoted, shortened


@dataclass(frozen=True)
class Preset:
    """A chip by name.

    Attributes:
        name: as a job names it.
        title: one line for lists.
        reference: the paper it follows; what is published in it, and what is a choice made here.
        hardware: the description.
    """

    name: str
    title: str
    reference: str
    hardware: Hardware


@cache
def presets() -> tuple[Preset, ...]:
    """Every preset, by name."""
    folder = resources.files("hwcore.spec.hardware").joinpath("presets")
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    found = []
    for file in files:
        content = json.loads(folder.joinpath(file).read_text("utf-8"))
        hardware = Hardware.model_validate(content["hardware"])
        found.append(Preset(file.removesuffix(".json"), content["title"], content["reference"], hardware))
    return tuple(found)


def preset_names() -> tuple[str, ...]:
    """The names that a job may give in place of a description."""
    return tuple(preset.name for preset in presets())


def load_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        InvalidInput: there is none; the message lists those that there are.
    """
    for preset in presets():
        if preset.name == name:
            return preset
    reason, allowed = _unknown(name), _allowed()
    raise InvalidInput([fault("/hardware", shortened(name), allowed, reason)])


def known_preset(name: str) -> str:
    """The name itself when there is such a preset, for use in a model's field.

    Raises:
        pydantic_core.PydanticCustomError: there is none; pydantic adds the place.
    """
    if name not in preset_names():
        raise contradiction(_unknown(name), _allowed())
    return name


def _unknown(name: str) -> str:
    return f"unknown preset{near_match(name, preset_names())}"


def _allowed() -> str:
    return f"a hardware description, or the name of a preset: {quoted(preset_names())}"

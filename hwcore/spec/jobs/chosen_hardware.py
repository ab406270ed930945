"""The chip as a document names it: a description, or the name of a preset."""

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.hardware.presets import known_preset, load_preset, preset_names
from hwcore.spec.reading.base import word_or


def _preset_enum(schema: dict[str, Any]) -> None:
    # The presets are read only when a schema is asked for: an import does not need them.
    schema["enum"] = list(preset_names())


PresetName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(known_preset),
    Field(json_schema_extra=_preset_enum),
]
ChosenHardware = Annotated[
    Annotated[Hardware, Tag("description")] | Annotated[PresetName, Tag("word")],
    Discriminator(word_or("description")),
]


def described(hardware: Hardware | str) -> Hardware:
    """The description itself, loaded when it is the name of a preset.

    Raises:
        InvalidInput: there is no such preset.
    """
    return load_preset(hardware).hardware if isinstance(hardware, str) else hardware

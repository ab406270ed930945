"""The page of the hardware description is the schema: every field with its unit, bounds and meaning.

`python -m tests.test_hardware_page > docs/reference/hardware.md` writes it anew.
"""

from collections.abc import Iterator
from typing import Any

from hwcore.spec import Hardware, devices
from hwcore.units import SIEMENS, with_prefix
from tests.conftest import REPOSITORY

HEAD = """# The hardware description

Every field of `"hardware"`, from the JSON Schema (`GET /v1/schemas/hardware` has it for machines). Values are in SI
units; what is left out is ideal. `mho validate job.json --json` writes every choice out.
[How to describe a chip](../howto/describe-a-chip.md) shows whole examples.
"""


def bounds(schema: dict[str, Any]) -> str:
    """What a field takes, in a few words."""
    match schema:
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"const": value}:
            return f'`"{value}"`'
        case {"enum": values}:
            return ", ".join(f'`"{value}"`' for value in values)
        case {"anyOf": options} | {"oneOf": options}:
            return " or ".join(dict.fromkeys(bounds(option) for option in options))
        case {"type": "null"}:
            return "null"
        case {"type": "array", "items": items}:
            return f"list of {bounds(items)}"
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    words = {"integer": "whole number", "boolean": "true or false", "string": "text"}
    kind = words.get(schema.get("type", ""), schema.get("type", "value"))
    if low is None and high is None:
        return kind
    above = "above " if "exclusiveMinimum" in schema else "from "
    below = "below " if "exclusiveMaximum" in schema else "to "
    ends = [] if low is None else [f"{above}{low:g}"]
    return " ".join([f"{kind},", *ends, *([] if high is None else [f"{below}{high:g}"])])


def referred(schema: Any) -> Iterator[str]:
    """Names of the parts that a schema refers to, in its order."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from referred(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from referred(value)


def section(name: str, schema: dict[str, Any]) -> str:
    rows = [
        f"| `{field}` | {bounds(about)} | {about.get('description', '')} |"
        for field, about in schema["properties"].items()
    ]
    said = schema.get("description", "").partition("\n\n")[0].replace("\n", " ")
    return "\n".join([f"## {name}", "", said, "", "| field | takes | means |", "|---|---|---|", *rows, ""])


def published() -> str:
    """The table of published devices, a line for each document."""
    lines = ["## Published devices", "", "| `type` | device | holds for | effects | source |", "|---|---|---|---|---|"]
    for name, device in devices().items():
        effects = [effect for effect in ("programming", "drift", "read") if getattr(device, effect) is not None]
        ends = device.range
        high = f"`{ends.high}`" if isinstance(ends.high, str) else with_prefix(ends.high, "A" if ends.over else SIEMENS)
        low = f"{ends.low:g}" if ends.low == 0 else with_prefix(ends.low, SIEMENS)
        device_cell = f"{device.title}. {device.remarks}".strip()
        cells = (f"`{name}`", device_cell, f"{low} to {high}", ", ".join(effects), device.source)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def page() -> str:
    """The whole page."""
    schema = Hardware.model_json_schema()
    parts = schema["$defs"]
    names = list(dict.fromkeys(referred(schema["properties"])))
    for name in names:
        names.extend(each for each in dict.fromkeys(referred(parts[name])) if each not in names)
    sections = [
        section("Hardware", schema),
        *(section(name, parts[name]) for name in names if "properties" in parts[name]),
        published(),
    ]
    return "\n".join([HEAD, *sections])


def test_the_page_is_the_schema() -> None:
    written = (REPOSITORY / "docs" / "reference" / "hardware.md").read_text(encoding="utf-8")
    assert written == page(), "python -m tests.test_hardware_page > docs/reference/hardware.md"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201

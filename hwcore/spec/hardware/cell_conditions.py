"""Conditions between the fields of a cell, for its JSON Schema; the parser refuses the same with a reason.

What a schema cannot count (the length of a table against the number of levels) stays with the parser alone.
"""

from typing import Final

from pydantic.config import JsonDict, JsonValue

_Node = JsonDict


def _spacing(type_: str, **more: _Node) -> _Node:
    """The condition that the object has a spacing of that type, and these fields in it."""
    described: _Node = {"type": "object", "required": ["type", *more], "properties": {"type": {"const": type_}, **more}}
    return {"required": ["spacing"], "properties": {"spacing": described}}


_MEASURED: Final[_Node] = {
    "anyOf": [_spacing("table"), _spacing("binary_weighted", bit_conductances={"type": "array"})],
}
_BINARY: Final[_Node] = {
    "anyOf": [
        _spacing("binary_weighted"),
        {"required": ["negative"], "properties": {"negative": {"type": "object", **_spacing("binary_weighted")}}},
    ],
}
_POWER_OF_TWO: Final[_Node] = {"enum": [None, *(2**bits for bits in range(1, 9))]}
_NO_RATIO: Final[_Node] = {"properties": {"on_off_ratio": {"enum": [None, "same"]}}}
_LIKE_POSITIVE: Final[_Node] = {"properties": {"spacing": {"const": "same"}}}

NEGATIVE_CONDITIONS: Final[list[JsonValue]] = [{"if": _spacing("table"), "then": _NO_RATIO}]
CELL_CONDITIONS: Final[list[JsonValue]] = [
    {
        "if": _spacing("table"),
        "then": {
            "properties": {"on_off_ratio": {"type": "null"}, "negative": {"if": _LIKE_POSITIVE, "then": _NO_RATIO}},
        },
        "else": {"required": ["levels"], "properties": {"levels": {"type": "integer"}}},
    },
    {"if": _MEASURED, "else": {"required": ["g_max"], "properties": {"g_max": {"type": "number"}}}},
    {"if": _BINARY, "then": {"properties": {"levels": _POWER_OF_TWO}}},
]

"""Translation of pydantic's errors into faults: place in the document, value that came, values that are allowed."""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hwcore.errors import Fault
from hwcore.spec.reading.allowed import Node, allowed_text, alternatives, deref, type_name, words_of
from hwcore.spec.reading.base import CONTRADICTION
from hwcore.spec.reading.document import MOST_FAULTS, bounded, child, fault
from hwcore.spec.reading.wording import near_match, quoted, shortened

NOTHING = "nothing"


@dataclass(frozen=True)
class _Place:
    """Place of an error: its pointer, the schema of its field, and the object around it."""

    pointer: str
    field: Node
    parent: Node


def faults_of(error: ValidationError, schema: Node, document: Any) -> tuple[Fault, ...]:
    """Every fault of a document, each once, fifty at most.

    Args:
        error: what pydantic found.
        schema: JSON Schema of the model that was asked for, with its "$defs".
        document: what was validated.
    """
    errors = [each for each in error.errors(include_url=False) if not _follows(each)]
    listed, unlisted = errors[:MOST_FAULTS], len(errors[MOST_FAULTS:])
    found = [_fault(each, _place(each["loc"], schema, document), schema) for each in listed]
    return tuple(bounded(list(dict.fromkeys(found)), unlisted))


def _follows(error: ErrorDetails) -> bool:
    # A list counts as too short when too few of its items are valid: those items have their own faults.
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _place(loc: Iterable[str | int], root: Node, document: Any) -> _Place:
    """Follow pydantic's path through the schema: it names the alternatives of unions, a pointer must not."""
    pointer, field, parent, value = "", root, root, document
    node = root
    for token in loc:
        node = _not_null(node, root)
        if "oneOf" in node:
            node = _alternative(node, root, value)
        elif token == "[key]":
            field = node = {"type": "string", **parent.get("propertyNames", {})}
        else:
            parent, pointer = node, child(pointer, token)
            field = node = _inside(node, token)
            value = _item(value, token)
    return _Place(pointer, field, parent)


def _not_null(node: Node, root: Node) -> Node:
    node = deref(node, root)
    if "anyOf" in node:
        # A path goes on into an object, and not into the number that may stand for it.
        found = [deref(each, root) for each in node["anyOf"] if each.get("type") != "null"]
        node = next((each for each in found if "properties" in each), found[0])
    return node


def _alternative(node: Node, root: Node, value: Any) -> Node:
    """The alternative that the value chose: by its `type`, or text against everything else."""
    found = [deref(each, root) for each in node["oneOf"]]
    if isinstance(value, str):
        return next((each for each in found if each.get("type") == "string"), found[0])
    tags = [value["type"]] if isinstance(value, Mapping) and "type" in value else []
    return next((each for each in found if type_name(each) in tags), found[0])


def _inside(node: Node, token: str | int) -> Node:
    if isinstance(token, int):
        inner: Node = node.get("items", {})
    else:
        inner = node.get("properties", {}).get(token) or node.get("additionalProperties") or {}
    return inner


def _item(value: Any, token: str | int) -> Any:
    try:
        return value[token]
    except (KeyError, IndexError, TypeError):
        return None


def _fault(error: ErrorDetails, place: _Place, root: Node) -> Fault:
    got, pointer = shortened(error["input"]), place.pointer
    match error["type"]:
        case "extra_forbidden":
            keys = list(place.parent.get("properties", {}))
            name = str(error["loc"][-1])
            return fault(
                pointer, shortened(name), f"the keys {', '.join(keys)}", f"unknown key{near_match(name, keys)}"
            )
        case "missing":
            return fault(pointer, NOTHING, allowed_text(place.field, root), "missing")
        case "union_tag_not_found":
            return fault(child(pointer, "type"), NOTHING, _types(place.field, root), "missing")
        case "union_tag_invalid":
            tag = error["input"]["type"]
            reason = f"unknown type{near_match(tag, _names(place.field, root))}" if isinstance(tag, str) else ""
            return fault(child(pointer, "type"), shortened(tag), _types(place.field, root), reason)
        case "literal_error" if isinstance(error["input"], str):
            choices = alternatives(place.field, root)
            # A field of one fixed word, such as a format, has nothing near: another word there means another thing.
            words = [word for each in choices for word in words_of(each) if len(choices) > 1 or "enum" in each]
            match_ = near_match(error["input"], words)
            return fault(pointer, got, allowed_text(place.field, root), f"unknown value{match_}" if match_ else "")
        case "int_type" if isinstance(error["input"], float) and error["input"].is_integer():
            return fault(pointer, got, allowed_text(place.field, root), "write it without a decimal point")
        case type_ if type_ == CONTRADICTION:
            got = NOTHING if error["input"] is None else got
            return fault(pointer, got, error["ctx"]["allowed"], error["ctx"]["reason"])
        case _ if long_form := _long_form(error["input"], place.field, root):
            return fault(pointer, got, allowed_text(place.field, root), f"write {long_form}")
        case _:
            return fault(pointer, got, allowed_text(place.field, root))


def _long_form(value: Any, field: Node, root: Node) -> str | None:
    """The object that a number or a word in the place of one was meant for, as JSON; None where it may be several."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    for each in alternatives(field, root):
        name, properties = type_name(each), each.get("properties", {})
        needed = [key for key in each.get("required", []) if key != "type"]
        if name is not None and name == value and not needed:
            return json.dumps({"type": name})
        takers = {key: taker for key in properties if (taker := _taker(value, properties[key], root)) is not None}
        # A whole number is a count of something before it is a quantity.
        whole = [key for key, taker in takers.items() if taker.get("type") == "integer"]
        candidates = [key for key in needed if key in takers] if needed else whole or list(takers)
        if len(candidates) == 1 and needed in ([], candidates) and (name is None or needed):
            return json.dumps({**({} if name is None else {"type": name}), candidates[0]: value})
    return None


def _taker(value: Any, field: Node, root: Node) -> Node | None:
    found = alternatives(field, root)
    if any("properties" in each for each in found):
        return None
    return next((each for each in found if _takes(value, each)), None)


def _takes(value: Any, node: Node) -> bool:
    if isinstance(value, str):
        return value in words_of(node)
    # JSON knows 1e999 and whole numbers of any length; neither is one that a field could have meant.
    if node.get("type") not in ("number", "integer") or not abs(value) <= sys.float_info.max:
        return False
    if node["type"] == "integer" and value != int(value):
        return False
    low, above = node.get("minimum", -math.inf), node.get("exclusiveMinimum", -math.inf)
    high, below = node.get("maximum", math.inf), node.get("exclusiveMaximum", math.inf)
    return bool(low <= value <= high and above < value < below)


def _names(field: Node, root: Node) -> list[str]:
    return [name for each in alternatives(field, root) if (name := type_name(each)) is not None]


def _types(field: Node, root: Node) -> str:
    return f"one of {quoted(_names(field, root))}"

"""Values that a field accepts, in words, from its JSON Schema: messages and schema cannot disagree."""

from typing import Any

from hwcore.spec.reading.wording import quoted

Node = dict[str, Any]


def deref(node: Node, root: Node) -> Node:
    """The node itself, or the definition that it refers to."""
    while "$ref" in node:
        node = root["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node


def alternatives(node: Node, root: Node) -> list[Node]:
    """The node's alternatives, each with its reference followed, those nested in another flattened; or the node."""
    node = deref(node, root)
    inner = node.get("oneOf") or node.get("anyOf")
    if inner is None:
        return [node]
    return [found for alternative in inner for found in alternatives(alternative, root)]


def allowed_text(node: Node, root: Node, unit: str | None = None) -> str:
    """Describe the values that a node accepts, for example "a whole number from 2 to 256, or null"."""
    unit = node.get("unit", unit)
    found = alternatives(node, root)
    types = [kind for each in found if (kind := type_name(each)) is not None]
    words = [word for each in found if type_name(each) is None for word in words_of(each)]
    plain = [each for each in found if type_name(each) is None and not words_of(each)]
    short = [_plain_text(each, root, unit) for each in plain if each.get("type") not in ("object", "null")]
    long = [_plain_text(each, root, unit) for each in plain if each.get("type") == "object"]
    if words:
        short.append(_one_of(words))
    if types:
        long.append(f'an object with "type" {_one_of(types)}')
    # What is written in a word comes before what takes an object.
    null = ["null"] if any(each.get("type") == "null" for each in plain) else []
    return ", or ".join([*short, *long, *null])


def type_name(node: Node) -> str | None:
    """The constant `type` of a tagged alternative, or None; the one that is meant where none is given may omit it."""
    name = node.get("properties", {}).get("type", {}).get("const")
    return name if isinstance(name, str) else None


def words_of(node: Node) -> list[str]:
    """The words that a field of fixed words accepts."""
    if "const" in node:
        return [node["const"]]
    return list(node.get("enum", []))


def _one_of(names: list[str]) -> str:
    return quoted(names) if len(names) == 1 else f"one of {quoted(names)}"


def _plain_text(node: Node, root: Node, unit: str | None) -> str:
    match node.get("type"):
        case "null":
            return "null"
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number{_interval(node)}"
        case "number":
            return f"a number{_interval(node)}" + (f" {unit}" if unit else "")
        case "string":
            form = f", of the form {node['pattern']}" if "pattern" in node else ""
            return f"text{_between(node.get('minLength', 0), node.get('maxLength'), 'characters')}{form}"
        case "array":
            size = _between(node.get("minItems", 0), node.get("maxItems"), "items")
            once = ", none twice" if node.get("uniqueItems") else ""
            # A list of so many items has one schema for each place.
            kinds = dict.fromkeys(
                allowed_text(item, root, unit) for item in node.get("prefixItems", [node.get("items", {})])
            )
            return f"a list{size}{once}, each {' or '.join(kinds)}"
        case "object" if "properties" in node:
            return f"an object with the keys {', '.join(node['properties'])}"
        case "object":
            entries = _between(node.get("minProperties", 0), node.get("maxProperties"), "entries")
            return f"an object{entries}, each {allowed_text(node['additionalProperties'], root, unit)}"
        case _:
            return "another value"


def _interval(node: Node) -> str:
    low, above = node.get("minimum"), node.get("exclusiveMinimum")
    high, below = node.get("maximum"), node.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {_number(low)} to {_number(high)}"
    bounds = [
        *([f"from {_number(low)}"] if low is not None else []),
        *([f"above {_number(above)}"] if above is not None else []),
        *([f"at most {_number(high)}"] if high is not None else []),
        *([f"below {_number(below)}"] if below is not None else []),
    ]
    return f" {' and '.join(bounds)}" if bounds else ""


def _between(low: int, high: int | None, things: str) -> str:
    if low == high:
        return f" of {low} {things}"
    if high is None:
        return f" of at least {low} {things}" if low else ""
    return f" of {low} to {high} {things}" if low else f" of at most {high} {things}"


def _number(value: int | float) -> str:
    return str(int(value)) if value == int(value) else repr(value)

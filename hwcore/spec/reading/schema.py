"""The JSON Schemas that mho publishes, made from the same models that the parser uses."""

import copy
from functools import cache
from typing import Any, Final, Union

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from hwcore.errors import InvalidInput
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.kinds import JOB_KINDS
from hwcore.spec.reading.allowed import Node, allowed_text
from hwcore.spec.reading.base import Spec
from hwcore.spec.reading.document import fault
from hwcore.spec.reading.wording import quoted, shortened

_PUBLISHED: Final[dict[str, tuple[type[Spec], ...]]] = {"hardware": (Hardware,), "job": tuple(JOB_KINDS.values())}
SCHEMA_NAMES: Final = tuple(_PUBLISHED)
WITHOUT_NUL: Final = r"^[^\x00]*$"
"""Text that a database can hold; a schema cannot say the rest, half a surrogate pair."""


class _WithoutTitles(GenerateJsonSchema):
    """No titles made up from field names: the descriptions say more."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False: titles are left out."""
        return False


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of "hardware" or "job"; every field says its unit and what it accepts.

    Contradictions between fields stand in the descriptions; the parser refuses them.

    Raises:
        InvalidInput: there is no schema of that name.
    """
    if name not in _PUBLISHED:
        raise InvalidInput([fault("/schema", shortened(name), quoted(SCHEMA_NAMES), "unknown schema")])
    return _published(name, _PUBLISHED[name])


def kind_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of job, as a part of `json_schema("job")`.

    Args:
        kind: one of `JOB_KINDS`.
    """
    return _published("job", (JOB_KINDS[kind],))


def _published(name: str, models: tuple[type[Spec], ...]) -> dict[str, Any]:
    raw = schema_of(*models)
    published = copy.deepcopy(raw)
    for model in (published, *published.get("$defs", {}).values()):
        for field in model.get("properties", {}).values():
            _complete(field, raw)
    _forbid_nul(published)
    return {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:mho:schema:{name}:1", **published}


@cache
def schema_of(*models: type[Spec]) -> Node:
    """The schema as the models give it, with definitions under "$defs"; not to be changed by its reader.

    Args:
        models: one of them is what is described; with several, each is a definition, and any of them is allowed.
    """
    union: Any = Union[models]  # noqa: UP007
    return TypeAdapter(union).json_schema(schema_generator=_WithoutTitles)


def _forbid_nul(node: Any) -> None:
    """Say of every free text, keys included, what `read_document` refuses wherever it stands."""
    if isinstance(node, list):
        for item in node:
            _forbid_nul(item)
    elif isinstance(node, dict):
        free = node.get("type") == "string" and not node.keys() & {"enum", "const", "pattern"}
        for text in (*([node] if free else []), *([node["propertyNames"]] if "propertyNames" in node else [])):
            text.setdefault("pattern", WITHOUT_NUL)
        for item in node.values():
            _forbid_nul(item)


def _complete(field: Node, root: Node) -> None:
    unit = f" Unit: {field['unit']}." if "unit" in field else ""
    field["description"] = f"{field['description']}{unit} Allowed: {allowed_text(field, root)}."

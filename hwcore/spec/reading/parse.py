"""Parsing of documents into checked descriptions: every fault at once, each with its place."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from hwcore.errors import InvalidInput
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.compile_job import CompileJob
from hwcore.spec.jobs.job_document import JobDocument
from hwcore.spec.jobs.kinds import DEFAULT_KIND, JOB_KINDS
from hwcore.spec.jobs.resolve import ResolveRequest
from hwcore.spec.reading.allowed import Node
from hwcore.spec.reading.base import Spec
from hwcore.spec.reading.document import read_document
from hwcore.spec.reading.faults import faults_of
from hwcore.spec.reading.schema import schema_of
from hwcore.spec.reading.wording import nearest

Document = str | bytes | Mapping[str, Any]
_Model = TypeVar("_Model", bound=Spec)


def parse_job(document: Document) -> JobDocument:
    """A job of any kind from strict JSON text or from a mapping of the same shape.

    Raises:
        InvalidInput: with every fault: its pointer, what came, what is allowed.
    """
    return parse_one_of(document, JOB_KINDS)


def parse_compile_job(document: Document) -> CompileJob:
    """A compile job, as `parse_job` reads it; for callers that need its training.

    Raises:
        InvalidInput: as for `parse_job`; every other kind is refused.
    """
    return parse_one_of(document, {DEFAULT_KIND: CompileJob})


def parse_one_of(document: Document, kinds: Mapping[str, type[_Model]]) -> _Model:
    """A document of the kind that it names; the kind nearest to the word where there is none of that name.

    Args:
        document: as for `parse_job`.
        kinds: the models by the word that a document has for `kind`; `DEFAULT_KIND` is among them.

    Raises:
        InvalidInput: with every fault; that of an unknown kind lists all kinds.
    """
    content = read_document(document)
    word = content.get("kind", DEFAULT_KIND)
    name = word if isinstance(word, str) else DEFAULT_KIND
    model = kinds[name if name in kinds else nearest(name, list(kinds)) or DEFAULT_KIND]
    return _checked(content, model, lambda: _naming(schema_of(model), kinds))


def parse_hardware(document: Document) -> Hardware:
    """A hardware description from strict JSON text or from a mapping of the same shape.

    Raises:
        InvalidInput: with every fault: its pointer, what came, what is allowed.
    """
    return _parse(document, Hardware)


def parse_resolve_request(document: Document) -> ResolveRequest:
    """Parse a request to resolve hardware: `hardware`, and optionally `model` and `dataset`.

    Raises:
        InvalidInput: with every fault: its pointer, what came, what is allowed.
    """
    return _parse(document, ResolveRequest)


def _parse(document: Document, model: type[_Model]) -> _Model:
    return _checked(read_document(document), model, lambda: schema_of(model))


def _checked(content: Mapping[str, Any], model: type[_Model], schema: Callable[[], Node]) -> _Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # The schema takes a tenth of a second to make, and a good document needs none.
        raise InvalidInput(faults_of(error, schema(), content)) from None


def _naming(schema: Node, kinds: Mapping[str, Any]) -> Node:
    """The schema of one kind with the words of all kinds as values of `kind`."""
    if len(kinds) == 1:
        return schema
    kind = {key: value for key, value in schema["properties"]["kind"].items() if key != "const"}
    return {**schema, "properties": {**schema["properties"], "kind": {**kind, "enum": list(kinds)}}}

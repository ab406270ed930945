"""Parsing of documents into checked descriptions: every fault at once, each with its place."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from hwcore.errors import InvalidInput
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.job import CompileJob
from hwcore.spec.jobs.resolve import ResolveRequest
from hwcore.spec.reading.base import Spec
from hwcore.spec.reading.document import read_document
from hwcore.spec.reading.faults import faults_of
from hwcore.spec.reading.schema import schema_of

Document = str | bytes | Mapping[str, Any]
_Model = TypeVar("_Model", bound=Spec)


def parse_job(document: Document) -> CompileJob:
    """A compile job from strict JSON text or from a mapping of the same shape.

    Raises:
        InvalidInput: with every fault: its pointer, what came, what is allowed.
    """
    return _parse(document, CompileJob)


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
    content = read_document(document)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InvalidInput(faults_of(error, schema_of(model), content)) from None

"""The JSON document in a request's body: not JSON at all is a 400, a faulty document a 422."""

from __future__ import annotations

import json
from typing import Any

from app.problems.faults import fault_document
from app.problems.problem import Problem
from hwcore.errors import InvalidInput
from hwcore.spec import read_document


def json_document(body: bytes) -> dict[str, Any]:
    """The object in the body, strictly read.

    Raises:
        Problem: MALFORMED_JSON where the body is not JSON text.
        InvalidInput: it is JSON, but no object, or with repeated keys, or nested too deep.
    """
    try:
        return read_document(body)
    except InvalidInput as error:
        if _is_json(body):
            raise
        faults = [fault_document(fault) for fault in error.faults]
        raise Problem("MALFORMED_JSON", str(error), errors=faults) from error


def _is_json(body: bytes) -> bool:
    """Tell whether the body is JSON text, whatever it says."""
    try:
        json.loads(body.decode("utf-8"), parse_int=float)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return False
    except RecursionError:
        return True
    return True

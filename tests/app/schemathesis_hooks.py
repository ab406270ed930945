"""What `make fuzz` adds to schemathesis: names of what is there, and which refusals of valid data are ones.

A document can keep every rule of its JSON Schema and still be refused: fields that contradict each other, what is not
there, a key that was used. Each of these is listed; another refusal of valid data is a schema that says too much.
"""

from __future__ import annotations

import json
import os
from typing import Any

import schemathesis

from tests.hwcore.spec.reading.test_schema import PARSER_ALONE

REAL = json.loads(os.environ.get("MHO_FUZZ_NAMES", "[]"))
"""Sets of path parameters of things that are there."""

SEEN_BY_THE_SERVER = ("no such dataset",)
"""What only who has the data knows."""

COMPUTED = (
    *PARSER_ALONE,
    " levels are ",
    "the bits conduct",
    "together the bits conduct",
    "a cell is stuck at one end at most",
    "the staircase has to sharpen",
    "a staircase does not soften",
    "weights: got",
    "products per image",
    "are vectors, and not images",
    "batch normalisation is folded into",
    "inputs and outputs of the network are not known before the data are",
    "the table has",
    "half a surrogate pair",
)
"""Words of every fault that takes counting, computing, or two fields."""

REFUSED = {
    ("POST", "/v1/jobs"): {"INVALID_INPUT", "IDEMPOTENCY_KEY_REUSED"},
    ("POST", "/v1/hardware:resolve"): {"INVALID_INPUT"},
    # Bytes have no schema.
    ("POST", "/v1/datasets"): {"DATASET_INVALID"},
}
"""Reasons for which a call may refuse valid data."""


@schemathesis.check
def refusal_of_valid_data(ctx: Any, response: Any, case: Any) -> None:
    """A 422 of valid data has a reason that no schema can say."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    problem = response.json()
    reasons = REFUSED.get((case.method, case.operation.path), set())
    assert problem["reason"] in reasons, f"valid data were refused: {problem['detail']}"
    if problem["reason"] == "INVALID_INPUT":
        for fault in problem["errors"]:
            words = (*COMPUTED, *SEEN_BY_THE_SERVER, "more faults that are not listed")
            assert any(word in fault["message"] for word in words), f"the schema lets this through: {fault}"


@schemathesis.hook
def map_path_parameters(ctx: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Half of the requests ask for what is there, or nearly every path would end with a 404."""
    if not path_parameters or not REAL:
        return path_parameters
    turn = sum(map(ord, "".join(map(str, path_parameters.values())))) % (2 * len(REAL))
    real = REAL[turn] if turn < len(REAL) else {}
    return {name: real.get(name, value) for name, value in path_parameters.items()}

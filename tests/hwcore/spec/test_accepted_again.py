"""What is accepted resolves, is written out, and is accepted again as the same."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from hwcore.errors import InvalidInput
from hwcore.spec import component_tables, parse_hardware, parse_job, resolve_hardware
from tests.hwcore.spec.any_chips import any_chips

Description = dict[str, Any]


def test_bits_of_one_siemens_are_the_most_of_either_side() -> None:
    bits = {"type": "binary_weighted", "bit_conductances": [0.25, 0.75]}
    hardware = parse_hardware({"cell": {"levels": 4, "spacing": bits, "negative": {"spacing": bits}}})
    assert parse_hardware(hardware.resolved().model_dump_json()).cell.g_max == 1.0
    assert component_tables(hardware.cell).g_neg.tolist() == [0.0, 0.25, 0.75, 1.0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(any_chips)
def test_what_is_accepted_is_accepted_again_when_it_is_written_out(description: Description) -> None:
    document = {"hardware": description, "dataset": "digits"}
    try:
        job = parse_job(document)
    except InvalidInput:
        return
    found = resolve_hardware(job.described_hardware, dataset="digits")
    text = json.dumps(found, allow_nan=False)
    again = parse_hardware(json.loads(text)["hardware"])
    assert again == job.described_hardware.resolved() == again.resolved()
    ours, theirs = component_tables(job.described_hardware.cell), component_tables(again.cell)
    assert (ours.g_pos == theirs.g_pos).all()
    assert (ours.g_neg == theirs.g_neg).all()
    resolved = job.resolved()
    assert parse_job(resolved.model_dump_json()) == resolved == resolved.resolved()


@pytest.mark.parametrize("value", [5e-324, 1e-40, 9.9e-31, 0.0])
def test_a_range_that_single_precision_does_not_hold_is_refused(value: float) -> None:
    # Trained with, it made every loss NaN, whatever the learning rate.
    cell = {"levels": 4, "g_max": 1e-5}
    words = f"activation.range: got {value}; allowed: a number from 1e-30 to 1000000"
    with pytest.raises(InvalidInput, match=words):
        parse_hardware({"cell": cell, "activation": {"bits": 2, "range": value}})
    assert parse_hardware({"cell": cell, "activation": {"bits": 2, "range": 1e-30}}).activation.range == 1e-30

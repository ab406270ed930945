"""What is accepted resolves, is written out, and is accepted again as the same."""

import json
from typing import Any

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

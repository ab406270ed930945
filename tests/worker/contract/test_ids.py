from __future__ import annotations

import time
import uuid

import pytest

from worker.contract.ids import is_id, new_id


def test_ids_are_uuids_of_version_7_with_the_time_in_them() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_sort_by_the_time_of_their_making() -> None:
    made = []
    for _ in range(1000):
        made.append(new_id())
        # The order is promised for moments that a quarter of a microsecond tells apart.
        moment = time.time_ns()
        while time.time_ns() < moment + 500:
            pass
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_only_the_plain_form_is_an_id() -> None:
    made = new_id()
    assert is_id(made)


PLAIN = "01a20ad8-3821-73d8-8719-98e39ad9a713"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "..",
        "../../etc/passwd",
        PLAIN.upper(),
        PLAIN.replace("-", ""),
        f"{{{PLAIN}}}",
        f"urn:uuid:{PLAIN}",
        f"{PLAIN}\n",
        f"{PLAIN}/..",
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert not is_id(text)

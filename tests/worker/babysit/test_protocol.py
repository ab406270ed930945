from __future__ import annotations

from pathlib import Path

import pytest

from worker.babysit.protocol import Request, ShareRequest, checkpoint_name, result_name


@pytest.mark.parametrize("data_dir", [None, Path("/data")])
def test_a_request_arrives_as_it_was_sent(data_dir: Path | None) -> None:
    request = Request(
        {"kind": "compile", "name": 'µ\n"x"'},
        Path("/out"),
        "cuda:1",
        data_dir,
        3,
        checkpoints=Path("/kept"),
        checkpoint_seconds=0.5,
        resume_from=data_dir,
        memory_bytes=1 << 30,
        judged=Path("/judged"),
        offers=Path("/offers"),
        share_chips=7,
    )
    assert Request.from_json(request.to_json()) == request


@pytest.mark.parametrize("data_dir", [None, Path("/data")])
def test_the_request_of_a_share_arrives_as_it_was_sent(data_dir: Path | None) -> None:
    request = ShareRequest("ab" * 32, ["drift+wires.3"], data_dir, 3, None, "file:///blobs", Path("/cache"))
    assert ShareRequest.from_json(request.to_json()) == request


def test_files_are_named_after_what_they_hold() -> None:
    assert checkpoint_name("hardware_aware", 7) == "hardware_aware-7.safetensors"
    assert result_name("drift+wires.3") == "drift+wires.3.json"

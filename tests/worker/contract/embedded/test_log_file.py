from __future__ import annotations

from pathlib import Path

import pytest

from worker.contract.embedded import log_file


def test_it_appends_and_puts_a_large_one_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "PUT_ASIDE_BYTES", 10)
    path = tmp_path / "logs" / "worker.log"
    for line in (b"first\n", b"second\n", b"third\n"):
        with log_file.open_log(path) as file:
            file.write(line)
    assert path.read_bytes() == b"third\n"
    assert path.with_name("worker.log.1").read_bytes() == b"first\nsecond\n"

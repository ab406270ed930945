from __future__ import annotations

from pathlib import Path

from worker.contract.embedded.log_file import open_log


def test_it_appends_and_puts_a_large_one_aside(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "worker.log"
    for line in (b"first\n", b"second\n", b"third\n"):
        with open_log(path, most_bytes=10) as file:
            file.write(line)
    assert path.read_bytes() == b"third\n"
    assert path.with_name("worker.log.1").read_bytes() == b"first\nsecond\n"

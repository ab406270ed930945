"""Memory: what there is, and the refusal."""

from pathlib import Path

import pytest

from hwcore.errors import ArrayTooLarge
from hwcore.wires import memory
from hwcore.wires.memory import available_memory, require_memory


def test_there_is_some_and_no_more_than_the_address_space() -> None:
    assert 1e7 < available_memory() < 2**60


def test_a_container_may_have_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = available_memory()
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert available_memory() > free / 2
    (tmp_path / "memory.max").write_text("3000\n")
    assert available_memory() == 2000
    (tmp_path / "memory.max").write_text("500\n")
    assert available_memory() == 0


def test_it_says_what_takes_how_much_and_what_to_do() -> None:
    require_memory(5, "this", 5)
    with pytest.raises(ArrayTooLarge, match=r"^this takes 3,200\.0 GB of memory; allowed here: 1\.5 GB; use smaller"):
        require_memory(3_200_000_000_000, "this", 1_500_000_000)


def test_a_failed_job_would_say_out_of_memory() -> None:
    assert ArrayTooLarge.reason == "OUT_OF_MEMORY"

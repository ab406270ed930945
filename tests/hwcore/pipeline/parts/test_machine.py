"""Device, threads and versions."""

import os

import pytest
import torch

from hwcore.errors import InvalidInput
from hwcore.pipeline.parts.machine import choose_device, machine, threads_of, versions
from hwcore.processors import available_threads


def test_auto_is_cuda_where_there_is_one() -> None:
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "", "cpu:0", "CPU"])
def test_a_device_that_is_not_here_is_named_with_those_that_are(name: str) -> None:
    with pytest.raises(InvalidInput, match="allowed here: auto, cpu") as raised:
        choose_device(name)
    (fault,) = raised.value.faults
    assert fault.pointer == "/device"
    assert repr(name) in fault.message


def test_threads_are_set_and_given_back() -> None:
    before = torch.get_num_threads()
    with threads_of(before + 1) as used:
        assert used == torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before

    def failing() -> None:
        with threads_of(before + 1):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert torch.get_num_threads() == before


def test_by_default_all_cores_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with threads_of(None) as used:
        assert used == available_threads() == len(os.sched_getaffinity(0))


def test_what_openmp_is_told_goes_before_all_cores_and_a_number_that_is_given_before_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = available_threads() + 3
    monkeypatch.setenv("OMP_NUM_THREADS", str(asked))
    with threads_of(None) as used:
        assert used == torch.get_num_threads() == asked
    with threads_of(1) as used:
        assert used == 1


@pytest.mark.parametrize("count", [0, -3])
def test_a_thread_count_that_is_none_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput, match=f"got {count}; allowed: a whole number from 1"), threads_of(count):
        pytest.fail("not to be reached")


def test_versions_and_machine_are_plain_text_and_numbers() -> None:
    assert {"python", "mho", "torch", "numpy"} <= set(versions())
    assert all(isinstance(value, str) and value for value in versions().values())
    assert machine(torch.device("cpu"), 3)["threads"] == 3
    assert machine(torch.device("cpu"), 3)["device"] == "cpu"

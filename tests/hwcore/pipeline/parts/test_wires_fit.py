"""Wires that do not fit into memory are refused before anything is trained."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from hwcore.errors import ArrayTooLarge
from hwcore.pipeline import Environment, run_in
from hwcore.pipeline.parts.wires_fit import require_memory_for_wires
from hwcore.spec import CompileJob
from tests.hwcore.pipeline.small_jobs import CELL, Listener, everything_below, job

Asked = dict[str, int]
LINES = {"rows": 16384, "cols": 16384, "wire_resistance": {"word": 1.0, "bit": 1.0}}


def wired(noise: Any = None, evaluation: Any = None, aware_of: Any = (), array: Any = LINES) -> CompileJob:
    return job(
        {"cell": CELL, "array": array, "noise": noise or {}},
        model={"hidden": [1024, 32]},
        training={"aware_of": list(aware_of)},
        evaluation=evaluation,
    ).resolved()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What is asked of the machine, which says yes to everything."""
    found: Asked = {}
    # The module: in its package the name is that of the function.
    transfer = importlib.import_module("hwcore.wires.transfer")
    layer = importlib.import_module("hwcore.wires.layer")
    for module in (transfer, layer):
        monkeypatch.setattr(module, "require_memory", lambda needed, what, limit: found.update({what: needed}))
    return found


def required(of: CompileJob, threads: int, memory: int | None = None) -> None:
    """Require the memory as a compile job does."""
    examination = of.examination()
    require_memory_for_wires(examination, threads, training="wires" in examination.aware_of, memory=memory)


def needed(asked: Asked, of: CompileJob, threads: int = 1) -> int:
    """Bytes of all that is asked for."""
    asked.clear()
    required(of, threads)
    return sum(asked.values())


def test_nothing_is_asked_where_there_are_no_wires_or_nobody_looks() -> None:
    required(job().resolved(), 2, memory=0)
    required(wired(array={"rows": 64, "cols": 64}), 2, memory=0)
    noise = {"programming": {"type": "additive", "sigma_ratio": 0.1}}
    required(wired(noise, {"effects": ["programming"]}), 2, memory=0)
    required(wired(), 2, memory=10**12)


def test_looked_at_or_trained_for_it_is(asked: Asked) -> None:
    assert needed(asked, wired()) > 0
    trained_for = wired(evaluation={"effects": []}, aware_of=["wires"])
    assert needed(asked, trained_for) == needed(asked, wired())


def test_every_layer_is_asked_for(asked: Asked) -> None:
    required(wired(), 1)
    shapes = ("64 x 1024", "1024 x 32", "32 x 10")
    assert list(asked) == [f"the transfer matrix of 2 arrays of {shape} cells" for shape in shapes]
    asked.clear()
    required(wired(array={**LINES, "rows": 600, "cols": 20, "pair_layout": "interleaved"}), 1)
    assert "the transfer matrix of 1 array of 424 x 24 cells" in asked
    assert "the transfer matrix of 1 array of 600 x 40 cells" in asked


def test_read_noise_takes_a_gradient_and_threads_a_copy_each(asked: Asked) -> None:
    noise = {"programming": {"type": "additive", "sigma_ratio": 0.1}}
    one = needed(asked, wired(noise))
    assert needed(asked, wired(noise), 2) == 2 * one
    assert needed(asked, wired(noise), 64) == 4 * one  # no more than there are chips
    # What all chips share is worked out a layer a thread.
    needed(asked, wired())
    each = sorted(asked.values())
    assert needed(asked, wired(), 2) == sum(each) + each[-1] + each[-2]


def test_chips_with_different_effects_are_computed_beside_one_another(asked: Asked) -> None:
    noise = {"programming": {"type": "additive", "sigma_ratio": 0.1}, "stuck_at": {"stuck_on": 0.1, "stuck_off": 0.0}}
    aware = {"evaluation": {"chips": 2}, "aware_of": ["wires"]}
    one = needed(asked, wired(noise, **aware))
    # Programming, stuck-at and both, each through the wires: six chips.
    assert needed(asked, wired(noise, **aware), 64) == 6 * one


def test_layers_that_are_differentiated_at_once_add_up_and_so_do_their_shapes(asked: Asked) -> None:
    read = {"read": {"type": "proportional", "sigma_ratio": 0.1}}
    needed(asked, wired(read, array={**LINES, "rows": 600, "cols": 20}), 1)
    one = asked["all transfer matrices of 1 layer with their gradient"]
    needed(asked, wired(read, array={**LINES, "rows": 600, "cols": 20}), 2)
    assert one < asked["all transfer matrices of 2 layers at once with their gradient"] < 2 * one


def test_with_the_gradient_more_is_refused() -> None:
    noise = {"programming": {"type": "additive", "sigma_ratio": 0.1}}
    read = {"read": {"type": "proportional", "sigma_ratio": 0.1}}
    required(wired(noise), 1, memory=int(2e9))
    with pytest.raises(ArrayTooLarge, match=r"of 1 layer with their gradient takes"):
        required(wired(read), 1, memory=int(1e8))


def test_a_job_is_refused_before_it_reads_or_trains_anything(tmp_path: Path) -> None:
    here = Environment(device="cpu", threads=1, memory=1_500_000)
    listener = Listener()
    with pytest.raises(ArrayTooLarge, match="use smaller arrays"):
        run_in(here, wired(), tmp_path / "new" / "out", progress=listener)
    assert listener.heard == []
    assert not everything_below(tmp_path)

"""Training and wires on a GPU: what the CPU computes, and the same bytes every time. Skipped where there is none."""

import copy
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.errors import Cancelled
from hwcore.mapping import Components
from hwcore.pipeline import Checkpoints, run
from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.machine import choose_device
from hwcore.pipeline.parts.networks import rounded, train_float
from hwcore.pipeline.parts.pace import Pace
from hwcore.progress import Progress
from hwcore.spec import Array, tile_grid
from hwcore.training import Recipe, TrainingStep
from hwcore.wires import Wires, layer_transfer, transfer
from tests.hwcore.pipeline.small_jobs import CNN, EVERYTHING, HARDWARE, digests, job
from tests.hwcore.wires.drawn_arrays import drawn

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device here")

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
JOBS = {
    "mlp": job(training={"epochs": 3, "float_epochs": 2}),
    "everything": job(EVERYTHING, training={"epochs": 3, "float_epochs": 2}, evaluation={"chips": 2}),
    "cnn, shifted": job(
        model=CNN,
        training={
            "epochs": 3,
            "float_epochs": 2,
            "augmentation": {"shift": 1},
            "input_dropout": 0.1,
            "activation_noise": 0.5,
        },
        evaluation={"chips": 2},
    ),
}
WIRES = Wires(r_word=1.0, r_bit=2.0, r_driver=10.0, r_sense=20.0)


def test_auto_is_the_gpu() -> None:
    assert choose_device("auto").type == "cuda"


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
@pytest.mark.parametrize("model", [None, CNN], ids=["dense", "convolutions"])
def test_a_step_is_that_of_the_cpu(model: Any, method: str) -> None:
    described = job(HARDWARE, model=model, training={"epochs": 2, "method": method, "batch": 64}).resolved()
    data = load_data(described.course(), None, CPU)
    plain, _ = train_float(described.course(), data, CPU, Pace.of(described.work(), None))
    start = rounded(described.course(), plain, data, CPU, "least_error")
    losses, gradients = {}, {}
    # Convolutions in TF32 would differ by 1e-3.
    with torch.backends.cudnn.flags(deterministic=True, benchmark=False, allow_tf32=False):
        for device in (CPU, CUDA):
            examples = load_data(described.course(), None, device).chip.training
            network = copy.deepcopy(start).to(device).train()
            step = TrainingStep(
                network,
                examples,
                Recipe(described.training, 1, described.training.schedule if method == "smooth" else None),
                total=100,
                generator=torch.Generator().manual_seed(0),
            )
            losses[device] = float(step(torch.arange(64, device=device)))
            found = [each.grad for each in network.parameters() if each.grad is not None]
            gradients[device] = torch.cat([each.flatten().cpu() for each in found])
    assert losses[CUDA] == pytest.approx(losses[CPU], rel=1e-4)
    apart = (gradients[CUDA] - gradients[CPU]).norm() / gradients[CPU].norm()
    # A table is read at the nearest point, and a value between two of them may be rounded to either.
    assert float(apart) < 0.02


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[dict[str, Any], dict[str, str]]]:
    """The report of a job of `JOBS` and the digests of its files, trained on the GPU and never disturbed."""

    @functools.cache
    def of(name: str) -> tuple[dict[str, Any], dict[str, str]]:
        out = tmp_path_factory.mktemp("whole") / "out"
        return run(JOBS[name], out, device="cuda", threads=1), digests(out)

    return of


@pytest.mark.parametrize("name", JOBS)
def test_a_job_learns_as_on_the_cpu_and_twice_gives_the_same_bytes(
    name: str, tmp_path: Path, whole: Callable[[str], tuple[dict[str, Any], dict[str, str]]]
) -> None:
    report, files = whole(name)
    run(JOBS[name], tmp_path / "again", device="cuda", threads=1)
    there = run(JOBS[name], tmp_path / "cpu", device="cpu", threads=1)
    assert digests(tmp_path / "again") == files
    for mine, other in zip(report["ladder"], there["ladder"], strict=True):
        assert mine["stage"] == other["stage"]
        # Trainings that round otherwise: some of the 360 test images.
        assert mine["accuracy"] == pytest.approx(other["accuracy"], abs=0.12)


@pytest.mark.parametrize(
    ("name", "stage"), [("mlp", "float"), ("everything", "hardware_aware"), ("cnn, shifted", "hardware_aware")]
)
def test_it_goes_on_from_a_checkpoint_to_the_same_bytes(
    name: str, stage: str, tmp_path: Path, whole: Callable[[str], tuple[dict[str, Any], dict[str, str]]]
) -> None:
    def end(progress: Progress) -> None:
        if (progress.stage, progress.epoch) == (stage, 1):
            raise Cancelled("the worker died")

    kept, heard = tmp_path / "checkpoint", list[Progress]()
    with pytest.raises(Cancelled):
        run(JOBS[name], tmp_path / "out", device="cuda", threads=1, progress=end, checkpoints=Checkpoints(kept))
    resumed = Checkpoints(tmp_path / "newer", resume_from=kept)
    run(JOBS[name], tmp_path / "out", device="cuda", threads=1, progress=heard.append, checkpoints=resumed)
    assert any("goes on after epoch 1" in each.message for each in heard)
    assert digests(tmp_path / "out") == whole(name)[1]


@pytest.mark.parametrize("shape", [(3, 40, 24), (2, 20, 130), (1, 128, 128)])
def test_transfer_matrices_and_their_gradient_are_those_of_the_cpu(shape: tuple[int, int, int]) -> None:
    here = drawn(*shape).requires_grad_()
    there = here.detach().to(CUDA).requires_grad_()
    found, expected = transfer(there, WIRES), transfer(here, WIRES)
    weights = drawn(*shape, seed=1) / 1e-4
    (found * weights.to(CUDA)).sum().backward()
    (expected * weights).sum().backward()
    assert found.device.type == "cuda"
    torch.testing.assert_close(found.detach().cpu(), expected.detach(), rtol=1e-10, atol=0.0)
    assert here.grad is not None
    assert there.grad is not None
    torch.testing.assert_close(there.grad.cpu(), here.grad, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_layers_with_wires_are_those_of_the_cpu(layout: Any) -> None:
    g = Components(drawn(70, 50), drawn(70, 50, seed=1))
    grid = tile_grid(70, 50, Array(rows=32, cols=32))
    expected = layer_transfer(g, grid, WIRES, layout)
    found = layer_transfer(Components(g.pos.to(CUDA), g.neg.to(CUDA)), grid, WIRES, layout)
    for mine, other in zip(found, expected, strict=True):
        torch.testing.assert_close(mine.cpu(), other, rtol=1e-10, atol=0.0)

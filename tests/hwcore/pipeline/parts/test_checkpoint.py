"""A job that goes on from a checkpoint ends with the bytes of one that nothing disturbed."""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hwcore.errors import Cancelled
from hwcore.pipeline import Checkpoints, run
from hwcore.pipeline.parts.checkpoint import Keeper, find_checkpoint
from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.networks import train_float, train_hardware
from hwcore.pipeline.parts.pace import HARDWARE_EPOCH, Pace
from hwcore.progress import Progress
from hwcore.snapshot import Snapshot
from hwcore.spec import CompileJob
from tests.hwcore.pipeline.small_jobs import CNN, EVERYTHING, digests, job

CPU = torch.device("cpu")
pytestmark = pytest.mark.usefixtures("without_checks_of_types")

EPOCHS = 4
JOBS = {
    "mlp": job(training={"epochs": EPOCHS, "float_epochs": 3}),
    "everything": job(EVERYTHING, training={"epochs": EPOCHS, "float_epochs": 3}, evaluation={"chips": 2}),
    "cnn with shifts": job(
        model=CNN,
        training={
            "epochs": EPOCHS,
            "float_epochs": 3,
            "augmentation": {"shift": 1},
            "input_dropout": 0.1,
            "activation_noise": 0.5,
            "initial_range_ratio": 0.8,
            "hardware_learning_rate": 0.02,
        },
        evaluation={"chips": 2},
    ),
    "with a reference": job(
        model={"hidden": [4]},
        training={"epochs": 2, "float_epochs": 1, "batch": 256, "reference": "trained_alike"},
        evaluation={"chips": 2},
    ),
    "sgd, straight-through": job(
        training={"epochs": EPOCHS, "float_epochs": 3, "optimizer": "sgd", "method": "straight_through"},
        evaluation={"chips": 2},
    ),
}


class EndedAt:
    """Ends a job after an epoch, as a worker that dies does."""

    def __init__(self, stage: str, epoch: int) -> None:
        self.stage, self.epoch = stage, epoch

    def __call__(self, progress: Progress) -> None:
        if (progress.stage, progress.epoch) == (self.stage, self.epoch):
            raise Cancelled("the worker died")


def epochs_of(heard: list[Progress], stage: str) -> list[int | None]:
    return [each.epoch for each in heard if each.stage == stage]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, str]]:
    """Digests of the files of a job of `JOBS` that nothing disturbed."""

    @functools.cache
    def of(name: str) -> dict[str, str]:
        out = tmp_path_factory.mktemp("whole") / "out"
        run(JOBS[name], out, device="cpu", threads=1)
        return digests(out)

    return of


@pytest.mark.parametrize(
    ("name", "stage", "epoch"),
    [
        ("mlp", "float", 2),
        ("mlp", "float", 3),
        ("mlp", "hardware_aware", 2),
        ("mlp", "hardware_aware", 4),
        ("everything", "hardware_aware", 2),
        ("cnn with shifts", "hardware_aware", 3),
        ("with a reference", "float_reference_2", 1),
        ("with a reference", "hardware_aware", 1),
        ("sgd, straight-through", "hardware_aware", 1),
    ],
)
def test_the_bytes_are_those_of_an_undisturbed_run(
    tmp_path: Path, whole: Callable[[str], dict[str, str]], name: str, stage: str, epoch: int
) -> None:
    chosen = JOBS[name]
    kept = tmp_path / "checkpoint"
    with pytest.raises(Cancelled):
        run(
            chosen,
            tmp_path / "out",
            device="cpu",
            threads=1,
            progress=EndedAt(stage, epoch),
            checkpoints=Checkpoints(kept),
        )
    assert not (tmp_path / "out").exists()
    # The global generator is nobody's.
    torch.rand(7)
    heard: list[Progress] = []
    run(
        chosen,
        tmp_path / "out",
        device="cpu",
        threads=1,
        progress=heard.append,
        checkpoints=Checkpoints(tmp_path / "next", resume_from=kept),
    )
    assert digests(tmp_path / "out") == whole(name)
    # Only what was missing was trained: the first word of the stage is where it goes on.
    assert epochs_of(heard, stage)[0] == epoch
    fractions = [each.fraction for each in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The checkpoint of the job `mlp`, ended in its second epoch on the hardware."""
    folder = tmp_path_factory.mktemp("interrupted")
    with pytest.raises(Cancelled):
        run(
            JOBS["mlp"],
            folder / "out",
            device="cpu",
            threads=1,
            progress=EndedAt("hardware_aware", 2),
            checkpoints=Checkpoints(folder / "checkpoint"),
        )
    return (folder / "checkpoint").read_bytes()


def interrupted(snapshot: bytes, folder: Path) -> Path:
    kept = folder / "checkpoint"
    kept.write_bytes(snapshot)
    return kept


def epochs_run(chosen: CompileJob, folder: Path, kept: Path, threads: int = 1) -> list[tuple[str, int]]:
    """The checkpoints that a job which goes on from `kept` takes."""
    taken: list[tuple[str, int]] = []
    after = Checkpoints(folder / "after", resume_from=kept, written=lambda stage, epoch: taken.append((stage, epoch)))
    run(chosen, folder / "resumed", device="cpu", threads=threads, checkpoints=after)
    return taken


def test_the_rest_is_told_by_the_epochs_that_this_process_trained(tmp_path: Path, snapshot: bytes) -> None:
    chosen = JOBS["mlp"].resolved()
    kept = interrupted(snapshot, tmp_path)
    checkpoints = Checkpoints(tmp_path / "next", resume_from=kept)
    found = find_checkpoint(chosen, CPU, checkpoints)
    assert found is not None
    keeper = Keeper(chosen, CPU, found.threads, checkpoints, found)
    now, heard = [0.0], list[Progress]()

    def listen(progress: Progress) -> None:
        # An epoch of either stage takes 14 s from here on, and all that was found took none.
        heard.append(progress)
        now[0] += 14.0

    pace = Pace(listen, total=3.0 + HARDWARE_EPOCH * EPOCHS, clock=lambda: now[0])
    data = load_data(chosen.course(), None, CPU)
    plain, _ = train_float(chosen.course(), data, CPU, pace, keeper)
    now[0] = pace.began = 100.0
    train_hardware(chosen.course(), plain, data, CPU, pace, keeper)
    told = [(each.stage, each.epoch, each.seconds_left) for each in heard]
    # Two of four epochs are left, then one: at 14 s each, and nobody can tell before the first of them.
    assert told == [
        ("float", 3, None),
        ("hardware_aware", 2, None),
        ("hardware_aware", 3, 14.0),
        ("hardware_aware", 4, 0.0),
    ]


ALL = [("float", 1), ("float", 2), ("float", 3), *(("hardware_aware", each) for each in range(1, EPOCHS + 1))]


def test_only_the_missing_epochs_are_trained(tmp_path: Path, snapshot: bytes) -> None:
    kept = interrupted(snapshot, tmp_path)
    assert epochs_run(JOBS["mlp"], tmp_path, kept) == ALL[-2:]


def test_it_goes_on_with_the_threads_it_began_with(
    tmp_path: Path, snapshot: bytes, whole: Callable[[str], dict[str, str]]
) -> None:
    kept = interrupted(snapshot, tmp_path)
    epochs_run(JOBS["mlp"], tmp_path, kept, threads=2)
    assert digests(tmp_path / "resumed") == whole("mlp")


def test_that_of_another_job_is_left_aside(tmp_path: Path, snapshot: bytes) -> None:
    kept = interrupted(snapshot, tmp_path)
    other = job(training={"epochs": EPOCHS, "float_epochs": 3, "seed": 1})
    assert epochs_run(other, tmp_path, kept) == ALL


@pytest.mark.parametrize("content", [b"", b"not a snapshot", b"\xff" * 64])
def test_a_damaged_one_is_left_aside(tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "checkpoint"
    kept.write_bytes(content)
    assert epochs_run(JOBS["mlp"], tmp_path, kept) == ALL


def test_a_truncated_one_is_left_aside(tmp_path: Path, snapshot: bytes) -> None:
    kept = interrupted(snapshot, tmp_path)
    kept.write_bytes(kept.read_bytes()[:-100])
    assert epochs_run(JOBS["mlp"], tmp_path, kept) == ALL


def test_they_are_taken_when_they_are_due(tmp_path: Path) -> None:
    asked: list[int] = []

    def every_third() -> bool:
        asked.append(len(asked) + 1)
        return asked[-1] % 3 == 0

    taken: list[tuple[str, int]] = []
    wanted = Checkpoints(tmp_path / "kept", due=every_third, written=lambda *what: taken.append(what))
    run(JOBS["mlp"], tmp_path / "out", device="cpu", threads=1, checkpoints=wanted)
    # And where the training ends.
    assert taken == [*ALL[2::3], ALL[-1]]
    assert set(Snapshot.read(tmp_path / "kept").values) == {"float", "hardware_aware", "about"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("kept")] == ["kept"]

"""A job that is ended from outside, at whatever moment, leaves nothing behind."""

from pathlib import Path

import pytest

from hwcore.errors import Cancelled, OutputNotWritable
from hwcore.pipeline import run
from hwcore.progress import Progress
from tests.hwcore.pipeline.small_jobs import STAGES, Listener, contents, everything_below, tiny


def messages() -> int:
    """data, float, hardware_aware, mapping, three rungs, two chips, two layers alone, export."""
    return 12


def ending(after: int, error: BaseException) -> Listener:
    class Ending(Listener):
        def __call__(self, progress: Progress) -> None:
            super().__call__(progress)
            if len(self.heard) == after:
                raise error

    return Ending()


@pytest.mark.parametrize("after", range(1, 13))
def test_cancelled_at_any_moment_nothing_is_left(tmp_path: Path, after: int) -> None:
    (tmp_path / "mine").mkdir()
    listener = ending(after, Cancelled("by its owner"))
    with pytest.raises(Cancelled, match="by its owner"):
        run(tiny(), tmp_path / "mine" / "made" / "by it" / "out", device="cpu", threads=1, progress=listener)
    assert len(listener.heard) == after
    assert everything_below(tmp_path) == {"mine"}


def test_the_moments_above_are_all_there_are(tmp_path: Path) -> None:
    listener = Listener()
    run(tiny(), tmp_path / "out", device="cpu", threads=1, progress=listener)
    assert len(listener.heard) == messages()
    assert {progress.stage for progress in listener.heard} == set(STAGES)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("of the listener")])
def test_interrupted_in_another_way_nothing_is_left_either(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        run(tiny(), tmp_path / "out", device="cpu", threads=1, progress=ending(5, error))
    assert not everything_below(tmp_path)


def test_cancelled_while_replacing_the_earlier_output_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(tiny(), out, device="cpu", threads=1)
    before = contents(out)
    for after in (1, 12):
        with pytest.raises(Cancelled):
            run(tiny(seed=1), out, device="cpu", threads=1, force=True, progress=ending(after, Cancelled("")))
        assert contents(out) == before
        assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["report.json", "weights.safetensors", "conductances.npz", "manifest.json"])
def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path, name: str) -> None:
    class Obstructing(Listener):
        def __call__(self, progress: Progress) -> None:
            # A folder where the file should go.
            if progress.stage == "mapping":
                (aside,) = tmp_path.iterdir()
                (aside / name).mkdir()

    with pytest.raises(OutputNotWritable, match="cannot be filled") as raised:
        run(tiny(), tmp_path / "out", device="cpu", threads=1, progress=Obstructing())
    assert str(tmp_path / "out") in str(raised.value)
    assert not everything_below(tmp_path)

"""The output folder: refused before the work, whole or not there at all, replaced only where it is ours."""

import os
from pathlib import Path

import pytest

from hwcore.errors import OutputExists, OutputNotWritable
from hwcore.pipeline import check_output, run
from hwcore.pipeline.parts.output import _move_in, filling, whole_output
from tests.hwcore.pipeline.small_jobs import ARTIFACTS, Listener, everything_below, tiny


def earlier(out: Path) -> Path:
    """What an earlier job left."""
    out.mkdir(parents=True)
    (out / "manifest.json").write_text("{}")
    (out / "old.txt").write_text("old")
    return out


def test_a_path_that_is_free_is_fine_at_any_depth(tmp_path: Path) -> None:
    check_output(tmp_path / "a" / "b" / "out", force=False)
    assert not everything_below(tmp_path)


@pytest.mark.parametrize("force", [True, False])
def test_what_mho_did_not_write_is_never_replaced(tmp_path: Path, force: bool) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("mine")
    (tmp_path / "link").symlink_to(earlier(tmp_path / "earlier"))
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    before = everything_below(tmp_path)
    for name in ("file", "folder", "link", "dangling"):
        with pytest.raises(OutputExists) as raised:
            check_output(tmp_path / name, force)
        assert str(tmp_path / name) in str(raised.value)
    assert everything_below(tmp_path) == before


def test_an_earlier_output_is_replaced_on_purpose_only(tmp_path: Path) -> None:
    out = earlier(tmp_path / "out")
    with pytest.raises(OutputExists, match="--force"):
        check_output(out, force=False)
    check_output(out, force=True)
    (tmp_path / "empty").mkdir()
    check_output(tmp_path / "empty", force=True)


def test_force_leaves_the_new_output_and_nothing_of_the_old(tmp_path: Path) -> None:
    out = earlier(tmp_path / "out")
    run(tiny(), out, device="cpu", threads=1, force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == ARTIFACTS


def test_an_existing_output_is_refused_before_any_work(tmp_path: Path) -> None:
    listener = Listener()
    with pytest.raises(OutputExists):
        run(tiny(), earlier(tmp_path / "out"), device="cpu", threads=1, progress=listener)
    assert not listener.heard
    assert everything_below(tmp_path) == {"out", "out/manifest.json", "out/old.txt"}


def test_below_a_file_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file" / "out", tmp_path / "file" / "deep" / "out"):
        with pytest.raises(OutputNotWritable, match="choose a path below one") as raised:
            run(tiny(), out)
        assert str(tmp_path / "file") in str(raised.value)
    assert everything_below(tmp_path) == {"file"}


def test_where_nobody_may_write(tmp_path: Path) -> None:
    # Not even root may make a folder here.
    with pytest.raises(OutputNotWritable), whole_output(Path("/proc/mho/out"), force=False):
        pytest.fail("there is no such place")
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(OutputNotWritable):
            check_output(tmp_path / "out", force=False)
        tmp_path.chmod(0o700)


def test_a_name_too_long_is_refused_and_its_parents_are_not_made(tmp_path: Path) -> None:
    for out in (tmp_path / "new" / ("x" * 300), tmp_path / "new" / ("x" * 300) / "out"):
        with pytest.raises(OutputNotWritable, match="too long"), whole_output(out, force=False):
            pytest.fail("there is no such name")
        assert not everything_below(tmp_path)
    longest = tmp_path / ("x" * 255)
    with whole_output(longest, force=False) as aside:
        (aside / "file").write_text("")
    assert (longest / "file").is_file()


def test_the_folder_appears_in_whole_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    with whole_output(out, force=False) as aside:
        assert aside.parent == out.parent
        (aside / "file").write_text("x")
        assert not out.exists()
    assert everything_below(tmp_path) == {"a", "a/out", "a/out/file"}


def test_a_relative_path_means_the_folder_of_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with whole_output(Path("out"), force=False) as aside:
        (aside / "file").write_text("x")
        os.chdir(tmp_path / "elsewhere")
    assert (tmp_path / "out" / "file").is_file()


def test_parents_that_somebody_else_uses_meanwhile_stay(tmp_path: Path) -> None:
    def job() -> None:
        with whole_output(tmp_path / "a" / "b" / "out", force=False):
            (tmp_path / "a" / "theirs").write_text("")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        job()
    assert everything_below(tmp_path) == {"a", "a/theirs"}


@pytest.mark.parametrize("force", [True, False])
def test_an_output_that_appeared_meanwhile_is_not_overwritten(tmp_path: Path, force: bool) -> None:
    out = tmp_path / "out"

    def job() -> None:
        with whole_output(out, force=force) as aside:
            (aside / "manifest.json").write_text("mine")
            out.mkdir()
            (out / "thesis.tex").write_text("theirs")

    with pytest.raises(OutputExists):
        job()
    assert everything_below(tmp_path) == {"out", "out/thesis.tex"}


def test_a_replacement_that_fails_gives_the_earlier_output_back(tmp_path: Path) -> None:
    out = earlier(tmp_path / "out")
    with pytest.raises(OutputNotWritable, match="No such file"), whole_output(out, force=True) as aside:
        # What was made aside is gone when it should be moved in: somebody tidied up.
        aside.rmdir()
    assert everything_below(tmp_path) == {"out", "out/manifest.json", "out/old.txt"}


def test_a_replacement_that_fails_half_way_gives_the_earlier_output_back(tmp_path: Path) -> None:
    out = earlier(tmp_path / "out")
    # The earlier output is out of the way by the time that the system refuses: no folder moves into itself.
    with pytest.raises(OutputNotWritable, match="Invalid argument"):
        _move_in(tmp_path, out, force=True)
    assert everything_below(tmp_path) == {"out", "out/manifest.json", "out/old.txt"}


def test_only_failures_to_write_are_called_so(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable, match="make room there or choose another path"), filling(tmp_path / "out"):
        (tmp_path / "missing" / "file").write_text("x")
    with pytest.raises(ZeroDivisionError), filling(tmp_path / "out"):
        raise ZeroDivisionError

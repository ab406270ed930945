"""Downloads from a real server on this machine: what arrives, what is refused, and that nothing half-written stays."""

import gzip
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from hwcore.datasets import load
from hwcore.datasets.download import fetch
from hwcore.datasets.official import EMNIST_LETTERS, MNIST, Official
from hwcore.errors import Cancelled, DatasetInvalid, DatasetUnavailable
from tests.hwcore.datasets.loopback import Answer, Loopback, loopback_server
from tests.hwcore.datasets.sample_files import as_archive, idx_bytes, sample_arrays, served_from

DEADLINE = 30.0


def mnist_files() -> dict[str, bytes]:
    return {name: gzip.compress(idx_bytes(array)) for name, array in sample_arrays(MNIST).items()}


def emnist_files() -> dict[str, bytes]:
    packed = {name: gzip.compress(idx_bytes(array)) for name, array in sample_arrays(EMNIST_LETTERS).items()}
    return {"gzip.zip": as_archive(packed | {"emnist-digits-mapping.txt": b"0 48\n"})}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with loopback_server() as loopback:
        yield loopback


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cache"


def assert_empty(cache: Path) -> None:
    """Nothing is in the cache: no dataset, no hidden folder, no part of a file."""
    assert not cache.exists() or list(cache.iterdir()) == []


@pytest.mark.parametrize("named", [MNIST, EMNIST_LETTERS], ids=["mnist", "emnist-letters"])
def test_downloads_once_and_then_works_without_the_server(
    named: Official, cache: Path, tmp_path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = mnist_files() if named is MNIST else emnist_files()
    server.serve(files)
    monkeypatch.setattr("hwcore.datasets.handwriting.OFFICIAL", {named.name: served_from(named, files, server.address)})
    # A data folder without the files is passed over.
    first = load(named.name, cache_dir=cache, data_dir=tmp_path)
    assert sorted(server.asked) == sorted(f"/{name}" for name in files)
    assert [path.name for path in cache.iterdir()] == [named.name]
    assert sorted(path.name for path in (cache / named.name).iterdir()) == sorted(named.files)
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (cache / named.name).iterdir())
    server.answers.clear()
    second = load(named.name, cache_dir=cache)
    assert len(server.asked) == len(files)
    np.testing.assert_array_equal(first.train_images, second.train_images)
    np.testing.assert_array_equal(first.train_labels, sample_arrays(named)[named.train_labels] - named.first_label)
    assert (first.origin, first.split) == (second.origin, second.split)
    assert first.origin == "download"
    assert first.split.startswith("subset: 30 training and 12 test images, not the official split of ")


def test_the_caller_hears_of_the_progress(cache: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files)
    heard: list[tuple[str, int, int]] = []
    fetch(served_from(MNIST, files, server.address), cache, lambda *said: heard.append(said))
    assert {name for name, _, _ in heard} == set(files)
    assert all(0 < done <= total == len(files[name]) for name, done, total in heard)
    assert {name for name, done, total in heard if done == total} == set(files)


def test_a_callback_can_cancel_and_nothing_stays(cache: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files)

    def cancel(name: str, done: int, total: int) -> None:
        if name == MNIST.test_images:
            raise Cancelled("the job was cancelled")

    with pytest.raises(Cancelled):
        fetch(served_from(MNIST, files, server.address), cache, cancel)
    assert_empty(cache)


def test_a_second_mirror_is_asked_where_the_first_fails_or_lies(cache: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files, below="/good")
    server.serve({MNIST.train_images: b"<html>log in first</html>"}, below="/bad")
    folder = fetch(served_from(MNIST, files, f"{server.address}/bad", f"{server.address}/good"), cache)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def cut_short(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(bytes(50_000))
    handler.close_connection = True


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    for _ in range(10_000):
        try:
            handler.wfile.write(bytes(1 << 16))
        except OSError:
            return


@pytest.mark.parametrize(
    ("answer", "error", "expected"),
    [
        (b"not the file", DatasetInvalid, "does not match the known hash"),
        (b"", DatasetInvalid, "does not match the known hash"),
        (endless, DatasetInvalid, "got more than the "),
        (cut_short, DatasetUnavailable, "IncompleteRead"),
        (None, DatasetUnavailable, "404"),
    ],
    ids=["altered", "empty", "endless", "cut short", "absent"],
)
@pytest.mark.parametrize("named", [MNIST, EMNIST_LETTERS], ids=["mnist", "emnist-letters"])
def test_a_failed_download_says_both_ways_and_leaves_nothing(
    named: Official,
    answer: Answer | None,
    error: type[Exception],
    expected: str,
    cache: Path,
    server: Loopback,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = mnist_files() if named is MNIST else emnist_files()
    server.serve(files)
    last = list(files)[-1]
    del server.answers[f"/{last}"]
    if answer is not None:
        server.answers[f"/{last}"] = answer
    monkeypatch.setattr("hwcore.datasets.handwriting.OFFICIAL", {named.name: served_from(named, files, server.address)})
    with pytest.raises(error) as caught:
        load(named.name, cache_dir=cache)
    message = str(caught.value)
    assert expected in message
    assert f"{server.address}/{last}" in message
    assert f"downloaded once into {cache}" in message
    assert f"into a folder {named.folder}/ and set MHO_DATA_DIR" in message
    assert "now it is not set" in message
    assert_empty(cache)


def test_without_a_server_the_message_says_both_ways(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with loopback_server() as gone:
        address = gone.address
    monkeypatch.setattr("hwcore.datasets.handwriting.OFFICIAL", {"mnist": served_from(MNIST, mnist_files(), address)})
    with pytest.raises(DatasetUnavailable) as caught:
        load("mnist", cache_dir=cache, data_dir=tmp_path / "nowhere")
    message = str(caught.value)
    assert "refused" in message
    assert f"(now it is {tmp_path / 'nowhere'}, and there are no such files)" in message
    assert all(name in message for name in MNIST.files)
    assert_empty(cache)


def test_a_cache_that_cannot_be_used_is_named(tmp_path: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files)
    cache = tmp_path / "file"
    cache.write_text("not a folder")
    with pytest.raises(DatasetUnavailable, match=f"the cache {cache} cannot be used: Not a directory"):
        fetch(served_from(MNIST, files, server.address), cache)


@pytest.mark.parametrize(
    ("archive", "expected"), [(as_archive({"other": b"x"}), "without"), (b"no zip at all", "not a zip file")]
)
def test_an_archive_without_the_files_is_refused(cache: Path, server: Loopback, archive: bytes, expected: str) -> None:
    files = {"gzip.zip": archive}
    server.serve(files)
    with pytest.raises(DatasetInvalid, match=f"gzip.zip: got .*{expected}"):
        fetch(served_from(EMNIST_LETTERS, files, server.address), cache)
    assert_empty(cache)


def test_a_damaged_copy_in_the_cache_says_what_to_delete(
    cache: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = mnist_files()
    server.serve(files)
    monkeypatch.setattr("hwcore.datasets.handwriting.OFFICIAL", {"mnist": served_from(MNIST, files, server.address)})
    load("mnist", cache_dir=cache)
    damaged = cache / "mnist" / MNIST.test_images
    damaged.write_bytes(damaged.read_bytes()[:-50])
    with pytest.raises(DatasetInvalid, match=f"{damaged}: .* Delete the folder {cache / 'mnist'}"):
        load("mnist", cache_dir=cache)


def test_an_incomplete_folder_in_the_cache_is_replaced(cache: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files)
    (cache / "mnist").mkdir(parents=True)
    (cache / "mnist" / MNIST.test_labels).write_bytes(b"old")
    folder = fetch(served_from(MNIST, files, server.address), cache)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_what_a_killed_download_left_is_removed_after_a_day_and_not_before(cache: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files)
    old, young, other = cache / ".mnist.old", cache / ".mnist.young", cache / ".emnist-letters.old"
    for folder in (old, young, other):
        folder.mkdir(parents=True)
        (folder / "part").write_bytes(b"x")
    for folder in (old, other):
        os.utime(folder, (time.time() - 25 * 3600,) * 2)
    fetch(served_from(MNIST, files, server.address), cache)
    assert sorted(path.name for path in cache.iterdir()) == [".emnist-letters.old", ".mnist.young", "mnist"]


FETCH = """
import sys
from pathlib import Path
from hwcore.datasets.download import fetch
from hwcore.datasets.official import Download, Official
print(fetch(eval(sys.argv[1]), Path(sys.argv[2])))
"""


def start_fetch(named: Official, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, repr(named), str(cache)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_download_at_the_same_time(cache: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files)
    both = threading.Barrier(2)

    def together(handler: BaseHTTPRequestHandler) -> None:
        """Answer only when both have asked: both are certainly in the middle of it."""
        both.wait(timeout=DEADLINE)
        content = files[MNIST.test_labels]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    server.answers[f"/{MNIST.test_labels}"] = together
    named = served_from(MNIST, files, server.address)
    processes = [start_fetch(named, cache) for _ in range(2)]
    for process in processes:
        stdout, stderr = process.communicate(timeout=DEADLINE)
        assert (process.returncode, stdout) == (0, f"{cache / 'mnist'}\n"), stderr
    assert [path.name for path in cache.iterdir()] == ["mnist"]
    assert {path.name: path.read_bytes() for path in (cache / "mnist").iterdir()} == files


def test_a_killed_download_does_not_hinder_the_next(cache: Path, server: Loopback) -> None:
    files = mnist_files()
    server.serve(files)
    asked, killed = threading.Event(), threading.Event()

    def hold(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        killed.wait(timeout=DEADLINE)

    server.answers[f"/{MNIST.test_images}"] = hold
    named = served_from(MNIST, files, server.address)
    process = start_fetch(named, cache)
    assert asked.wait(timeout=DEADLINE)
    process.kill()
    process.communicate(timeout=DEADLINE)
    killed.set()
    server.serve(files)
    folder = fetch(named, cache)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files

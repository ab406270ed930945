"""One suite for every kind of blob store: a folder, and a bucket where MHO_TEST_S3 is there.

Long because every promise is asked of both kinds through the same fixtures.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest

from tests.file_modes import UMASKS, modes, umask
from tests.s3 import environment_for, new_bucket, s3_endpoint
from worker.contract import Blob, BlobLost, BlobStore, BlobStoreUnavailable
from worker.contract.blobs import writable_blobs
from worker.contract.blobs.blob_url import url_of_folder

ABC = hashlib.sha256(b"abc").hexdigest()
ABSENT = "0" * 64
LARGE = bytes(range(256)) * 50_000


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3_endpoint() as url:
        yield url


@pytest.fixture(params=["folder", "bucket"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "folder":
        return url_of_folder(tmp_path / "a folder")
    endpoint = request.getfixturevalue("endpoint")
    for name, value in environment_for(endpoint).items():
        monkeypatch.setenv(name, value)
    return f"s3://{new_bucket(endpoint)}/some/prefix"


@pytest.fixture
def store(url: str) -> BlobStore:
    return BlobStore(url)


def content(store: BlobStore, sha256: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(store.read(sha256, start, end))


@pytest.mark.parametrize("data", [b"", b"abc", LARGE], ids=["empty", "small", "large"])
def test_what_is_put_is_read_again(store: BlobStore, tmp_path: Path, data: bytes) -> None:
    blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
    assert store.put_bytes(data) == blob
    (tmp_path / "file").write_bytes(data)
    assert store.put_file(tmp_path / "file") == blob
    assert content(store, blob.sha256) == data
    assert store.size(blob.sha256) == len(data)
    assert store.exists(blob.sha256)
    assert [(each.sha256, each.size) for each in store.list()] == [(blob.sha256, blob.size)]
    store.fetch(blob.sha256, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    assert {path.name for path in tmp_path.iterdir()} <= {"a folder", "file", "copy"}


@pytest.mark.parametrize("mask", UMASKS)
def test_a_copy_follows_the_umask(store: BlobStore, tmp_path: Path, mask: int) -> None:
    sha256 = store.put_bytes(b"abc").sha256
    (tmp_path / "cache").mkdir()
    with umask(mask):
        store.fetch(sha256, tmp_path / "cache" / "copy")
    assert modes(tmp_path / "cache") == {"copy": 0o666 & ~mask}


@pytest.mark.parametrize(("start", "end"), [(0, 10), (5, None), (12_799_990, None), (12_799_999, 12_800_000), (7, 7)])
def test_ranges(store: BlobStore, start: int, end: int | None) -> None:
    sha256 = store.put_bytes(LARGE).sha256
    assert content(store, sha256, start, end) == LARGE[start:end]


def test_it_comes_in_chunks(store: BlobStore) -> None:
    sha256 = store.put_bytes(LARGE).sha256
    assert max(len(chunk) for chunk in store.read(sha256)) < 4 << 20


def test_the_key_is_the_digest(store: BlobStore) -> None:
    store.put_bytes(b"abc")
    keys = [entry["path"] for page in obstore.list(store._store()) for entry in page]
    assert keys == [f"sha256/{ABC[:2]}/{ABC}"]


def test_a_blob_that_is_not_there(store: BlobStore, tmp_path: Path) -> None:
    for ask in (store.read, store.size, lambda sha256: store.fetch(sha256, tmp_path / "x")):
        with pytest.raises(BlobLost, match=ABSENT):
            ask(ABSENT)
    assert not store.exists(ABSENT)
    assert list(store.list()) == []
    store.delete(ABSENT)
    assert not store.delete_if_older(ABSENT, timedelta(0))
    store.put_bytes(b"abc")
    store.delete(ABC)
    assert not store.exists(ABC)


@pytest.mark.parametrize("bad", ["", "..", "../../etc/passwd", "0" * 63, "0" * 65, "A" * 64, "0" * 63 + "/", "g" * 64])
def test_what_is_no_digest_is_refused(store: BlobStore, tmp_path: Path, bad: str) -> None:
    asks = (
        store.read, store.size, store.exists, store.delete, store.local_path,
        lambda sha256: store.fetch(sha256, tmp_path / "x"), lambda sha256: store.delete_if_older(sha256, timedelta(0)),
    )  # fmt: skip
    for ask in asks:
        with pytest.raises(BlobLost, match="64 hexadecimal digits"):
            ask(bad)


def test_damage_is_noticed_and_healed(store: BlobStore, tmp_path: Path) -> None:
    store.put_bytes(b"abc")
    obstore.put(store._store(), f"sha256/{ABC[:2]}/{ABC}", b"abd")
    with pytest.raises(BlobLost, match="damaged"):
        store.fetch(ABC, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    store.put_bytes(b"abc")
    store.fetch(ABC, tmp_path / "copy")


def test_a_disk_that_cannot_read_a_blob_has_lost_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = BlobStore(url_of_folder(tmp_path))
    store.put_bytes(b"abc")
    # A file that the kernel refuses to read with EIO, as it does a broken sector.
    monkeypatch.setattr(store, "local_path", lambda sha256: Path("/proc/self/mem"))
    for ask in (store.require_intact, lambda sha256: store.fetch(sha256, tmp_path / "copy")):
        with pytest.raises(BlobLost, match=r"is damaged: its disk cannot read it; restore it from a copy"):
            ask(ABC)
    assert (store.check.lost, store.exists(ABC)) == (1, True)
    with pytest.raises(BlobLost):
        store.require_intact(ABC, name="report.json")
    assert caplog.records == []


def other_bytes(store: BlobStore, sha256: str, data: bytes) -> None:
    """Put bytes where a blob lies, past the store: they get other times, or in a bucket another ETag."""
    obstore.put(store._store(), f"sha256/{sha256[:2]}/{sha256}", data)


@pytest.mark.parametrize(
    "data", [b"", b"abd", b"ab", b"abcd", LARGE], ids=["empty", "flipped", "cut", "longer", "large"]
)
def test_other_bytes_are_never_given_in_whole(store: BlobStore, tmp_path: Path, data: bytes) -> None:
    store.put_bytes(b"abc")
    store.require_intact(ABC)
    other_bytes(store, ABC, data)
    for look in (
        lambda: store.require_intact(ABC),
        lambda: store.require_intact(ABC, 60.0),
        lambda: store.require_intact(ABC, 60.0, size=3),
        lambda: store.fetch(ABC, tmp_path / "copy"),
    ):
        with pytest.raises(BlobLost, match=f"the blob {ABC} .* is damaged"):
            look()
    for read in (store.read_intact, store.read_again):
        got = []
        with pytest.raises(BlobLost, match="is damaged"):
            got.extend(read(ABC))
        assert len(b"".join(got)) < max(1, len(data))
    assert not (tmp_path / "copy").exists()
    assert store.check.lost == 1
    store.put_bytes(b"abc")
    assert b"".join(store.read_intact(ABC)) == b"".join(store.read_again(ABC)) == b"abc"


def test_of_a_blob_that_is_too_long_no_more_is_read(store: BlobStore) -> None:
    store.put_bytes(b"abc")
    other_bytes(store, ABC, LARGE)
    with pytest.raises(BlobLost, match="its bytes, 1,048,576 of them" if store.folder else "its bytes"):
        store.require_intact(ABC, size=3)


def test_a_look_counts_for_as_long_as_is_said_and_nobody_touches_the_blob(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    everything = store._all
    monkeypatch.setattr(store, "_all", lambda sha256: (reads.append(sha256), everything(sha256))[1])
    store.put_bytes(b"abc")
    for within, read in ((60.0, 1), (60.0, 1), (0.0, 2), (1e-9, 3), (60.0, 3)):
        store.require_intact(ABC, within)
        assert len(reads) == read
    other_bytes(store, ABC, b"abc")
    store.require_intact(ABC, 60.0)
    # The ETag of the same bytes is the same.
    assert len(reads) == 4 or store.folder is None


def test_one_request_is_enough_to_read_and_to_remember(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put_bytes(b"abc")
    heads: list[str] = []
    head = obstore.head
    monkeypatch.setattr(obstore, "head", lambda opened, key: (heads.append(key), head(opened, key))[1])
    assert b"".join(store.read_intact(ABC)) == b"abc"
    assert heads == []
    assert store.check.is_intact(ABC, store._identity(ABC), 60.0)


def test_a_look_before_somebody_put_the_blob_again_is_none_and_the_bytes_come(store: BlobStore) -> None:
    sha256 = store.put_bytes(LARGE).sha256
    store.require_intact(sha256)
    chunks = store.read_again(sha256)
    first = next(chunks)
    # Another job has the same file.
    store.put_bytes(LARGE)
    assert first + b"".join(chunks) == LARGE


def test_what_is_written_to_while_it_is_read_again_does_not_end(tmp_path: Path) -> None:
    store = BlobStore(url_of_folder(tmp_path))
    sha256 = store.put_bytes(LARGE).sha256
    path = store.local_path(sha256)
    assert path is not None
    for data, words in ((b"?", "is damaged"), (LARGE[-1:], "was written to while it was read")):
        store.put_bytes(LARGE)
        store.require_intact(sha256)
        chunks = store.read_again(sha256)
        got = [next(chunks)]
        with path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(data)
        with pytest.raises(BlobLost, match=words):
            got.extend(chunks)
        assert len(b"".join(got)) < len(LARGE)


def test_a_link_is_not_put(store: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(BlobStoreUnavailable, match="symbolic links"):
        store.put_file(tmp_path / "link")
    with pytest.raises(BlobStoreUnavailable, match="nothing"):
        store.put_file(tmp_path / "nothing")


def test_the_age_counts_from_the_last_put(store: BlobStore) -> None:
    store.put_bytes(b"abc")
    (first,) = store.list()
    assert abs(first.modified - datetime.now(UTC)) < timedelta(minutes=5)
    assert not store.delete_if_older(ABC, timedelta(hours=1))
    while not [each for each in store.list() if each.modified > first.modified]:
        store.put_bytes(b"abc")
    assert store.delete_if_older(ABC, timedelta(0))
    assert [entry for page in obstore.list(store._store()) for entry in page] == []


def test_a_put_waits_for_a_removal_and_puts_again(store: BlobStore) -> None:
    """The remover has looked at the age already: whatever it does now, the blob is there once the put returns."""
    store.put_bytes(b"abc")
    note = f"removing/{ABC}-1"
    obstore.put(store._store(), note, b"")
    looked, first = threading.Event(), store._stays

    def look(sha256: str) -> bool:
        answer = first(sha256)
        looked.set()
        return answer

    store._stays = look  # type: ignore[method-assign]
    with ThreadPoolExecutor() as pool:
        put = pool.submit(store.put_bytes, b"abc")
        assert looked.wait(20)
        store.delete(ABC)
        obstore.delete(store._store(), note)
        assert put.result(20) == Blob(ABC, 3)
    assert content(store, ABC) == b"abc"


@pytest.mark.parametrize("at", ["put", "list"])
def test_a_removal_between_a_put_and_its_look_for_notes(
    url: str, store: BlobStore, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """The remover looked at the old age, and is done, note and all, before the other one looks for notes."""
    store.put_bytes(b"abc")
    key = f"sha256/{ABC[:2]}/{ABC}"
    may_remove, has_put = threading.Event(), threading.Event()
    put, delete, look = obstore.put, obstore.delete, obstore.list
    with ThreadPoolExecutor() as pool:

        def slow_delete(target: Any, path: str) -> None:
            if path == key:
                may_remove.set()
                assert has_put.wait(20)
            delete(target, path)

        def wait_for_removal() -> None:
            if not has_put.is_set():
                has_put.set()
                assert removal.result(20)

        def slow_put(target: Any, path: str, content: Any) -> None:
            put(target, path, content)
            if path == key and at == "put":
                wait_for_removal()

        def slow_list(target: Any, prefix: str) -> Any:
            if at == "list":
                wait_for_removal()
            return look(target, prefix)

        monkeypatch.setattr(obstore, "delete", slow_delete)
        removal = pool.submit(store.delete_if_older, ABC, timedelta(0))
        assert may_remove.wait(20)
        monkeypatch.setattr(obstore, "put", slow_put)
        monkeypatch.setattr(obstore, "list", slow_list)
        assert BlobStore(url).put_bytes(b"abc") == Blob(ABC, 3)
        assert has_put.is_set()
    assert content(store, ABC) == b"abc"


def test_a_put_that_somebody_keeps_removing_is_no_success(store: BlobStore) -> None:
    store.removal_seconds = 0.0
    store.put_bytes(b"abc")
    obstore.put(store._store(), f"removing/{ABC}-1", b"")
    with pytest.raises(BlobStoreUnavailable, match=f"{ABC}.*somebody has been removing it"):
        store.put_bytes(b"abc")


def test_the_note_of_a_remover_that_died_holds_nobody_up(tmp_path: Path) -> None:
    store = BlobStore(url_of_folder(tmp_path))
    store.removal_seconds = 0.0
    obstore.put(store._store(making=True), f"removing/{ABC}-1", b"")
    long_ago = (datetime.now(UTC) - 2 * writable_blobs.DEAD).timestamp()
    os.utime(tmp_path / "removing" / f"{ABC}-1", (long_ago, long_ago))
    store.put_bytes(b"abc")
    assert content(store, ABC) == b"abc"


def test_a_store_that_can_be_written_says_so_and_keeps_nothing(store: BlobStore) -> None:
    store.prepare()
    store.check_writable()
    assert [entry for page in obstore.list(store._store()) for entry in page] == []


def test_a_folder_has_files_and_a_bucket_has_none(store: BlobStore) -> None:
    store.put_bytes(b"abc")
    path = store.local_path(ABC)
    if store.folder is None:
        assert path is None
        return
    assert path is not None
    assert path.read_bytes() == b"abc"
    path.unlink()
    path.symlink_to("/etc/passwd")
    for sha256 in (ABC, ABSENT):
        with pytest.raises(BlobLost):
            store.local_path(sha256)


def test_a_bucket_that_is_not_there(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_for(endpoint).items():
        monkeypatch.setenv(name, value)
    store = BlobStore("s3://no-such-bucket/x")
    for ask in (
        lambda: store.put_bytes(b"abc"),
        lambda: store.read(ABC),
        lambda: list(store.list()),
        store.check_writable,
    ):
        with pytest.raises(BlobStoreUnavailable, match="NoSuchBucket"):
            ask()


def test_a_bucket_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_for("http://127.0.0.1:1").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BlobStoreUnavailable, match="AWS_"):
        BlobStore("s3://bucket/x").put_bytes(b"abc")


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    store = BlobStore(url_of_folder(tmp_path / "absent"))
    assert list(store.list()) == []
    assert not store.exists(ABSENT)
    with pytest.raises(BlobStoreUnavailable, match="absent is not a folder"):
        store.check_writable()
    assert os.listdir(tmp_path) == []


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = BlobStore(url_of_folder(tmp_path / "file"))
    for ask in (lambda: store.put_bytes(b"abc"), store.prepare, store.check_writable):
        with pytest.raises(BlobStoreUnavailable, match="MHO_ARTIFACTS_URL"):
            ask()


FORK = """
import os, sys
from worker.contract import BlobStore
store = BlobStore(sys.argv[1])
if sys.argv[2] == "before":
    store.put_bytes(b"abc")
child = os.fork()
if child == 0:
    try:
        store.put_bytes(b"abc")
    except RuntimeError as error:
        os._exit(3 if "forked" in str(error) else 4)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize(("used", "status"), [("before", 3), ("never", 0)])
def test_a_forked_process_says_so_instead_of_waiting_for_ever(tmp_path: Path, used: str, status: int) -> None:
    command = [sys.executable, "-c", FORK, url_of_folder(tmp_path), used]
    assert subprocess.run(command, timeout=60, check=False).returncode == status


@pytest.mark.parametrize(
    "url",
    ["", "artifacts", "/var/lib", "file://host/x", "file:x", "s3://", "s3:///x", "gs://bucket", "http://host/x",
     "s3://key:secret@bucket/x", "s3://bucket/../x", "file:///x?y", "s3://[", "memory:///"],
)  # fmt: skip
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(BlobStoreUnavailable, match="MHO_ARTIFACTS_URL") as caught:
        BlobStore(url)
    assert "secret" not in str(caught.value)

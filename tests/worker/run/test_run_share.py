"""The helping process, from its request to its events."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.layers import map_network
from hwcore.pipeline import Bundle, chips_of_bundle
from hwcore.pipeline.parts.as_built import judge_of
from hwcore.pipeline.parts.chip_tasks import drawn_tasks
from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import parse_job
from tests.hwcore.layers.drawn_networks import drawn_plan
from tests.hwcore.pipeline.small_jobs import HARDWARE, task_names
from worker.babysit.events import FailedNote, ResultNote, SucceededNote, read_line
from worker.babysit.protocol import ShareRequest
from worker.contract import BlobStore, Settings
from worker.run.run_share import main


@pytest.fixture
def bundle(document: dict[str, Any]) -> Bundle:
    """The bundle of a network that was not trained."""
    job = parse_job({**document, "hardware": HARDWARE}).resolved()
    network = map_network(drawn_plan(job.described_hardware, job.plan, "none"))
    data = load_data(job.course(), None, torch.device("cpu"))
    judge = judge_of(job.examination(), network, data, Pace(None, total=1.0))
    return Bundle(job.examination(), network, judge.images_sha256())


@pytest.fixture
def tasks(bundle: Bundle) -> tuple[str, ...]:
    """Names of two of its tasks, one of either kind."""
    names = task_names(drawn_tasks(bundle.examination))
    return names["each_layer.1"], names["programming.0"]


@pytest.fixture
def blobs(settings: Settings) -> BlobStore:
    return BlobStore(settings.artifacts_url)


class Remote(BlobStore):
    """A store without local files, as a bucket is."""

    def local_path(self, sha256: str) -> None:
        return None


def run_share(
    sha256: str, tasks: tuple[str, ...], settings: Settings, open_blobs: type[BlobStore] = BlobStore
) -> tuple[int, list[Any]]:
    """Run a share, to its status and its events."""
    request = ShareRequest(sha256, tasks, None, 1, None, settings.artifacts_url, settings.home / "cache")
    events = io.StringIO()
    status = main(io.BytesIO(request.to_json()), events, open_blobs)
    return status, [read_line(line.encode()) for line in events.getvalue().splitlines()]


@pytest.mark.parametrize("fetched", [False, True])
def test_every_task_is_reported_and_then_the_end(
    fetched: bool,
    bundle: Bundle,
    tasks: tuple[str, ...],
    blobs: BlobStore,
    settings: Settings,
    tmp_path: Path,
) -> None:
    bundle.write(tmp_path / "bundle")
    sha256 = blobs.put_file(tmp_path / "bundle").sha256
    expected: dict[str, list[int]] = {}
    chips_of_bundle(bundle, tasks, expected.__setitem__, threads=1)
    status, events = run_share(sha256, tasks, settings, Remote if fetched else BlobStore)
    assert status == 0
    assert events == [*(ResultNote(task, tuple(expected[task])) for task in tasks), SucceededNote({})]
    assert (settings.home / "cache" / "bundles" / sha256).exists() == fetched


@pytest.mark.parametrize(
    ("content", "unknown", "words"),
    [
        (None, (), "ab" * 32),
        (b"no bundle", (), "holds no snapshot"),
        ("bundle", ("drift.0",), r"'drift.0'; allowed: one of the 4"),
    ],
)
def test_errors_are_reported(
    content: object,
    unknown: tuple[str, ...],
    words: str,
    bundle: Bundle,
    tasks: tuple[str, ...],
    blobs: BlobStore,
    settings: Settings,
    tmp_path: Path,
) -> None:
    sha256 = "ab" * 32
    if content == "bundle":
        bundle.write(tmp_path / "bundle")
        sha256 = blobs.put_file(tmp_path / "bundle").sha256
    elif isinstance(content, bytes):
        sha256 = blobs.put_bytes(content).sha256
    status, (last,) = run_share(sha256, unknown or tasks, settings)
    assert status == 1
    assert isinstance(last, FailedNote)
    assert words in last.error.detail


def test_a_damaged_blob_is_refused(
    bundle: Bundle, tasks: tuple[str, ...], blobs: BlobStore, settings: Settings, tmp_path: Path
) -> None:
    bundle.write(tmp_path / "bundle")
    sha256 = blobs.put_file(tmp_path / "bundle").sha256
    path = blobs.local_path(sha256)
    assert path is not None
    damage(path)
    status, (last,) = run_share(sha256, tasks, settings)
    assert status == 1
    assert isinstance(last, FailedNote)
    assert "is damaged" in last.error.detail
    # It stays, to be found by a check of the store.
    assert path.exists()


def test_a_damaged_file_of_the_cache_is_fetched_again(
    bundle: Bundle,
    tasks: tuple[str, ...],
    blobs: BlobStore,
    settings: Settings,
    tmp_path: Path,
) -> None:
    bundle.write(tmp_path / "bundle")
    sha256 = blobs.put_file(tmp_path / "bundle").sha256
    assert run_share(sha256, tasks[:1], settings, Remote)[0] == 0
    cached = settings.home / "cache" / "bundles" / sha256
    content = cached.read_bytes()
    damage(cached)
    assert run_share(sha256, tasks[:1], settings, Remote)[0] == 0
    assert cached.read_bytes() == content


def damage(path: Path) -> None:
    """Change the last byte: a scale or bias that is still a number."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)

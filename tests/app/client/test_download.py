"""Downloads into a folder that appears whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.client.download import DownloadDamaged, download_all
from hwcore.errors import OutputExists, OutputNotWritable

FILES = {"report.json": b"{}", "manifest.json": b"{}", "conductances/fc1.csv": bytes(range(256)) * 1000}


def artifacts(**changes: Any) -> list[dict[str, Any]]:
    listed = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "href": name}
        for name, data in FILES.items()
    ]
    listed[-1] |= changes
    return listed


def fetch(href: str, offset: int) -> Iterator[bytes]:
    data = FILES[href][offset:]
    for first in range(0, len(data), 1000):
        yield data[first : first + 1000]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_files_arrive(tmp_path: Path) -> None:
    assert download_all(artifacts(), tmp_path / "deep" / "out", fetch) == tmp_path / "deep" / "out"
    assert tree(tmp_path / "deep") == {f"out/{name}": data for name, data in FILES.items()}


def test_a_relative_folder_is_meant_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    download_all(artifacts(), Path("out"), fetch)
    assert tree(tmp_path / "out") == FILES


def test_a_download_that_breaks_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    offsets = []

    def breaking(href: str, offset: int) -> Iterator[bytes]:
        offsets.append(offset)
        for number, block in enumerate(fetch(href, offset)):
            if href.startswith("conductances") and number == 100 and len(offsets) < 5:
                raise ConnectionError("broke")
            yield block

    download_all(artifacts(), tmp_path / "out", breaking)
    assert tree(tmp_path / "out") == FILES
    assert [offset for offset in offsets if offset] == [100_000, 200_000]


def test_a_download_that_keeps_breaking_leaves_nothing(tmp_path: Path) -> None:
    def breaking(href: str, offset: int) -> Iterator[bytes]:
        yield b""
        raise ConnectionError("broke")

    with pytest.raises(ConnectionError):
        download_all(artifacts(), tmp_path / "out", breaking)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("changes", [{"sha256": "0" * 64}, {"size": 255_999}, {"size": 256_001}, {"size": 0}], ids=str)
def test_other_bytes_than_promised_leave_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DownloadDamaged, match=r"conductances/fc1\.csv"):
        download_all(artifacts(**changes), tmp_path / "out", fetch)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "", "a\\b", "a\x00b", ".."])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DownloadDamaged, match="leads out"):
        download_all(artifacts(name=name), tmp_path / "in" / "out", fetch)
    assert tree(tmp_path) == {}


def test_a_folder_that_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_bytes(b"precious")
    for force in (False, True):
        with pytest.raises(OutputExists):
            download_all(artifacts(), tmp_path / "out", fetch, force=force)
    assert tree(tmp_path) == {"out/mine": b"precious"}


def test_force_replaces_the_output_of_a_job(tmp_path: Path) -> None:
    download_all(artifacts(), tmp_path / "out", fetch)
    (tmp_path / "out" / "report.json").write_bytes(b"old")
    (tmp_path / "out" / "stale").write_bytes(b"old")
    download_all(artifacts(), tmp_path / "out", fetch, force=True)
    assert tree(tmp_path / "out") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_force_keeps_the_old_output_when_the_new_one_does_not_come(tmp_path: Path) -> None:
    download_all(artifacts(), tmp_path / "out", fetch)
    with pytest.raises(DownloadDamaged):
        download_all(artifacts(sha256="0" * 64), tmp_path / "out", fetch, force=True)
    assert tree(tmp_path / "out") == FILES


def test_a_file_in_the_way_is_kept(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"precious")
    for force in (False, True):
        with pytest.raises(OutputExists):
            download_all(artifacts(), tmp_path / "out", fetch, force=force)
    assert (tmp_path / "out").read_bytes() == b"precious"


def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputNotWritable, match="file"):
        download_all(artifacts(), tmp_path / "file" / "out", fetch)

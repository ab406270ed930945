"""Fetches an official distribution into the cache, once: checked, and in whole or not at all."""

import contextlib
import shutil
import tarfile
import time
import uuid
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Final

import pooch

from hwcore.datasets.official import Distribution, Download
from hwcore.errors import DatasetInvalid, DatasetUnavailable

DownloadCallback = Callable[[str, int, int], None]
"""Called with the file's name, the bytes so far and the bytes in all; may raise `Cancelled`: then nothing is kept."""

Members = Iterator[tuple[str, IO[bytes]]]
MembersOf = Callable[[Path, Collection[str]], Members]
_CHUNK = 1 << 16
_SECONDS_TO_CONNECT, _SECONDS_BETWEEN_BYTES = 10.0, 30.0
_ABANDONED_AFTER_SECONDS = 24 * 3600.0


def default_cache_dir() -> Path:
    """Return the folder for downloads: `mho` in the user's cache folder."""
    return Path(pooch.os_cache("mho"))


def fetch(official: Distribution, cache_dir: Path, on_download: DownloadCallback | None = None) -> Path:
    """Return the folder in the cache with the files of a distribution, and download them where it is not there.

    Everything goes into a folder of this call's own, which is moved into place when it is complete: a download that
    fails, is cancelled or is killed leaves no half of a dataset, and two at once do not meet.

    Args:
        official: the distribution.
        cache_dir: the cache; made where it does not exist.
        on_download: called with the progress.

    Raises:
        DatasetUnavailable: no mirror answers, or the cache cannot be written.
        DatasetInvalid: the downloaded file is not the official one.
    """
    folder = cache_dir / official.name
    partial = cache_dir / f".{official.name}.{uuid.uuid4().hex}"
    try:
        if _complete(folder, official):
            return folder
        partial.mkdir(parents=True)
        _remove_abandoned(cache_dir, official)
        for download in official.downloads:
            _fetch_file(download, partial, on_download)
            if unpack := _UNPACKED.get("".join(PurePosixPath(download.name).suffixes[-2:])):
                _unpack(partial / download.name, official, unpack)
        _move_into_place(partial, folder, official)
    except OSError as error:
        raise DatasetUnavailable(f"the cache {cache_dir} cannot be used: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _complete(folder: Path, official: Distribution) -> bool:
    return all((folder / name).is_file() for name in official.files)


def _fetch_file(download: Download, partial: Path, on_download: DownloadCallback | None) -> None:
    failures: list[str] = []
    altered = False
    for url in download.urls:
        downloader = pooch.HTTPDownloader(
            progressbar=_Meter(download, on_download),
            chunk_size=_CHUNK,
            timeout=(_SECONDS_TO_CONNECT, _SECONDS_BETWEEN_BYTES),
            # A server that unpacks .gz on the way would change the bytes that are checked.
            headers={"Accept-Encoding": "identity"},
        )
        try:
            pooch.retrieve(url, f"sha256:{download.sha256}", fname=download.name, path=partial, downloader=downloader)
        except OSError as error:  # every network failure of requests is one
            failures.append(f"{url}: {error}")
        except ValueError as error:
            failures.append(f"{url}: {error}")
            altered = True
        else:
            # pooch leaves its temporary file's mode, which is private; a cache may be shared.
            (partial / download.name).chmod(0o644)
            return
    reasons = "; ".join(failures)
    if altered:
        raise DatasetInvalid(f"{download.name} was downloaded but is not the official file: {reasons}")
    raise DatasetUnavailable(f"{download.name} could not be downloaded: {reasons}")


class _Meter:
    """Counts what arrives, in the form that pooch expects of a progress bar, and ends a download that does not end."""

    def __init__(self, download: Download, on_download: DownloadCallback | None) -> None:
        self.download = download
        self.on_download = on_download
        self.total = download.size
        self.done = 0

    def update(self, count: int) -> None:
        self.done += count
        if self.done > self.download.size + _CHUNK:
            raise ValueError(f"got more than the {self.download.size:,} bytes of the official file")
        if self.on_download is not None:
            self.on_download(self.download.name, min(self.done, self.download.size), self.download.size)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        """Nothing to close."""


def _unpack(archive: Path, official: Distribution, members: MembersOf) -> None:
    """Take the files of a distribution, and nothing else, out of an archive; names in it are no paths."""
    missing = set(official.files)
    try:
        for name, source in members(archive, official.files):
            missing.discard(name)
            with source, (archive.parent / name).open("wb") as target:
                shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise DatasetInvalid(f"{archive.name}: got a broken archive ({error}); expected a whole one") from error
    if missing:
        got, expected = ", ".join(sorted(missing)), ", ".join(official.files)
        raise DatasetInvalid(f"{archive.name}: got an archive without {got}; expected {expected}")
    archive.unlink()


def _zip_members(archive: Path, wanted: Collection[str]) -> Members:
    with zipfile.ZipFile(archive) as unpacked:
        for info in unpacked.infolist():
            if (name := PurePosixPath(info.filename).name) in wanted:
                yield name, unpacked.open(info)


def _tar_members(archive: Path, wanted: Collection[str]) -> Members:
    with tarfile.open(archive) as unpacked:
        for info in unpacked:
            if (name := PurePosixPath(info.name).name) in wanted and (source := unpacked.extractfile(info)) is not None:
                yield name, source


_UNPACKED: Final[Mapping[str, MembersOf]] = {".zip": _zip_members, ".tar.gz": _tar_members}
"""Archives by their suffixes: name and bytes of every wanted file in one."""


def _move_into_place(partial: Path, folder: Path, official: Distribution) -> None:
    try:
        partial.rename(folder)
    except OSError:
        if _complete(folder, official):
            return  # another process was first
        shutil.rmtree(folder)
        partial.rename(folder)


def _remove_abandoned(cache_dir: Path, official: Distribution) -> None:
    for folder in cache_dir.glob(f".{official.name}.*"):
        with contextlib.suppress(FileNotFoundError):  # its owner has just finished
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

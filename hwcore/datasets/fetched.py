"""A distribution in the cache, fetched if need be; where that fails, the message says both ways to get it."""

from pathlib import Path

from hwcore.datasets.download import DownloadCallback, fetch
from hwcore.datasets.official import Distribution
from hwcore.errors import DatasetInvalid, DatasetUnavailable


def fetched(
    official: Distribution, data_dir: Path | None, cache_dir: Path, on_download: DownloadCallback | None
) -> Path:
    """The folder in the cache with the files of a distribution.

    Args:
        official: the distribution.
        data_dir: the user's own folder, which does not have them; None: there is no such folder.
        cache_dir: where downloads are kept.
        on_download: called with the progress.

    Raises:
        DatasetUnavailable, DatasetInvalid: as for `hwcore.datasets.download.fetch`.
    """
    try:
        return fetch(official, cache_dir, on_download)
    except (DatasetUnavailable, DatasetInvalid) as error:
        raise type(error)(f"{official.name}: {error}\n{_ways(official, data_dir, cache_dir)}") from error


def _ways(official: Distribution, data_dir: Path | None, cache_dir: Path) -> str:
    state = "it is not set" if data_dir is None else f"it is {data_dir}, and there are no such files"
    return (
        f"Two ways to get it. With a network: run this again, and it is downloaded once into {cache_dir} from "
        f"{', '.join(download.urls[0] for download in official.downloads)}. "
        f"Without: put {', '.join(official.files)} into a folder {official.folder}/ and set MHO_DATA_DIR to the folder "
        f"above it (now {state})."
    )

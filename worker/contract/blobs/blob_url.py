"""Meaning of the URL of a blob store: a folder on this machine, or a bucket with a prefix."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

ALLOWED = "file:///ABSOLUTE/FOLDER or s3://BUCKET/PREFIX (MHO_ARTIFACTS_URL)"


def check_blob_url(url: str) -> str:
    """The URL, if it is one of a blob store.

    Raises:
        ValueError: it is not; the message says what came and what is allowed.
    """
    try:
        parts = urlsplit(url)
        bare = not (parts.query or parts.fragment or parts.username or parts.password or parts.port)
    except ValueError:
        raise ValueError(f"got {url!r}; allowed: {ALLOWED}") from None
    if parts.scheme == "file":
        known = parts.netloc == "" and unquote(parts.path).startswith("/") and "\0" not in unquote(parts.path)
    else:
        known = parts.scheme == "s3" and parts.netloc != "" and ".." not in parts.path.split("/")
    if not (known and bare):
        # A password has no place in it, and must not come out of a log either.
        shown = f"{parts.scheme}://..." if "@" in url else url
        raise ValueError(f"got {shown!r}; allowed: {ALLOWED}")
    return url


def folder_of(url: str) -> Path | None:
    """The folder that a checked URL means; None for a bucket."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def url_of_folder(folder: Path) -> str:
    """The URL of a folder: `file:///var/lib/mho/artifacts`."""
    return folder.absolute().as_uri()

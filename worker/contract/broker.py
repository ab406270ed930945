"""What a broker's URL means: Redis by socket or network, or, as a last resort, a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

REDIS_SCHEMES = ("redis", "rediss", "redis+socket", "sentinel")
FOLDER_SCHEME = "filesystem"


def redis_socket_url(path: Path) -> str:
    """The URL of a Redis that listens on a unix socket."""
    return f"redis+socket://{path}"


def folder_url(folder: Path) -> str:
    """The URL of a folder as broker: slow (it is polled), but there on every machine."""
    return f"{FOLDER_SCHEME}://{folder}"


def transport_options(url: str) -> dict[str, Any]:
    """What kombu has to know beside the URL."""
    if urlsplit(url).scheme != FOLDER_SCHEME:
        return {}
    folder = Path(unquote(urlsplit(url).path))
    for name in ("queue", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.1,
    }


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()

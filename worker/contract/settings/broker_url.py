"""Meaning of a broker's URL: Redis by socket or network, or, as a last resort, a folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

FOLDER_SCHEME = "filesystem"
SCHEMES = ("redis", "rediss", "redis+socket", FOLDER_SCHEME)


def check_broker_url(url: str) -> str:
    """The URL, if it is one that mho can use.

    Raises:
        ValueError: it is not; the message says what came and what is allowed.
    """
    try:
        parts = urlsplit(url)
        # Reading the port checks it.
        known = parts.scheme in SCHEMES and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            f"got {without_password(url)!r}; allowed: redis://HOST:PORT/NUMBER, rediss://..., redis+socket:///PATH"
        )
    return url


def redis_socket_url(path: Path) -> str:
    """The URL of a Redis that listens on a unix socket."""
    return f"redis+socket://{path}"


def folder_url(folder: Path) -> str:
    """The URL of a folder as broker: slow (it is polled), but there on every machine."""
    return f"{FOLDER_SCHEME}://{folder}"


def transport_options(url: str) -> dict[str, Any]:
    """Options that kombu needs beside the URL."""
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
    return re.sub(r"(//[^/@]*:)[^/@]*@", r"\1***@", url)

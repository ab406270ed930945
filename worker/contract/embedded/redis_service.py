"""A private Redis: on a unix socket that only this user can reach, with its data in the home folder."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from worker.contract.embedded.log_file import open_log
from worker.contract.embedded.redis_binary import RedisBinary
from worker.contract.errors import ServiceNotStarted
from worker.contract.process.tethered import Tethered

START_SECONDS = 15.0
LONGEST_SOCKET_PATH = 100
"""Bytes. A path over 107 is cut off by the kernel's address, and Redis listens somewhere else without a word."""


class RedisService:
    """Starts a redis-server, again and again if need be, always on the same socket and the same data.

    Args:
        binary: the program.
        home: the data goes to `<home>/redis`, the log to `<home>/logs/redis.log`.
        lock: descriptor of the home's lock, which the server inherits.
    """

    def __init__(self, binary: RedisBinary, home: Path, lock: int) -> None:
        self._binary = binary
        self._data = home / "redis"
        self._log = home / "logs" / "redis.log"
        self._lock = lock
        self._folder = _socket_folder(home / "redis-socket-folder")
        self.socket = self._folder / "redis.sock"

    def start(self) -> Tethered:
        """Start the server and wait until it answers.

        Raises:
            ServiceNotStarted: it does not.
        """
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        process = self._launch()
        if not self._answers(process):
            process.kill()
            # Damaged data, most likely. It only holds ids that the database holds as well: begin anew.
            shutil.rmtree(self._data)
            self._data.mkdir(mode=0o700)
            process = self._launch()
            if not self._answers(process):
                process.kill()
                raise ServiceNotStarted(f"{self._binary} does not start: see {self._log}")
        return process

    def remove_socket(self) -> None:
        """Remove the socket's folder once the server has ended."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _launch(self) -> Tethered:
        options = {
            # No network: only the socket, in a folder that is closed to others.
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self._data),
            # A queue survives a restart of the machine; what the last second lost, the reconciler brings again.
            "appendonly": "yes",
            "save": "",
            # Full memory must be an error to whoever publishes, and never the loss of another message.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "notice",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with open_log(self._log) as log:
            return Tethered([str(self._binary.path), *arguments], stdout=log, stderr=log, keep=(self._lock,))

    def _answers(self, process: Tethered) -> bool:
        deadline = time.monotonic() + START_SECONDS
        with Redis(unix_socket_path=str(self.socket), socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    if client.ping():
                        return True
                except (RedisError, OSError):
                    time.sleep(0.01)
        return False


def _socket_folder(note: Path) -> Path:
    """A new short folder for the socket, mode 0700; `note` remembers it, so that the next start can remove it."""
    prefix = "mho-"
    try:
        old = Path(note.read_text().strip())
        if old.name.startswith(prefix) and old.is_dir() and not old.is_symlink() and old.stat().st_uid == os.getuid():
            shutil.rmtree(old, ignore_errors=True)
    except (OSError, ValueError):
        pass
    for parent in (tempfile.gettempdir(), "/tmp"):
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        if len(os.fsencode(folder / "redis.sock")) <= LONGEST_SOCKET_PATH:
            note.write_text(f"{folder}\n")
            return folder
        folder.rmdir()
    raise ServiceNotStarted(
        f"no folder for a socket: the path below {tempfile.gettempdir()} is longer than {LONGEST_SOCKET_PATH} bytes; "
        "set TMPDIR to a shorter one"
    )

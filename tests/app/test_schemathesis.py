"""Requests made from the OpenAPI document, good and bad: no answer but those that the document declares, and no 5xx.

`MHO_FUZZ_EXAMPLES` makes it more of them, other ones each time, and lets schemathesis run all its phases: `make fuzz`.
Beside the names that are drawn, real ones are asked for, or nearly every path would end with a 404.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.app.finished_jobs import failed_job, succeeded_job
from tests.app.live_server import LiveServer, live_server, settings_for
from tests.app.schemathesis_hooks import REFUSED
from tests.conftest import REPOSITORY
from tests.worker.private_redis import private_redis

MORE = os.environ.get("MHO_FUZZ_EXAMPLES")
SETTINGS = settings(
    max_examples=int(MORE or 5),
    derandomize=MORE is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A fault is told as it was found: making it small takes minutes.
    phases=[Phase.generate],
)

ASKED: Counter[str] = Counter()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of its own: the jobs that are posted here wait for ever."""
    with live_server(settings_for(tmp_path_factory.mktemp("fuzzed"), max_queued_jobs=100_000)) as server:
        yield server
    if MORE is not None:
        print(f"{ASKED.total()} requests, by status: {dict(sorted(ASKED.items()))}")  # noqa: T201


@pytest.fixture(scope="module")
def document(fuzzed: LiveServer) -> Any:
    return schemathesis.openapi.from_url(f"{fuzzed.url}/openapi.json")


@pytest.fixture(scope="module")
def real(fuzzed: LiveServer) -> list[dict[str, str]]:
    """Names of things that are there."""
    done, failed = succeeded_job(fuzzed.jobs, fuzzed.artifacts), failed_job(fuzzed.jobs)
    return [
        {"job_id": done.id, "name": "report.json", "layer": "fc1"},
        {"job_id": done.id, "name": "fefet-2b", "layer": "fc2"},
        {"job_id": failed.id, "name": "job", "layer": "fc1"},
    ]


def send(case: Any) -> None:
    """Send a case, and hold its answer against the document."""
    # The hooks hold these refusals to their reasons.
    excluded = [positive_data_acceptance] if (case.method, case.operation.path) in REFUSED else []
    response = case.call(timeout=20)
    ASKED[str(response.status_code)] += 1
    # Nobody works here, so nothing is missing but the broker.
    if not (case.operation.path == "/readyz" and response.status_code == 503):
        case.validate_response(response, excluded_checks=excluded)


def hold(document: Any, strategy_of: Callable[[Any], Any], wanted: Callable[[Any], bool] = lambda _: True) -> None:
    """Try every operation, and say of all which did not hold."""
    faults = []
    for found in document.get_all_operations():
        operation = found.ok()
        # HEAD is the route of GET, and in the long run alone.
        if not wanted(operation) or (operation.method == "head" and MORE is None):
            continue
        try:
            SETTINGS(given(strategy_of(operation))(lambda case: send(case)))()
        except Unsatisfiable:
            # An operation without parameters has no bad requests.
            continue
        except (Exception, FailureGroup) as error:
            said = [str(each) for each in getattr(error, "exceptions", [error])]
            faults.append("\n".join([f"{operation.method} {operation.path}: {error}", *said]))
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_as_drawn(document: Any, mode: GenerationMode) -> None:
    hold(
        document,
        lambda operation: operation.as_strategy(generation_mode=mode),
        # Any text is a good path; looking for bad ones takes a second for each.
        lambda operation: mode.is_positive or bool(operation.query or operation.headers or operation.body),
    )


def test_of_what_is_there(document: Any, real: list[dict[str, str]]) -> None:
    def named(case: Any, names: dict[str, str]) -> Any:
        case.path_parameters |= {name: names[name] for name in case.path_parameters if name in names}
        return case

    hold(
        document,
        lambda operation: st.builds(named, operation.as_strategy(), st.sampled_from(real)),
        # Removed, a job would no longer be there for the others.
        lambda operation: "{" in operation.path and operation.method != "delete",
    )


@pytest.mark.skipif(MORE is None, reason="make fuzz runs it")
@pytest.mark.timeout(3600)
def test_all_phases(tmp_path: Path) -> None:
    """Examples, coverage, fuzzing and chains of calls, every check on: no failure of any, and no 5xx at all."""
    with private_redis(tmp_path) as redis:
        redis.start()
        settings = settings_for(tmp_path, max_queued_jobs=1_000_000, broker_url=redis.url)
        with live_server(settings) as server:
            done, failed = succeeded_job(server.jobs, server.artifacts), failed_job(server.jobs)
            names = [
                {"job_id": done.id, "name": "report.json", "layer": "fc1"},
                {"job_id": failed.id, "name": "fefet-2b", "layer": "fc2"},
                {"job_id": done.id, "name": "job", "layer": "fc1"},
            ]
            command = [sys.executable, "-m", "schemathesis.cli"]
            command += ["--config-file", str(Path(__file__).with_name("schemathesis.toml"))]
            command += ["run", f"{server.url}/openapi.json", "--checks", "all", "--max-examples", str(MORE)]
            command += ["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--no-color"]
            ran = subprocess.run(
                [*command, "--request-timeout", "20"],
                env={
                    **os.environ,
                    "PYTHONPATH": str(REPOSITORY),
                    "SCHEMATHESIS_HOOKS": "tests.app.schemathesis_hooks",
                    "MHO_FUZZ_NAMES": json.dumps(names),
                },
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
    print(ran.stdout)  # noqa: T201
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-5_000:]
    cases = re.search(r"^  ([0-9,]+) generated, ([0-9,]+) passed", ran.stdout, re.MULTILINE)
    assert cases is not None
    assert int(cases[1].replace(",", "")) >= 1500

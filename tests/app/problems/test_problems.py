"""Every error is a problem, its reason is in the list, and the list is what the documentation says."""

from __future__ import annotations

import json
import logging
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

from app.asgi.problem_guard import ProblemGuard
from app.problems.errors import install_error_handlers
from app.problems.problem import problem_type
from app.problems.problem_reference import problem_reference
from app.problems.reasons import REASONS
from hwcore.errors import MhoError
from tests.app.live_server import LiveServer, check_problem, problem_of
from tests.app.routes_called import answer_of
from tests.conftest import REPOSITORY
from worker.contract.jobs.failure_reasons import FAILURE_REASONS


def test_the_documented_list_is_the_table() -> None:
    page = REPOSITORY / "docs/reference/problems.md"
    assert page.read_text(encoding="utf-8") == problem_reference(), (
        "docs/reference/problems.md is stale: "
        "run `python -m app.problems.problem_reference > docs/reference/problems.md`"
    )


def families(base: type[MhoError]) -> set[type[MhoError]]:
    return {base}.union(*(families(each) for each in base.__subclasses__()))


def test_every_error_below_has_its_row() -> None:
    """Errors of a command line alone have no row: they never cross HTTP and never end a job."""
    local = {"OUTPUT_EXISTS", "OUTPUT_NOT_WRITABLE", "CANCELLED", "BROKER_UNAVAILABLE", "HOME_IN_USE"}
    local |= {"SERVICE_NOT_STARTED", "TOKEN_NOT_FOUND"}
    for error in families(MhoError):
        if error.__module__.startswith(("hwcore.", "worker.contract.")):
            assert error.reason in {*REASONS, *FAILURE_REASONS, *local}, error


def test_every_reason_that_the_code_names_is_in_the_table() -> None:
    named = set()
    for path in (REPOSITORY / "app").rglob("*.py"):
        named |= set(re.findall(r'(?:Problem|problem_response)\(\s*"([A-Z_]+)"', path.read_text(encoding="utf-8")))
    assert named
    assert named <= set(REASONS)


def test_reasons_are_well_formed() -> None:
    for name, row in REASONS.items():
        assert re.fullmatch(r"[A-Z][A-Z_]+", name)
        assert 400 <= row.status < 600
        assert row.title
        assert row.meaning.endswith(".")
    assert problem_type("JOB_NOT_FOUND") == "urn:mho:problem:job-not-found"


@pytest.mark.parametrize(
    "target",
    [
        "/v1",
        "/v2/jobs",
        "/docs/",
        "/docs/x.js",
        "/docs/..%2fcore.py",
        "/redoc",
        "/v1/jobs/",
        "/etc/passwd",
        "//",
        "/%00",
    ],
)
def test_an_unknown_path_is_a_404_problem(server: LiveServer, target: str) -> None:
    status, headers, body = server.raw("GET", target)
    assert status == 404
    assert "/openapi.json" in check_problem(headers, body, 404, "NOT_FOUND")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/jobs", "GET, HEAD, POST"),
        ("PUT", "/v1/jobs", "GET, HEAD, POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("GET", "/v1/hardware:resolve", "POST"),
        ("PURGE", "/v1/jobs", "GET, HEAD, POST"),
    ],
)
def test_a_wrong_method_is_a_405_problem_with_those_allowed(
    server: LiveServer, method: str, path: str, allowed: str
) -> None:
    _, headers, body = server.raw(method, path)
    assert allowed in check_problem(headers, body, 405, "METHOD_NOT_ALLOWED")["detail"]
    assert headers["allow"] == allowed


def test_what_is_no_request_is_a_400_problem(server: LiveServer) -> None:
    status, headers, body = server.raw("BREW", "/v1/jobs")
    assert status == 400
    check_problem(headers, body, 400, "BAD_REQUEST")
    assert headers["connection"] == "close"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[::2]"])
def test_a_request_to_another_name_is_refused(server: LiveServer, host: str) -> None:
    response = server.http.get("/v1/jobs", headers={"Host": host})
    problem_of(response, 421, "HOST_NOT_ALLOWED")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:8000"])
def test_a_request_to_a_loopback_name_is_answered(server: LiveServer, host: str) -> None:
    assert server.http.get("/healthz", headers={"Host": host}).status_code == 200


def test_no_answer_is_for_other_origins(server: LiveServer) -> None:
    response = server.http.get("/v1/jobs", headers={"Origin": "https://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    preflight = server.http.options("/v1/jobs", headers={"Access-Control-Request-Method": "POST"})
    problem_of(preflight, 405, "METHOD_NOT_ALLOWED")


def test_broken_http_does_not_hurt(server: LiveServer) -> None:
    address = urlsplit(server.url)
    for nonsense in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"X" * 200_000):
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            try:
                connection.sendall(nonsense)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(4096)
            except OSError:
                pass
    assert server.http.get("/healthz").status_code == 200


class SecretTrouble(MhoError):
    """An error whose reason nobody has declared."""

    reason = "UNDECLARED"


def broken_app() -> FastAPI:
    """An application with the handlers and the guard, whose routes fail in every way."""
    app = FastAPI()
    install_error_handlers(app)
    app.add_middleware(ProblemGuard)

    @app.get("/bug")
    def bug() -> None:
        raise ZeroDivisionError("secret-in-the-message")

    @app.get("/undeclared")
    def undeclared() -> None:
        raise SecretTrouble("secret-in-the-message")

    @app.get("/plain")
    def plain() -> PlainTextResponse:
        return PlainTextResponse("short", status_code=418, headers={"X-Kept": "yes"})

    @app.get("/late")
    def late() -> StreamingResponse:
        def chunks() -> Any:
            yield b"begun"
            raise ZeroDivisionError("too late")

        return StreamingResponse(chunks())

    return app


@pytest.mark.parametrize("path", ["/bug", "/undeclared"])
def test_a_bug_is_a_500_with_an_id_and_nothing_else(path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="mho.app"):
        answer = answer_of(broken_app(), path)
    problem = json.loads(answer.content)
    assert (problem["status"], problem["reason"]) == (500, "INTERNAL")
    error_id = problem["instance"].removeprefix("urn:mho:error:")
    assert error_id in caplog.text
    assert "secret-in-the-message" in caplog.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_plain_error_of_the_framework_becomes_a_problem() -> None:
    answer = answer_of(broken_app(), "/plain")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-kept"] == "yes"
    assert answer.status_code == answer.json()["status"] == 418
    assert answer.json()["reason"] == "BAD_REQUEST"


def test_an_error_after_the_first_byte_breaks_the_answer_off() -> None:
    with pytest.raises(ZeroDivisionError):
        answer_of(broken_app(), "/late")


def test_the_openapi_document_declares_the_problems(server: LiveServer) -> None:
    document = server.http.get("/openapi.json").json()
    assert "ProblemDocument" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    missing = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                # HEAD has no body to be of any type.
                if status >= "400" and method != "head" and "application/problem+json" not in response["content"]:
                    missing.append((method, path, status))
    assert missing == []


def declared_reasons(operation: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for response in operation["responses"].values():
        schema = response.get("content", {}).get("application/problem+json", {}).get("schema", {})
        for part in schema.get("allOf", []):
            found |= set(part.get("properties", {}).get("reason", {}).get("enum", []))
    return found


def test_every_operation_declares_every_reason_and_no_other(server: LiveServer) -> None:
    document = server.http.get("/openapi.json").json()
    everywhere = {"BAD_REQUEST", "BODY_TOO_LARGE", "HOST_NOT_ALLOWED", "RATE_LIMITED", "INTERNAL"}
    found = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "default" not in operation["responses"]
            if method == "head":
                assert operation["responses"].keys() == operations["get"]["responses"].keys()
                continue
            reasons = declared_reasons(operation)
            assert everywhere <= reasons, path
            assert ("NOT_FOUND" in reasons) == ("{" in path)
            assert ("TOKEN_REQUIRED" in reasons) == ("security" in operation)
            found |= reasons
    # A wrong method is no operation of the document, and artifacts come from a folder that is this machine's own.
    assert set(REASONS) - found <= {"METHOD_NOT_ALLOWED", "ARTIFACTS_UNAVAILABLE"}
    post = document["paths"]["/v1/jobs"]["post"]["responses"]
    assert post["429"]["description"].count(":") == 2
    assert "QUOTA_EXCEEDED" in post["429"]["description"]


def references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(references, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(references, node.values()))


def test_every_reference_in_the_openapi_document_leads_somewhere(server: LiveServer) -> None:
    document = server.http.get("/openapi.json").json()
    found = references(document)
    assert found
    for reference in found:
        assert reference.startswith("#/components/schemas/")
        assert reference.rpartition("/")[2] in document["components"]["schemas"]
    body = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["required"]) == {"hardware", "dataset"}


def test_the_pages_that_load_from_other_hosts_are_off(server: LiveServer) -> None:
    for path in ("/redoc", "/docs/oauth2-redirect"):
        assert server.http.get(path).status_code == 404

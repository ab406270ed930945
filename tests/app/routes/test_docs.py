"""The page of the API comes from this server alone, under a policy that lets it load nothing else."""

from __future__ import annotations

import re

import pytest

from app.routes.docs import SERVED
from tests.app.live_server import LiveServer


def test_the_page_and_all_that_it_loads_come_from_here(server: LiveServer) -> None:
    page = server.http.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {path.removeprefix("/docs/") for path in loaded} == set(SERVED)
    for path in loaded:
        answer = server.http.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == SERVED[path.removeprefix("/docs/")]
        assert answer.content
    assert "://" not in page.text


def test_the_policy_lets_no_script_in_but_the_servers_own(server: LiveServer) -> None:
    page = server.http.get("/docs")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in page.headers["content-security-policy"]
    # Nothing inline, which that policy would refuse.
    assert re.findall(r"<script(?![^>]*src=)", page.text) == []
    assert not re.search(r"<style| style=| on[a-z]+=", page.text)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs/swagger-ui.css"])
def test_everything_else_keeps_the_policy_of_the_server(server: LiveServer, path: str) -> None:
    assert server.http.get(path).headers["content-security-policy"].startswith("default-src 'none'; frame")


def test_the_page_starts_with_the_document_of_this_server(server: LiveServer) -> None:
    start = server.http.get("/docs/start.js").text
    assert 'url: "/openapi.json"' in start
    assert "SwaggerUIBundle" in server.http.get("/docs/swagger-ui-bundle.js").text

"""Presets, schemas and `hardware:resolve` over HTTP."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from hwcore.spec import SCHEMA_NAMES, load_preset, parse_hardware, presets
from tests.app.finished_jobs import DOCUMENT
from tests.app.live_server import LiveServer, check_problem, problem_of

BARE = {"format": "mho.hardware/1", "cell": {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8}}
BITS = {"type": "binary_weighted", "bit_conductances": [0.4, 0.8]}


def test_every_preset_is_listed_with_its_reference_and_can_be_fetched(server: LiveServer) -> None:
    listed = server.http.get("/v1/hardware").json()["hardware"]
    assert [entry["name"] for entry in listed] == [preset.name for preset in presets()]
    assert {"ideal", "sram-4b", "fefet-2b", "rram-generic-3b"} <= {entry["name"] for entry in listed}
    for entry in listed:
        one = server.http.get(entry["href"]).json()
        assert {key: one[key] for key in entry} == entry
        assert parse_hardware(one["hardware"]) == load_preset(entry["name"]).hardware


@pytest.mark.parametrize("name", ["pcm-9b", "..%5cideal", "IDEAL", "%00", "x" * 3000])
def test_an_unknown_preset_lists_those_there_are(server: LiveServer, name: str) -> None:
    _, headers, body = server.raw("GET", f"/v1/hardware/{name}")
    problem = check_problem(headers, body, 404, "HARDWARE_NOT_FOUND")
    assert "fefet-2b" in problem["detail"]


def test_schemas_are_listed_and_accept_what_the_server_accepts(server: LiveServer) -> None:
    listed = server.http.get("/v1/schemas").json()["schemas"]
    assert [entry["name"] for entry in listed] == list(SCHEMA_NAMES)
    schemas = {}
    for entry in listed:
        response = server.http.get(entry["href"])
        assert response.headers["content-type"] == "application/schema+json"
        schemas[entry["name"]] = response.json()
        jsonschema.Draft202012Validator.check_schema(schemas[entry["name"]])
    jsonschema.validate(BARE, schemas["hardware"])
    jsonschema.validate(DOCUMENT, schemas["job"])


def test_an_unknown_schema_lists_those_there_are(server: LiveServer) -> None:
    problem = problem_of(server.http.get("/v1/schemas/nothing"), 404, "SCHEMA_NOT_FOUND")
    assert "hardware" in problem["detail"]


@pytest.mark.parametrize("body", [BARE, {"hardware": BARE}], ids=["bare", "wrapped"])
def test_resolve_writes_everything_out(server: LiveServer, body: dict[str, Any]) -> None:
    resolved = server.http.post("/v1/hardware:resolve", json=body).json()
    assert parse_hardware(resolved["hardware"]).cell.levels == 4
    assert resolved["component_tables"]["unit"] == "S"
    assert len(resolved["component_tables"]["g_pos"]) == 4
    assert max(resolved["component_tables"]["g_pos"]) == pytest.approx(5e-5, rel=1e-12)
    assert resolved["representable"]["count"] == 7
    assert resolved["footprint"] is None


def test_resolve_counts_the_tiles_of_a_network(server: LiveServer) -> None:
    body = {"hardware": "fefet-2b", "dataset": "mnist", "model": {"type": "mlp", "hidden": [512]}}
    resolved = server.http.post("/v1/hardware:resolve", json=body).json()
    text = json.dumps(resolved["footprint"])
    assert "fc1" in text
    assert "fc2" in text


def test_resolve_counts_the_tiles_of_a_convolutional_network(server: LiveServer) -> None:
    body = {"hardware": "fefet-2b", "dataset": "mnist", "model": "lenet-5"}
    layers = server.http.post("/v1/hardware:resolve", json=body).json()["footprint"]["layers"]
    assert [(each["name"], each["kind"], each["positions"], each["rows"]) for each in layers] == [
        ("conv1", "conv", 784, 25),
        ("conv2", "conv", 100, 150),
        ("fc1", "dense", 1, 400),
        ("fc2", "dense", 1, 120),
        ("fc3", "dense", 1, 84),
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"cell": {"levels": 1, "g_max": 5e-5}}, "/cell/levels"),
        ({"hardware": {"cell": {"levels": 1, "g_max": 5e-5}}}, "/hardware/cell/levels"),
        ({"cell": {"levels": 4, "spacing": BITS}}, "/cell/spacing/bit_conductances"),
        (
            {"hardware": {"cell": {"levels": 4, "g_max": 1e-5, "negative": {"spacing": BITS}}}},
            "/hardware/cell/negative/spacing/bit_conductances",
        ),
        ({"hardware": "nothing"}, "/hardware"),
        ({"hardware": "ideal", "dataset": "cifar"}, "/dataset"),
        ({"hardware": "ideal", "dataset": "digits", "model": "lenet-5"}, "/model"),
        ({"hardware": "ideal", "colour": 1}, "/colour"),
        ({"format": "mho.hardware/1"}, "/hardware"),
        ({}, "/hardware"),
    ],
)
def test_resolve_refuses_with_the_place_of_the_fault(server: LiveServer, body: dict[str, Any], pointer: str) -> None:
    problem = problem_of(server.http.post("/v1/hardware:resolve", json=body), 422, "INVALID_INPUT")
    assert pointer in {fault["pointer"] for fault in problem["errors"]}


def test_resolve_refuses_what_is_not_json(server: LiveServer) -> None:
    headers = {"Content-Type": "application/json"}
    problem_of(server.http.post("/v1/hardware:resolve", content=b"{", headers=headers), 400, "MALFORMED_JSON")
    problem_of(server.http.post("/v1/hardware:resolve", content=b"{}"), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_null_is_what_is_left_out_and_the_document_says_so(server: LiveServer) -> None:
    document = server.http.get("/openapi.json").json()
    body = document["paths"]["/v1/hardware:resolve"]["post"]["requestBody"]["content"]["application/json"]
    validator = jsonschema.Draft202012Validator({**body["schema"]["anyOf"][0], "components": document["components"]})
    whole = {"hardware": "fefet-2b", "dataset": "mnist", "model": None}
    for asked, same in (
        (whole, {**whole, "model": {"type": "mlp"}}),
        ({**whole, "dataset": None}, {"hardware": "fefet-2b"}),
    ):
        assert validator.is_valid(asked)
        answer = server.http.post("/v1/hardware:resolve", json=asked)
        assert answer.status_code == 200
        assert answer.json() == server.http.post("/v1/hardware:resolve", json=same).json()
    assert not validator.is_valid({**whole, "model": 3})
    # Without data nobody knows the inputs and outputs of a model.
    for faulty in ({"hardware": "ideal", "model": "lenet-5"}, {**whole, "dataset": None, "model": "lenet-5"}):
        assert not validator.is_valid(faulty)
        assert server.http.post("/v1/hardware:resolve", json=faulty).status_code == 422


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/hardware:resolve"])
def test_the_document_has_no_file_of_the_server(server: LiveServer, path: str) -> None:
    document = server.http.get("/openapi.json").json()
    assert "FileDataset" not in document["components"]["schemas"]
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    assert '\\"file\\"' not in json.dumps(body)
    validator = jsonschema.Draft202012Validator({**body["schema"], "components": document["components"]})
    asked = {"hardware": "ideal", "dataset": {"type": "file", "path": "x.npz"}}
    assert not validator.is_valid(asked)
    problem_of(server.http.post(path, json=asked), 422, "INVALID_INPUT")


def test_no_text_has_a_nul_and_the_schemas_say_so(server: LiveServer) -> None:
    validator = jsonschema.Draft202012Validator(server.http.get("/v1/schemas/job").json())
    for changes in ({"name": "a\0"}, {"labels": {"a\0": ""}}, {"labels": {"a": "\0"}}):
        assert not validator.is_valid({**DOCUMENT, **changes})
        problem_of(server.http.post("/v1/jobs", json={**DOCUMENT, **changes}), 422, "INVALID_INPUT")
    assert validator.is_valid({**DOCUMENT, "name": "", "labels": {"a": ""}})


def test_what_is_made_leads_to_all_that_can_be_done_with_it(server: LiveServer) -> None:
    paths = server.http.get("/openapi.json").json()["paths"]
    links = paths["/v1/jobs"]["post"]["responses"]["202"]["links"]
    known = {each["operationId"]: path for path, operations in paths.items() for each in operations.values()}
    assert {known[link["operationId"]] for link in links.values()} == {path for path in paths if "{job_id}" in path}
    assert all(link["parameters"] == {"job_id": "$response.body#/id"} for link in links.values())

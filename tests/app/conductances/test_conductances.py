"""One layer's conductances over HTTP, in every format, from real npz files."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.conductances.conductance_file import ConductanceFile, ConductanceFileError, layer_range
from tests.app.finished_jobs import layer_arrays, succeeded_job
from tests.app.live_server import LiveServer, check_problem, problem_of
from worker.contract import Job

LAYERS = {"fc1": (65, 8), "fc2": (9, 10)}
ARRAYS = ("g_pos", "g_neg", "code_pos", "code_neg")


@pytest.fixture(scope="module", params=[False, True], ids=["by rows", "by columns"])
def by_columns(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def job(server: LiveServer, by_columns: bool) -> Job:
    return succeeded_job(server.jobs, server.artifacts, layer_arrays(by_columns))


def test_the_index_has_shape_unit_range_and_links(server: LiveServer, job: Job) -> None:
    layers = server.http.get(f"/v1/jobs/{job.id}/conductances").json()["layers"]
    arrays = layer_arrays()
    assert [layer["name"] for layer in layers] == list(LAYERS)
    for layer in layers:
        both = np.stack([arrays[f"{layer['name']}/g_pos"], arrays[f"{layer['name']}/g_neg"]])
        assert (layer["rows"], layer["cols"], layer["unit"]) == (*LAYERS[layer["name"]], "S")
        assert (layer["min"], layer["max"]) == (both.min(), both.max())
        assert set(layer["links"]) == {"npz", "csv", "json", "png"}
        for link in layer["links"].values():
            assert server.http.get(link).status_code == 200


@pytest.mark.parametrize("layer", LAYERS)
def test_npz_has_the_arrays_of_that_layer_alone(server: LiveServer, job: Job, layer: str) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/conductances/{layer}?format=npz")
    assert response.headers["content-type"] == "application/x-npz"
    assert f"{layer}.npz" in response.headers["content-disposition"]
    arrays = layer_arrays()
    with np.load(io.BytesIO(response.content), allow_pickle=False) as found:
        assert sorted(found.files) == sorted(f"{layer}/{name}" for name in ARRAYS)
        for name in found.files:
            np.testing.assert_array_equal(found[name], arrays[name])
            assert found[name].dtype == arrays[name].dtype
    again = server.http.get(f"/v1/jobs/{job.id}/conductances/{layer}?format=npz")
    assert again.content == response.content


@pytest.mark.parametrize("layer", LAYERS)
def test_csv_has_one_line_per_word_line(server: LiveServer, job: Job, layer: str) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/conductances/{layer}?format=csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    lines = response.text.splitlines()
    comments = [line for line in lines if line.startswith("#")]
    assert f"# layer: {layer}" in comments
    assert "# unit: S (siemens)" in comments
    header, *rows = list(csv.reader(lines[len(comments) :]))
    word_lines, bit_lines = LAYERS[layer]
    assert header == ["row", *(f"{name}_{col}" for name in ("g_pos", "g_neg") for col in range(bit_lines))]
    assert [row[0] for row in rows] == [str(row) for row in range(word_lines)]
    values = np.array([[float(value) for value in row[1:]] for row in rows])
    arrays = layer_arrays()
    np.testing.assert_array_equal(values[:, :bit_lines], arrays[f"{layer}/g_pos"])
    np.testing.assert_array_equal(values[:, bit_lines:], arrays[f"{layer}/g_neg"])
    loaded = np.loadtxt(io.StringIO(response.text), delimiter=",", skiprows=len(comments) + 1)
    np.testing.assert_array_equal(loaded[:, 1:], values)


@pytest.mark.parametrize("query", ["?format=json", ""])
@pytest.mark.parametrize("layer", LAYERS)
def test_json_has_the_same_numbers(server: LiveServer, job: Job, layer: str, query: str) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/conductances/{layer}{query}")
    assert response.headers["content-type"] == "application/json"
    found = response.json()
    assert (found["layer"], found["unit"], found["rows"], found["cols"]) == (layer, "S", *LAYERS[layer])
    arrays = layer_arrays()
    for name in ARRAYS:
        np.testing.assert_array_equal(np.array(found[name]), arrays[f"{layer}/{name}"])


def test_an_unchanged_layer_is_not_sent_again(server: LiveServer, job: Job) -> None:
    url = f"/v1/jobs/{job.id}/conductances/fc1"
    tags = {name: server.http.get(url, params={"format": name}).headers["etag"] for name in ("npz", "csv", "json")}
    assert len(set(tags.values())) == 3
    for name, tag in tags.items():
        again = server.http.get(url, params={"format": name}, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("layer", ["fc3", "..%2f..%2fetc%2fpasswd", "fc1%2fg_pos", "FC1", "%00", "x" * 3000])
def test_an_unknown_layer_lists_those_there_are(server: LiveServer, job: Job, layer: str) -> None:
    _, headers, body = server.raw("GET", f"/v1/jobs/{job.id}/conductances/{layer}")
    if "%2f" in layer:
        check_problem(headers, body, 404, "NOT_FOUND")
    else:
        assert "fc1, fc2" in check_problem(headers, body, 404, "LAYER_NOT_FOUND")["detail"]


@pytest.mark.parametrize("query", ["format=bmp", "format=", "format=NPZ", "fromat=csv"])
def test_an_unknown_format_lists_those_there_are(server: LiveServer, job: Job, query: str) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/conductances/fc1?{query}")
    (fault,) = problem_of(response, 422, "INVALID_PARAMETER")["errors"]
    if query.startswith("format"):
        assert fault["parameter"] == "format"
        assert all(name in fault["allowed"] for name in ("npz", "csv", "json"))
    else:
        assert fault["parameter"] == "fromat"


def savez(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_blocks_of_a_large_layer_join_to_the_whole(tmp_path: Path) -> None:
    large = np.arange(3000 * 200, dtype=np.float64).reshape(3000, 200)
    path = savez(tmp_path / "large.npz", **{"fc1/g_pos": large, "fc1/g_neg": large})
    with ConductanceFile(path) as file:
        blocks = list(file.blocks("fc1", "g_pos"))
    assert len(blocks) > 1
    np.testing.assert_array_equal(np.concatenate(blocks), large)
    assert layer_range(path, "0" * 64, "fc1") == (0.0, 3000 * 200 - 1.0)


@pytest.mark.parametrize(
    "array",
    [np.array([[{"a": 1}]], dtype=object), np.zeros(3), np.zeros((0, 3)), np.array([["a"]])],
    ids=["pickle", "vector", "empty", "text"],
)
def test_an_array_that_is_no_matrix_of_numbers_is_refused(tmp_path: Path, array: Any) -> None:
    path = savez(tmp_path / "odd.npz", **{"fc1/g_pos": array, "fc1/g_neg": array})
    with ConductanceFile(path) as file, pytest.raises(ConductanceFileError, match="matrix of numbers"):
        file.shape("fc1")


def test_a_header_that_promises_more_than_is_there_is_refused(tmp_path: Path) -> None:
    whole = io.BytesIO()
    np.save(whole, np.zeros((4, 4)))
    lying = whole.getvalue().replace(b"(4, 4)", b"(9, 4)")
    path = tmp_path / "lying.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fc1/g_pos.npy", lying)
        archive.writestr("fc1/g_neg.npy", lying)
    with ConductanceFile(path) as file, pytest.raises(ConductanceFileError, match="ends before"):
        list(file.rows("fc1", "g_pos"))


def test_a_layer_without_its_other_side_is_said_so(tmp_path: Path) -> None:
    path = savez(tmp_path / "half.npz", **{"fc1/g_pos": np.zeros((2, 2))})
    with ConductanceFile(path) as file, pytest.raises(ConductanceFileError, match="fc1/g_neg"):
        list(file.rows("fc1", "g_neg"))


def test_numbers_are_valid_json(server: LiveServer, job: Job) -> None:
    text = server.http.get(f"/v1/jobs/{job.id}/conductances/fc2").text
    assert json.loads(text)["g_neg"][0][1] == 1 / 3


@pytest.mark.parametrize("layer", LAYERS)
def test_png_gives_the_conductances_back(server: LiveServer, job: Job, layer: str) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/conductances/{layer}?format=png")
    assert response.headers["content-type"] == "image/png"
    arrays = layer_arrays()
    expected = np.hstack([arrays[f"{layer}/g_pos"], arrays[f"{layer}/g_neg"]])
    with Image.open(io.BytesIO(response.content)) as image:
        image.load()
        assert image.mode == "I;16"
        texts = dict(image.text)
        greys = np.asarray(image, dtype=np.float64)
    low, high = float(texts["g_min"]), float(texts["g_max"])
    assert (low, high) == (expected.min(), expected.max())
    assert (texts["layer"], texts["unit"], texts["left"], texts["right"]) == (layer, "S", "g_pos", "g_neg")
    found = low + greys / 65535 * (high - low)
    np.testing.assert_allclose(found, expected, rtol=0, atol=(high - low) / 65535 / 2 * (1 + 1e-9))


def test_png_of_one_conductance_alone_is_black(server: LiveServer) -> None:
    same = {f"fc1/{name}": np.full((3, 2), 2e-6) for name in ("g_pos", "g_neg")}
    job = succeeded_job(server.jobs, server.artifacts, same)
    response = server.http.get(f"/v1/jobs/{job.id}/conductances/fc1?format=png")
    with Image.open(io.BytesIO(response.content)) as image:
        assert np.asarray(image).max() == 0
        assert image.size == (4, 3)

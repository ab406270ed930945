"""The files: each as promised, in agreement with the others, and the same bytes for the same content."""

import hashlib
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file

from hwcore.export import Results, write_files, write_manifest
from hwcore.export.conductances import write_conductances
from hwcore.export.predictions import write_predictions
from hwcore.export.text import write_json
from hwcore.export.tiles import write_tiles
from hwcore.export.weights import write_weights
from hwcore.spec import component_tables, parse_job
from tests.file_modes import UMASKS, modes, umask
from tests.hwcore.export.drawn_results import WIDTHS, drawn_results, job_for
from tests.hwcore.layers.drawn_networks import described
from tests.hwcore.spec.chips import chip

KINDS = [
    ("exponential, ratio 8, negative at 0.8", "relu of 2 bits", {"bias": "array_row", "scale": "per_layer"}),
    ("two measured tables", "tanh of 2 bits", {"encoding": "full_pair"}),
    ("ratio 2", "relu", {"bias": "array_row"}),
]


def results_of(kind: tuple[str, str, dict[str, str]], **parts: dict[str, Any]) -> Results:
    return drawn_results(job_for(described(*kind, **parts)))


def tiles_of(path: Path, results: Results) -> Any:
    write_tiles(path, results)
    return json.loads(path.read_text(encoding="utf-8"))


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.mark.parametrize("kind", KINDS)
def test_conductances_read_back_to_the_last_bit(tmp_path: Path, kind: Any) -> None:
    results = results_of(kind)
    network = results.network
    write_conductances(tmp_path / "conductances.npz", results)
    arrays = read_arrays(tmp_path / "conductances.npz")
    tables = component_tables(results.job.described_hardware.cell)
    keys = ("g_pos", "g_neg", "code_pos", "code_neg")
    assert set(arrays) == {f"{layer.name}/{key}" for layer in network.layers for key in keys}
    for layer, cols in zip(network.layers, WIDTHS[1:], strict=True):
        for key in keys:
            found = arrays[f"{layer.name}/{key}"]
            assert found.dtype == (np.float64 if key.startswith("g") else np.uint8)
            assert found.shape == (layer.plan.inputs + (layer.bias_drive is not None), cols)
            assert np.array_equal(found, getattr(layer.array.pairs, key).numpy())
        for sign, table in (("pos", tables.g_pos), ("neg", tables.g_neg)):
            assert np.array_equal(arrays[f"{layer.name}/g_{sign}"], table[arrays[f"{layer.name}/code_{sign}"]])


@pytest.mark.parametrize("mask", UMASKS)
def test_every_file_follows_the_umask(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        write_files(tmp_path, results_of(KINDS[0]))
    found = modes(tmp_path)
    assert {"weights.safetensors", "conductances.npz", "tiles.json", "plots/ladder.svg"} <= set(found)
    assert set(found.values()) == {0o666 & ~mask}


@pytest.mark.parametrize("kind", KINDS)
def test_weights_conductances_and_tiles_agree(tmp_path: Path, kind: Any) -> None:
    write_files(tmp_path, results_of(kind))
    arrays = read_arrays(tmp_path / "conductances.npz")
    tensors = load_file(tmp_path / "weights.safetensors")
    tiles = json.loads((tmp_path / "tiles.json").read_text(encoding="utf-8"))
    for layer in tiles["layers"]:
        name = layer["name"]
        effective = np.array(layer["scale"]) * (arrays[f"{name}/g_pos"] - arrays[f"{name}/g_neg"])
        assert tensors[f"{name}.weight"].dtype == np.float64
        assert np.array_equal(tensors[f"{name}.weight"], effective[: layer["inputs"]].T)
        assert tensors[f"{name}.scale"].tolist() == layer["scale"]
        row = layer["bias_row"]
        bias = np.array(layer["bias"]) if row is None else effective[row["row"]] * row["drive"]
        assert np.array_equal(tensors[f"{name}.bias"], bias)
        quantised = layer["activation"] is not None and layer["activation"]["levels"] is not None
        for key in ("levels", "thresholds"):
            assert (f"{name}.{key}" in tensors) is quantised
            if quantised:
                assert tensors[f"{name}.{key}"].tolist() == layer["activation"][key]


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_say_where_everything_is(tmp_path: Path, kind: Any) -> None:
    tiles = tiles_of(tmp_path / "tiles.json", results_of(kind))
    assert tiles["format"] == "mho.tiles/1"
    assert {key: tiles["array"][key] for key in ("rows", "cols")} == {"rows": 8, "cols": 5}
    assert tiles["input"] == {"bits": 4, "pixel_full_scale": 255, "codes": 16, "lsb": 1 / 15}
    assert [layer["name"] for layer in tiles["layers"]] == ["fc1", "fc2", "fc3"]
    assert tiles["layers"][-1]["activation"] is None
    for layer, inputs, cols in zip(tiles["layers"], WIDTHS[:-1], WIDTHS[1:], strict=True):
        has_row = kind[2].get("bias") == "array_row"
        assert (layer["inputs"], layer["rows"], layer["cols"]) == (inputs, inputs + has_row, cols)
        assert (layer["bias_row"] is not None) is has_row
        covered = np.zeros((layer["rows"], cols), dtype=int)
        for tile in layer["tiles"]:
            covered[tile["row_start"] : tile["row_stop"], tile["col_start"] : tile["col_stop"]] += 1
            assert tile["row_stop"] - tile["row_start"] <= 8
            assert tile["col_stop"] - tile["col_start"] <= 5
        assert (covered == 1).all()
        assert len({tile["name"] for tile in layer["tiles"]}) == len(layer["tiles"])
        quantised = layer["activation"] is not None and layer["activation"]["levels"] is not None
        if quantised:
            levels, thresholds = layer["activation"]["levels"], layer["activation"]["thresholds"]
            middles = [(low + high) / 2 for low, high in itertools.pairwise(levels)]
            assert thresholds == pytest.approx(middles, abs=2e-9)
        assert (layer["scale_unit"], len(layer["scale"]), len(layer["bias"])) == ("1/S", cols, cols)


def test_an_input_without_bits_has_a_code_for_every_pixel(tmp_path: Path) -> None:
    job = job_for(chip({"levels": 4, "g_max": 5e-5}))
    results = replace(drawn_results(job, lsb=1 / 16), pixel_full_scale=16)
    found = tiles_of(tmp_path / "tiles.json", results)["input"]
    assert found == {"bits": None, "pixel_full_scale": 16, "codes": 17, "lsb": 1 / 16}


def predicting(logits: torch.Tensor, labels: list[int], with_wires: torch.Tensor | None) -> Results:
    results = drawn_results(job_for(described(*KINDS[0])), images=len(labels))
    test = replace(results.test, labels=torch.tensor(labels))
    return replace(results, test=test, logits=logits, logits_with_wires=with_wires)


def test_predictions_are_the_classes_of_the_logits(tmp_path: Path) -> None:
    logits = torch.tensor([[1.0, 2.0, 0.5], [3.0, 3.0 * (1 + 1e-15), 0.0], [0.1, 0.2, 0.3]], dtype=torch.float64)
    results = predicting(logits, [1, 0, 0], None)
    write_predictions(tmp_path / "predictions.npz", results)
    found = read_arrays(tmp_path / "predictions.npz")
    assert np.array_equal(found["logits"], logits.numpy())
    assert found["logits"].dtype == np.float64
    assert found["predictions"].tolist() == [1, 0, 2]
    assert found["labels"].tolist() == [1, 0, 0]
    assert np.array_equal(found["codes"], results.test.codes.numpy())
    assert found["codes"].dtype == np.uint8
    assert "logits_with_wires" not in found


def test_predictions_with_wires_stand_beside_those_without(tmp_path: Path) -> None:
    logits = torch.eye(3, dtype=torch.float64)
    wired = logits.flip(0)
    results = predicting(logits, [0, 1, 2], wired)
    write_predictions(tmp_path / "both.npz", results, most_codes=2 * WIDTHS[0] + 1)
    found = read_arrays(tmp_path / "both.npz")
    assert found["predictions"].tolist() == [0, 1, 2]
    assert found["predictions_with_wires"].tolist() == [2, 1, 0]
    assert np.array_equal(found["logits_with_wires"], wired.numpy())
    # Codes of 21 inputs, of as many images as fit into 43 bytes.
    assert np.array_equal(found["codes"], results.test.codes[:2].numpy())


def test_tiles_say_what_the_array_is_made_of(tmp_path: Path) -> None:
    lines = {
        "wire_resistance": {"word": 1.5, "bit": 2.5},
        "driver_resistance": 40.0,
        "sense_resistance": 70.0,
        "pair_layout": "interleaved",
        "read_voltage": 0.2,
    }
    plain = {
        "wire_resistance": {"word": 0.0, "bit": 0.0},
        "driver_resistance": 0.0,
        "sense_resistance": 0.0,
        "pair_layout": "separate",
        "read_voltage": None,
    }
    for said, expected in ((lines, lines), ({}, plain)):
        hardware = chip({"levels": 4, "g_max": 5e-5}, array={"rows": 7, "cols": 6, **said})
        array = tiles_of(tmp_path / "tiles.json", drawn_results(job_for(hardware)))["array"]
        units = {"resistance_unit": "ohm", "read_voltage_unit": "V"}
        assert array == {"rows": 7, "cols": 6, **expected, **units}


def test_the_weights_say_their_format(tmp_path: Path) -> None:
    write_weights(tmp_path / "weights.safetensors", results_of(KINDS[0]))
    with safe_open(tmp_path / "weights.safetensors", framework="np") as file:
        assert file.metadata() == {"format": "mho.weights/1"}


def test_json_is_strict_and_exact(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    document = {"z": 0.1 + 0.2, "a": [1e-300, -0.0, 2**60], "µ": 'Ω "\\\n', "none": None}
    write_json(path, document)
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == document
    assert list(json.loads(text)) == list(document)
    assert "µ" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_json_refuses_what_is_no_number_and_writes_nothing(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "some.json", {"fine": 1.0, "not": [value]})
    assert not list(tmp_path.iterdir())


def test_the_manifest_lists_every_file_and_what_it_takes_to_make_them_again(tmp_path: Path) -> None:
    job = parse_job({"hardware": "fefet-2b", "dataset": "digits", "training": {"seed": 7}}).resolved()
    contents = {"report.json": b"{}\n", "a.npz": b"zip", "b.safetensors": b"", "c.dat": bytes(range(256)) * 5000}
    contents |= {"plots/ladder.svg": b"<svg/>", "netlist/fc1_0_0.sp": b"* tile\n.end\n"}
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "empty").mkdir()
    write_manifest(tmp_path, job, versions={"torch": "2"}, run={"seconds": {"data": 0.5}})
    found = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert found["files"] == {
        name: {
            "size": len(contents[name]),
            "sha256": hashlib.sha256(contents[name]).hexdigest(),
            "media_type": media_type,
        }
        for name, media_type in (
            ("a.npz", "application/x-npz"),
            ("b.safetensors", "application/vnd.safetensors"),
            ("c.dat", "application/octet-stream"),
            ("netlist/fc1_0_0.sp", "text/plain; charset=utf-8"),
            ("plots/ladder.svg", "image/svg+xml"),
            ("report.json", "application/json"),
        )
    }
    assert found["seed"] == 7
    assert found["versions"] == {"torch": "2"}
    assert found["run"] == {"seconds": {"data": 0.5}}
    # The job in it is one that can be run again as it is.
    assert parse_job(found["job"]) == job

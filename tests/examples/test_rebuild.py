"""A second implementation, with numpy, scipy and safetensors alone, agrees with mho on every test image."""

import json
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.fuzzing.findings import rebuilds
from hwcore.crossbar import Foundry, array_logits
from hwcore.datasets import load
from hwcore.export import write_files
from hwcore.pipeline import run
from hwcore.spec import Graph, described_model, network_graph, parse_job
from tests.conftest import REPOSITORY
from tests.hwcore.conformance.geometries import GEOMETRIES, GROUPED, Chain
from tests.hwcore.conformance.node_cases import CASES, Case, network
from tests.hwcore.export.drawn_results import drawn_results, job_for
from tests.hwcore.spec.chips import chip

SCRIPT = REPOSITORY / "examples" / "rebuild.py"
CELL = {
    "levels": 4,
    "g_max": 5e-5,
    "on_off_ratio": 8,
    "spacing": {"type": "exponential", "curvature": 2},
    "negative": {"gain": 0.8},
}


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def rebuild(*arguments: Path) -> subprocess.CompletedProcess[str]:
    # -I: the script sees neither the repository nor the environment's paths, only installed packages.
    command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("weights", "activation"),
    [
        ({"scale": "per_column", "bias": "digital"}, {"function": "relu", "bits": 2}),
        ({"scale": "per_layer", "bias": "array_row"}, {"function": "tanh", "bits": 2}),
        ({"encoding": "full_pair", "scale": "per_column", "bias": "array_row"}, {"function": "sigmoid", "bits": None}),
    ],
    ids=["digital relu", "array row tanh", "full pair sigmoid"],
)
def test_digits_are_rebuilt(tmp_path: Path, weights: dict[str, str], activation: dict[str, object]) -> None:
    job = {
        "dataset": "digits",
        "hardware": {
            "cell": CELL,
            "weights": weights,
            "activation": activation,
            "input": {"bits": 3},
            "array": {"rows": 20, "cols": 24},
        },
        "model": {"hidden": [48, 32]},
        "training": {"epochs": 3, "batch": 64},
        "evaluation": {"chips": 2},
    }
    out = tmp_path / "out"
    report = run(parse_job(job), out)
    digits = load("digits")
    write_idx(tmp_path / "images", digits.test_images)
    write_idx(tmp_path / "labels", digits.test_labels)
    count = len(digits.test_labels)
    done = rebuild(out, tmp_path / "images", tmp_path / "labels")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(f"{count} of {count} predictions agree") == 2
    assert done.stdout.count(f"accuracy {report['ladder'][2]['accuracy']:.4f}") == 2
    # The folder alone has them as codes of the DAC.
    assert [each.same for each in rebuilds(out)] == [count, count]


def test_pairs_of_word_lines_are_rebuilt_with_and_without_wires(tmp_path: Path) -> None:
    job = {
        "dataset": "digits",
        "hardware": {
            "cell": CELL,
            "weights": {"bias": "array_row"},
            "activation": {"function": "tanh", "bits": 2},
            "input": {"bits": 3},
            "drive": {"signed": "pair"},
            "array": {"rows": 15, "cols": 24, "wire_resistance": 5.0, "pair_layout": "interleaved"},
        },
        "model": {"hidden": [12]},
        "training": {"epochs": 1, "batch": 128},
        "evaluation": {"chips": 1},
    }
    out = tmp_path / "out"
    run(parse_job(job), out)
    layers = json.loads((out / "tiles.json").read_text(encoding="utf-8"))["layers"]
    assert [each["drive"]["second_lines"] for each in layers] == [None, list(range(1, 24, 2))]
    assert [(each["inputs"], each["rows"]) for each in layers] == [(64, 65), (12, 25)]
    found = rebuilds(out)
    assert len(found) == 3
    assert all(each.agrees for each in found)


@pytest.mark.parametrize(
    ("weights", "activation", "pool"),
    [
        ({"scale": "per_column", "bias": "digital"}, {"function": "relu", "bits": 2}, "average"),
        ({"scale": "per_layer", "bias": "array_row"}, {"function": "tanh", "bits": 2}, "max"),
        ({"encoding": "full_pair", "bias": "array_row"}, {"function": "sigmoid", "bits": None}, "average"),
    ],
    ids=["digital relu", "array row tanh", "full pair sigmoid"],
)
def test_convolutions_are_rebuilt(
    tmp_path: Path, weights: dict[str, str], activation: dict[str, object], pool: str
) -> None:
    hardware = {"cell": CELL, "weights": weights, "activation": activation, "array": {"rows": 20, "cols": 5}}
    # Maps of 9 x 9, pooled to 4 x 4 with a row and a column left over, and of 2 x 2.
    convolutions = [
        {"channels": 6, "kernel": 4, "padding": 2, "pool": {"type": pool, "size": 2}},
        {"channels": 8, "kernel": 3, "stride": 2, "padding": 1},
    ]
    job = {
        "dataset": "digits",
        "hardware": {**hardware, "input": {"bits": 3}},
        "model": {"type": "cnn", "convolutions": convolutions, "hidden": [16]},
        "training": {"epochs": 2, "batch": 64},
        "evaluation": {"chips": 2},
    }
    run(parse_job(job), tmp_path / "out", threads=1)
    digits = load("digits")
    write_idx(tmp_path / "images", digits.test_images)
    done = rebuild(tmp_path / "out", tmp_path / "images")
    count = len(digits.test_labels)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(f"{count} of {count} predictions agree") == 2


def rebuilt_with_wires(out: Path, graph: Graph) -> list[Any]:
    lines = {"wire_resistance": {"word": 40.0, "bit": 60.0}, "driver_resistance": 200.0}
    array = {"rows": 20, "cols": 5, "pack_groups": True, **lines}
    hardware = chip(CELL, weights={"bias": "array_row"}, activation={"bits": 2}, array=array, input={"bits": 4})
    results = drawn_results(job_for(hardware), graph, images=20)
    codes, lsb = results.test.codes, results.test.lsb
    of = Foundry(results.network, hardware, seed=0, codes=codes, lsb=lsb, trained_through_wires=False)
    wired = array_logits(results.network, of.reference(wired=True), codes, lsb)
    write_files(out, replace(results, logits_with_wires=wired))
    found = rebuilds(out)
    assert [each.name for each in found] == ["conductances", "weights", "conductances with wires"]
    return found


@pytest.mark.parametrize("plan", [*GEOMETRIES.values(), *GROUPED.values()], ids=[*GEOMETRIES, *GROUPED])
def test_convolutions_of_every_geometry_are_rebuilt_with_their_wires(tmp_path: Path, plan: Chain) -> None:
    assert all(each.agrees and each.undecided == 0 for each in rebuilt_with_wires(tmp_path, plan.graph()))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_kind_of_node_is_rebuilt_with_its_wires(tmp_path: Path, case: Case) -> None:
    assert all(each.agrees and each.undecided == 0 for each in rebuilt_with_wires(tmp_path, network(case)))


@pytest.mark.parametrize(
    "model",
    [
        {"type": "resnet-8", "channels": [2, 3]},
        {"type": "ds-cnn", "channels": 4, "blocks": 1},
        {"type": "lstm", "units": 3, "layers": 2},
    ],
    ids=["resnet-8", "ds-cnn", "lstm"],
)
def test_networks_with_branches_are_rebuilt_with_their_wires(tmp_path: Path, model: dict[str, Any]) -> None:
    job = parse_job({"hardware": "ideal", "dataset": "digits", "model": model})
    graph = network_graph(described_model(job.model), job.dataset)
    assert all(each.agrees and each.undecided == 0 for each in rebuilt_with_wires(tmp_path, graph))
    nodes = json.loads((tmp_path / "tiles.json").read_text(encoding="utf-8"))["graph"]["nodes"]
    assert [node["name"] for node in nodes] == list(graph.folded().names)


LINES = {"wire_resistance": {"word": 40.0, "bit": 60.0}, "driver_resistance": 200.0, "sense_resistance": 300.0}


@pytest.mark.parametrize(
    ("lines", "model"),
    [
        ({**LINES, "pair_layout": "interleaved"}, {"hidden": [16]}),
        (
            {**LINES, "wire_resistance": {"word": 0.0, "bit": 60.0}},
            {"type": "cnn", "convolutions": [{"channels": 4, "kernel": 3}], "hidden": []},
        ),
    ],
    ids=["interleaved", "convolution without word segments"],
)
def test_the_circuit_is_rebuilt(tmp_path: Path, lines: dict[str, Any], model: dict[str, Any]) -> None:
    job = {
        "dataset": "digits",
        "hardware": {"cell": CELL, "activation": {"bits": 2}, "input": {"bits": 3}, "array": {"rows": 20, "cols": 8}},
        "model": model,
        "training": {"epochs": 1},
        "evaluation": {"chips": 1},
    }
    job["hardware"]["array"] |= lines
    report = run(parse_job(job), tmp_path / "out", threads=1)
    done = rebuild(tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert said[4].startswith("from the conductances with wires: 359 of 359 predictions agree")
    accuracy = {rung["stage"]: rung["accuracy"] for rung in report["ladder"]}
    assert said[5] == f"  accuracy {accuracy['wires']:.4f}"
    assert said[1] == f"  accuracy {accuracy['hardware_aware']:.4f}"
    # Other lines are another chip.
    tiles = json.loads((tmp_path / "out" / "tiles.json").read_text(encoding="utf-8"))
    tiles["array"]["wire_resistance"]["bit"] *= 1 + 1e-6
    (tmp_path / "out" / "tiles.json").write_text(json.dumps(tiles), encoding="utf-8")
    assert [each.agrees for each in rebuilds(tmp_path / "out")] == [True, True, False]


def test_another_network_is_noticed(tmp_path: Path) -> None:
    job = {"dataset": "digits", "hardware": "fefet-2b", "model": {"hidden": [16]}, "training": {"epochs": 1}}
    run(parse_job(job), tmp_path / "out")
    assert all(each.agrees for each in rebuilds(tmp_path / "out"))
    digits = load("digits")
    write_idx(tmp_path / "images", digits.test_images[::-1])
    assert rebuild(tmp_path / "out", tmp_path / "images").returncode == 1
    # One conductance of one cell, off by one part in a million.
    with np.load(tmp_path / "out" / "conductances.npz", allow_pickle=False) as arrays:
        changed = {name: arrays[name] for name in arrays.files}
    changed["fc2/g_pos"][0, 0] *= 1 + 1e-6
    np.savez(tmp_path / "out" / "conductances.npz", **changed)
    assert [each.agrees for each in rebuilds(tmp_path / "out")] == [False, True]


@pytest.mark.mnist
def test_mnist_is_rebuilt(tmp_path: Path, data_dir: Path) -> None:
    job = {
        "dataset": "mnist",
        "hardware": {"cell": CELL, "activation": {"bits": 2}, "input": {"bits": 4}},
        "model": {"hidden": [128, 128]},
        "training": {"epochs": 2},
        "evaluation": {"chips": 2},
    }
    report = run(parse_job(job), tmp_path / "out", data_dir=data_dir)
    assert report["ladder"][2]["accuracy"] > 0.95
    mnist = data_dir / "mnist"
    done = rebuild(tmp_path / "out", mnist / "t10k-images-idx3-ubyte.gz", mnist / "t10k-labels-idx1-ubyte.gz")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("10000 of 10000 predictions agree") == 2

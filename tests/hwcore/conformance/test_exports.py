"""The suite that every row of `FILES` joins by one line of `READERS`, for a small mlp and a small cnn.

Each file has the name and the media type of its row, is not empty, and has the same bytes when it is written again; it
reads back to the results that it was written from; a byte of it that flips is found by the digests of the manifest.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from hwcore.crossbar import predicted_class
from hwcore.export import FILES, File, Results, write_files, write_manifest
from hwcore.media_types import MEDIA_TYPES
from hwcore.report.words import stage_in_words, time_in_words
from tests.hwcore.export.drawn_results import drawn_results, job_for
from tests.hwcore.layers.drawn_networks import described

DRIFT = {"type": "power_law", "exponent": 0.05, "t0": 20.0}
CNN = {
    "type": "cnn",
    "convolutions": [{"channels": 3, "kernel": 3, "padding": 1, "pool": {"type": "max", "size": 2}}],
    "hidden": [6],
}
MODELS: Mapping[str, Any] = {"mlp": {"hidden": [6]}, "cnn": CNN}
WEIGHTS = {"mlp": {"bias": "array_row", "scale": "per_layer"}, "cnn": {"bias": "digital"}}
Reader = Callable[[Path, Results], None]
"""Asserts that a file holds the results that it was written from."""


def reads_report(path: Path, results: Results) -> None:
    assert json.loads(path.read_text(encoding="utf-8")) == results.report.to_json()


def reads_weights(path: Path, results: Results) -> None:
    tensors = load_file(path)
    for layer in results.network.layers:
        effective = layer.digital.scale * layer.difference
        weight = tensors[f"{layer.name}.weight"]
        assert torch.equal(weight.reshape(len(weight), -1), effective[: layer.plan.inputs].T)
        assert torch.equal(tensors[f"{layer.name}.scale"], layer.digital.scale)
        assert len(tensors[f"{layer.name}.bias"]) == len(weight)


def reads_conductances(path: Path, results: Results) -> None:
    with np.load(path, allow_pickle=False) as arrays:
        for layer in results.network.layers:
            for key in ("g_pos", "g_neg", "code_pos", "code_neg"):
                assert np.array_equal(arrays[f"{layer.name}/{key}"], getattr(layer.array.pairs, key).numpy())


def reads_predictions(path: Path, results: Results) -> None:
    assert results.logits_with_wires is not None
    with np.load(path, allow_pickle=False) as arrays:
        for suffix, logits in (("", results.logits), ("_with_wires", results.logits_with_wires)):
            assert np.array_equal(arrays[f"logits{suffix}"], logits.numpy())
            assert np.array_equal(arrays[f"predictions{suffix}"], predicted_class(logits).numpy())
        assert np.array_equal(arrays["labels"], results.test.labels.numpy())
        assert np.array_equal(arrays["codes"], results.test.codes.numpy())


def reads_tiles(path: Path, results: Results) -> None:
    tiles = json.loads(path.read_text(encoding="utf-8"))
    assert tiles["input"]["lsb"] == results.test.lsb
    for entry, layer in zip(tiles["layers"], results.network.layers, strict=True):
        assert (entry["name"], entry["rows"], entry["cols"]) == (layer.name, layer.rows, layer.cols)
        assert (entry["scale"], entry["bias"]) == (layer.digital.scale.tolist(), layer.digital.bias.tolist())
        assert len(entry["tiles"]) == layer.array.grid.count


def reads_netlist(path: Path, results: Results) -> None:
    name, row_block, col_block = path.stem.split("_")
    array = results.network[name].array
    rows, cols = slice(*array.grid.row_blocks[int(row_block)]), slice(*array.grid.col_blocks[int(col_block)])
    cells = re.findall(r"^Rc(pos|neg)_(\d+)_(\d+) \S+ \S+ (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    for sign, component in (("pos", array.pairs.g_pos), ("neg", array.pairs.g_neg)):
        found = torch.zeros_like(component[rows, cols])
        for _, col, row, ohm in (cell for cell in cells if cell[0] == sign):
            found[int(row), int(col)] = 1 / float(ohm)
        torch.testing.assert_close(found, component[rows, cols], rtol=1e-15, atol=0)


def words_of(path: Path) -> set[str]:
    """Every text of a picture: matplotlib leaves it as a comment before its outlines."""
    text = path.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    return set(re.findall(r"<!-- (.*?) -->", text))


def reads_ladder(path: Path, results: Results) -> None:
    assert {stage_in_words(rung.stage) for rung in results.report.ladder} <= words_of(path)


def reads_training(path: Path, results: Results) -> None:
    assert {"floating point", "hardware-aware", "held-out accuracy (%)", "sharpness"} <= words_of(path)


def reads_over_time(path: Path, results: Results) -> None:
    times = {entry.seconds for entry in results.report.over_time}
    assert {time_in_words(seconds) for seconds in (min(times), max(times))} <= words_of(path)


READERS: Mapping[str, Reader] = {
    "report.json": reads_report,
    "weights.safetensors": reads_weights,
    "conductances.npz": reads_conductances,
    "predictions.npz": reads_predictions,
    "tiles.json": reads_tiles,
    "netlist/<tile>.sp": reads_netlist,
    "plots/ladder.svg": reads_ladder,
    "plots/training.svg": reads_training,
    "plots/accuracy_over_time.svg": reads_over_time,
}


@dataclass(frozen=True)
class Written:
    """A folder with its manifest, and the results that it was written from."""

    folder: Path
    results: Results

    def paths(self, file: File) -> list[Path]:
        """Every file of a row."""
        names = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return [path for path in names if file.holds(path.relative_to(self.folder).as_posix())]


def results_of(model: str, **parts: Any) -> Results:
    kind = ("exponential, ratio 8, negative at 0.8", "relu of 2 bits", WEIGHTS[model])
    job = job_for(described(*kind, noise=parts.pop("noise", {"drift": DRIFT})), model=MODELS[model], **parts)
    return drawn_results(job, job.graph, images=12)


@pytest.fixture(scope="module", params=MODELS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder, results = tmp_path_factory.mktemp(request.param), results_of(request.param)
    write_files(folder, results)
    write_manifest(folder, results.job, versions={}, run={})
    return Written(folder, results)


EVERY_FILE = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))


def test_every_row_has_a_reader() -> None:
    assert set(READERS) == {file.name for file in FILES}
    assert len(FILES) == len(READERS)


def test_every_file_that_is_written_is_of_one_row(written: Written) -> None:
    of_rows = [path for file in FILES for path in written.paths(file)]
    everything = {path for path in written.folder.rglob("*") if path.is_file()}
    assert len(of_rows) == len(set(of_rows))
    assert everything == {*of_rows, written.folder / "manifest.json"}


@EVERY_FILE
def test_it_is_there_and_says_its_media_type(written: Written, file: File) -> None:
    entries = json.loads((written.folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    paths = written.paths(file)
    assert paths
    assert file.media_type in MEDIA_TYPES.values()
    for path in paths:
        entry = entries[path.relative_to(written.folder).as_posix()]
        assert entry["media_type"] == file.media_type
        assert entry["size"] == path.stat().st_size > 0


@EVERY_FILE
def test_it_reads_back(written: Written, file: File) -> None:
    for path in written.paths(file):
        READERS[file.name](path, written.results)


@EVERY_FILE
def test_it_has_the_same_bytes_when_it_is_written_again(written: Written, file: File, tmp_path: Path) -> None:
    path = tmp_path / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    model = "cnn" if written.results.network.layers[0].plan.kind == "conv" else "mlp"
    file.write(path, results_of(model))
    again = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    assert again == {each.name: each.read_bytes() for each in written.paths(file)}


@EVERY_FILE
def test_a_flipped_byte_is_found_by_the_manifest(written: Written, file: File, tmp_path: Path) -> None:
    folder = shutil.copytree(written.folder, tmp_path / "out")
    assert damaged_files(folder) == []
    for path in Written(folder, written.results).paths(file):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x20
        path.write_bytes(content)
        assert path.relative_to(folder).as_posix() in damaged_files(folder)


def damaged_files(folder: Path) -> list[str]:
    """Names of the files that are not what the manifest says, or not in it."""
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    found = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    listed = {name: entry["sha256"] for name, entry in entries.items()}
    return sorted({name for name, _ in listed.items() ^ found.items()})


@pytest.mark.parametrize("model", MODELS)
def test_a_job_without_times_and_netlists_has_no_file_of_theirs(model: str, tmp_path: Path) -> None:
    results = results_of(model, noise={}, export={"netlists": "none"})
    write_files(tmp_path, results)
    unwanted = {file.name for file in FILES if not Written(tmp_path, results).paths(file)}
    assert unwanted == {"netlist/<tile>.sp", "plots/accuracy_over_time.svg"}
    assert not (tmp_path / "netlist").exists()

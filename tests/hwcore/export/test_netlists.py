"""Tiles of a network as netlists: which, under which names, with which voltages, and the currents that follow."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from benchmarks import ngspice
from hwcore.crossbar import as_designed, layer_drives, simulate
from hwcore.export.netlists import netlists, write_netlists
from hwcore.export.tiles import write_tiles
from hwcore.layers import map_network
from hwcore.mapping import MappedNetwork
from hwcore.spec import Cnn, Convolution, Hardware, LayerPlan, Window, chain_graph, dense_plan, network_graph
from hwcore.wires import Wires, layer_transfer, pair_transfer
from tests.hwcore.export.drawn_results import LSB, WIDTHS, drawn_results, job_for
from tests.hwcore.layers.drawn_networks import drawn_codes, drawn_graph, drawn_network
from tests.hwcore.spec.chips import chip
from tests.hwcore.wires.drawn_arrays import apart

CELL = {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8, "negative": {"gain": 0.8}}
IN_ARRAY = {"bias": "array_row", "scale": "per_layer"}
DIGITAL = {"bias": "digital", "scale": "per_column"}
LINES: dict[str, Any] = {
    "wire_resistance": {"word": 1.5, "bit": 2.5},
    "driver_resistance": 40.0,
    "sense_resistance": 70.0,
    "read_voltage": 0.2,
}


def described(weights: dict[str, str], bits: int | None = 2, **array: Any) -> Hardware:
    activation = {"function": "relu", "bits": bits}
    return chip(CELL, activation=activation, weights=weights, array={"rows": 8, "cols": 5, **array}, input={"bits": 4})


def mapped(hardware: Hardware) -> MappedNetwork:
    return map_network(drawn_network(hardware, WIDTHS, "none"))


def drives_of(network: MappedNetwork, code: torch.Tensor) -> dict[str, torch.Tensor]:
    """Drives of the word lines of dense layers for one image, layer by layer."""
    x, found = code[None].double() * LSB, dict[str, torch.Tensor]()
    for layer in network.layers:
        bias_row = [] if layer.bias_drive is None else [torch.full((1, 1), layer.bias_drive, dtype=torch.float64)]
        found[layer.name] = torch.cat([x, *bias_row], 1)
        digital, activation = layer.digital, network.activation_behind(layer.name)
        x = digital.scale * (found[layer.name] @ layer.difference) + digital.bias
        if activation is not None:
            x = x.clamp(min=0)
            levels, thresholds = activation.levels, activation.thresholds
            if levels is not None and thresholds is not None:
                x = levels[torch.bucketize(x, thresholds, right=True)]
    return found


def written(folder: Path, hardware: Hardware, which: Any = "all") -> tuple[MappedNetwork, dict[str, torch.Tensor]]:
    network = mapped(hardware)
    drives = drives_of(network, drawn_codes(3, WIDTHS[0])[1])
    write(folder, network, hardware, drives, which)
    return network, drives


def write(
    folder: Path, network: MappedNetwork, hardware: Hardware, drives: dict[str, torch.Tensor], which: Any = "all"
) -> None:
    (folder / "netlist").mkdir(parents=True)
    for name, text in netlists(network, hardware, drives, which=which):
        (folder / "netlist" / f"{name}.sp").write_text(text, encoding="utf-8")


def tile_names(folder: Path, hardware: Hardware) -> dict[str, dict[str, Any]]:
    write_tiles(folder / "tiles.json", drawn_results(job_for(hardware)))
    layers = json.loads((folder / "tiles.json").read_text(encoding="utf-8"))["layers"]
    return {tile["name"]: tile for layer in layers for tile in layer["tiles"]}


def voltages(text: str) -> list[float]:
    return [float(volt) for volt in re.findall(r"^Vin_\d+ \S+ 0 DC (\S+)$", text, re.MULTILINE)]


def currents(text: str, cols: int) -> torch.Tensor:
    """I_pos - I_neg of every pair of a netlist without wires: Ohm's law in every resistor of the text."""
    volts, total = voltages(text), torch.zeros(cols, dtype=torch.float64)
    for sign, col, row, source, ohm in re.findall(r"^Rc(pos|neg)_(\d+)_(\d+) in_(\d+) \S+ (\S+)$", text, re.MULTILINE):
        assert row == source
        total[int(col)] += (1 if sign == "pos" else -1) * volts[int(row)] / float(ohm)
    return total


def test_every_tile_has_a_file_of_its_name(tmp_path: Path) -> None:
    hardware = described(IN_ARRAY)
    written(tmp_path, hardware)
    names = tile_names(tmp_path, hardware)
    assert sorted(path.name for path in (tmp_path / "netlist").iterdir()) == sorted(f"{name}.sp" for name in names)
    for name, tile in names.items():
        first = (tmp_path / "netlist" / f"{name}.sp").read_text(encoding="utf-8").splitlines()[0]
        rows, cols = (tile[f"{line}_stop"] - tile[f"{line}_start"] for line in ("row", "col"))
        assert first == f"* tile {name}: {rows} word lines, {cols} pairs of bit lines, separate"


def test_one_per_layer_is_the_first_and_the_fullest(tmp_path: Path) -> None:
    hardware = described(DIGITAL)
    found = {}
    for which in ("one_per_layer", "all"):
        written(tmp_path / which, hardware, which)
        found[which] = {path.name: path.read_bytes() for path in (tmp_path / which / "netlist").iterdir()}
    few, all_ = found["one_per_layer"], found["all"]
    assert sorted(few) == ["fc1_0_0.sp", "fc2_0_0.sp", "fc3_0_0.sp"]
    for name, text in few.items():
        assert text == all_[name]
        cells = [each.count(b"\nRc") for other, each in all_.items() if other.startswith(name[:4])]
        assert text.count(b"\nRc") == max(cells)


def test_none_is_no_tile(tmp_path: Path) -> None:
    written(tmp_path, described(DIGITAL), "none")
    assert not list((tmp_path / "netlist").iterdir())


def test_the_files_have_the_drives_of_the_first_image_and_the_choice_of_the_job(tmp_path: Path) -> None:
    hardware = described(IN_ARRAY, **LINES)
    results = drawn_results(job_for(hardware, export={"netlists": "all"}))
    write_netlists(tmp_path / "<tile>.sp", results)
    drives = drives_of(results.network, results.test.codes[0])
    expected = dict(netlists(results.network, hardware, drives, which="all"))
    assert {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == expected


@pytest.mark.parametrize("read_voltage", [None, 0.2])
@pytest.mark.parametrize("bits", [2, None])
@pytest.mark.parametrize("weights", [IN_ARRAY, DIGITAL], ids=["array_row", "digital"])
def test_the_netlists_hold_what_the_network_computes(
    tmp_path: Path, weights: dict[str, str], bits: int | None, read_voltage: float | None
) -> None:
    hardware = described(weights, bits, **({} if read_voltage is None else {"read_voltage": read_voltage}))
    network, _ = written(tmp_path, hardware)
    code = drawn_codes(3, WIDTHS[0])[1]
    full_scale = 1.0
    for number, layer in enumerate(network.layers):
        total = torch.zeros(layer.cols, dtype=torch.float64)
        for name, tile in tile_names(tmp_path, hardware).items():
            if name.startswith(layer.name):
                text = (tmp_path / "netlist" / f"{name}.sp").read_text(encoding="utf-8")
                cols = slice(tile["col_start"], tile["col_stop"])
                total[cols] += currents(text, tile["col_stop"] - tile["col_start"])
        z = layer.digital.scale * total * full_scale / (read_voltage or 1.0) + layer.digital.bias
        # The layer as the last of a network that ends with it.
        nodes = network.graph.nodes
        ends = replace(network.graph, nodes=nodes[: 1 + nodes.index(network.graph[layer.name])])
        until = replace(network, graph=ends, layers=network.layers[: number + 1])
        expected = simulate(until, as_designed(until), code[None].double() * LSB)[0]
        torch.testing.assert_close(z, expected, rtol=1e-11, atol=1e-11 * float(expected.abs().max()))
        full_scale = 1.0 if layer is network.layers[-1] else _x_max(tmp_path, network, number + 1)


def _x_max(folder: Path, network: MappedNetwork, number: int) -> float:
    """Of a layer, and where nothing limits its drives as the first line of its netlists says it."""
    first = (folder / "netlist" / f"{network.layers[number].name}_0_0.sp").read_text(encoding="utf-8").splitlines()[0]
    limit = network.layers[number].drive.limit
    assert ("x_max" in first) == (limit is None)
    return float(first.split("x_max ")[1].split(":")[0]) if limit is None else limit


@pytest.mark.parametrize("weights", [IN_ARRAY, DIGITAL], ids=["array_row", "digital"])
def test_drives_that_nothing_limits_are_within_the_read_voltage(tmp_path: Path, weights: dict[str, str]) -> None:
    network, drives = written(tmp_path, described(weights, None, read_voltage=0.2))
    for layer in network.layers[1:]:
        volts, drive = [], drives[layer.name]
        for block in range(len(layer.array.grid.row_blocks)):
            volts += voltages((tmp_path / "netlist" / f"{layer.name}_{block}_0.sp").read_text(encoding="utf-8"))
        assert max(volts) == pytest.approx(0.2, rel=1e-15)
        assert volts == pytest.approx((drive[0] * 0.2 / float(drive.max())).tolist(), rel=1e-14)


def test_full_scale_is_the_read_voltage_and_a_bias_row_is_driven_with_it(tmp_path: Path) -> None:
    hardware = described(IN_ARRAY, read_voltage=0.2)
    network = mapped(hardware)
    drives = drives_of(network, torch.full((WIDTHS[0],), 15, dtype=torch.uint8))
    write(tmp_path, network, hardware, drives)
    for layer in network.layers:
        name = f"{layer.name}_{len(layer.array.grid.row_blocks) - 1}_0.sp"
        volts = voltages((tmp_path / "netlist" / name).read_text(encoding="utf-8"))
        start, stop = layer.array.grid.row_blocks[-1]
        assert len(volts) == stop - start
        assert volts[-1] == pytest.approx(0.2, rel=1e-15)
        assert max(volts) <= 0.2 * (1 + 1e-15)
    first = voltages((tmp_path / "netlist" / "fc1_0_0.sp").read_text(encoding="utf-8"))
    assert first == pytest.approx([0.2] * 8, rel=1e-15)


def test_a_convolution_has_the_drives_of_its_middle_position(tmp_path: Path) -> None:
    hardware = described(IN_ARRAY)
    graph = network_graph(Cnn(convolutions=(Convolution(channels=3, kernel=3, padding=1),), hidden=(7,)), "digits")
    network = map_network(drawn_graph(hardware, graph))
    image = drawn_codes(2, 64)[1].double() * LSB
    patches = functional.unfold(image.reshape(1, 1, 8, 8), 3, padding=1)[0].T
    drives = {layer.name: torch.zeros(1, layer.rows, dtype=torch.float64) for layer in network.layers}
    drives["conv1"] = torch.cat([patches, torch.ones(64, 1, dtype=torch.float64)], 1)
    write(tmp_path, network, hardware, drives)
    # 8 x 8 positions: the middle one is (4, 4), whose kernel of three stands on the pixels 3 to 5 of both directions.
    seen = image.reshape(8, 8)[3:6, 3:6].reshape(-1)
    text = (tmp_path / "netlist" / "conv1_0_0.sp").read_text(encoding="utf-8")
    assert voltages(text) == seen[:8].tolist()
    with pytest.raises(ValueError, match=r"drives: got \(1, 10\) for conv1; allowed: \(64, 10\)"):
        list(netlists(network, hardware, {**drives, "conv1": drives["conv1"][:1]}))


@pytest.mark.skipif(not ngspice.installed(), reason=ngspice.WHERE)
@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_ngspice_and_the_wires_of_the_description_agree(tmp_path: Path, layout: Any) -> None:
    hardware = described(IN_ARRAY, **LINES, pair_layout=layout)
    network, drives = written(tmp_path, hardware, "one_per_layer")
    wires = Wires(r_word=1.5, r_bit=2.5, r_driver=40.0, r_sense=70.0)
    for layer in network.layers:
        rows, cols = (slice(*blocks[0]) for blocks in (layer.array.grid.row_blocks, layer.array.grid.col_blocks))
        g = layer.array.pairs.g[rows, cols]
        text = (tmp_path / "netlist" / f"{layer.name}_0_0.sp").read_text(encoding="utf-8")
        asked = ngspice.currents(text, g.pos.shape[1])
        volts = drives[layer.name][0, rows] * 0.2 / layer.drive.full_scale
        for m, current in zip(pair_transfer(g, wires, layout), asked, strict=True):
            assert apart(volts @ m, current) < 1e-9


@pytest.mark.skipif(not ngspice.installed(), reason=ngspice.WHERE)
def test_every_tile_of_a_depthwise_layer_has_the_voltages_of_its_own_channel() -> None:
    hardware = described(IN_ARRAY, **LINES)
    window = Window.of(3, (4, 5), kernel=3, padding=1, groups=3)
    plan = (LayerPlan("conv1", "conv", 6, window), *dense_plan((6 * 4 * 5, 4)))
    network = map_network(drawn_graph(hardware, chain_graph(plan)))
    codes = drawn_codes(2, 60)[1:]
    drives = layer_drives(network, as_designed(network), codes, LSB)
    image = functional.pad(codes.reshape(3, 4, 5).double() * LSB, (1, 1, 1, 1))
    array, wires = network["conv1"].array, Wires.described(hardware.array)
    written = dict(netlists(network, hardware, drives, which="all"))
    assert [name for name in written if name.startswith("conv1")] == [
        f"conv1_{block}_{group}" for block in (0, 1) for group in (0, 1, 2)
    ]
    for group in range(3):
        # Under the middle position (2, 2); the last word lines are the ninth pixel and the bias row.
        volts = 0.2 * torch.cat([image[group, 2:5, 2:5].flatten(), torch.ones(1, dtype=torch.float64)])
        for block, rows in enumerate((slice(0, 8), slice(8, 10))):
            text = written[f"conv1_{block}_{group}"]
            assert voltages(text) == pytest.approx(volts[rows].tolist(), rel=1e-15)
            found = pair_transfer(array.pairs.g[rows, slice(2 * group, 2 * group + 2)], wires)
            for m, current in zip(found, ngspice.currents(text, 2), strict=True):
                assert apart(volts[rows] @ m, current) < 1e-9


@pytest.mark.skipif(not ngspice.installed(), reason=ngspice.WHERE)
def test_groups_that_share_a_tile_are_one_circuit_with_the_others_at_rest() -> None:
    hardware = described(DIGITAL, **{**LINES, "rows": 20, "pack_groups": True})
    window = Window.of(3, (4, 5), kernel=3, padding=1, groups=3)
    plan = (LayerPlan("conv1", "conv", 6, window), *dense_plan((6 * 4 * 5, 4)))
    network = map_network(drawn_graph(hardware, chain_graph(plan)))
    codes = drawn_codes(2, 60)[1:]
    drives = layer_drives(network, as_designed(network), codes, LSB)
    layer, idle = network["conv1"], (network.g_min_pos, network.g_min_neg)
    seen = layer_transfer(layer.array.pairs.g, layer.array.grid, Wires.described(hardware.array), idle=idle)
    written = dict(netlists(network, hardware, drives, which="all"))
    assert [name for name in written if name.startswith("conv1")] == ["conv1_0_0", "conv1_0_1"]
    first = written["conv1_0_0"].splitlines()[0]
    assert first == ("* tile conv1_0_0, the first of 2 groups is read: 18 word lines, 4 pairs of bit lines, separate")
    assert voltages(written["conv1_0_0"])[9:] == [0.0] * 9
    for name, group, cols in (("conv1_0_0", 0, 4), ("conv1_0_1", 2, 2)):
        volts = 0.2 * drives["conv1"][window.middle, 9 * group : 9 * group + 9]
        for m, current in zip(seen, ngspice.currents(written[name], cols), strict=True):
            assert apart(volts @ m[:, 2 * group : 2 * group + 2], current[:2]) < 1e-9


def test_the_same_network_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path / name, described(DIGITAL, **LINES))
    for path in (tmp_path / "one" / "netlist").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "netlist" / path.name).read_bytes()


def test_drives_that_do_not_fit_are_refused() -> None:
    hardware = described(IN_ARRAY)
    network = mapped(hardware)
    drives = drives_of(network, drawn_codes(2, WIDTHS[0])[1])
    with pytest.raises(ValueError, match="drives: got those of fc1, fc2; allowed: fc1, fc2, fc3"):
        list(netlists(network, hardware, {name: drives[name] for name in ("fc1", "fc2")}))
    with pytest.raises(ValueError, match=r"drives: got \(1, 9\) for fc2; allowed: \(1, 10\)"):
        list(netlists(network, hardware, {**drives, "fc2": drives["fc2"][:, :-1]}))


TINY_TABLE = {"spacing": {"type": "table", "conductances": [5e-324, 1e-5]}}


@pytest.mark.skipif(not ngspice.installed(), reason=ngspice.WHERE)
@pytest.mark.parametrize("cell", [{"levels": 2, "g_max": 1e-5, "on_off_ratio": 1e304}, TINY_TABLE], ids=str)
def test_ngspice_reads_tiles_with_an_on_off_ratio_beyond_all_numbers(cell: dict[str, Any], tmp_path: Path) -> None:
    hardware = chip(cell, array={"rows": 8, "cols": 5, "wire_resistance": {"word": 1.5, "bit": 2.5}})
    network = mapped(hardware)
    drives = drives_of(network, drawn_codes(3, WIDTHS[0])[1])
    write(tmp_path, network, hardware, drives)
    layer, tile = network.layers[0], (slice(0, 8), slice(0, 5))
    text = (tmp_path / "netlist" / f"{layer.name}_0_0.sp").read_text()
    assert "inf" not in text
    asked = ngspice.currents(text, 5)
    g = layer.array.pairs.g
    found = pair_transfer(g[tile], Wires.described(hardware.array))
    volts = drives["fc1"][0, tile[0]]
    assert max(apart(volts @ m, current) for m, current in zip(found, asked, strict=True)) < 1e-9
    assert float(g.pos.min()) == 0.0

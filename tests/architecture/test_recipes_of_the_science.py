"""Recipes that add to `hwcore`, each followed in a copy of the packages: it works, and takes no other file."""

import json

from tests.architecture.house_copy import HouseCopy
from tests.architecture.page import require_recipe

DEVICE = {
    "format": "mho.device/1",
    "title": "A memory of 10 uS",
    "source": "Nobody 2026",
    "range": {"low": 0.0, "high": 1e-5},
    "programming": {
        "title": "Programming noise of a memory.",
        "description": "A memory of Nobody 2026.",
        "fit": {"kind": "polynomial", "unit": "uS", "coefficients": [0.1, 0.02]},
    },
}


def test_a_device(house: HouseCopy) -> None:
    house.write("hwcore/spec/hardware/devices/rram_nobody_2026.json", json.dumps(DEVICE))
    house.run(
        """
import torch
from hwcore.devices import programming_sigma
from hwcore.spec import json_schema, parse_hardware
noise = {"programming": {"type": "rram_nobody_2026"}}
hardware = parse_hardware({"format": "mho.hardware/1", "cell": {"levels": 4, "g_max": 1e-5}, "noise": noise})
sigma = programming_sigma(torch.tensor([5e-6], dtype=torch.float64), hardware.noise.programming, g_max=1e-5)
assert torch.allclose(sigma, torch.tensor([0.1e-6 + 0.02 * 5e-6], dtype=torch.float64), atol=0, rtol=1e-12), sigma
assert "rram_nobody_2026" in str(json_schema("hardware"))
"""
    )
    require_recipe("a device", house)


SENSE_MODEL = '''class SenseGain(Spec):
    """Gain 1 + sigma_ratio xi, xi ~ N(0, 1), of each sense amplifier, drawn once per chip."""

    sigma_ratio: float = Field(ge=0.0, le=1.0, description="Standard deviation of the gain, without unit.")


'''
SENSE_FIELD = """    sense: SenseGain | None = Field(
        default=None, exclude_if=unsaid, description="Gain error of the sense amplifiers. null: there is none."
    )
"""
SENSE = '''def _sensed(arrays: Arrays, model: Any, site: Site) -> Arrays:
    """Give every column of every tile the gain of its sense amplifier."""
    generator = site.streams("sense", site.shared.network.layers.index(site.layer))
    found = []
    for array, mapped in zip(arrays, site.layer.arrays, strict=True):
        blocks = mapped.grid.row_blocks
        xi = torch.randn(len(blocks), array.g_difference.shape[1], dtype=torch.float64, generator=generator)
        gain = (1 + model.sigma_ratio * xi).repeat_interleave(torch.tensor([end - start for start, end in blocks]), 0)
        variance = None if array.read_variance is None else array.read_variance * gain.square()
        found.append(replace(array, g_difference=array.g_difference * gain, read_variance=variance))
    return tuple(found)


'''


def test_an_effect(house: HouseCopy) -> None:
    house.insert("hwcore/spec/hardware/noise.py", SENSE_MODEL, before="class Noise(")
    house.insert("hwcore/spec/hardware/noise.py", SENSE_FIELD, before="    read: ")
    house.insert("hwcore/spec/derive/effects.py", '    "sense",\n', before='    "adc",')
    row = '    _noise("sense", "gain error of sense amplifiers", "products", 4, trainable=False),\n'
    house.insert("hwcore/spec/derive/effects.py", row, before="    # Other cells are stuck")
    house.insert("hwcore/crossbar/product_effects.py", SENSE, before="PRODUCT_EFFECTS")
    house.insert("hwcore/crossbar/product_effects.py", '    "sense": _sensed,\n', before="}")
    house.run(
        """
import torch
from hwcore.crossbar import Foundry, array_logits
from hwcore.errors import InvalidInput
from hwcore.layers import HardwareNetwork, map_network
from hwcore.spec import Condition, dense_graph, json_schema, parse_hardware, parse_job, present_effects
chip = {"cell": {"levels": 4, "g_max": 1e-5}, "input": {"bits": 4}, "array": {"rows": 16, "cols": 6}}
hardware = parse_hardware({**chip, "noise": {"sense": {"sigma_ratio": 0.1}}}).resolved()
assert present_effects(hardware) == ("sense",)
assert "sense" in str(json_schema("job")["$defs"]["Evaluation"]["properties"]["effects"])
network = HardwareNetwork(dense_graph((20, 7, 4)), hardware, generator=torch.Generator().manual_seed(0)).eval()
codes = torch.randint(0, 16, (30, 20), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
mapped = map_network(network)
foundry = Foundry(mapped, hardware, seed=1, codes=codes, lsb=1 / 15, trained_through_wires=False)
def logits(number, effects):
    return array_logits(mapped, foundry.chip(number, Condition.of(effects)), codes, 1 / 15)
one, again, other, designed = logits(3, ["sense"]), logits(3, ["sense"]), logits(4, ["sense"]), logits(3, [])
assert torch.equal(one, again) and not torch.equal(one, other), (one, other)
assert 0.001 < float((one - designed).abs().max() / designed.abs().max()) < 1
try:
    parse_job({"hardware": chip, "dataset": "digits", "evaluation": {"effects": ["sense"]}})
except InvalidInput as error:
    assert "hardware.noise.sense is null" in str(error), error
else:
    raise AssertionError("an effect that the chip does not have was taken")
"""
    )
    require_recipe("an effect of the chip", house)


SIGNALS = '''"""Convolutions along signals."""

from __future__ import annotations

from typing import ClassVar

import torch.nn.functional as F
from torch import nn

from hwcore.layers.cells import CellLayer
from hwcore.layers.float_layer import FloatLayer


class FloatConv1d(FloatLayer, nn.Conv1d):
    @classmethod
    def planned(cls, plan):
        window = plan.window
        return cls(window.channels, plan.outputs, window.kernel, window.stride)


class HardwareConv1d(CellLayer):
    scales_weights: ClassVar[bool] = True

    def __init__(self, window, outputs, hardware, **options):
        super().__init__((outputs, *window.kernel_shape), hardware, **options)
        self.window = window

    @classmethod
    def planned(cls, plan, hardware, **options):
        return cls(plan.window, plan.outputs, hardware, **options)

    def product(self, x, weights, added, rows):
        (start, stop), window = rows, self.window
        kept = F.pad(weights.flatten(1)[:, start:stop], (start, self.inputs - stop)).view(-1, *window.kernel_shape)
        return F.conv1d(x, kept, added, window.stride)
'''


def test_a_kind_of_layer(house: HouseCopy) -> None:
    house.insert(
        "hwcore/spec/jobs/model.py",
        '    directions: Literal[1, 2] = Field(default=2, description="1: the rows of an image are channels.")\n',
        before="    convolutions: ",
    )
    plan = "hwcore/spec/derive/plan.py"
    house.replace(plan, '"conv", "lstm"]', '"conv", "conv1d", "lstm"]')
    graph = "hwcore/spec/graph/networks/cnn.py"
    house.replace(
        graph, "= facts.input_shape\n", "= facts.image_shape if model.directions == 1 else facts.input_shape\n"
    )
    house.replace(graph, '{number}", "conv", ', '{number}", "conv1d" if model.directions == 1 else "conv", ')
    house.write("hwcore/layers/conv1d.py", SIGNALS)
    house.insert(
        "hwcore/layers/kinds.py",
        "from hwcore.layers.conv1d import FloatConv1d, HardwareConv1d\n",
        before="from hwcore.layers.convolution",
    )
    house.insert(
        "hwcore/layers/kinds.py",
        '        "conv1d": LayerForms(FloatConv1d, HardwareConv1d),\n',
        before='        "conv": ',
    )
    house.run(
        """
import json
from pathlib import Path
from hwcore import pipeline
from hwcore.errors import InvalidInput
from hwcore.spec import parse_job
chip = {
    "cell": {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8},
    "activation": {"bits": 2},
    "input": {"bits": 4},
    "array": {"rows": 30, "cols": 12, "wire_resistance": {"word": 2.0, "bit": 2.0}},
    "adc": {"bits": 6},
    "noise": {"programming": {"type": "additive", "sigma_ratio": 0.05}},
}
pool = {"type": "max", "size": 2}
model = {"type": "cnn", "directions": 1, "convolutions": [{"channels": 6, "kernel": 3, "pool": pool}], "hidden": [8]}
job = {"hardware": chip, "dataset": "digits", "training": {"epochs": 1}, "evaluation": {"chips": 1}}
pipeline.run(parse_job({**job, "model": model}), Path("out"), device="cpu", threads=1)
report, tiles = (json.loads(Path(f"out/{name}.json").read_text()) for name in ("report", "tiles"))
first = report["layers"][0]
assert (first["kind"], first["rows"], first["cols"], first["positions"]) == ("conv1d", 24, 6, 6), first
assert report["mapping"]["predictions_identical"], report["mapping"]
assert tiles["layers"][0]["window"]["in_shape"] == [8, 8] and tiles["layers"][0]["window"]["out_shape"] == [6, 3]
model["convolutions"][0]["kernel"] = 9
try:
    parse_job({**job, "model": model})
except InvalidInput as error:
    assert "the input of conv1 is 8 pixels with its padding: got 9" in str(error), error
else:
    raise AssertionError("a kernel longer than the signal was taken")
"""
    )
    require_recipe("a kind of array node", house)


LEAKY_RELU = '''"""Leaky relu, an activation with a slope on either side of 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from hwcore.spec.graph.operation import Shape, Stateless
from hwcore.spec.graph.operations import Operations


@dataclass(frozen=True)
class LeakyRelu(Stateless):
    """y = max(x, 0) + slope min(x, 0).

    Attributes:
        slope: of negative inputs.
    """

    kind: ClassVar[str] = "leaky_relu"
    title: ClassVar[str] = "y = max(x, 0) + slope min(x, 0)"

    slope: float = 0.01

    def shape(self, *shapes: Shape) -> Shape:
        """Shape of the input."""
        return shapes[0]

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Compute every element."""
        return x[0].clamp(min=0) + self.slope * x[0].clamp(max=0)
'''


def test_a_kind_of_node(house: HouseCopy) -> None:
    house.write("hwcore/spec/graph/kinds/leaky_relu.py", LEAKY_RELU)
    house.insert(
        "hwcore/spec/graph/kinds/__init__.py",
        "from hwcore.spec.graph.kinds.leaky_relu import LeakyRelu as LeakyRelu\n",
        before="from hwcore.spec.graph.kinds.normalize",
    )
    house.run(
        """
import torch
from torch.nn.functional import leaky_relu
from hwcore.crossbar import array_logits, as_designed
from hwcore.layers import FloatNetwork, HardwareNetwork, map_network
from hwcore.spec import NODE_KINDS, Activate, GraphBuilder, LayerPlan, Product, Window, parse_hardware
builder = GraphBuilder((6,))
builder.add("fc1", Product(LayerPlan("fc1", "dense", 5, Window.of(6))))
builder.add("leaky", NODE_KINDS["leaky_relu"](0.1))
builder.add("codes", Activate("identity", signed=True))
builder.add("fc2", Product(LayerPlan("fc2", "dense", 3, Window.of(5))))
hardware = parse_hardware({"cell": {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8}, "activation": {"bits": 3}})
codes = torch.randint(0, 256, (20, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
x = codes / 255
plain = FloatNetwork(builder.graph(), "relu")
first, second = plain.layers
torch.testing.assert_close(plain(x), second(leaky_relu(first(x), 0.1)))
network = HardwareNetwork(builder.graph(), hardware).double().eval()
mapped = map_network(network)
assert [layer.drive.signed for layer in mapped.layers] == [False, True]
found = array_logits(mapped, as_designed(mapped), codes, 1 / 255)
torch.testing.assert_close(found, network(codes.double() / 255), rtol=1e-9, atol=1e-12)
"""
    )
    require_recipe("a kind of node", house)


WRITER = '''"""conductances/<layer>.csv: the conductances of a layer for a spreadsheet."""

from pathlib import Path

import numpy as np

from hwcore.export.file import filled
from hwcore.export.results import Results


def write_conductance_tables(path: Path, results: Results) -> None:
    for layer in results.network.layers:
        np.savetxt(filled(path, layer.name), layer.difference.numpy(), delimiter=",")
'''


def test_an_export(house: HouseCopy) -> None:
    house.write("hwcore/export/conductance_tables.py", WRITER)
    house.insert(
        "hwcore/export/files.py",
        "from hwcore.export.conductance_tables import write_conductance_tables\n",
        before="from hwcore.export.conductances",
    )
    house.insert(
        "hwcore/export/files.py",
        '    File("conductances/<layer>.csv", write_conductance_tables),\n',
        before='    File("predictions.npz"',
    )
    house.run(
        """
import json
from pathlib import Path
import numpy as np
from hwcore import pipeline
from hwcore.spec import parse_job
training, evaluation = {"epochs": 1, "batch": 256}, {"chips": 1}
job = {"hardware": "ideal", "dataset": "digits", "model": {"hidden": [4]}, "training": training}
pipeline.run(parse_job({**job, "evaluation": evaluation}), Path("out"), device="cpu", threads=1)
assert np.loadtxt("out/conductances/fc1.csv", delimiter=",").shape == (64, 4)
entry = json.loads(Path("out/manifest.json").read_text())["files"]["conductances/fc2.csv"]
assert entry["media_type"] == "text/csv; charset=utf-8", entry
"""
    )
    require_recipe("an export", house)

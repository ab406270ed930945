"""Layers of cells of any kind: effects are there inside a context alone, and a kind writes its geometry."""

import pytest
import torch
from torch import nn

from hwcore.layers import CellLayer, HardwareLinear
from hwcore.layers.cells import cell_layers
from hwcore.layers.converted import LayerConverters
from hwcore.layers.wired import LayerWires
from tests.hwcore.spec.chips import chip

HARDWARE = chip({"levels": 2, "g_max": 1e-5}, adc={"bits": 4})


def fail_within(layer: HardwareLinear, wires: LayerWires) -> None:
    with layer.seeing(wires=wires):
        assert layer.effects.wires is wires
        raise KeyError("something went wrong")


def test_effects_from_before_stay_inside_and_come_back_after_a_failure_too() -> None:
    layer = HardwareLinear(2, 3, HARDWARE)
    outer, inner, converters = LayerWires(HARDWARE), LayerWires(HARDWARE), LayerConverters(HARDWARE)
    with layer.seeing(wires=outer), layer.seeing(converters=converters):
        assert layer.effects.wires is outer
        assert layer.effects.converters is converters
        with pytest.raises(KeyError):
            fail_within(layer, inner)
        assert layer.effects.wires is outer
        assert layer.effects.converters is converters
    assert (layer.effects.wires, layer.effects.converters) == (None, None)


def test_a_kind_without_a_product_is_no_layer() -> None:
    class WithoutGeometry(CellLayer):
        pass

    with pytest.raises(TypeError, match="product"):
        WithoutGeometry((3, 2), HARDWARE)  # type: ignore[abstract]


def test_the_layers_of_cells_are_found_in_order() -> None:
    first, second = HardwareLinear(2, 3, HARDWARE), HardwareLinear(3, 4, HARDWARE)
    assert cell_layers(nn.Sequential(first, nn.ReLU(), nn.Sequential(second))) == [first, second]
    assert cell_layers(nn.ReLU()) == []


def test_the_names_of_what_is_learned_are_a_promise_to_checkpoints() -> None:
    layer = HardwareLinear(2, 3, HARDWARE)
    assert [name for name, _ in layer.named_parameters()] == ["theta", "log_scale", "bias"]
    assert {name for name in layer.state_dict() if "." not in name} == {"theta", "log_scale", "bias"}
    assert torch.equal(layer.scale, layer.log_scale.exp())

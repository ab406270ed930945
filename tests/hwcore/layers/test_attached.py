"""What a layer has for a while: there within, the one from before afterwards, whatever happened."""

import pytest
from torch import nn

from hwcore.layers import HardwareLinear
from hwcore.layers.attached import attached, cell_layers
from tests.hwcore.spec.chips import chip

HARDWARE = chip({"levels": 2, "g_max": 1e-5})


def fail_within(layers: list[HardwareLinear], values: list[object]) -> None:
    with attached(layers, "wires", values):
        assert [layer.wires for layer in layers] == values
        raise KeyError("something went wrong")


def test_what_was_there_before_comes_back_after_a_failure_too() -> None:
    layers = [HardwareLinear(2, 3, HARDWARE) for _ in range(2)]
    outer, inner = [object(), object()], [object(), object()]
    with attached(layers, "wires", outer):
        with pytest.raises(KeyError):
            fail_within(layers, inner)
        assert [layer.wires for layer in layers] == outer
    assert [layer.wires for layer in layers] == [None, None]


def test_every_layer_needs_a_value() -> None:
    layers = [HardwareLinear(2, 3, HARDWARE) for _ in range(2)]
    with pytest.raises(ValueError), attached(layers, "noise", [object()]):
        pass


def test_the_layers_of_cells_are_found_in_order() -> None:
    first, second = HardwareLinear(2, 3, HARDWARE), HardwareLinear(3, 4, HARDWARE)
    assert cell_layers(nn.Sequential(first, nn.ReLU(), nn.Sequential(second))) == [first, second]
    assert cell_layers(nn.ReLU()) == []

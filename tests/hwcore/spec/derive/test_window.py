"""Windows: by hand, against torch, and what they refuse."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from hwcore.spec import LayerPlan, Window


def test_a_window_by_hand() -> None:
    window = Window.of(3, (9, 7), kernel=4, stride=2, padding=1)
    assert (window.rows, window.padded, window.map) == (48, (11, 9), (4, 3))
    # The third row of four and the second column of three, row after row.
    assert (window.kernel_shape, window.positions, window.middle) == ((3, 4, 4), 12, 2 * 3 + 1)
    assert (window.span, window.drives, window.groups) == ((4, 4), 48, 1)


def test_one_number_holds_for_all_directions_and_both_ends() -> None:
    written_out = Window(2, (9, 7), (3, 3), (2, 2), ((1, 1), (1, 1)), (1, 1))
    assert Window.of(2, (9, 7), 3, 2, 1) == written_out
    assert Window.of(2, (9, 7), (3, 3), (2, 2), (1, (1, 1)), (1, 1)) == written_out
    assert Window.of(6) == Window(6)


def test_a_depthwise_window_by_hand() -> None:
    window = Window.of(6, (10,), kernel=5, dilation=2, padding=[(3, 0)], groups=6)
    # One channel and five pixels of it, two apart; six groups of them.
    assert (window.kernel_shape, window.rows, window.drives, window.span) == ((1, 5), 5, 30, (9,))
    assert (window.padded, window.map, window.middle) == ((13,), (5,), 2)
    layer = LayerPlan("conv1", "conv", 12, window)
    assert (layer.inputs, layer.outputs, layer.weights, layer.out_shape) == (5, 12, 60, (12, 5))


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(1, 2), st.integers(1, 3))
def test_the_map_is_that_of_torch(data: st.DataObject, directions: int, groups: int) -> None:
    def numbers(most: int) -> tuple[int, ...]:
        return tuple(data.draw(st.lists(st.integers(1, most), min_size=directions, max_size=directions)))

    size, kernel, stride, dilation = numbers(12), numbers(5), numbers(4), numbers(3)
    padding = tuple(length - 1 for length in numbers(3))
    window = Window.of(2 * groups, size, kernel, stride, padding, dilation, groups)
    assume(all(length >= span for length, span in zip(window.padded, window.span, strict=True)))
    of_torch = (nn.Conv1d, nn.Conv2d)[directions - 1]
    layer = of_torch(2 * groups, 3 * groups, kernel, stride, padding, dilation, groups)  # type: ignore[arg-type]
    assert tuple(layer(torch.zeros(1, 2 * groups, *size)).shape[2:]) == window.map
    assert tuple(layer.weight.shape[1:]) == window.kernel_shape


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channels": 3, "size": (4, 4), "kernel": (2,)}, "kernel: got 1 directions; allowed: 2"),
        ({"channels": 3, "size": (4,), "padding": [0, 0]}, "padding: got 2 directions; allowed: 1"),
        ({"channels": 3, "size": (4,), "groups": 2}, "groups: got 2; allowed: a divisor of the 3 channels"),
        ({"channels": 3, "size": (4,), "groups": 0}, "groups: got 0; allowed: a divisor of the 3 channels"),
        ({"channels": 4, "groups": 2}, "groups: got 2; allowed: 1 where no kernel moves"),
    ],
)
def test_what_is_no_window_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Window.of(**arguments)  # type: ignore[arg-type]


def test_outputs_that_do_not_divide_among_the_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="outputs: got 5; allowed: a multiple of the 2 groups"):
        LayerPlan("conv1", "conv", 5, Window.of(4, (3,), groups=2))

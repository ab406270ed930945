"""Codings of signed drives in training: in evaluation mode the hard network is the chip, whatever its lines."""

from contextlib import ExitStack
from typing import Any

import pytest
import torch

from hwcore.crossbar import Foundry
from hwcore.layers import HardwareLinear, converted_currents, map_network, noisy_weights, wired_weights
from hwcore.layers.line_pairs import by_sign, on_both_lines
from hwcore.spec import LayerPlan, Window
from hwcore.streams import stream
from tests.hwcore.crossbar.coded_networks import CODES, LINES, LSB, apart, described, foundry, logits, network
from tests.hwcore.layers.drawn_networks import drawn_plan

ADC = {"bits": 5, "range": {"type": "full"}}
SIGNS: list[dict[str, str]] = [
    {"signed": "sign_magnitude"},
    {"signed": "two_phase", "subtract": "analog"},
    {"signed": "two_phase", "subtract": "digital"},
    {"signed": "pair"},
]
every_sign = pytest.mark.parametrize("coding", SIGNS, ids=lambda coding: "-".join(coding.values()))


def test_both_lines_of_an_input_add_up_to_it_and_its_gradient() -> None:
    x = torch.tensor([[0.5, -0.25, 0.0]], requires_grad=True)
    lines = by_sign(x)
    assert lines.tolist() == [[0.5, 0.0, 0.0, -0.25, 0.0, 0.0]]
    weights = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    twice = on_both_lines(weights, weights)
    assert twice.tolist() == [[1.0, 1.0, 2.0, 2.0, 3.0, 3.0], [4.0, 4.0, 5.0, 5.0, 6.0, 6.0]]
    assert torch.equal(lines @ twice.T, x @ weights.T)
    (gradient,) = torch.autograd.grad((lines @ twice.T).sum(), x)
    assert torch.equal(gradient, weights.sum(0, keepdim=True))


@every_sign
@pytest.mark.parametrize("bias", ["array_row", "digital"])
@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_the_hard_network_is_the_chip_with_its_wires_and_converters(
    coding: dict[str, str], bias: str, layout: str
) -> None:
    # Converters go by the largest current without wires, in training and on the chip.
    of = foundry(coding, array={**LINES, "pair_layout": layout}, adc=ADC, bias=bias)
    hard = network(of.hardware)
    with ExitStack() as effects, torch.no_grad():
        effects.enter_context(wired_weights(hard, of.hardware))
        assert apart(hard(CODES.double() * LSB), logits(of, "wires")) < 1e-9
        effects.enter_context(converted_currents(hard, of.hardware))
        found, expected = hard(CODES.double() * LSB), logits(of, "wires", "adc")
    # A tie between two codes may fall either way, and then changes what follows of its image.
    same = (found - expected).abs().amax(1) < 1e-9 * expected.abs().max()
    assert int(same.sum()) >= len(CODES) - 1


def test_lines_of_a_pair_err_each_for_itself_in_training() -> None:
    noise = {"programming": {"type": "additive", "sigma_ratio": 0.1}}
    of = described({"signed": "pair"}, noise=noise, bias="digital")
    layer, x = HardwareLinear(3, 4000, of, lines=2).train(), torch.eye(3)
    with noisy_weights(layer, of, stream(1)), torch.no_grad():
        error = layer(torch.cat([x, -x])) - layer(torch.cat([x, -x]))
    first, second = error[:3].flatten(), error[3:].flatten()
    correlation = torch.corrcoef(torch.stack([first, second]))[0, 1]
    assert abs(float(correlation)) < 0.06
    assert float(first.std()) == pytest.approx(float(second.std()), rel=0.05)


@every_sign
def test_training_with_all_effects_has_gradients_and_resumes(coding: dict[str, str]) -> None:
    noise: dict[str, Any] = {"read": {"type": "proportional", "sigma_ratio": 0.05}}
    noise["programming"] = {"type": "additive", "sigma_ratio": 0.03}
    of = described(coding, array=LINES, adc={"bits": 6}, noise=noise)
    trained = network(of).float().train()
    with ExitStack() as effects:
        effects.enter_context(noisy_weights(trained, of, stream(2), effects=("programming", "read")))
        effects.enter_context(wired_weights(trained, of))
        converting = effects.enter_context(converted_currents(trained, of))
        for _ in range(2):
            trained.zero_grad()
            trained(CODES.float() * LSB).square().mean().backward()
        kept = [each.snapshot() for each in converting]
    for layer in trained.layers:
        assert layer.theta.grad is not None
        assert bool(layer.theta.grad.isfinite().all())
        assert float(layer.theta.grad.abs().max()) > 0
    with converted_currents(trained, of) as again:
        for each, snapshot in zip(again, kept, strict=True):
            each.restore(snapshot)
        assert all(torch.equal(a.ranges[0], b.ranges[0]) for a, b in zip(again, converting, strict=True))


@every_sign
@pytest.mark.parametrize("bias", ["array_row", "digital"])
def test_groups_have_pairs_of_lines_of_their_own(coding: dict[str, str], bias: str) -> None:
    of = described(coding, array={**LINES, "rows": 7}, bias=bias, adc=ADC)
    plan = (
        LayerPlan("conv1", "conv", 4, Window.of(1, (8, 8), kernel=3, stride=2)),
        LayerPlan("conv2", "conv", 8, Window.of(4, (3, 3), kernel=2, groups=4)),
        LayerPlan("fc1", "dense", 5, Window(32)),
    )
    hard = drawn_plan(of, plan, "none").double().eval()
    made = Foundry(map_network(hard), of, seed=5, codes=CODES, lsb=LSB, trained_through_wires=False)
    assert made.network["conv2"].rows == (8 if coding["signed"] == "pair" else 4) + (bias == "array_row")
    with ExitStack() as effects, torch.no_grad():
        effects.enter_context(wired_weights(hard, of))
        found = hard(CODES.double() * LSB)
        assert float(found.std(0).min()) > 1e-2
        assert apart(found, logits(made, "wires")) < 1e-9
        effects.enter_context(converted_currents(hard, of))
        found, expected = hard(CODES.double() * LSB), logits(made, "wires", "adc")
    same = (found - expected).abs().amax(1) < 1e-9 * expected.abs().max()
    assert int(same.sum()) >= len(CODES) - 1

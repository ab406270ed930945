"""Batch normalisation folded into one scale and one bias per column."""

import pytest
import torch
from torch import nn

from hwcore.digital import fold_normalization


def drawn_norm(features: int, seed: int) -> nn.BatchNorm1d:
    """Statistics, gains of both signs and offsets at random; the first gain is zero."""
    generator = torch.Generator().manual_seed(seed)
    norm = nn.BatchNorm1d(features)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    with torch.no_grad():
        norm.weight.normal_(generator=generator)
        norm.weight[0] = 0.0
        norm.bias.normal_(generator=generator)
        norm.running_mean.normal_(generator=generator)
        norm.running_var.uniform_(1e-3, 30.0, generator=generator)
    return norm.eval()


def test_by_hand() -> None:
    norm = nn.BatchNorm1d(1, eps=0.0).eval()
    assert norm.running_mean is not None
    assert norm.running_var is not None
    with torch.no_grad():
        norm.weight.fill_(-3.0)
        norm.bias.fill_(0.5)
        norm.running_mean.fill_(2.0)
        norm.running_var.fill_(4.0)
    # -3 (10 I + 1 - 2) / 2 + 0.5 = -15 I + 2.
    scale, bias = fold_normalization(
        torch.tensor([10.0], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64), norm
    )
    assert scale.tolist() == [-15.0]
    assert bias.tolist() == [2.0]


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_batchnorm_does_in_evaluation(seed: int) -> None:
    norm = drawn_norm(12, seed)
    generator = torch.Generator().manual_seed(100 + seed)
    current, scale, bias = (torch.randn(*shape, generator=generator).double() for shape in ((50, 12), (12,), (12,)))
    folded_scale, folded_bias = fold_normalization(scale, bias, norm)
    expected = norm.double()(scale * current + bias).detach()
    found = (folded_scale * current + folded_bias).detach()
    assert float((found - expected).abs().max()) < 1e-12 * float(expected.abs().max())
    assert (found[:, 0] == expected[0, 0]).all()


def test_without_normalisation_nothing_changes() -> None:
    scale, bias = torch.randn(3).double(), torch.randn(3).double()
    found = fold_normalization(scale, bias, nn.Identity())
    assert torch.equal(found[0], scale)
    assert torch.equal(found[1], bias)


@pytest.mark.parametrize("norm", [nn.LayerNorm(3), nn.BatchNorm1d(3, track_running_stats=False), nn.InstanceNorm2d(3)])
def test_another_kind_is_refused(norm: nn.Module) -> None:
    with pytest.raises(
        TypeError, match=f"got {type(norm).__name__}.*; allowed: BatchNorm1d or BatchNorm2d with running"
    ):
        fold_normalization(torch.ones(3).double(), torch.ones(3).double(), norm)


def test_of_a_convolution_it_is_that_of_every_position() -> None:
    norm = nn.BatchNorm2d(12)
    norm.load_state_dict(drawn_norm(12, 0).state_dict())
    norm = norm.double().eval()
    generator = torch.Generator().manual_seed(1)
    current, scale, bias = (
        torch.randn(*shape, generator=generator).double() for shape in ((9, 12, 4, 5), (12,), (12,))
    )
    folded_scale, folded_bias = fold_normalization(scale, bias, norm)

    def digital(x: torch.Tensor, s: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (x * s[:, None, None] + b[:, None, None]).detach()

    expected = norm(digital(current, scale, bias)).detach()
    found = digital(current, folded_scale, folded_bias)
    assert float((found - expected).abs().max()) < 1e-12 * float(expected.abs().max())

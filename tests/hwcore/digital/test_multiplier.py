"""Multipliers with a shift: as close to a real factor as their bits allow."""

import pytest
import torch

from hwcore.digital import Multipliers
from hwcore.streams import stream

BITS = [2, 3, 8, 16, 24]


def factors(count: int = 2000) -> torch.Tensor:
    generator = stream(3)
    size = 2.0 ** torch.empty(count, dtype=torch.float64).uniform_(-30, 12, generator=generator)
    return size * torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)


@pytest.mark.parametrize("bits", BITS)
def test_the_error_is_at_most_half_of_the_last_bit(bits: int) -> None:
    wanted = factors()
    found = Multipliers.of(wanted, bits)
    assert int(found.mantissa.abs().max()) <= 2 ** (bits - 1) - 1
    assert int(found.mantissa.abs().min()) >= 2 ** (bits - 2)
    assert float(((found.factor - wanted) / wanted).abs().max()) <= 2.0 ** -(bits - 1) * (2 if bits == 2 else 1)


@pytest.mark.parametrize("bits", BITS)
def test_a_factor_that_has_the_bits_is_met_exactly(bits: int) -> None:
    largest = 2 ** (bits - 1) - 1
    wanted = torch.tensor([1.0, -1.0, largest, -largest / 2**20, 2.0**-62], dtype=torch.float64)
    assert torch.equal(Multipliers.of(wanted, bits).factor, wanted)


def test_by_hand() -> None:
    found = Multipliers.of(torch.tensor([0.3, 0.999, 0.0, 1e-30, 1e9], dtype=torch.float64), 4)
    # 0.3 = 4.8 / 16, 0.999 = 7.99 / 8 which has no room, and the largest factor is 7 x 2^16.
    assert found.mantissa.tolist() == [5, 4, 0, 0, 7]
    assert found.shift.tolist() == [4, 2, 0, 0, -16]
    n = torch.tensor([[10] * 5, [-10] * 5])
    assert found.scaled(n, "half_away").tolist() == [[3, 10, 0, 0, 70 << 16], [-3, -10, 0, 0, -70 << 16]]
    assert found.scaled(n, "down").tolist() == [[3, 10, 0, 0, 70 << 16], [-4, -10, 0, 0, -70 << 16]]

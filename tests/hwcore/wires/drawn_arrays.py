"""Arrays drawn at random, and how far two results lie apart."""

import torch


def drawn(*shape: int, seed: int = 0, off: float = 0.0) -> torch.Tensor:
    """Conductances from 1 to 100 uS; a share of the cells does not conduct."""
    generator = torch.Generator().manual_seed(seed)
    g = 1e-6 + 99e-6 * torch.rand(*shape, dtype=torch.float64, generator=generator)
    g[torch.rand(*shape, generator=generator) < off] = 0.0
    return g


def driven(*shape: int, seed: int = 0) -> torch.Tensor:
    """Inputs from 0 to 0.3 V."""
    return 0.3 * torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1000 + seed))


def apart(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest relative difference of single entries; where nothing is expected, nothing may be found."""
    assert found.shape == expected.shape
    assert not found[expected == 0].any()
    there = expected != 0
    return float(((found[there] - expected[there]) / expected[there]).abs().max()) if there.any() else 0.0


def share(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference as a share of the largest entry."""
    assert found.shape == expected.shape
    return float((found - expected).abs().max() / expected.abs().max())

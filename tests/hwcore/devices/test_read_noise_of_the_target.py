"""Phase-change read noise with Q of the target, as published, beside Q of the programmed conductance, as in aihwkit."""

import pytest
import torch

from hwcore.devices import program, read_sigma
from hwcore.spec import PcmJoshi2020Programming, PcmJoshi2020Read
from hwcore.streams import stream

G_MAX, T = 25e-6, 20.0


@pytest.mark.parametrize(("share", "ratio"), [(0.0, 1.43), (0.05, 1.05), (0.1, 1.02), (0.5, 1.0), (1.0, 1.0)])
def test_how_far_the_two_are_apart_is_what_the_document_says(share: float, ratio: float) -> None:
    target = torch.full((400_000,), share * G_MAX, dtype=torch.float64)
    written = program(target, PcmJoshi2020Programming(), g_max=G_MAX, generator=stream(0))
    model = PcmJoshi2020Read()
    ours = read_sigma(written, model, g_target=target, g_max=G_MAX, t=T)
    theirs = read_sigma(written, model, g_target=written.clamp(max=G_MAX), g_max=G_MAX, t=T)
    assert float(ours.square().mean().sqrt() / theirs.square().mean().sqrt()) == pytest.approx(ratio, abs=0.015)

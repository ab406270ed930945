"""Phase-change read noise with Q of the target, as published, beside Q of the programmed conductance, as in aihwkit."""

import pytest
import torch

from hwcore.devices import program, read_sigma
from hwcore.streams import stream
from tests.hwcore.devices.models import programming, read_noise

G_MAX, T = 25e-6, 20.0


@pytest.mark.parametrize(("share", "ratio"), [(0.0, 1.43), (0.05, 1.05), (0.1, 1.02), (0.5, 1.0), (1.0, 1.0)])
def test_how_far_the_two_are_apart_is_what_the_document_says(share: float, ratio: float) -> None:
    target = torch.full((400_000,), share * G_MAX, dtype=torch.float64)
    written = program(target, programming("pcm_joshi_2020"), g_max=G_MAX, generator=stream(0))
    model = read_noise("pcm_joshi_2020")
    ours = read_sigma(written, model, g_target=target, g_max=G_MAX, t=T)
    theirs = read_sigma(written, model, g_target=written.clamp(max=G_MAX), g_max=G_MAX, t=T)
    assert float(ours.square().mean().sqrt() / theirs.square().mean().sqrt()) == pytest.approx(ratio, abs=0.015)

"""Random numbers of a chip: other ones for each effect and part, the same ones every time."""

import itertools

import pytest
import torch

from hwcore.crossbar import ChipStreams
from hwcore.spec import EFFECTS
from hwcore.streams import CHIPS, stream


def test_each_effect_and_part_has_numbers_of_its_own_every_time() -> None:
    drawn = [effect for effect, row in EFFECTS.items() if row.drawn]
    chip = ChipStreams(3, 7)
    found = [torch.rand(5, generator=chip(effect, *part)) for effect in drawn for part in ((), (0,), (1,))]
    assert not any(torch.equal(one, other) for one, other in itertools.combinations(found, 2))
    assert torch.equal(torch.rand(5, generator=chip("stuck_at")), torch.rand(5, generator=chip("stuck_at")))
    assert not torch.equal(torch.rand(5, generator=chip("read")), torch.rand(5, generator=ChipStreams(3, 8)("read")))


def test_the_writes_have_the_stream_of_the_chip_itself() -> None:
    written = torch.rand(5, generator=ChipStreams(3, 7)("programming"))
    assert torch.equal(written, torch.rand(5, generator=stream(3, CHIPS, 7)))


def test_an_effect_that_is_not_drawn_has_none() -> None:
    with pytest.raises(ValueError, match="got wires; allowed: programming, "):
        ChipStreams(3, 7)("wires")

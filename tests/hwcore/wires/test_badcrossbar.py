"""An outside judge: currents that badcrossbar computed (Joksas and Mehonic 2020, doi:10.1016/j.softx.2020.100617).

golden_badcrossbar.py wrote them down.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.wires import Wires, nodal, transfer
from tests.hwcore.wires.drawn_arrays import apart

GOLDEN = Path(__file__).with_name("golden_badcrossbar.json")
ARRAYS = json.loads(GOLDEN.read_text(encoding="utf-8"))["arrays"]


def named(array: dict[str, Any]) -> str:
    return f"{len(array['g'])}x{len(array['g'][0])}-{array['r_word']:g}-{array['r_bit']:g}"


@pytest.mark.parametrize("array", ARRAYS, ids=named)
def test_the_same_currents(array: dict[str, Any]) -> None:
    g, drive, expected = (torch.tensor(array[key], dtype=torch.float64) for key in ("g", "drive", "currents"))
    wires = Wires(r_word=array["r_word"], r_bit=array["r_bit"])
    assert apart(drive @ transfer(g, wires), expected) < 1e-9
    assert apart(nodal(g, drive, wires).current, expected) < 1e-9

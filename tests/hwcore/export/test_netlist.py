"""The netlist: its text here; what ngspice makes of it in test_ngspice.py."""

import re

import pytest
import torch

from hwcore.export import netlist
from hwcore.mapping import Components
from hwcore.wires import PairLayout, Wires

G = Components(
    torch.tensor([[4e-5, 0.0], [1e-5, 2e-5]], dtype=torch.float64),
    torch.tensor([[3e-5, 5e-5], [6e-5, 7e-5]], dtype=torch.float64),
)
DRIVE = torch.tensor([0.1, 0.2], dtype=torch.float64)
ALL = Wires(r_word=1.5, r_bit=2.5, r_driver=40.0, r_sense=70.0)
LAYOUTS: tuple[PairLayout, ...] = ("separate", "interleaved")


def elements(text: str) -> dict[str, tuple[str, ...]]:
    """Every resistor and source by its name."""
    found = [line.split() for line in text.splitlines()[1:] if line[0] in "RV"]
    names = [name for name, *_ in found]
    assert len(set(map(str.lower, names))) == len(names)
    return {name: tuple(rest) for name, *rest in found}


def test_every_element_of_one_pair() -> None:
    text = netlist(G[:1, :1], DRIVE[:1], ALL, title="fc1_0_0\n.end")
    assert text.splitlines()[0] == "* fc1_0_0 .end: 1 word lines, 1 pairs of bit lines, separate"
    assert elements(text) == {
        "Vin_0": ("in_0", "0", "DC", repr(DRIVE.tolist()[0])),
        "Rdwp_0": ("in_0", "wp_0", "40.0"),
        "Rwp_0_0": ("wp_0", "wp_0_0", "1.5"),
        "Rcpos_0_0": ("wp_0_0", "bpos_0_0", repr(1 / 4e-5)),
        "Rbpos_0_0": ("bpos_0_0", "bpos_0", "2.5"),
        "Rspos_0": ("bpos_0", "outpos_0", "70.0"),
        "Vpos_0": ("outpos_0", "0", "DC", "0"),
        "Rdwn_0": ("in_0", "wn_0", "40.0"),
        "Rwn_0_0": ("wn_0", "wn_0_0", "1.5"),
        "Rcneg_0_0": ("wn_0_0", "bneg_0_0", repr(1 / 3e-5)),
        "Rbneg_0_0": ("bneg_0_0", "bneg_0", "2.5"),
        "Rsneg_0": ("bneg_0", "outneg_0", "70.0"),
        "Vneg_0": ("outneg_0", "0", "DC", "0"),
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_without_resistance_there_are_cells_alone(layout: PairLayout) -> None:
    found = elements(netlist(G, DRIVE, Wires(), layout))
    cells = {name: ends[:2] for name, ends in found.items() if name.startswith("R")}
    expected = {f"Rc{s}_{j}_{i}": (f"in_{i}", f"out{s}_{j}") for s in ("pos", "neg") for i in (0, 1) for j in (0, 1)}
    # The cell that does not conduct is not there.
    del expected["Rcpos_1_0"]
    assert cells == expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["r_word", "r_bit", "r_driver", "r_sense"])
def test_a_resistance_of_zero_is_no_resistor(layout: PairLayout, name: str) -> None:
    text = netlist(G, DRIVE, Wires(**{**vars(ALL), name: 0.0}), layout)
    values = [float(ends[2]) for element, ends in elements(text).items() if element.startswith("R")]
    assert min(values) > 0
    assert vars(ALL)[name] not in values


def test_interleaved_word_lines_pass_positive_and_negative_in_turn() -> None:
    found = elements(netlist(G, DRIVE, ALL, "interleaved"))
    # Node w_1_k is the k-th crossing of word line 1.
    crossings = [found[name][0] for name in ("Rcpos_0_1", "Rcneg_0_1", "Rcpos_1_1", "Rcneg_1_1")]
    assert crossings == ["w_1_0", "w_1_1", "w_1_2", "w_1_3"]
    assert sum(name.startswith("Rdw") for name in found) == 2


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_current_is_saved_and_printed_once(layout: PairLayout) -> None:
    g = torch.rand(3, 21, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    lines = netlist(Components(g, g), torch.ones(3, dtype=torch.float64), ALL, layout).splitlines()
    expected = sorted(f"i(v{sign}_{col})" for sign in ("pos", "neg") for col in range(21))
    for word in (".save", "print"):
        listed = [name for line in lines if line.startswith(f"{word} ") for name in line.split()[1:]]
        assert sorted(listed) == expected
    assert lines.index(".op") < lines.index(".control") < lines.index("run") < lines.index(".endc")
    assert lines[-3:] == ["quit", ".endc", ".end"]


def test_numbers_read_back_to_the_last_bit_and_the_text_is_the_same_again() -> None:
    text = netlist(G, DRIVE, ALL)
    assert text == netlist(G, DRIVE, ALL)
    found = [float(volt) for volt in re.findall(r"^Vin_\d+ \S+ 0 DC (\S+)$", text, re.MULTILINE)]
    assert found == DRIVE.tolist()


def test_a_cell_whose_resistance_no_number_holds_is_not_there() -> None:
    weakest = torch.tensor([[5e-324, 5.5e-309], [5.7e-309, 1e-5]], dtype=torch.float64)
    found = elements(netlist(Components(weakest, G.neg), DRIVE, Wires()))
    assert {name for name in found if name.startswith("Rcpos")} == {"Rcpos_0_1", "Rcpos_1_1"}
    assert float(found["Rcpos_0_1"][2]) == 1 / 5.7e-309

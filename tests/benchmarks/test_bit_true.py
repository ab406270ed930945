"""The tables of the digital side, and the figures that are read off them."""

from typing import Any

from benchmarks.bit_true import codes_table, figures_of, widths_table

WIDTHS = [
    {"width": "accumulator_bits", "bits": bits, "cost_points": cost, "images": 6000}
    for bits, cost in ((18, 0.0), (17, 0.02), (16, 0.3))
]


def compared(name: str, differing: int, cost: float) -> dict[str, Any]:
    return {
        "compared": name,
        "network": "mnist.json",
        "accumulator_bits": 17,
        "scale_bits": 5,
        "offset_bits": 6,
        "rounding": "half_away",
        "saturate": True,
        "images": 10000,
        "outputs": 1000,
        "differing_hard_network": differing,
        "differing_numpy": 0,
        "accuracy": 0.97,
        "cost_points": cost,
    }


def test_each_width_is_a_row() -> None:
    head, _, first, *_ = widths_table(WIDTHS).splitlines()
    assert head == "| network | bits | 18 | 17 | 16 |"
    assert first == "| mnist.json | accumulator_bits | 0.00 | 0.02 | 0.30 |"


def test_networks_have_widths_and_figures_of_their_own() -> None:
    rows = [*WIDTHS, *(row | {"network": "resnet-8", "cost_points": 1.0} for row in WIDTHS)]
    lines = widths_table(rows).splitlines()
    assert lines[2] == "| mnist.json | accumulator_bits | 0.00 | 0.02 | 0.30 |"
    assert lines[5] == "| resnet-8 | accumulator_bits | 1.00 | 1.00 | 1.00 |"
    rows = [compared("chosen", 0, 0.01), compared("chosen", 0, 0.02) | {"network": "resnet-8"}]
    figures = {figure.name: figure.value for figure in figures_of(rows)}
    assert (figures["bit_true_cost"], figures["bit_true_cifar_cost"]) == (0.01, 0.02)


def test_every_comparison_is_a_row() -> None:
    rows = [*WIDTHS, compared("chosen", 0, 0.01), compared("wraps", 0, 0.5)]
    last = codes_table(rows).splitlines()[-1]
    assert last.startswith(
        "| mnist.json | wraps | 17 | 5 | 6 | half_away | True | 10000 | 1000 | 0 | 0 | 97.00 | 0.50 |"
    )


def test_a_number_that_differs_breaks_the_limit() -> None:
    for differing in (0, 1):
        rows = [*WIDTHS, compared("chosen", differing, 0.01), compared("wraps", 0, 0.5)]
        figures = {figure.name: figure for figure in figures_of(rows)}
        assert figures["bit_true_outputs_differing"].holds is not bool(differing)
        assert (figures["bit_true_outputs_compared"].value, figures["bit_true_cost"].value) == (2000, 0.01)

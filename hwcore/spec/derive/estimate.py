"""Estimate of the seconds that a job takes, from its document alone.

A sum over steps, products, drawn numbers and solved tiles, each times the seconds that one took on two processor cores.
It is right within a factor of three on such a machine: enough to tell seconds from hours before a job is posted.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hwcore.spec.derive.effects import EFFECTS, Effect
from hwcore.spec.derive.looks import SENSITIVITY_CHIPS, looks, simulated_chips
from hwcore.spec.derive.plan import Plan
from hwcore.spec.derive.tiles import plan_grids
from hwcore.spec.derive.work import Work
from hwcore.spec.graph.drives import graph_drives
from hwcore.spec.graph.graph import Graph
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.job_document import JobDocument

SECONDS: Final[Mapping[str, float]] = MappingProxyType(
    {
        # Once: the process and its imports, the data, all files.
        "start": 4.0,
        # A training step, for every layer; then for every image and product of a weight and an input; for every image
        # and number that goes in or out of the array of a convolution, at every position; for every weight.
        "float_step": 4e-4,
        "hardware_step": 1.0e-3,
        "float_product": 3e-11,
        "hardware_product": 3e-11,
        "trained_number": 1.2e-8,
        "trained_weight": 3e-9,
        # A number that is drawn for one weight: of an effect in a training step, or of a chip.
        "drawn_number": 4e-9,
        # One look at the test images, for every layer; for every image and product; for every image and number of a
        # convolution, as above; for every image and conversion, or noise of a read, of the sum of a tile.
        "look": 1e-3,
        "look_product": 4.5e-11,
        "look_number": 5e-9,
        "look_conversion": 2e-9,
        # A pair of arrays with wires, solved: for every cell, and for every cell and line beside it.
        "wired_cell": 3e-6,
        "wired_cell_line": 2.5e-8,
    }
)
"""Seconds that one of each took: torch 2.13 on two cores of a server with AVX-512, in November 2026."""

IMAGES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "digits": (1_438, 359),
        "mnist": (60_000, 10_000),
        "emnist-letters": (124_800, 20_800),
        "cifar10": (50_000, 10_000),
        "fsdd": (2_700, 300),
    }
)
"""Images to train on and to test on, in the official splits."""
OTHER_IMAGES: Final = (60_000, 10_000)
"""Training and test images that are assumed of a dataset whose size is not known."""
HELD_OUT: Final = 0.1


def estimated_seconds(job: JobDocument, images: tuple[int, int] | None = None) -> float:
    """Estimate the seconds that a job takes on two processor cores.

    Args:
        job: any; what it leaves open is counted as `resolved` decides it. What is in its data is known.
        images: to train on and to test on, of data of one's own.
    """
    work = job.resolved().work()
    training, test = images or IMAGES.get(work.dataset_name, OTHER_IMAGES)
    return SECONDS["start"] + _training(work, round((1 - HELD_OUT) * training)) + _judging(work, test)


def _training(work: Work, images: int) -> float:
    plan, s = work.plan, SECONDS
    steps = images / min(work.batch, images)
    products, numbers = _products(plan), _numbers(plan)
    weights = sum(layer.weights for layer in plan)
    aware = set(work.aware_of)
    float_epoch = steps * len(plan) * s["float_step"] + images * products * s["float_product"]
    hardware_epoch = steps * len(plan) * s["hardware_step"] + images * products * s["hardware_product"]
    reference_epoch = hardware_epoch
    on_lines, _ = _products_on_lines(work.graph, work.hardware)
    hardware_epoch += images * (on_lines - products) * s["hardware_product"]
    both = images * numbers * s["trained_number"] + steps * weights * s["trained_weight"]
    hardware_epoch += steps * weights * s["drawn_number"] * sum(EFFECTS[effect].drawn for effect in aware)
    if "adc" in aware:
        hardware_epoch += 2 * images * _conversions(work.graph, work.hardware) * s["look_conversion"]
    if "wires" in aware:
        # Solved once in an epoch, with its gradient; between, every step goes through the matrices that were found.
        hardware_epoch += 3 * _solving(work.graph, work.hardware) + 2 * steps * weights * s["drawn_number"]
    return (
        work.float_epochs * (float_epoch + both)
        + work.reference_epochs * (reference_epoch + both)
        + work.hardware_epochs * (hardware_epoch + both)
    )


def _judging(work: Work, images: int) -> float:
    plan, s = work.plan, SECONDS
    on_lines, repeated = _products_on_lines(work.graph, work.hardware)
    look = len(plan) * s["look"] + images * (on_lines * s["look_product"] + _numbers(plan) * s["look_number"])
    if work.examination is None:
        return work.looks * look
    examination = work.examination
    hardware, chips = examination.hardware, examination.chips
    conditions = list(dict.fromkeys(each.condition for each in looks(examination)))
    asked = frozenset[Effect]().union(*(each.effects for each in conditions))
    noisy = sum(chips * ("read" in each.effects) + len({"adc", "digital"} & each.effects) for each in conditions)
    seconds = (simulated_chips(examination) + work.looks) * look
    seconds += noisy * images * _conversions(work.graph, hardware) * s["look_conversion"]
    seconds += noisy * images * repeated * s["look_product"]
    drawn = sum(chips for each in conditions if each.drawn)
    seconds += drawn * 2 * sum(layer.weights for layer in plan) * s["drawn_number"]
    if "wires" in asked:
        # Once as designed, and how much an output feels of each cell; then every chip, at every time that changes it.
        wired = [each for each in conditions if "wires" in each.effects and each.cells_drawn]
        times = {(each.effects, each.seconds if "drift" in each.effects else 0.0) for each in wired}
        alone = min(chips, SENSITIVITY_CHIPS)
        seconds += (1 + 2 * ("read" in asked) + chips * len(times) + alone) * _solving(work.graph, hardware)
    return seconds


def _products(plan: Plan) -> int:
    return sum(layer.weights * layer.positions for layer in plan)


def _products_on_lines(graph: Graph, hardware: Hardware) -> tuple[int, int]:
    """Products of one image on all word lines, and those beyond the first of each where more than one is converted."""
    drives = graph_drives(graph, hardware)
    on_lines = [(drives[layer.name], layer.weights * layer.positions) for layer in graph.layers]
    first = sum(drive.lines * products for drive, products in on_lines)
    return first, sum(drive.lines * products * (drive.conversions - 1) for drive, products in on_lines)


def _numbers(plan: Plan) -> int:
    return sum((layer.window.drives + layer.outputs) * layer.positions for layer in plan if layer.window.moves)


def _conversions(graph: Graph, hardware: Hardware) -> int:
    """Conversions of sums of tiles of one image."""
    drives = graph_drives(graph, hardware)
    return sum(
        layer.positions * layer.outputs * len(grid.row_blocks) * drives[layer.name].conversions
        for layer, grid in zip(graph.layers, plan_grids(hardware, graph), strict=True)
    )


def _solving(graph: Graph, hardware: Hardware) -> float:
    """Every tile of the network with its wires, once, s."""
    seconds = 0.0
    for grid in plan_grids(hardware, graph):
        for top, bottom in grid.row_blocks:
            for left, right in grid.col_blocks:
                cols = right - left
                rows = (bottom - top) * grid.groups_on(cols)
                seconds += rows * cols * (SECONDS["wired_cell"] + SECONDS["wired_cell_line"] * min(rows, cols))
    return seconds

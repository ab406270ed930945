"""How long a job will roughly take, told from its document alone.

The sum of what is counted (steps, products, drawn numbers, solved tiles) times what each took on two processor cores.
Within a factor of three on such a machine, which is what one needs to know before a job is posted: seconds or hours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hwcore.spec.array import Array
from hwcore.spec.effects import EFFECTS, Effect, ageing_effects, present_effects, times_of
from hwcore.spec.job import CompileJob
from hwcore.spec.plan import LayerPlan
from hwcore.spec.target import trained_through_wires
from hwcore.spec.tiles import tile_grid

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
"""What one of each took, s: torch 2.13 on two cores of a server with AVX-512, in November 2026."""

IMAGES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"digits": (1_438, 359), "mnist": (60_000, 10_000), "emnist-letters": (124_800, 20_800)}
)
"""Images to train on and to test on, in the official splits."""
OTHER_IMAGES: Final = (60_000, 10_000)
"""What a dataset counts as of which nobody says how large it is."""
HELD_OUT: Final = 0.1
ALONE_CHIPS: Final = 5
"""Chips drawn for each layer alone, at most."""
DRAWN: Final[frozenset[Effect]] = frozenset({"programming", "stuck_at", "read", "drift"})


@dataclass(frozen=True)
class _Look:
    """Effects that are looked at together, at one time, with compensation or without."""

    effects: frozenset[Effect]
    seconds: float
    compensated: bool = True

    @property
    def drawn(self) -> bool:
        return bool(self.effects & DRAWN)


def estimated_seconds(job: CompileJob, images: tuple[int, int] | None = None) -> float:
    """Roughly how long a job takes on two processor cores, s.

    Args:
        job: any; what it leaves open is counted as `resolved` decides it. What is in its data is known.
        images: to train on and to test on, of data of one's own.
    """
    resolved = job.resolved()
    training, test = images or IMAGES.get(str(resolved.dataset), OTHER_IMAGES)
    return SECONDS["start"] + _training(resolved, round((1 - HELD_OUT) * training)) + _evaluation(resolved, test)


def simulated_looks(job: CompileJob) -> int:
    """Looks at the whole test set of a resolved job, those at the networks as designed apart."""
    looks, chips = _looks(job), job.evaluation.chips
    together = looks[-1]
    alone = min(chips, ALONE_CHIPS) if together.drawn else 1
    found = sum(chips if look.drawn else 1 for look in dict.fromkeys(looks))
    if together.effects:
        shared = together.effects - DRAWN if together.drawn else _lines(job)
        found += len(job.plan) * alone + bool(shared)
    return found + ("adc" in _asked(job))


def _training(job: CompileJob, images: int) -> float:
    training, plan, s = job.training, job.plan, SECONDS
    steps = images / min(training.batch, images)
    products, numbers = _products(plan), _numbers(plan)
    weights = sum(layer.weights for layer in plan)
    aware = set(training.aware_of or ())
    float_epoch = steps * len(plan) * s["float_step"] + images * products * s["float_product"]
    hardware_epoch = steps * len(plan) * s["hardware_step"] + images * products * s["hardware_product"]
    both = images * numbers * s["trained_number"] + steps * weights * s["trained_weight"]
    hardware_epoch += steps * weights * s["drawn_number"] * len(aware - {"wires", "adc"})
    if "adc" in aware:
        hardware_epoch += 2 * images * _conversions(job) * s["look_conversion"]
    if "wires" in aware:
        # Solved once in an epoch, with its gradient; between, every step goes through the matrices that were found.
        hardware_epoch += 3 * _solving(job) + 2 * steps * weights * s["drawn_number"]
    floats = training.float_epochs or training.epochs
    return floats * (float_epoch + both) + training.epochs * (hardware_epoch + both)


def _evaluation(job: CompileJob, images: int) -> float:
    plan, s = job.plan, SECONDS
    asked, looks, chips = _asked(job), dict.fromkeys(_looks(job)), job.evaluation.chips
    look = len(plan) * s["look"] + images * (_products(plan) * s["look_product"] + _numbers(plan) * s["look_number"])
    noisy = sum(chips for each in looks if "read" in each.effects) + sum("adc" in each.effects for each in looks)
    seconds = (simulated_looks(job) + 4) * look + noisy * images * _conversions(job) * s["look_conversion"]
    drawn = sum(chips for each in looks if each.drawn)
    seconds += drawn * 2 * sum(layer.weights for layer in plan) * s["drawn_number"]
    if "wires" in asked:
        # Once as designed, and how much an output feels of each cell; then every chip, at every time that changes it.
        wired = [each for each in looks if "wires" in each.effects and each.drawn and each.effects - {"read", "wires"}]
        times = {(each.effects, each.seconds if "drift" in each.effects else 0.0) for each in wired}
        alone = min(chips, ALONE_CHIPS) if looks else 0
        seconds += (1 + 2 * ("read" in asked) + chips * len(times) + alone) * _solving(job)
    return seconds


def _asked(job: CompileJob) -> tuple[Effect, ...]:
    wanted = job.evaluation.effects
    return tuple(each for each in present_effects(job.described_hardware) if wanted is None or each in wanted)


def _lines(job: CompileJob) -> frozenset[Effect]:
    """The wires, where every look goes through them: they were trained for, and are looked at."""
    return frozenset({"wires"}) if trained_through_wires(job) else frozenset()


def _looks(job: CompileJob) -> list[_Look]:
    """As the pipeline looks at chips; the last has all effects, at the last time."""
    noise, asked, lines = job.described_hardware.noise, frozenset(_asked(job)), _lines(job)
    times = times_of(noise, job.evaluation.times) if ageing_effects(noise) & asked else (0.0,)
    compensated = noise.drift is not None and noise.drift.compensation != "none" and "drift" in asked
    alone = {effect: frozenset[Effect]({effect}) | lines for effect in EFFECTS if effect in asked}
    found = [_Look(alone.get("programming", lines), times[0])]
    found += [_Look(alone[each], times[0]) for each in alone if each not in ("programming", "drift")]
    for group in (alone.get("drift"), asked):
        if group:
            found += [_Look(group, time, False) for time in times if compensated]
            found += [_Look(group, time) for time in times]
    return found


def _products(plan: tuple[LayerPlan, ...]) -> int:
    return sum(layer.weights * layer.positions for layer in plan)


def _numbers(plan: tuple[LayerPlan, ...]) -> int:
    return sum((layer.inputs + layer.outputs) * layer.positions for layer in plan if layer.window is not None)


def _conversions(job: CompileJob) -> int:
    """Sums of tiles of one image."""
    array = job.described_hardware.array
    return sum(layer.positions * layer.outputs * len(blocks) for layer, (blocks, _) in _blocks(job.plan, array))


def _solving(job: CompileJob) -> float:
    """Every tile of the network with its wires, once, s."""
    array, seconds = job.described_hardware.array, 0.0
    for _, (row_blocks, col_blocks) in _blocks(job.plan, array):
        for top, bottom in row_blocks:
            for left, right in col_blocks:
                rows, cols = bottom - top, right - left
                seconds += rows * cols * (SECONDS["wired_cell"] + SECONDS["wired_cell_line"] * min(rows, cols))
    return seconds


Blocks = tuple[tuple[int, int], ...]


def _blocks(plan: tuple[LayerPlan, ...], array: Array) -> Iterator[tuple[LayerPlan, tuple[Blocks, Blocks]]]:
    for layer in plan:
        grid = tile_grid(layer.inputs, layer.outputs, array)
        yield layer, (grid.row_blocks, grid.col_blocks)

"""`python -m benchmarks.bit_true`: a digital side of whole numbers on all test images, and what its widths cost.

Of `examples/mnist.json` and of `resnet-8` on CIFAR-10: every width is made narrower, the others being wide, and the
narrowest that cost at most 0.05 points are chosen on the held-out training images. With these the hard network, the
chip and a rebuild in numpy are compared on all test images, number by number at every node; so they are with narrow
accumulators that wrap around. A third part compares `resnet-8` with weights as they are drawn, in widths stated
beforehand.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks import row_store, whole_numbers
from benchmarks.experiments import ONE_RATE
from benchmarks.figures import RESULTS, Figure, commit, record
from benchmarks.jobs import data_dir
from benchmarks.markdown import table
from hwcore.crossbar import Foundry, simulate
from hwcore.layers import HardwareNetwork, bit_true_outputs, map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.correct_images import correct_images
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.machine import choose_device, machine
from hwcore.pipeline.parts.networks import train_float, train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import CompileJob, Condition, Digital, parse_compile_job
from hwcore.streams import stream
from hwcore.training import Examples, images_at_once, settle_normalization

Row = dict[str, Any]
MNIST: Final = json.loads((Path(__file__).parent.parent / "examples" / "mnist.json").read_text("utf-8"))
CIFAR: Final = {
    "hardware": {
        **MNIST["hardware"],
        "activation": {"function": "relu", "bits": 4, "range": "learned"},
        "input": {"bits": 8},
    },
    "dataset": "cifar10",
    "model": {"type": "resnet-8"},
}
CIFAR_TRAINED: Final = {
    **CIFAR,
    "training": {"augmentation": {"shift": 4, "flip": True}, "batch": 128},
}
STATED: Final = {"accumulator_bits": 18, "scale_bits": 8, "offset_bits": 10}
"""Widths of the comparison of a network that is not trained."""
SETTLED: Final = 1000
"""Training images that the statistics of a network that is not trained are of."""
EPOCHS: Final = 3
"""Epochs of either training: widths are told against the same network, whatever its accuracy."""
ADC: Final = {"bits": 8}
COST: Final = 0.05
"""Points that widths may cost."""
HOPELESS: Final = 5.0
"""Points beyond which no narrower width is tried."""
RESIDUAL: Final = "resnet-8"
PREFIXES: Final = {"mnist.json": "bit_true", RESIDUAL: "bit_true_cifar"}
"""Networks whose widths are chosen, and the prefix of their figures."""
WIDE: Final = Digital(accumulator_bits=28, scale_bits=18, offset_bits=18)
NARROWER: Final = {
    "accumulator_bits": tuple(range(18, 5, -1)),
    "scale_bits": tuple(range(12, 1, -1)),
    "offset_bits": tuple(range(12, 1, -1)),
}
BATCH: Final = 500


def main(arguments: list[str] | None = None) -> int:
    """Train a network, choose the widths, compare every output, print the tables, write bit_true.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    started, path = time.perf_counter(), options.results / "bit_true.rows.jsonl"
    for part in options.parts:
        if part not in row_store.read(path):
            rows = [_signed(row, options.threads) for row in PARTS[part]()]
            row_store.append(path, {"key": part, "rows": rows})
    rows = [row for part in row_store.read(path).values() for row in part["rows"]]
    print(f"\n{widths_table(rows)}\n\n{codes_table(rows)}\n")
    figures = figures_of(rows)
    record("bit_true", figures, rows, time.perf_counter() - started, options.results)
    return int(any(figure.holds is False for figure in figures))


def mnist() -> Iterator[Row]:
    """Rows of the network of examples/mnist.json: what widths cost, and the comparisons."""
    yield from _trained("mnist.json", MNIST)


def cifar_trained() -> Iterator[Row]:
    """Rows of resnet-8: what widths cost, and the comparisons."""
    yield from _trained(RESIDUAL, CIFAR_TRAINED)


def cifar() -> Iterator[Row]:
    """Row of resnet-8 with weights as they are drawn: the comparison with the widths that are stated for it."""
    job = _job(CIFAR, 1)
    data = load_data(job.course(), data_dir(), choose_device("cpu"))
    network = HardwareNetwork(job.graph, job.described_hardware, generator=stream(0))
    training = data.chip.training
    some = replace(training, codes=training.codes[:SETTLED], labels=training.labels[:SETTLED])
    settle_normalization(network, some)
    chips = _Chips("resnet-8, not trained", job, network, data)
    yield chips.compared("stated", WIDE.model_copy(update=STATED))


def _trained(name: str, document: Row) -> Iterator[Row]:
    job, device = _job(document, EPOCHS), choose_device("cpu")
    data, pace = load_data(job.course(), data_dir(), device), Pace.of(job.work(), None)
    trained, _ = train_float(job.course(), data, device, pace)
    aware, _ = train_hardware(job.course(), trained, data, device, pace)
    yield from _Chips(name, job, aware, data).rows()


def _signed(row: Row, threads: int) -> Row:
    return {"machine": machine(choose_device("cpu"), threads), "commit": commit(), **row}


class _Chips:
    """Chips of one network with digital sides of several widths.

    Args:
        name: of the network in the table.
        job: gives the description.
        aware: the hard network.
        data: test images, and training images to choose and to calibrate on.
    """

    def __init__(self, name: str, job: CompileJob, aware: HardwareNetwork, data: JobData) -> None:
        self.name, self.job, self.aware, self.data = name, job, aware.double().eval(), data
        self.mapped: MappedNetwork = map_network(aware)

    def rows(self) -> Iterator[Row]:
        """Rows of what each width costs, then those of the chosen widths, and of accumulators that wrap around."""
        held_out = self.data.chip.validation
        exact = self._correct(None, held_out)
        chosen: dict[str, int] = {}
        for name, every in NARROWER.items():
            holding = True
            for bits in every:
                correct = self._correct(WIDE.model_copy(update={name: bits}), held_out)
                cost = 100 * (exact - correct) / len(held_out)
                yield {
                    "width": name,
                    "network": self.name,
                    "bits": bits,
                    "cost_points": cost,
                    "images": len(held_out),
                }
                holding = holding and cost <= COST
                if holding:
                    chosen[name] = bits
                if cost > HOPELESS:
                    break
        widths = WIDE.model_copy(update=chosen)
        while 100 * (exact - self._correct(widths, held_out)) / len(held_out) > COST:
            chosen = {name: bits + 1 for name, bits in chosen.items()}
            widths = WIDE.model_copy(update=chosen)
        wrapping = widths.model_copy(update={"accumulator_bits": 8, "saturate": False, "rounding": "half_even"})
        for name, each in (("chosen", widths), ("narrow, wraps around", wrapping)):
            yield {**self.compared(name, each), **self._costs(each)}

    def _foundry(self, widths: Digital | None) -> Foundry:
        hardware = self.job.described_hardware.model_copy(update={"digital": widths})
        test, codes = self.data.chip.test, self.data.chip.training.codes[:500]
        return Foundry(self.mapped, hardware, seed=0, codes=codes, lsb=test.lsb, trained_through_wires=False)

    def _correct(self, widths: Digital | None, examples: Examples) -> int:
        chip = self._foundry(widths).chip(0, Condition.of(["adc", "digital"]))
        return correct_images(self.mapped, chip, examples)

    def compared(self, name: str, widths: Digital) -> Row:
        """Numbers at all nodes on all test images, three ways."""
        test = self.data.chip.test
        chip = self._foundry(widths).chip(0, Condition.of(["adc", "digital"]))
        numbers, of_network, of_numpy = 0, 0, 0
        batch = images_at_once(self.aware, BATCH)
        for start in range(0, len(test), batch):
            codes = test.codes[start : start + batch]
            inputs, by_chip = codes.double() * test.lsb, dict[str, torch.Tensor]()
            simulate(self.mapped, chip, inputs, tell=by_chip.__setitem__)
            by_network = bit_true_outputs(self.aware, self.mapped, chip, inputs)
            by_numpy = dict(whole_numbers.outputs(self.mapped, chip, codes.numpy(), test.lsb))
            numbers += sum(each.numel() for each in by_chip.values())
            of_network += sum(int((by_network[name] != each).sum()) for name, each in by_chip.items())
            of_numpy += whole_numbers.differing(by_numpy, {name: each.numpy() for name, each in by_chip.items()})
        return {
            "compared": name,
            "network": self.name,
            **widths.model_dump(mode="json"),
            "images": len(test),
            "outputs": numbers,
            "differing_hard_network": of_network,
            "differing_numpy": of_numpy,
        }

    def _costs(self, widths: Digital) -> Row:
        test = self.data.chip.test
        exact, correct = self._correct(None, test), self._correct(widths, test)
        return {"accuracy": correct / len(test), "cost_points": 100 * (exact - correct) / len(test)}


def figures_of(rows: list[Row]) -> list[Figure]:
    """Differing outputs, the chosen widths, and what they cost on the test images."""
    compared = [row for row in rows if "compared" in row]
    differing = [row[key] for row in compared for key in ("differing_hard_network", "differing_numpy")]
    figures = [
        Figure("bit_true_outputs_compared", sum(row["outputs"] for row in compared), ""),
        Figure("bit_true_outputs_differing", sum(differing), "", 0),
    ]
    for row in compared:
        if row["compared"] == "chosen":
            prefix = PREFIXES[row["network"]]
            figures += [Figure(f"{prefix}_{name}", row[name], "bit") for name in NARROWER]
            figures.append(Figure(f"{prefix}_cost", row["cost_points"], "points", COST))
    return figures


def widths_table(rows: list[Row]) -> str:
    """Points that each width costs on the held-out images, the others being wide."""
    found = [row for row in rows if "width" in row]
    every = sorted({row["bits"] for row in found}, reverse=True)
    # Rows that name no network are older than the second one.
    cost = {(row.get("network", "mnist.json"), row["width"], row["bits"]): f"{row['cost_points']:.2f}" for row in found}
    lines = [
        [network, name, *(cost.get((network, name, bits), "") for bits in every)]
        for network in dict.fromkeys(network for network, _, _ in cost)
        for name in NARROWER
    ]
    return table(("network", "bits", *map(str, every)), lines)


def codes_table(rows: list[Row]) -> str:
    """Outputs that were compared on the test images, and those that differ."""
    names = [*NARROWER, "rounding", "saturate", "images", "outputs", "differing_hard_network", "differing_numpy"]
    found = [row for row in rows if "compared" in row]
    lines = []
    for row in found:
        told = "accuracy" in row
        accuracy, cost = (f"{100 * row['accuracy']:.2f}", f"{row['cost_points']:.2f}") if told else ("-", "-")
        lines.append([row["network"], row["compared"], *(str(row[name]) for name in names), accuracy, cost])
    return table(
        ("network", "widths", *(name.replace("_", " ") for name in names), "accuracy (%)", "cost (points)"), lines
    )


def _job(document: Row, epochs: int) -> CompileJob:
    document = copy.deepcopy(document)
    document["hardware"] |= {"adc": ADC, "digital": WIDE.model_dump(mode="json"), "noise": {}}
    document["training"] = {**document.get("training", {}), **ONE_RATE, "epochs": epochs, "aware_of": []}
    return parse_compile_job(document).resolved()


PARTS: Final[Mapping[str, Callable[[], Iterator[Row]]]] = {
    "mnist": mnist,
    "cifar": cifar,
    "cifar-trained": cifar_trained,
}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bit_true", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of bit_true.json and its rows")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())

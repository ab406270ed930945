"""report.json: the answers to the questions that a chip team asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from hwcore.report.at_time import AtTime
from hwcore.report.converters import ConverterRanges
from hwcore.report.costs import Costs
from hwcore.report.layers import LayerSummary
from hwcore.report.reference import Reference
from hwcore.report.rung import Rung
from hwcore.report.target import Target
from hwcore.spec import METRICS, JobWarning, Metric
from hwcore.training import EpochRecord

FORMAT: Final = "mho.report/1"


@dataclass(frozen=True)
class Images:
    """Images that a network was trained on and judged by.

    Attributes:
        name: of the dataset.
        split: into training and test images, in words.
        training, held_out, test: number of images.
    """

    name: str
    split: str
    training: int
    held_out: int
    test: int

    def to_json(self) -> dict[str, Any]:
        """Entry `dataset` of report.json."""
        return {
            "name": self.name,
            "split": self.split,
            "training_images": self.training,
            "held_out_images": self.held_out,
            "test_images": self.test,
        }


@dataclass(frozen=True)
class Rounding:
    """Accuracy of the floating-point network rounded to the hardware, by the rule of its scales.

    Attributes:
        full_range: nothing is clipped; the rung `rounded`.
        least_error: least squared error of the weights.
    """

    full_range: float
    least_error: float

    def to_json(self) -> dict[str, Any]:
        """Entry `rounding` of report.json."""
        return {
            "note": "accuracy of the floating-point network rounded to the hardware, by how its scales were chosen; "
            "the rung `rounded` is full_range",
            "full_range": self.full_range,
            "least_error": self.least_error,
        }


@dataclass(frozen=True)
class CodeAgreement:
    """Outputs of all nodes in whole numbers, of the chip as designed and of the hard network, on every test image.

    Attributes:
        compared: numbers at all nodes: sums of arrays, codes of activations, and all between.
        differing: those that are not the same.
    """

    compared: int
    differing: int

    def to_json(self) -> dict[str, int]:
        """Entry `codes` of `mapping` in report.json."""
        return {"compared": self.compared, "differing": self.differing}


@dataclass(frozen=True)
class Agreement:
    """Agreement of the arrays with the trained network, on every test image.

    Attributes:
        largest: difference of logits, over the largest logit of the image.
        identical: whether the class of every image is the same, images whose logits are next to nothing included.
        codes: in whole numbers; None: the digital side has no widths.
    """

    largest: float
    identical: bool
    codes: CodeAgreement | None = None

    def to_json(self) -> dict[str, Any]:
        """Entry `mapping` of report.json."""
        return {
            "note": "arrays against the trained network with hard values, on every test image",
            "largest_relative_difference": self.largest,
            "predictions_identical": self.identical,
            **({} if self.codes is None else {"codes": self.codes.to_json()}),
        }


@dataclass(frozen=True)
class Report:
    """All results of a job that are numbers and words. Two runs of the same job give the same report.

    Attributes:
        name, labels: of the job.
        images: trained on and judged by.
        warnings: facts of the job that are probably not meant.
        method, seed: of the training.
        ladder: rungs in order.
        target: accuracy from which a chip is good.
        rounding: of the floating-point network.
        agreement: of the arrays with the trained network.
        over_time: accuracy at every time; empty where nothing depends on time.
        costs: of the effects.
        converters: None where the job does not look at converters.
        layers: from input to output.
        curves: of the trainings, by name, epoch by epoch.
        reference: of the rung float; None: it is the network that the hardware-aware training starts from.
        metric: of every figure that is named after the accuracy.
    """

    name: str
    labels: Mapping[str, str]
    images: Images
    warnings: tuple[JobWarning, ...]
    method: str
    seed: int
    ladder: tuple[Rung, ...]
    target: Target
    rounding: Rounding
    agreement: Agreement
    over_time: tuple[AtTime, ...]
    costs: Costs
    converters: ConverterRanges | None
    layers: tuple[LayerSummary, ...]
    curves: Mapping[str, tuple[EpochRecord, ...]]
    reference: Reference | None = None
    metric: Metric = "accuracy"

    def to_json(self) -> dict[str, Any]:
        """Content of report.json."""
        return {
            "format": FORMAT,
            "name": self.name,
            "labels": dict(self.labels),
            "dataset": self.images.to_json(),
            "warnings": [asdict(warning) for warning in self.warnings],
            "method": self.method,
            "seed": self.seed,
            **({} if self.metric == "accuracy" else {"metric": self._metric()}),
            "ladder": [rung.to_json() for rung in self.ladder],
            **({} if self.reference is None else {"reference": self.reference.to_json()}),
            **self.target.to_json(),
            "rounding": self.rounding.to_json(),
            "mapping": self.agreement.to_json(),
            "over_time": [entry.to_json() for entry in self.over_time],
            "costs": self.costs.to_json(),
            "adc": None if self.converters is None else self.converters.to_json(),
            "layers": [layer.to_json() for layer in self.layers],
            "curves": {stage: [asdict(record) for record in records] for stage, records in self.curves.items()},
        }

    def _metric(self) -> dict[str, str]:
        """Entry `metric`: its name, and what figures mean that are named after the accuracy."""
        return {"name": self.metric, "note": METRICS[self.metric].note}

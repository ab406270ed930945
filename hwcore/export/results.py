"""Results of a job: the one value from which all of its files are written."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from hwcore.datasets import ChannelNormalization
from hwcore.mapping import MappedNetwork
from hwcore.report import Report
from hwcore.spec import CompileJob
from hwcore.training import Examples


@dataclass(frozen=True, eq=False)
class Results:
    """Results of a job that is done.

    Attributes:
        job: resolved.
        network: as mapped to the arrays.
        report: numbers and words.
        test: test images as codes of the DAC, with their labels.
        pixel_full_scale: largest value of a pixel.
        logits: of the test images, from the arrays as designed, on lines without resistance, read exactly.
        logits_with_wires: from the same arrays on the lines of the description; None: the job does not look at wires.
        signed: whether inputs have both signs.
        normalization: of the channels of the inputs; None: they are as they came.
    """

    job: CompileJob
    network: MappedNetwork
    report: Report
    test: Examples
    pixel_full_scale: int
    logits: Float64[Tensor, "images classes"]
    logits_with_wires: Float64[Tensor, "images classes"] | None
    signed: bool = False
    normalization: ChannelNormalization | None = None

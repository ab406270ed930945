"""A compile job: which network, for which hardware, trained on what and judged how."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from hwcore.spec.base import Contradiction, Spec, refuse, word_or
from hwcore.spec.datasets import DATASETS, DatasetName
from hwcore.spec.evaluation import Evaluation
from hwcore.spec.hardware import Hardware
from hwcore.spec.model import Model
from hwcore.spec.presets import known_preset, load_preset, preset_names
from hwcore.spec.training import Training
from hwcore.spec.weights import Weights

MOST_WEIGHTS = 50_000_000


def _preset_enum(schema: dict[str, Any]) -> None:
    # Read only when a schema is asked for: importing this package opens no file.
    schema["enum"] = list(preset_names())


PresetName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(known_preset),
    Field(json_schema_extra=_preset_enum),
]
ChosenHardware = Annotated[
    Annotated[Hardware, Tag("description")] | Annotated[PresetName, Tag("word")],
    Discriminator(word_or("description")),
]
LabelKey = Annotated[str, StringConstraints(min_length=1, max_length=100)]
LabelValue = Annotated[str, StringConstraints(max_length=200)]


class CompileJob(Spec):
    """Train a network for a chip and export the conductance of every cell. Only hardware and dataset are required."""

    kind: Literal["compile"] = Field(default="compile", description="Kind of job.")
    name: str = Field(default="", max_length=200, description="What people call the job; it changes nothing.")
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, max_length=32, description="Free text by name, to find jobs by; it changes nothing."
    )
    hardware: ChosenHardware = Field(description="The chip: a hardware description, or the name of a preset.")
    dataset: DatasetName = Field(description="What the network is trained on and judged by.")
    model: Model = Field(default=Model(), description="The network.")
    training: Training = Field(default=Training(), description="How it is trained.")
    evaluation: Evaluation = Field(default=Evaluation(), description="How it is judged.")

    @model_validator(mode="after")
    def _consistent(self) -> "CompileJob":
        too_large = model_contradictions(self.model, self.dataset)
        weights = described(self.hardware).weights
        batches = _batch_contradictions(self.model, self.training, weights)
        refuse(self, [*too_large, *_normalization_contradictions(self.model, weights), *batches])
        return self

    @property
    def described_hardware(self) -> Hardware:
        """The chip itself, also where the job only names a preset."""
        return described(self.hardware)

    def resolved(self) -> "CompileJob":
        """The same job with the preset replaced by its description and every choice made; resolving again is idle."""
        hardware = self.described_hardware.resolved()
        normalization = self.model.normalization or default_normalization(hardware.weights)
        training = self.training
        return self.model_copy(
            update={
                "hardware": hardware,
                "model": self.model.model_copy(update={"normalization": normalization}),
                "training": training.model_copy(update={"float_epochs": training.float_epochs or training.epochs}),
            }
        )


def described(hardware: Hardware | str) -> Hardware:
    """The description itself, loaded when it is the name of a preset.

    Raises:
        InvalidInput: there is no such preset.
    """
    return load_preset(hardware).hardware if isinstance(hardware, str) else hardware


def default_normalization(weights: Weights) -> Literal["batch", "none"]:
    """Batch normalisation wherever it can be folded into a digital scale and bias of each column."""
    return "batch" if weights.scale == "per_column" and weights.bias == "digital" else "none"


def model_widths(model: Model, dataset: str) -> tuple[int, ...]:
    """Units from input to output, e.g. (784, 512, 512, 10)."""
    facts = DATASETS[dataset]
    return (facts.inputs, *model.hidden, facts.classes)


def layer_widths(job: CompileJob) -> tuple[int, ...]:
    """Units of the job's network from input to output, e.g. (784, 512, 512, 10)."""
    return model_widths(job.model, job.dataset)


def weight_count(widths: Sequence[int]) -> int:
    """Weights of dense layers between these widths, biases not counted."""
    return sum(inputs * outputs for inputs, outputs in pairwise(widths))


def model_contradictions(model: Model, dataset: str) -> list[Contradiction]:
    """The network is too large."""
    weights = weight_count(model_widths(model, dataset))
    if weights <= MOST_WEIGHTS:
        return []
    reason = f"the network has {weights:,} weights"
    return [Contradiction(("model", "hidden"), model.hidden, reason, f"at most {MOST_WEIGHTS:,} weights in all")]


def _normalization_contradictions(model: Model, weights: Weights) -> list[Contradiction]:
    if model.normalization != "batch" or default_normalization(weights) == "batch":
        return []
    obstacles = []
    if weights.scale != "per_column":
        obstacles.append("hardware.weights.scale is per_layer")
    if weights.bias != "digital":
        obstacles.append("hardware.weights.bias is array_row")
    reason = (
        f"batch normalisation is folded into a digital scale and bias of each column, and {' and '.join(obstacles)}"
    )
    return [Contradiction(("model", "normalization"), "batch", reason, '"none" or null with this hardware')]


def _batch_contradictions(model: Model, training: Training, weights: Weights) -> list[Contradiction]:
    normalization = model.normalization or default_normalization(weights)
    if training.batch > 1 or normalization != "batch" or not model.hidden:
        return []
    reason = "batch normalisation takes the statistics of a batch, and one example has none"
    return [Contradiction(("training", "batch"), training.batch, reason, "2 to 65536, or model.normalization none")]

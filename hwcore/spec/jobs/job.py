"""A compile job: which network, for which hardware, trained on what and judged how."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from hwcore.spec.derive.effects import (
    EFFECTS,
    TRAINING_EFFECTS,
    TrainingEffect,
    absent,
    beginnings,
    times_of,
)
from hwcore.spec.derive.plan import Plan, network_plan
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.hardware.presets import known_preset, load_preset, preset_names
from hwcore.spec.hardware.weights import Weights
from hwcore.spec.jobs.evaluation import LATEST, Evaluation
from hwcore.spec.jobs.export import Export, Netlists
from hwcore.spec.jobs.model import ChosenModel, Mlp, Model, described_model
from hwcore.spec.jobs.model_contradictions import model_contradictions
from hwcore.spec.jobs.own_data import ChosenDataset, OwnDataset, dataset_facts
from hwcore.spec.jobs.training import Training
from hwcore.spec.reading.base import Contradiction, Spec, refuse, unsaid, word_or
from hwcore.spec.reading.wording import quoted


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
    dataset: ChosenDataset = Field(
        description="What the network is trained on and judged by: a dataset that mho has, or data of your own."
    )
    model: ChosenModel = Field(default=Mlp(), description="The network: a description, or the name of one.")
    training: Training = Field(default=Training(), description="How it is trained.")
    evaluation: Evaluation = Field(default=Evaluation(), description="How it is judged.")
    export: Export | None = Field(
        default=None, exclude_if=unsaid, description="Which files are written. null: one netlist of each layer."
    )

    @model_validator(mode="after")
    def _consistent(self) -> "CompileJob":
        too_large = model_contradictions(self.model, self.dataset)
        hardware = described(self.hardware)
        weights, model = hardware.weights, self.described_model
        batches = _batch_contradictions(model, self.training, weights)
        unaware = _effect_contradictions(self.training, self.evaluation, hardware)
        early = _time_contradictions(self.training, self.evaluation, hardware)
        shifted = _shift_contradictions(self.training, self.dataset)
        normalization = _normalization_contradictions(model, weights)
        refuse(self, [*too_large, *normalization, *batches, *shifted, *unaware, *early])
        return self

    @property
    def described_hardware(self) -> Hardware:
        """The chip itself, also where the job only names a preset."""
        return described(self.hardware)

    @property
    def described_model(self) -> Model:
        """The network itself, also where the job only names it."""
        return described_model(self.model)

    @property
    def plan(self) -> Plan:
        """The job's network layer by layer, from input to output."""
        return network_plan(self.described_model, self.dataset)

    @property
    def netlists(self) -> Netlists:
        """The tiles that are written as netlists, with the default filled in."""
        return (self.export or Export()).netlists

    def resolved(self) -> "CompileJob":
        """The same job with presets replaced by their descriptions and every choice made; twice changes nothing.

        What stays null says nothing of its own: `schedule.activation_end`, what the other two of the schedule say;
        `training.hardware_learning_rate`, what `training.learning_rate` says;
        `evaluation.effects`, all that the hardware now says it has; `evaluation.times`, that time changes nothing
        of what is looked at or trained for; `export`, what it says where nothing is said.
        """
        hardware = self.described_hardware.resolved()
        model = self.described_model
        normalization = model.normalization or default_normalization(hardware.weights)
        training = self.training
        choices = {
            "float_epochs": training.float_epochs or training.epochs,
            "weight_decay": training.decay,
            "aware_of": _trainable(hardware) if training.aware_of is None else training.aware_of,
        }
        times = self.evaluation.times
        if _ageing(self.training, self.evaluation, hardware):
            times = times_of(hardware, times)
        return self.model_copy(
            update={
                "hardware": hardware,
                "model": model.model_copy(update={"normalization": normalization}),
                "training": training.model_copy(update=choices),
                "evaluation": self.evaluation.model_copy(update={"times": times}),
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


def _trainable(hardware: Hardware) -> tuple[TrainingEffect, ...]:
    """The effects that a chip has, of those that training can include."""
    return tuple(effect for effect in TRAINING_EFFECTS if absent(hardware, effect) is None)


def _effect_contradictions(training: Training, evaluation: Evaluation, hardware: Hardware) -> list[Contradiction]:
    """Effects that are asked for, and that the hardware does not have."""
    asked = (
        (("training", "aware_of"), training.aware_of, TRAINING_EFFECTS),
        (("evaluation", "effects"), evaluation.effects, EFFECTS),
    )
    found = []
    for at, effects, known in asked:
        present = [effect for effect in known if absent(hardware, effect) is None]
        allowed = f"one of {quoted(present)}" if present else "an empty list, or null"
        for i, effect in enumerate(effects or ()):
            reason = absent(hardware, effect)
            if reason is not None:
                found.append(Contradiction((*at, i), effect, reason, allowed))
            elif effect in (effects or ())[:i]:
                found.append(Contradiction((*at, i), effect, "it is there already", "each effect once"))
    return found


def _ageing(training: Training, evaluation: Evaluation, hardware: Hardware) -> bool:
    """Whether something that a job looks at or trains for depends on time; null means all that there is."""
    ageing = beginnings(hardware).keys()
    asked = (evaluation.effects, training.aware_of)
    return bool(ageing) and any(effects is None or ageing & set(effects) for effects in asked)


def _time_contradictions(training: Training, evaluation: Evaluation, hardware: Hardware) -> list[Contradiction]:
    """Times at which there is nothing to look at: before the models begin, or where nothing depends on time."""
    times = evaluation.times
    if times is None:
        return []
    begin = beginnings(hardware)
    if not begin:
        reason = "nothing about this hardware depends on time: hardware.noise.drift is null, and no read noise grows"
        return [Contradiction(("evaluation", "times"), list(times), reason, "null")]
    if not _ageing(training, evaluation, hardware):
        reason = (
            "nothing in evaluation.effects or training.aware_of depends on time, as drift does and growing read noise"
        )
        return [Contradiction(("evaluation", "times"), list(times), reason, "null")]
    latest = max(begin, key=lambda effect: begin[effect])
    reason = f"the model of {EFFECTS[latest].path} begins {begin[latest]:g} s after the write"
    return [
        Contradiction(("evaluation", "times", i), time, reason, f"a number from {begin[latest]:g} to {LATEST:.0f} s")
        for i, time in enumerate(times)
        if time < begin[latest]
    ]


def _shift_contradictions(training: Training, dataset: OwnDataset | str) -> list[Contradiction]:
    """Shifts asked for on examples that are not images."""
    facts = dataset_facts(dataset)
    if training.augmentation is None or facts is None or facts.image_shape[0] > 1:
        return []
    reason = f"the examples of {facts.name} are vectors, and not images that could be shifted"
    return [Contradiction(("training", "augmentation"), training.augmentation.model_dump(), reason, "null")]


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
    return [Contradiction(("model", model.type, "normalization"), "batch", reason, '"none" or null with this hardware')]


def _batch_contradictions(model: Model, training: Training, weights: Weights) -> list[Contradiction]:
    normalization = model.normalization or default_normalization(weights)
    single = isinstance(model, Mlp) and not model.hidden
    if training.batch > 1 or normalization != "batch" or single:
        return []
    reason = "batch normalisation takes the statistics of a batch, and one example has none"
    return [Contradiction(("training", "batch"), training.batch, reason, "2 to 65536, or model.normalization none")]

"""A compile job: which network, for which hardware, trained on what and judged how."""

from typing import Any, Literal

from pydantic import Field, model_validator

from hwcore.spec.derive.course import Course
from hwcore.spec.derive.effects import (
    EFFECTS,
    TRAINING_EFFECTS,
    TrainingEffect,
    absent,
    ages,
    beginnings,
    present_effects,
    times_of,
)
from hwcore.spec.derive.examination import Examination
from hwcore.spec.derive.float_reference import reference_stage_name
from hwcore.spec.derive.network import network_graph
from hwcore.spec.derive.plan import Plan
from hwcore.spec.derive.work import Work
from hwcore.spec.graph.graph import Graph
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.hardware.weights import Weights
from hwcore.spec.jobs.chosen_hardware import ChosenHardware, described
from hwcore.spec.jobs.coded_inputs import coding_contradictions, coding_warnings
from hwcore.spec.jobs.data_contradictions import data_contradictions
from hwcore.spec.jobs.evaluation import LATEST, Evaluation
from hwcore.spec.jobs.export import Export, Netlists
from hwcore.spec.jobs.job_document import Source, sources_of
from hwcore.spec.jobs.job_warnings import JobWarning, footprint_warnings, hardware_warnings, implausible_warnings
from hwcore.spec.jobs.labelled import Labelled
from hwcore.spec.jobs.metric import Metric
from hwcore.spec.jobs.metric_contradictions import metric_contradictions
from hwcore.spec.jobs.model import ChosenModel, Mlp, Model, described_model, reconstructs
from hwcore.spec.jobs.model_contradictions import model_contradictions
from hwcore.spec.jobs.own_data import AnyDataset, ChosenDataset, dataset_facts
from hwcore.spec.jobs.recurrent_contradictions import recurrent_contradictions
from hwcore.spec.jobs.training import Training
from hwcore.spec.reading.base import Contradiction, refuse, unsaid
from hwcore.spec.reading.wording import quoted
from hwcore.spec.reading.written_out import every_field, hardware_written_out


class CompileJob(Labelled):
    """Train a network for a chip and export the conductance of every cell. Only hardware and dataset are required."""

    kind: Literal["compile"] = Field(default="compile", description="Kind of job.")
    hardware: ChosenHardware = Field(description="The chip: a hardware description, or the name of a preset.")
    dataset: ChosenDataset = Field(
        description="What the network is trained on and judged by: a dataset that mho has, or data of your own."
    )
    model: ChosenModel = Field(default=Mlp(), description="The network: a description, or the name of one.")
    training: Training = Field(default=Training(), description="How it is trained.")
    evaluation: Evaluation = Field(default=Evaluation(), description="How it is judged.")
    metric: Metric | None = Field(
        default=None,
        exclude_if=unsaid,
        description="What the network is trained for and judged by. accuracy: share of the test images of which it "
        "finds the class. roc_auc: area under the ROC curve of an autoencoder, which is trained on images of class 0 "
        "alone, the normal ones, and judged by its error of reconstruction on them and on all others. "
        "mean_squared_error: of data whose targets are numbers. null: accuracy, and roc_auc of an autoencoder.",
    )
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
        of_data = data_contradictions(self.training, self.hardware, self.dataset)
        of_metric = metric_contradictions(self.judged_by, model, self.dataset, self.training, self.evaluation)
        normalization = _normalization_contradictions(model, weights)
        # Of a network that does not fit there is no graph.
        uncoded = [] if too_large else coding_contradictions(hardware, model, self.dataset)
        if not too_large:
            uncoded += recurrent_contradictions(hardware, model, self.dataset)
        refuse(self, [*too_large, *normalization, *batches, *of_data, *of_metric, *uncoded, *unaware, *early])
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
    def graph(self) -> Graph:
        """The job's network as a graph."""
        return network_graph(self.described_model, self.dataset)

    @property
    def judged_by(self) -> Metric:
        """The metric, with its default filled in."""
        return self.metric or ("roc_auc" if reconstructs(self.described_model) else "accuracy")

    @property
    def plan(self) -> Plan:
        """The arrays of the job's network, from input to output."""
        return self.graph.layers

    @property
    def netlists(self) -> Netlists:
        """The tiles that are written as netlists, with the default filled in."""
        return (self.export or Export()).netlists

    @property
    def seed(self) -> int:
        """Seed of both trainings, and of the chips."""
        return self.training.seed

    @property
    def stages(self) -> tuple[str, ...]:
        """The two trainings, and between them those of the references that are tried."""
        references = (reference_stage_name(number) for number in range(1, 1 + self.training.candidates))
        return ("float", *references, "hardware_aware")

    def datasets(self) -> tuple[AnyDataset, ...]:
        """Datasets: the one that the network is trained on and judged by."""
        return (self.dataset,)

    def sources(self) -> tuple[Source, ...]:
        """The uploaded dataset, if it is one."""
        return sources_of(self.dataset)

    def course(self) -> Course:
        """Both trainings; of a resolved job."""
        return Course(
            hardware=self.described_hardware,
            model=self.described_model,
            dataset=self.dataset,
            training=self.training,
            times=self.evaluation.times,
            metric=self.judged_by,
        )

    def examination(self) -> Examination:
        """Judging of the network's chips; of a resolved job."""
        return Examination(
            hardware=self.described_hardware,
            model=self.described_model,
            dataset=self.dataset,
            seed=self.training.seed,
            chips=self.evaluation.chips,
            effects=self.evaluation.effects,
            times=self.evaluation.times,
            target_accuracy=self.evaluation.target_accuracy,
            aware_of=self.training.aware_of or (),
            metric=self.judged_by,
        )

    def work(self) -> Work:
        """Both trainings, and looks at the networks in floating point, rounded, and twice on the designed chip."""
        training = self.training
        return Work(
            hardware=self.described_hardware,
            model=self.described_model,
            dataset=self.dataset,
            float_epochs=training.epochs_in_floating_point,
            hardware_epochs=training.epochs,
            reference_epochs=training.candidates * training.epochs,
            batch=training.batch,
            aware_of=training.aware_of or (),
            looks=4,
            examination=self.examination(),
        )

    def warnings(self) -> tuple[JobWarning, ...]:
        """Warnings of the chip, of what the network leaves empty on it, and of the times at which it is looked at."""
        resolved = self.resolved()
        hardware = resolved.described_hardware
        times = resolved.evaluation.model_dump(mode="json", include={"times"})
        known = dataset_facts(resolved.dataset) is not None
        return (
            *hardware_warnings(hardware),
            *(footprint_warnings(hardware, resolved.graph) if known else ()),
            *(coding_warnings(hardware, resolved.graph) if known else ()),
            *implausible_warnings({"evaluation": times}),
        )

    def written_out(self) -> dict[str, Any]:
        """The resolved job with every field, JSON-ready; where null means a value, the value.

        What stays null is a thing that is not there (`adc`, a noise, `read_voltage`), `evaluation.target_accuracy`,
        which follows from the trained network, and `evaluation.times` where time changes nothing.
        """
        resolved = self.resolved()
        document: dict[str, Any] = every_field(resolved)
        document["hardware"] = hardware_written_out(resolved.described_hardware)
        document["export"] = {"netlists": resolved.netlists}
        training, evaluation = document["training"], document["evaluation"]
        training["hardware_learning_rate"] = training["hardware_learning_rate"] or training["learning_rate"]
        training["schedule"]["activation_end"] = resolved.training.schedule.end_of_activations
        if evaluation["effects"] is None:
            evaluation["effects"] = list(present_effects(resolved.described_hardware))
        return document

    def resolved(self) -> "CompileJob":
        """Replace presets by their descriptions and make every choice; resolving twice changes nothing.

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
            "float_epochs": training.epochs_in_floating_point,
            "weight_decay": training.decay,
            **training.regularized(perceptron=isinstance(model, Mlp) and self.judged_by == "accuracy"),
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
    """Tell whether an effect that a job evaluates or trains for depends on time; null means all effects."""
    return ages(hardware, evaluation.effects) or ages(hardware, training.aware_of)


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

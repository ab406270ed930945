"""A compile job: which network, for which hardware, trained on what and judged how."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Discriminator, Field, StringConstraints, Tag, model_validator

from hwcore.spec.base import Contradiction, Spec, refuse, word_or
from hwcore.spec.datasets import DatasetName
from hwcore.spec.evaluation import Evaluation
from hwcore.spec.hardware import Hardware
from hwcore.spec.model import ChosenModel, Mlp, Model, described_model
from hwcore.spec.model_contradictions import model_contradictions
from hwcore.spec.noise import Noise
from hwcore.spec.plan import Plan, network_plan
from hwcore.spec.presets import known_preset, load_preset, preset_names
from hwcore.spec.training import EFFECTS, Effect, Training
from hwcore.spec.weights import Weights
from hwcore.spec.wording import quoted


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
    model: ChosenModel = Field(default=Mlp(), description="The network: a description, or the name of one.")
    training: Training = Field(default=Training(), description="How it is trained.")
    evaluation: Evaluation = Field(default=Evaluation(), description="How it is judged.")

    @model_validator(mode="after")
    def _consistent(self) -> "CompileJob":
        too_large = model_contradictions(self.model, self.dataset)
        weights = described(self.hardware).weights
        model = self.described_model
        batches = _batch_contradictions(model, self.training, weights)
        unaware = _awareness_contradictions(self.training, described(self.hardware).noise)
        unused = _not_simulated(self.hardware)
        refuse(self, [*unused, *too_large, *_normalization_contradictions(model, weights), *batches, *unaware])
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

    def resolved(self) -> "CompileJob":
        """The same job with presets replaced by their descriptions and every choice made; resolving again is idle.

        `schedule.activation_end` stays null where it is: it says what the other two of the schedule already say.
        """
        hardware = self.described_hardware.resolved()
        model = self.described_model
        normalization = model.normalization or default_normalization(hardware.weights)
        training = self.training
        choices = {
            "float_epochs": training.float_epochs or training.epochs,
            "weight_decay": training.decay,
            "aware_of": present_effects(hardware.noise) if training.aware_of is None else training.aware_of,
        }
        return self.model_copy(
            update={
                "hardware": hardware,
                "model": model.model_copy(update={"normalization": normalization}),
                "training": training.model_copy(update=choices),
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


def present_effects(noise: Noise) -> tuple[Effect, ...]:
    """The effects that this hardware has, of those that training can include."""
    return tuple(effect for effect in EFFECTS if getattr(noise, effect) is not None)


def _not_simulated(hardware: Hardware | str) -> list[Contradiction]:
    """What a description may say of a chip before a job simulates it; a job that ignored it would be believed."""
    chip = described(hardware)
    wires = chip.array.wire_resistance
    said: dict[tuple[str, ...], Any] = {
        ("adc", "bits"): chip.adc and chip.adc.bits,
        ("array", "wire_resistance"): wires if wires and (wires.word or wires.bit) else None,
        ("array", "driver_resistance"): chip.array.driver_resistance or None,
        ("array", "sense_resistance"): chip.array.sense_resistance or None,
        ("array", "pair_layout"): "interleaved" if chip.array.pair_layout == "interleaved" else None,
        ("array", "read_voltage"): chip.array.read_voltage,
        ("input", "bit_serial"): chip.input.bit_serial or None,
        ("noise", "stuck_at"): chip.noise.stuck_at,
        ("noise", "drift"): chip.noise.drift,
        ("noise", "read"): chip.noise.read,
    }
    reason = "a description may have it, but jobs of this version do not simulate it"
    at = ("hardware", "description")
    return [Contradiction((*at, *path), _written(got), reason, "null") for path, got in said.items() if got is not None]


def _written(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _awareness_contradictions(training: Training, noise: Noise) -> list[Contradiction]:
    present = present_effects(noise)
    allowed = f"one of {quoted(present)}" if present else "an empty list, or null"
    return [
        Contradiction(("training", "aware_of", i), effect, f"hardware.noise.{effect} is null", allowed)
        for i, effect in enumerate(training.aware_of or ())
        if effect not in present
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

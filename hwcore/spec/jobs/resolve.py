"""A description resolved without running anything: what it says in full, what it can hold, what a network needs."""

from dataclasses import asdict
from typing import Any, Final

from pydantic import Field, model_validator

from hwcore.errors import InvalidInput
from hwcore.spec.derive.levels import Levels
from hwcore.spec.derive.network import network_graph
from hwcore.spec.derive.representable import Representable
from hwcore.spec.derive.tiles import footprint
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.chosen_hardware import ChosenHardware, described
from hwcore.spec.jobs.coded_inputs import coding_contradictions
from hwcore.spec.jobs.datasets import DATASET_NAMES, DATASETS
from hwcore.spec.jobs.job_warnings import hardware_warnings
from hwcore.spec.jobs.model import ChosenModel, Mlp, Model, ModelName, described_model
from hwcore.spec.jobs.model_contradictions import model_contradictions
from hwcore.spec.jobs.own_data import AnyDataset, ChosenDataset
from hwcore.spec.jobs.recurrent_contradictions import recurrent_contradictions
from hwcore.spec.reading.base import Contradiction, Spec, refuse
from hwcore.spec.reading.document import fault
from hwcore.spec.reading.wording import near_match, quoted, shortened
from hwcore.units import SIEMENS

MOST_VALUES: Final = 1024


class ResolveRequest(Spec):
    """Request to resolve a chip, and the network that should fit on it."""

    hardware: ChosenHardware = Field(description="The chip: a hardware description, or the name of a preset.")
    model: ChosenModel | None = Field(
        default=None,
        description="The network: a description, or the name of one. null: the default network of a job.",
    )
    dataset: ChosenDataset | None = Field(
        default=None, description="Gives the number of inputs and outputs. null: no cells and tiles are counted."
    )

    @model_validator(mode="after")
    def _consistent(self) -> "ResolveRequest":
        if self.dataset is None and self.model is not None:
            reason = "without a dataset the inputs and outputs of the model are not known"
            refuse(self, [Contradiction(("dataset",), None, reason, f"one of {quoted(DATASET_NAMES)}")])
        if self.dataset is not None:
            chosen = self.model or Mlp()
            refuse(self, model_contradictions(chosen, self.dataset))
            hardware, network = described(self.hardware), described_model(chosen)
            refuse(self, coding_contradictions(hardware, network, self.dataset))
            refuse(self, recurrent_contradictions(hardware, network, self.dataset))
        return self


def resolve_hardware(
    hardware: Hardware | str, model: Model | ModelName | None = None, dataset: AnyDataset | None = None
) -> dict[str, Any]:
    """The explicit description, its conductances, its representable weights, and what a network takes; JSON-ready.

    Args:
        hardware: a description or the name of a preset.
        model: the network or its name; the default one when there is a dataset.
        dataset: gives inputs and outputs; without it the footprint is None.

    Returns:
        hardware, component_tables (S), representable (S; lists of at most 1024 values, then "truncated" is true),
        footprint or None, warnings (field, a JSON pointer that begins with /hardware, and message).

    Raises:
        InvalidInput: unknown preset or dataset, or a user's dataset of which nothing is known.
    """
    if isinstance(dataset, str) and dataset not in DATASETS:
        reason = f"unknown dataset{near_match(dataset, DATASET_NAMES)}"
        raise InvalidInput([fault("/dataset", shortened(dataset), f"one of {quoted(DATASET_NAMES)}", reason)])
    explicit = described(hardware).resolved()
    levels = Levels.of(explicit)
    tables, values = levels.tables, levels.weights
    needs = None
    if dataset is not None:
        needs = footprint(explicit, network_graph(described_model(model or Mlp()), dataset))
    return {
        "hardware": explicit.model_dump(mode="json"),
        "component_tables": {"g_pos": tables.g_pos.tolist(), "g_neg": tables.g_neg.tolist(), "unit": SIEMENS},
        "representable": _listed(values),
        "footprint": None if needs is None else {**asdict(needs), "layers": [asdict(each) for each in needs.layers]},
        "warnings": [asdict(warning) for warning in hardware_warnings(explicit, values)],
    }


def _listed(values: Representable) -> dict[str, Any]:
    return {
        "values": values.value[:MOST_VALUES].tolist(),
        "normalized": values.normalized[:MOST_VALUES].tolist(),
        "code_pos": values.code_pos[:MOST_VALUES].tolist(),
        "code_neg": values.code_neg[:MOST_VALUES].tolist(),
        "count": len(values.value),
        "truncated": len(values.value) > MOST_VALUES,
        "g_reference": values.g_reference,
        "zero_representable": values.zero_representable,
        "unit": SIEMENS,
    }

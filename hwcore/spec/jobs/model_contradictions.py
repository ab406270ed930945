"""Contradictions in a network: kernels that do not fit, too many weights, too much to compute.

The paths are pydantic's own: they name the alternative of a union ("cnn"), as its errors do.
"""

from collections.abc import Sequence
from typing import Any

from hwcore.spec.derive.network import network_plan
from hwcore.spec.derive.plan import LayerPlan, Plan
from hwcore.spec.graph.networks.cnn import windows
from hwcore.spec.graph.operation import Misfit
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.model import Cnn, Mlp, Model, ModelName, described_model
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.reading.base import Contradiction

MOST_WEIGHTS = 50_000_000
SIZES = ("channels", "units", "width")
"""Fields by which published networks grow, of which each has one."""
MOST_PRODUCTS = 1_000_000_000
"""Products of one weight and one input per image: twenty times those of the largest perceptron."""


def model_contradictions(chosen: Model | ModelName, dataset: AnyDataset) -> list[Contradiction]:
    """The network does not fit on the images, or is too large.

    Args:
        chosen: a description, whose faults lie at its own fields, or the name of one, whose faults lie at the name.
        dataset: gives the inputs and the classes; a user's that nobody has looked into yet contradicts nothing.
    """
    facts = dataset_facts(dataset)
    if facts is None:
        return []
    found = _contradictions(described_model(chosen), dataset, facts)
    if not isinstance(chosen, str):
        return found
    return [
        Contradiction(("model",), chosen, f"{each.reason} on {facts.name}", "a description of a model that fits")
        for each in found
    ]


def _contradictions(model: Model, dataset: AnyDataset, facts: DatasetFacts) -> list[Contradiction]:
    if isinstance(model, Cnn) and (misfit := _misfit(model, facts)) is not None:
        return [misfit]
    try:
        plan = network_plan(model, dataset)
    except Misfit as error:
        return [Contradiction(("model", model.type), model.type, f"{error}", "a model that takes such examples")]
    weights = sum(layer.weights for layer in plan)
    if weights > MOST_WEIGHTS:
        at, got = _largest(model, plan, max(plan, key=lambda layer: layer.weights))
        reason = f"the network has {weights:,} weights"
        return [Contradiction(at, got, reason, f"at most {MOST_WEIGHTS:,} weights in all")]
    products = sum(layer.weights * layer.positions for layer in plan)
    if products > MOST_PRODUCTS:
        at, got = _largest(model, plan, max(plan, key=lambda layer: layer.weights * layer.positions))
        reason = f"the network takes {products:,} products per image"
        return [Contradiction(at, got, reason, f"at most {MOST_PRODUCTS:,} products in all")]
    return []


def _misfit(model: Cnn, facts: DatasetFacts) -> Contradiction | None:
    """The first convolution that sees less than its kernel, or whose map is smaller than its pooling."""
    for index, (convolution, window) in enumerate(zip(model.convolutions, windows(model, facts), strict=True)):
        name = f"conv{index + 1}"
        at = ("model", model.type, "convolutions", index)
        if convolution.kernel > min(window.padded):
            reason = f"the input of {name} is {_pixels(window.padded)} with its padding"
            allowed = f"a whole number from 1 to {min(window.padded)}"
            return Contradiction((*at, "kernel"), convolution.kernel, reason, allowed)
        if convolution.pool is not None and convolution.pool.size > min(window.map):
            reason = f"the map of {name} is {_pixels(window.map)}"
            sizes = f"a whole number from 2 to {min(window.map)}, or pool null" if min(window.map) > 1 else "pool null"
            return Contradiction((*at, "pool", "size"), convolution.pool.size, reason, sizes)
    return None


def _pixels(size: Sequence[int]) -> str:
    return " x ".join(map(str, size)) + " pixels"


def _largest(model: Model, plan: Plan, layer: LayerPlan) -> tuple[tuple[str | int, ...], Any]:
    """The field that makes this layer so large, and its value."""
    if isinstance(model, Mlp):
        return ("model", model.type, "hidden"), model.hidden
    if not isinstance(model, Cnn):
        sizes = (name for name in SIZES if name in type(model).model_fields)
        name = next(sizes)
        return ("model", model.type, name), getattr(model, name)
    if not layer.window.moves and model.hidden:
        return ("model", model.type, "hidden"), model.hidden
    index = plan.index(layer) if layer.window.moves else len(model.convolutions) - 1
    return ("model", model.type, "convolutions", index, "channels"), model.convolutions[index].channels

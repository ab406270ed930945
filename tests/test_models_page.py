"""The page of the networks is their fields, their builders' sources, and the parameters that are counted.

`python -m tests.test_models_page > docs/reference/models.md` writes it anew.
"""

import inspect
from collections.abc import Mapping
from typing import get_args

from hwcore.spec import DATASETS, MODEL_NAMES, DatasetFacts, Graph, Model, described_model
from hwcore.spec.derive.network import BUILDERS
from hwcore.spec.jobs.model import ModelName
from tests.conftest import REPOSITORY
from tests.hwcore.spec.graph.networks.test_published import CIFAR, SOUND, SPEECH, WAKE, parameters
from tests.test_hardware_page import referred, section

HEAD = """# The networks

`"model"` of a job is one of these: by name, `"model": "resnet-8"`, or with its fields,
`"model": {"type": "resnet-8", "channels": [8, 16]}`. Each is a graph of [nodes](nodes.md) on the shape of the examples
of the dataset; a network that does not take examples of this shape is refused.

## By name

| name | examples | outputs | arrays | parameters | products | largest array |
|---|---|---|---|---|---|---|"""
TAIL = """
The shapes are those of the publications; on a dataset of another shape the same description is another network.
Parameters are counted as Keras does: weights, a bias for every output, and, as all are built here with batch
normalisation, four numbers of each channel of one. Products are multiplications on arrays for one example. The largest
array has the most weights: its inputs (under a kernel, of one group) and its outputs.
"""
EXAMPLES: Mapping[str, DatasetFacts] = {
    "lenet-5": DATASETS["mnist"],
    "resnet-8": CIFAR,
    "fc-autoencoder": SOUND,
    "mobilenet-v1-025": WAKE,
}
"""Examples of the publications; those of all other networks are speech."""


def graph(name: ModelName) -> Graph:
    """The network on the examples of its publication, with batch normalisation where it has a choice."""
    model = described_model(name)
    if "normalization" in type(model).model_fields:
        model = model.model_copy(update={"normalization": "batch"})
    return BUILDERS[type(model)](model, EXAMPLES.get(name, SPEECH))


def row(name: ModelName) -> str:
    network = graph(name)
    layers = network.layers
    products = sum(layer.weights * layer.positions for layer in layers)
    largest = max(layers, key=lambda layer: layer.weights)
    cells = (
        f"`{name}`",
        " x ".join(map(str, network.input_shape)),
        f"{layers[-1].outputs}",
        f"{len(layers)}",
        f"{parameters(network):,}",
        f"{products:,}",
        f"`{largest.name}`, {largest.inputs} x {largest.outputs}",
    )
    return f"| {' | '.join(cells)} |"


def described(kind: type[Model]) -> str:
    """What the network is, layer by layer, its source, and its fields."""
    said = (inspect.getdoc(BUILDERS[kind]) or "").split("\n\n")
    kept = [" ".join(each.split()) for each in said if not each.startswith(("Raises:", "Args:"))]
    word = kind.model_fields["type"].default
    fields = section(word, kind.model_json_schema()).partition("| field |")
    return "\n".join([f"## {word}", "", *(f"{each}\n" for each in kept), "".join(fields[1:])])


def parts(kinds: tuple[type[Model], ...]) -> list[str]:
    """Fields of everything that a network refers to, once."""
    found: dict[str, str] = {}
    for kind in kinds:
        definitions = kind.model_json_schema().get("$defs", {})
        for name in dict.fromkeys(referred([kind.model_json_schema()["properties"], definitions])):
            if "properties" in definitions[name]:
                found[name] = section(name, definitions[name])
    return list(found.values())


def page() -> str:
    """The whole page."""
    kinds = get_args(Model)
    return "\n".join([HEAD, *map(row, MODEL_NAMES), TAIL, *map(described, kinds), *parts(kinds)])


def test_the_page_is_the_schema_and_the_graphs() -> None:
    written = (REPOSITORY / "docs" / "reference" / "models.md").read_text(encoding="utf-8")
    assert written == page(), "python -m tests.test_models_page > docs/reference/models.md"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201

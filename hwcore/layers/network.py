"""The network of cells, trained for the chip and in evaluation what the chip computes; and how it is sharpened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.activation import HardwareActivation
from hwcore.layers.cells import CellLayer, cell_layers
from hwcore.layers.graph_module import GraphModule
from hwcore.layers.lstm import HardwareLstm
from hwcore.layers.node_forms import HardwareContext, forms_of
from hwcore.quant import Method, Staircase, hardness_at, sharpness_at
from hwcore.spec import Drive, Graph, Hardware, Node, Sharpening, ValueRange, graph_drives

UPDATES = 128
"""Steps of the schedule: each is a few percent sharper, and a table is sampled anew only so often."""


class HardwareNetwork(GraphModule):
    """The graph of a network with cells for weights and quantised activations, which share one staircase of each kind.

    Args:
        graph: of the network.
        hardware: the description.
        method: what training mode does.
        generator: source of the initial latent weights; None: torch's default one.
        digital: names of nodes whose weights nothing rounds: floating point beside the arrays. Scale, bias and
            normalisation are as for the others. Such a network is trained and judged; it is not mapped.

    Raises:
        ValueError: a name of `digital` is of no node with weights.
    """

    def __init__(
        self,
        graph: Graph,
        hardware: Hardware,
        *,
        method: Method = "smooth",
        generator: torch.Generator | None = None,
        digital: Collection[str] = (),
    ) -> None:
        super().__init__(graph)
        self.hardware = hardware
        weighted = [layer.name for layer in self.plan]
        if unknown := sorted(set(digital) - set(weighted)):
            raise ValueError(f"digital: got {', '.join(unknown)}; allowed: {', '.join(weighted)}")
        context = HardwareContext(graph, hardware, method, generator, digital)
        self.levels, self.weight_staircase = context.levels, context.weights
        self.steps = nn.ModuleList(
            forms_of(node.operation).hardware(node.operation, node, context) for node in graph.nodes
        )

    @property
    def layers(self) -> list[CellLayer]:
        """The layers of cells, in the order of the plan."""
        return cell_layers(self.steps)

    @property
    def activations(self) -> dict[str, HardwareActivation]:
        """The activations by the names of their nodes, in order; of a recurrent node that of its state."""
        named = self.named_steps.items()
        each = ((name, step.state if isinstance(step, HardwareLstm) else step) for name, step in named)
        return {name: step for name, step in each if isinstance(step, HardwareActivation)}

    def drives(self) -> dict[str, Drive]:
        """Drives of the word lines of every layer by its name, with the ranges of the activations as they are now."""
        return graph_drives(self.graph, self.hardware, self.largest_levels())

    def largest_levels(self) -> dict[str, float | None]:
        """Range of every activation by its name, as it is now; None where activations have no bits."""
        limited = self.hardware.activation.bits is not None
        return {name: float(each.range.detach()) if limited else None for name, each in self.activations.items()}

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch outputs"]:
        """Outputs of the last node. The inputs are codes times LSB, with full scale 1, flattened as for the chip."""
        ranges = self._ranges()

        def take(node: Node, step: nn.Module, read: Sequence[Tensor]) -> Tensor:
            arguments: list[Any] = list(read)
            if isinstance(step, CellLayer):
                arguments.append(step.full_scale(ranges[node.inputs[0]].limit))
            output: Tensor = step(*arguments)
            return output

        for _, output in self._outputs(x, take):
            x = output
        return x

    def _ranges(self) -> dict[str, ValueRange]:
        """Range of the values of every node, as it is now: while it is trained, its limit is a tensor."""
        named = self.named_steps

        def range_of(node: Node) -> ValueRange:
            step = named[node.name]
            if not isinstance(step, HardwareActivation | HardwareLstm):
                raise TypeError(f"{node.name}: got {type(step).__name__}; allowed: modules that know their range")
            return step.values

        return self.graph.ranges(ValueRange(1.0, self.graph.signed_inputs), range_of)


def sharpen(network: nn.Module, fraction: float, schedule: Sharpening | None = None) -> float:
    """Set sharpness and hardness of every staircase in the network to where the schedule is now, before every step.

    Args:
        network: any module with hardware layers inside.
        fraction: share of the training that is done, 0 to 1.
        schedule: start, the ends of weights and activations, in units of 1/step, and where the hard values come in;
            None: the default of a job.

    Returns:
        The sharpness of the weights, in units of 1/step.
    """
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"fraction: got {fraction}; allowed: the share of the training that is done, 0 to 1")
    schedule = Sharpening() if schedule is None else schedule
    fraction = round(fraction * UPDATES) / UPDATES
    sharpness = sharpness_at(fraction, schedule.start, schedule.end)
    of_activations = sharpness_at(fraction, schedule.start, schedule.end_of_activations)
    hardness = hardness_at(fraction, schedule.hard_from)
    activations = {id(module.staircase) for module in network.modules() if isinstance(module, HardwareActivation)}
    for module in network.modules():
        if isinstance(module, Staircase):
            module.sharpen(of_activations if id(module) in activations else sharpness, hardness)
    return sharpness

"""Long short-term memories: in floating point, and with pairs of cells for weights, one array step after step."""

from __future__ import annotations

from typing import Unpack

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.digital import lstm_step
from hwcore.layers.activation import HardwareActivation
from hwcore.layers.cells import CellOptions
from hwcore.layers.float_layer import FloatLayer
from hwcore.layers.line_pairs import by_sign
from hwcore.layers.linear import HardwareLinear
from hwcore.layers.operands import Operands
from hwcore.quant import Staircase
from hwcore.spec import STATE, Hardware, LayerPlan, ValueRange


class FloatLstm(FloatLayer):
    """An LSTM as `torch.nn.LSTM` has it, with one bias and with the weights of inputs and state beside each other.

    Args:
        channels: inputs of a step.
        units: numbers of the state.
        sequence: whether it gives the states of all steps, or the last one.

    Shapes:
        weight (4 units, channels + units), gates i, f, g, o; bias (4 units,); x (batch, channels, length).
    """

    def __init__(self, channels: int, units: int, *, sequence: bool = False) -> None:
        super().__init__()
        self.units, self.sequence = units, sequence
        self.weight = nn.Parameter(torch.empty(4 * units, channels + units))
        self.bias = nn.Parameter(torch.empty(4 * units))

    @classmethod
    def planned(cls, plan: LayerPlan, *, sequence: bool = False) -> FloatLstm:
        """Layer of this plan, as for `FloatLayer`; sequence as for the class."""
        units = plan.outputs // 4
        return cls(plan.inputs - units, units, sequence=sequence)

    @torch.no_grad()
    def draw(self, generator: torch.Generator | None) -> None:
        """Draw the initial weights as for `FloatLayer`; the biases of the forget gates are 1.

        Source: R. Jozefowicz et al. 2015, An empirical exploration of recurrent network architectures, ICML.
        """
        super().draw(generator)
        self.bias[self.units : 2 * self.units] = 1.0

    def forward(self, x: Float[Tensor, "batch channels length"]) -> Float[Tensor, "batch units ..."]:
        """The states (batch, units, length), or the last one."""
        weight, channels = self.weight, x.shape[1]
        # The products of all inputs do not wait for a state.
        driven = F.linear(x.movedim(2, 0), weight[:, :channels], self.bias)
        h = c = x.new_zeros(len(x), self.units)
        states = []
        for z in driven:
            h, c = lstm_step(F.linear(h, weight[:, channels:]) + z, c)
            states.append(h)
        return torch.stack(states, 2) if self.sequence else h


class HardwareLstm(HardwareLinear):
    """`FloatLstm` with pairs of cells for weights: inputs and state drive the word lines of one array.

    The weights of a call are drawn once, whatever is drawn of every product anew for each step. The state has the
    levels of an activation, over a range of its own.

    Args:
        channels: inputs of a step.
        units: numbers of the state.
        hardware: the description; `cell`, `weights` and `activation` matter here.
        sequence: whether it gives the states of all steps, or the last one.
        codes: staircase of the state, to share with activations of both signs; None: its own.
        options: as for `CellLayer`.

    Attributes:
        state: codes of the state.

    Shapes:
        theta (4 units, channels + units), gates i, f, g, o; x (batch, channels, length).
    """

    def __init__(
        self,
        channels: int,
        units: int,
        hardware: Hardware,
        *,
        sequence: bool = False,
        codes: Staircase | None = None,
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__(channels + units, 4 * units, hardware, **options)
        self.units, self.sequence = units, sequence
        self.state = HardwareActivation(hardware.activation, initial_range=1.0, staircase=codes, operation=STATE)

    @classmethod
    def planned(
        cls,
        plan: LayerPlan,
        hardware: Hardware,
        *,
        sequence: bool = False,
        codes: Staircase | None = None,
        **options: Unpack[CellOptions],
    ) -> HardwareLstm:
        """Make the layer of a plan, as for `CellLayer`; sequence and codes as for the class."""
        units = plan.outputs // 4
        return cls(plan.inputs - units, units, hardware, sequence=sequence, codes=codes, **options)

    @property
    def values(self) -> ValueRange:
        """Range of the states; while it is trained, its limit is a tensor."""
        return ValueRange(self.state.full_scale, True, self.state.activation.bits)

    def full_scale(self, limit: float | Tensor | None) -> float | Tensor:
        """Largest drive of the inputs and of the state; as for `CellLayer`."""
        if limit is None:
            return 1.0
        state = self.state.full_scale
        return torch.maximum(torch.as_tensor(limit, dtype=state.dtype, device=state.device), state)

    def forward(
        self, x: Float[Tensor, "batch channels length"], drive_max: float | Float[Tensor, ""] = 1.0
    ) -> Float[Tensor, "batch units ..."]:
        """The states (batch, units, length), or the last one.

        Args:
            x: drive of the word lines of the inputs, at every step.
            drive_max: d, as for `CellLayer`.
        """
        weights, bias_row = self.weights()
        h = c = x.new_zeros(len(x), self.units)
        states = []
        for self.step, inputs in enumerate(x.unbind(2)):
            driven = torch.cat([inputs, h], 1)
            drives = driven if self.lines == 1 else by_sign(driven)
            current = self.currents(Operands(drives, weights, bias_row, drive_max))
            h, c = lstm_step(self._scaled(current), c)
            h = self.state(h)
            states.append(h)
        return torch.stack(states, 2) if self.sequence else h

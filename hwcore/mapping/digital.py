"""Digital numbers of a mapped network: scale and bias of each column, activations, and normalisations."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor


@dataclass(frozen=True, eq=False)
class MappedActivation:
    """y = f(z), and if it is quantised y = levels[number of thresholds at or below f(z)].

    Attributes:
        function: relu, sigmoid, tanh or identity.
        levels: outputs, strictly increasing, without unit; None: not quantised.
        thresholds: midway between the levels, less 1e-9 of the step, so that rounding decides no tie; None: not
            quantised.
    """

    function: str
    levels: Float64[Tensor, " levels"] | None
    thresholds: Float64[Tensor, " steps"] | None

    @property
    def tensors(self) -> dict[str, Tensor]:
        """Numbers by their names in files; none where it is not quantised."""
        if self.levels is None or self.thresholds is None:
            return {}
        return {"levels": self.levels, "thresholds": self.thresholds}

    @property
    def largest_level(self) -> float | None:
        """Range of the activation, without unit; None: not quantised."""
        return None if self.levels is None else float(self.levels[-1])


@dataclass(frozen=True, eq=False)
class Digital:
    """Digital arithmetic behind the arrays of a layer: scale_j I_j + bias_j.

    Attributes:
        scale: 1/S, of any sign.
        bias: without unit; zero where the bias is in the array.
    """

    scale: Float64[Tensor, " cols"]
    bias: Float64[Tensor, " cols"]


@dataclass(frozen=True, eq=False)
class MappedNormalization:
    """y = scale_c x + offset_c for every channel: a normalisation that is folded into no array.

    Attributes:
        scale: without unit, of any sign.
        offset: without unit.
    """

    scale: Float64[Tensor, " channels"]
    offset: Float64[Tensor, " channels"]

    @property
    def tensors(self) -> dict[str, Tensor]:
        """Numbers by their names in files."""
        return {"scale": self.scale, "offset": self.offset}


MappedNode = MappedActivation | MappedNormalization
"""Numbers of a digital node; a node that only computes has none."""

"""One staircase in its forms: smooth while it trains, straight-through, hard when it is judged; and none at all."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn

from hwcore.quant.hard import decision_thresholds, level_index, nearest_value, rounded_up
from hwcore.quant.sampled import SampledStaircase, above_zero
from hwcore.quant.straight_through import straight_through

Method = Literal["smooth", "straight_through", "identity"]


class Staircase(nn.Module):
    """Theta to representable values: smooth in training mode, hard after `eval()`; with the identity theta itself.

    It has no parameters. The values are kept in float64, so that a module cast to float64 has them exactly; they are
    those of the description and not in the state dict. Sharpness and hardness are, as `schedule`, so that a training
    that goes on from there is where it was; a state dict without them leaves them as they are.

    Args:
        values: v_0 < ... < v_K, any unit; at least two, strictly increasing.
        method: what training mode does; identity: theta stays as it is in both modes, as in floating point.
        sharpness: of the smooth form, in units of 1/step; `sharpen` changes it.

    Attributes:
        hardness: share of the hard staircase in the value of the smooth form, 0 to 1, while its gradient stays smooth;
            `sharpen` changes it.

    Raises:
        ValueError: fewer than two values, values that do not increase, an unknown method, or a sharpness that is not
            a number above 0.
    """

    exact: Tensor

    def __init__(self, values: Float[Tensor, " levels"], *, method: Method = "smooth", sharpness: float = 1.0) -> None:
        super().__init__()
        if values.ndim != 1 or len(values) < 2 or not bool((values.diff() > 0).all()):
            raise ValueError(
                f"values: got {len(values)} values of which not each is above the one before; allowed: two or more, "
                "strictly increasing"
            )
        if method not in get_args(Method):
            raise ValueError(f"method: got {method!r}; allowed: {', '.join(get_args(Method))}")
        self.method: Method = method
        self.sharpness = _checked(sharpness)
        self.hardness = 0.0
        self.register_buffer("exact", values.detach().to(torch.float64), persistent=False)
        self._table: SampledStaircase | None = None
        self._rounded: tuple[Tensor | None] | None = None
        self._through: dict[int, tuple[Tensor, SampledStaircase]] = {}

    def _apply(self, fn, recurse=True):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        # A cast or a move of the network must not round the values: only the device follows.
        exact = self.exact
        module = super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.exact = exact.to(self.exact.device)
        self._rounded = None
        self._forget()
        return module

    def sharpen(self, sharpness: float, hardness: float = 0.0) -> None:
        """Set the sharpness, in units of 1/step, above 0, and the hardness, 0 to 1."""
        if not 0.0 <= hardness <= 1.0:
            raise ValueError(f"hardness: got {hardness}; allowed: 0 to 1")
        if (sharpness, hardness) != (self.sharpness, self.hardness):
            self.sharpness, self.hardness = _checked(sharpness), hardness
            self._forget()

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination[f"{prefix}schedule"] = torch.tensor([self.sharpness, self.hardness], dtype=torch.float64)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )
        name = f"{prefix}schedule"
        if name not in state_dict:
            return
        if name in unexpected_keys:
            unexpected_keys.remove(name)
        try:
            sharpness, hardness = state_dict[name].tolist()
            self.sharpen(sharpness, hardness)
        except (AttributeError, TypeError, ValueError) as error:
            error_msgs.append(f"{name}: got {state_dict[name]}; allowed: a sharpness and a hardness ({error})")

    def _forget(self) -> None:
        self._table = None
        self._through.clear()

    def index(self, theta: Float[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
        """Index of the hard value of each theta, decided in float64; a tie goes to the upper one, a NaN to any."""
        return level_index(theta.detach().to(torch.float64), decision_thresholds(self.exact))

    def forward(self, theta: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The value of each theta, in the form that the mode asks for; dtype of theta. NaN stays NaN in all of them."""
        if self.method == "identity":
            return theta
        if not self.training:
            return self._hard(theta, self.exact)
        if self.method == "straight_through":
            return straight_through(theta, self.exact.to(theta.dtype))
        return self._sampled(theta)(theta)

    def scaled(self, x: Float[Tensor, "*shape"], full_scale: Float[Tensor, ""]) -> Float[Tensor, "*shape"]:
        """r S(x / r): the staircase over values that all carry the factor r, above 0; differentiable in r."""
        if self.training and self.method == "smooth":
            return self._sampled(x).scaled(x, full_scale)
        steps: Tensor = self(x / above_zero(full_scale))
        return steps * full_scale

    def through(
        self,
        theta: Float[Tensor, "*shape"],
        heights: Float64[Tensor, " levels"],
        plus: tuple[float, Float[Tensor, "*shape"]] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """The staircase with the same steps at the same places that goes through other heights, one for each value.

        Smooth, its gradient is that of the heights; in all other forms it is hard and has none.

        Args:
            theta: any shape, unit of the values.
            heights: one for each value.
            plus: a factor and a tensor, added to the result in the same pass; no gradient flows into them.
        """
        if not self.training or self.method != "smooth":
            hard = self._hard(theta, heights)
            return hard if plus is None else hard.add_(plus[1], alpha=plus[0])
        key = id(heights)
        found = self._through.get(key)
        if found is None or found[0] is not heights or not _fits(found[1], theta):
            found = self._through[key] = (heights, self._build(theta, heights))
        return found[1](theta, plus)

    def _hard(self, theta: Tensor, heights: Tensor) -> Tensor:
        if theta.dtype == torch.float32:
            steps = self._single()
            if steps is not None:
                return nearest_value(theta, steps, heights.to(theta.dtype))
        return nearest_value(theta.detach().to(torch.float64), decision_thresholds(self.exact), heights).to(theta.dtype)

    def _single(self) -> Tensor | None:
        """Thresholds that decide in single precision as those of float64 do; None where it has too few digits."""
        if self._rounded is None:
            self._rounded = (rounded_up(decision_thresholds(self.exact), torch.float32),)
        return self._rounded[0]

    def _sampled(self, theta: Tensor) -> SampledStaircase:
        if self._table is None or not _fits(self._table, theta):
            self._table = self._build(theta, None)
        return self._table

    def _build(self, theta: Tensor, heights: Tensor | None) -> SampledStaircase:
        return SampledStaircase.build(
            self.exact,
            self.sharpness,
            heights=heights,
            hardness=self.hardness,
            dtype=theta.dtype,
            device=theta.device,
        )

    def extra_repr(self) -> str:
        """Return the text that `print` shows."""
        return f"levels={len(self.exact)}, method={self.method}, sharpness={self.sharpness:g}"


def _fits(table: SampledStaircase, theta: Tensor) -> bool:
    return table.value.dtype == theta.dtype and table.value.device == theta.device


def _checked(sharpness: float) -> float:
    if not 0 < sharpness < math.inf:
        raise ValueError(f"sharpness: got {sharpness}; allowed: a number above 0")
    return sharpness

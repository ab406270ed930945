"""Refusal of conductances that a published fit was not made for."""

from __future__ import annotations

from jaxtyping import Float64
from torch import Tensor

from hwcore.spec import EDGE, Fitted


def within_fit(g: Float64[Tensor, "*shape"], model: Fitted) -> Float64[Tensor, "*shape"]:
    """The conductances themselves, after the check that the model holds for each of them.

    Args:
        g: S.
        model: says what it was fitted on.

    Raises:
        ValueError: one of them lies outside; the message has it, the range, and the name of the model.
    """
    low, high = model.g_range
    if g.numel() == 0:
        return g
    least, most = (float(end) for end in g.detach().aminmax())
    # Written so that NaN fails.
    if not (least >= low * (1 - EDGE) and most <= high * (1 + EDGE)):
        got = least if not least >= low * (1 - EDGE) else most
        raise ValueError(
            f"g: got {got:.9g} S; allowed: {low:.9g} to {high:.9g} S, the conductances that {model.type} was fitted on"
        )
    return g

"""What every effect costs, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scipy.special import stdtrit

from hwcore.pipeline.ladder import CONFIDENCE


def costs(rungs: Sequence[Mapping[str, Any]], reference: float) -> list[dict[str, Any]]:
    """Accuracy lost to every effect alone, and to all of them, the dearest first.

    The reference is one network on the same test images, so the difference scatters with the chips alone: with the
    sample standard deviation s over n of them its standard error is s / sqrt(n), and its interval at 95 % is the
    difference plus and minus t(0.975; n - 1) of those, t the quantile of Student's distribution.

    Args:
        rungs: of the effects.
        reference: accuracy that they are told from, a fraction.

    Returns:
        For each: stage; accuracy_lost; standard_error and ci95, None where all chips are alike or only one was drawn;
        below_scatter: whether the interval holds 0, so that this many chips do not show the effect; None with them.
    """
    found = [{"stage": each["stage"], **_cost(each, reference - each["accuracy"])} for each in rungs]
    return sorted(found, key=lambda cost: -cost["accuracy_lost"])


def _cost(rung: Mapping[str, Any], lost: float) -> dict[str, Any]:
    if rung["std"] is None:
        return {"accuracy_lost": lost, "standard_error": None, "ci95": None, "below_scatter": None}
    chips = rung["chips"]
    error = rung["std"] / chips**0.5
    half = float(stdtrit(chips - 1, (1.0 + CONFIDENCE) / 2.0)) * error
    return {
        "accuracy_lost": lost,
        "standard_error": error,
        "ci95": [lost - half, lost + half],
        "below_scatter": abs(lost) <= half,
    }

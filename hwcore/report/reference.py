"""The floating-point reference of a report: what was chosen for it, out of what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hwcore.spec import ReferenceChoice


@dataclass(frozen=True)
class Reference:
    """Search of the floating-point reference.

    Attributes:
        chosen: the choice of the reference.
        candidates: every choice that was tried, in this order, with its score on the held-out images; minus infinity
            where its training failed.
    """

    chosen: ReferenceChoice
    candidates: Sequence[tuple[ReferenceChoice, float]]

    def to_json(self) -> dict[str, Any]:
        """Entry `reference` of report.json."""
        return {
            "note": "the rung `float` is a network that was trained as the one on the chip, with every staircase "
            "replaced by the identity; chosen on held-out images among the candidates",
            **asdict(self.chosen),
            "candidates": [_candidate(*each) for each in self.candidates],
        }


def _candidate(choice: ReferenceChoice, held_out: float) -> dict[str, Any]:
    """Entry of a candidate; its score is null where its training failed."""
    return {**asdict(choice), "held_out": held_out if math.isfinite(held_out) else None}

"""The floating-point reference of a report: what was chosen for it, out of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hwcore.spec import ReferenceChoice


@dataclass(frozen=True)
class Reference:
    """Search of the floating-point reference.

    Attributes:
        chosen: the choice of the reference.
        candidates: every choice that was tried, in this order, with its accuracy on the held-out images.
    """

    chosen: ReferenceChoice
    candidates: Sequence[tuple[ReferenceChoice, float]]

    def to_json(self) -> dict[str, Any]:
        """Entry `reference` of report.json."""
        return {
            "note": "the rung `float` is a network that was trained as the one on the chip, with every staircase "
            "replaced by the identity; chosen on held-out images among the candidates",
            **asdict(self.chosen),
            "candidates": [{**asdict(choice), "held_out": held_out} for choice, held_out in self.candidates],
        }

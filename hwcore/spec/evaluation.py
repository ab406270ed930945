"""How the trained network is judged."""

from pydantic import Field

from hwcore.spec.base import Spec


class Evaluation(Spec):
    """How many chips are drawn, and which accuracy makes a good one."""

    chips: int = Field(default=25, ge=1, le=10000, description="Chips drawn for each random effect.")
    target_accuracy: float | None = Field(
        default=None,
        gt=0.0,
        lt=1.0,
        description="Accuracy, as a fraction of the test images, from which a chip counts as good in the yield. null: "
        "one point (0.01) below that of the hardware-aware network.",
    )

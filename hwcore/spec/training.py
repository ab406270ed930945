"""How the network is trained."""

from typing import Literal

from pydantic import Field, model_validator

from hwcore.spec.base import Contradiction, Spec, refuse
from hwcore.units import PER_STEP


class Sharpening(Spec):
    """Steepness of the smooth staircase: geometric from start at the first epoch to end at the last one."""

    start: float = Field(
        default=2.0,
        gt=0.0,
        le=1e4,
        description="Steepness at the start, relative to the width of each step.",
        json_schema_extra={"unit": PER_STEP},
    )
    end: float = Field(
        default=24.0,
        gt=0.0,
        le=1e4,
        description="Steepness at the end, above start.",
        json_schema_extra={"unit": PER_STEP},
    )

    @model_validator(mode="after")
    def _sharpens(self) -> "Sharpening":
        if not self.end > self.start:
            reason = f"the staircase has to sharpen, and it starts at {self.start:g}"
            refuse(self, [Contradiction(("end",), self.end, reason, f"a number above {self.start:g}")])
        return self


class Training(Spec):
    """Floating point first, then hardware-aware, with an ordinary optimiser."""

    method: Literal["smooth", "straight_through"] = Field(
        default="smooth",
        description="smooth: a differentiable staircase that sharpens. straight_through: hard values forwards, "
        "identity backwards; the method to compare with.",
    )
    epochs: int = Field(default=10, ge=1, le=1000, description="Hardware-aware epochs.")
    float_epochs: int | None = Field(
        default=None, ge=1, le=1000, description="Floating-point epochs before them. null: as many as epochs."
    )
    batch: int = Field(default=256, ge=1, le=65536, description="Examples per step.")
    optimizer: Literal["adam", "sgd"] = Field(
        default="adam", description="adam: with decoupled weight decay (AdamW). sgd: with momentum 0.9."
    )
    learning_rate: float = Field(default=2e-3, gt=0.0, le=10.0, description="Largest learning rate, without unit.")
    weight_decay: float = Field(default=0.0, ge=0.0, le=1.0, description="Weight decay, without unit.")
    label_smoothing: float = Field(
        default=0.1,
        ge=0.0,
        lt=1.0,
        description="Share of each label that is spread evenly over all classes, in both stages; without unit.",
    )
    schedule: Sharpening = Field(default=Sharpening(), description="How the smooth staircase sharpens.")
    seed: int = Field(
        default=0,
        ge=0,
        le=2**63 - 1,
        description="Seed of every random number: same seed, same versions, same kind of machine, same bytes.",
    )

"""Training of the network."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from hwcore.spec.derive.effects import TRAINING_EFFECTS, TrainingEffect
from hwcore.spec.reading.base import Contradiction, Spec, refuse, unique_list, unsaid
from hwcore.units import PER_STEP, PIXEL, STEP


class Sharpening(Spec):
    """Steepness of the smooth staircases, geometric from start to end for the weights and to activation_end for the
    activations, and where the hard values come in.

    It moves in 128 stages over the steps of the training. Only `method` smooth uses it.
    """

    start: float = Field(
        default=2.0,
        ge=0.01,
        le=1e4,
        description="Steepness at the start, relative to the width of each step.",
        json_schema_extra={"unit": PER_STEP},
    )
    end: float = Field(
        default=8.0,
        ge=0.01,
        le=1e4,
        description="Steepness at the end, above start.",
        json_schema_extra={"unit": PER_STEP},
    )
    activation_end: float | None = Field(
        default=None,
        ge=0.01,
        le=1e4,
        description="Steepness of the activations at the end, at least start. null: they stay at start, and the hard "
        "values alone close the gap; where those do not come in, as end.",
        json_schema_extra={"unit": PER_STEP},
    )
    hard_from: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Share of the training after which the hard values come in beside the smooth ones: a line up to "
        "all of the value at half of what is left; the gradient stays smooth. 1: not at all; without unit.",
    )

    @model_validator(mode="after")
    def _sharpens(self) -> "Sharpening":
        if not self.end > self.start:
            reason = f"the staircase has to sharpen, and it starts at {self.start:g}"
            refuse(self, [Contradiction(("end",), self.end, reason, f"a number above {self.start:g}")])
        if self.activation_end is not None and self.activation_end < self.start:
            reason = f"a staircase does not soften, and it starts at {self.start:g}"
            allowed = f"a number from {self.start:g}, or null"
            refuse(self, [Contradiction(("activation_end",), self.activation_end, reason, allowed)])
        return self

    @property
    def end_of_activations(self) -> float:
        """The steepness of the activations at the end, with its default filled in."""
        if self.activation_end is not None:
            return self.activation_end
        return self.start if self.hard_from < 1 else self.end


class Distillation(Spec):
    """L = (1 - w) L_labels + w T^2 H(softmax(z_float / T), softmax(z / T)): learn from the floating-point network.

    z are the logits, H the cross-entropy. Source: G. Hinton, O. Vinyals, J. Dean 2015, arXiv:1503.02531.
    """

    weight: float = Field(
        default=0.5,
        gt=0.0,
        le=1.0,
        description="w: share of the loss that the floating-point network gives; without unit.",
    )
    temperature: float = Field(
        default=1.0, ge=0.1, le=100.0, description="T: how far the logits are softened, without unit."
    )


class Augmentation(Spec):
    """What is done to the training images on their way into the network, in both stages; never to a test image."""

    shift: int = Field(
        ge=1,
        le=4,
        description="Every image is moved by up to so many pixels in both directions, anew in every epoch; what comes "
        "in is blank. A series is moved in time.",
        json_schema_extra={"unit": PIXEL},
    )
    flip: bool | None = Field(
        default=None,
        exclude_if=unsaid,
        description="true: left and right of every other image are exchanged, drawn anew in every epoch; for images "
        "alone. null: false.",
    )


DECOUPLED_DECAY = 0.05
"""Weight decay of adam where the job names none: a step shrinks a weight by its product with the learning rate."""


MOST_FLOAT_EPOCHS = 10
"""Epochs in floating point where the job names none, at most: the rest is better spent on the hardware."""

MOST_CANDIDATES = 7
"""References that one search trains at most: three rates, three parts left out, and two or three of them at once."""


REGULARIZATION: Final = {"input_dropout": 0.2, "activation_noise": 0.5, "initial_range_ratio": 0.8}
"""Regularisation of a perceptron that classifies, where the job says nothing: it was measured there (decision 0073)."""
NO_REGULARIZATION: Final = {"input_dropout": 0.0, "activation_noise": 0.0, "initial_range_ratio": 1.0}
"""The same fields of any other network."""


class Training(Spec):
    """Floating point first, then hardware-aware, with an ordinary optimiser."""

    method: Literal["smooth", "straight_through"] = Field(
        default="smooth",
        description="smooth: a differentiable staircase that sharpens. straight_through: hard values forwards, "
        "identity backwards; the method to compare with.",
    )
    epochs: int = Field(default=30, ge=1, le=1000, description="Hardware-aware epochs.")
    float_epochs: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Floating-point epochs before them. null: as many as epochs, at most 10.",
    )
    batch: int = Field(default=256, ge=1, le=65536, description="Examples per step.")
    optimizer: Literal["adam", "sgd"] = Field(
        default="adam", description="adam: with decoupled weight decay (AdamW). sgd: with momentum 0.9."
    )
    learning_rate: float = Field(default=2e-3, gt=0.0, le=10.0, description="Largest learning rate, without unit.")
    hardware_learning_rate: float | None = Field(
        default=2e-2,
        gt=0.0,
        le=10.0,
        description="Largest learning rate of the hardware-aware training, for all that is trained there: latent "
        "weights, whose values are those over the scale of their column, some ten times as large, and normalisation. "
        "Weight decay goes with it; without unit. null: learning_rate.",
    )
    weight_decay: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        description="Weight decay, without unit. null: 0.05 with adam, where it is decoupled, and 0 with sgd.",
    )
    label_smoothing: float = Field(
        default=0.1,
        ge=0.0,
        lt=1.0,
        description="Share of each label that is spread evenly over all classes, in both stages; without unit.",
    )
    distillation: Distillation | None = Field(
        default=Distillation(),
        description="Learn from the floating-point network as well. null: from the labels alone.",
    )
    augmentation: Augmentation | None = Field(
        default=None, description="Training images changed at random. null: as they are."
    )
    weight_noise: float = Field(
        default=0.05,
        ge=0.0,
        le=1.0,
        description="Standard deviation of the noise that is added to the weights of every batch of the hardware-aware "
        "training, over the largest weight, without unit: it keeps the network from leaning on single weights, "
        "whatever the chip. 0: none.",
    )
    input_dropout: float | None = Field(
        default=None,
        ge=0.0,
        le=0.9,
        description="Share of the inputs that is left out of every image of the hardware-aware training, other ones "
        "every time, to 1/256; the others make up for it; without unit. 0: none. null: 0.2 with an mlp that "
        "classifies, else 0.",
    )
    activation_noise: float | None = Field(
        default=None,
        ge=0.0,
        le=4.0,
        description="Width of the uniform noise before the quantised activations of the hardware-aware training, at "
        "its start; it falls on a line to none at the end. 0: none, and where activations have no bits. null: 0.5 with "
        "an mlp that classifies, else 0.",
        json_schema_extra={"unit": STEP},
    )
    initial_range_ratio: float | None = Field(
        default=None,
        ge=0.1,
        le=10.0,
        description="Activation ranges that the hardware-aware training starts from, over those of least error; "
        "without unit. After batch normalisation a range of relu stays there, and the normalisation learns in its "
        "place. Ranges that the hardware gives, or has calibrated, are left alone. null: 0.8 with an mlp that "
        "classifies, else 1.",
    )
    clip_latents: bool | None = Field(
        default=None,
        exclude_if=unsaid,
        description="true: after every step of the hardware-aware training, latent weights beyond the representable "
        "ones are brought back to the nearest of them. A staircase is flat out there, and what noise pushed over the "
        "end would stay. For chips with much programming noise and trainings of many steps. null: false.",
    )
    aware_of: Annotated[tuple[TrainingEffect, ...], unique_list(len(TRAINING_EFFECTS))] | None = Field(
        default=None,
        description="Effects of the hardware that the hardware-aware training includes; random ones are drawn anew "
        "for every batch. Stuck cells are not among them: they are other ones on every chip. null: all that the "
        "hardware has of them; empty: none. A resolved job is fixed: it lists them.",
    )
    reference: Literal["trained_alike"] | None = Field(
        default=None,
        exclude_if=unsaid,
        description="The floating-point network that the rung `float` is of. null: the one that the hardware-aware "
        "training starts from, which had float_epochs and nothing more. trained_alike: one that goes on from there as "
        "the network on the chip does, with every staircase replaced by the identity, for as many epochs, with the "
        "same batches, augmentation and dropped inputs; held-out images choose its learning rate of three, and whether "
        "it has label_smoothing, weight_noise and distillation. It takes up to seven times as long as the "
        "hardware-aware training.",
    )
    schedule: Sharpening = Field(default=Sharpening(), description="How the smooth staircase sharpens.")
    seed: int = Field(
        default=0,
        ge=0,
        le=2**63 - 1,
        description="Seed of every random number: same seed, same versions, same kind of machine, same bytes.",
    )

    @property
    def epochs_in_floating_point(self) -> int:
        """Epochs of the floating-point training, with the default filled in: as many, at most 10."""
        return self.float_epochs or min(self.epochs, MOST_FLOAT_EPOCHS)

    def regularized(self, *, perceptron: bool) -> Mapping[str, float]:
        """Dropped inputs, noise before activations and first ranges, with their defaults filled in.

        Args:
            perceptron: whether an mlp is trained to classify.
        """
        given = self.model_dump(include=set(REGULARIZATION), exclude_none=True)
        return (REGULARIZATION if perceptron else NO_REGULARIZATION) | given

    @property
    def candidates(self) -> int:
        """The most networks that are trained to find the reference."""
        return 0 if self.reference is None else MOST_CANDIDATES

    @property
    def decay(self) -> float:
        """The weight decay, with its default filled in."""
        if self.weight_decay is not None:
            return self.weight_decay
        return DECOUPLED_DECAY if self.optimizer == "adam" else 0.0

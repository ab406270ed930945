"""One training step, the same for the floating-point network and for the one on the chip."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from hwcore.layers import UPDATES, clip_latents, sharpen
from hwcore.snapshot import Snapshot
from hwcore.training.augmentation import augmented
from hwcore.training.dropout import dropped
from hwcore.training.examples import Examples
from hwcore.training.objective import objective, regression_objective
from hwcore.training.optimizer import optimizer_of
from hwcore.training.recipe import Recipe


class TrainingStep:
    """Fetch, forward, backward, optimiser, learning rate: everything between two batches.

    The learning rate falls along a cosine, lr (1 + cos(pi n / steps)) / 2, over `total` steps.

    Args:
        network: trained in place; put in training mode by its owner.
        examples: what it learns from.
        recipe: of the training.
        total: steps of the whole training.
        generator: source of augmentation and dropout, on the CPU.
    """

    def __init__(
        self,
        network: nn.Module,
        examples: Examples,
        recipe: Recipe,
        *,
        total: int,
        generator: torch.Generator,
    ) -> None:
        self.network, self.examples, self.recipe = network, examples, recipe
        self.total, self.generator = total, generator
        self.optimizer = optimizer_of(network, recipe.settings, recipe.learning_rate)
        self.decay = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=total)
        self.done = 0
        self.stage = -1
        self.sharpness: float | None = None
        self.sharpened_at = 0.0

    def __call__(self, chosen: Int64[Tensor, " batch"]) -> Float[Tensor, ""]:
        """Learn from these examples; the loss before the step, nats, without a gradient."""
        recipe, settings, schedule = self.recipe, self.recipe.settings, self.recipe.schedule
        # The schedule moves in stages; between two of them there is nothing to set in the network.
        stage = round(self.done / self.total * UPDATES)
        if schedule is not None and stage != self.stage:
            self.stage = stage
            self.sharpened_at = self.done / self.total
            self.sharpness = sharpen(self.network, self.sharpened_at, schedule)
        codes = self.examples.codes[chosen]
        if settings.augmentation is not None:
            codes = augmented(codes, self.examples.input_shape, settings.augmentation, self.generator)
        lsb = self.examples.lsb
        if recipe.input_dropout > 0:
            codes, makes_up = dropped(codes, recipe.input_dropout, self.generator)
            lsb *= makes_up
        inputs = codes.to(torch.float32).mul_(lsb)
        teacher = None if recipe.teacher_logits is None else recipe.teacher_logits[chosen]
        if self.examples.metric == "accuracy":
            loss = objective(
                self.network(inputs),
                self.examples.labels[chosen],
                teacher,
                label_smoothing=settings.label_smoothing,
                distillation=settings.distillation,
            )
        else:
            # An autoencoder is to give back what was dropped.
            targets = self.examples.targets(chosen, self.examples.inputs(chosen, torch.float32))
            loss = regression_objective(self.network(inputs), targets, teacher, distillation=settings.distillation)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        if settings.clip_latents:
            clip_latents(self.network)
        self.decay.step()
        self.done += 1
        return loss.detach()

    def snapshot(self) -> Snapshot:
        """Network, optimiser, learning rate, generator, and where the schedule is."""
        held = self.optimizer.state_dict()["state"]
        return Snapshot(
            {
                **{f"network/{name}": tensor for name, tensor in self.network.state_dict().items()},
                **{f"optimizer/{i}/{key}": tensor for i, state in held.items() for key, tensor in state.items()},
                "generator": self.generator.get_state(),
            },
            {
                "done": self.done,
                "stage": self.stage,
                "sharpened_at": self.sharpened_at,
                "learning_rates": [group["lr"] for group in self.optimizer.param_groups],
                "decays": self.decay.last_epoch,
            },
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the state of a snapshot, so that the next step is the one that would have come.

        Raises:
            KeyError, RuntimeError: the snapshot is that of another network.
        """
        self.network.load_state_dict(snapshot.part("network").tensors)
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in snapshot.part("optimizer").tensors.items():
            parameter, _, key = name.partition("/")
            states.setdefault(int(parameter), {})[key] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        for group, rate in zip(groups, snapshot.values["learning_rates"], strict=True):
            group["lr"] = rate
        self.optimizer.load_state_dict({"state": states, "param_groups": groups})
        self.decay.last_epoch = snapshot.values["decays"]
        self.generator.set_state(snapshot.tensors["generator"])
        self.done, self.stage = snapshot.values["done"], snapshot.values["stage"]
        self.sharpened_at = snapshot.values["sharpened_at"]
        if self.recipe.schedule is not None and self.stage >= 0:
            self.sharpness = sharpen(self.network, self.sharpened_at, self.recipe.schedule)

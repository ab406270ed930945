"""Training of a network: in floating point, and then for a chip. Judging the chips is apart (`Examination`)."""

from __future__ import annotations

from dataclasses import dataclass

from hwcore.spec.derive.network import OnDataset
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.metric import Metric
from hwcore.spec.jobs.model import Model
from hwcore.spec.jobs.own_data import AnyDataset
from hwcore.spec.jobs.training import Training


@dataclass(frozen=True)
class Course(OnDataset):
    """All that it takes to train the networks of a job, but for the data themselves.

    Attributes:
        hardware: resolved; the floating-point network has its activation function alone.
        model: the network, with its normalisation chosen.
        dataset: to be trained on.
        training: resolved.
        times: after the write that drift and growing read noise are drawn at, s; None: those of `times_of`.
        exact: whether every staircase of the second training is the identity, as floating point has it.
        metric: that the network is trained for.
        digital: names of nodes whose weights stay in floating point, beside the arrays; activations keep their bits.
            Training that is aware of effects (`training.aware_of`) has none;
            `training.weight_noise` moves them as it does the others.
    """

    hardware: Hardware
    model: Model
    dataset: AnyDataset
    training: Training
    times: tuple[float, ...] | None = None
    metric: Metric = "accuracy"
    exact: bool = False
    digital: frozenset[str] = frozenset()

    @property
    def seed(self) -> int:
        """Seed of the networks, of every batch, and of the images that are held out."""
        return self.training.seed

    @property
    def float_epochs(self) -> int:
        """Epochs in floating point, with the default filled in."""
        return self.training.epochs_in_floating_point

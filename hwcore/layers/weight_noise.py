"""Noise on the weights in training: every batch sees the weights of another chip."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from hwcore.layers.cells import CellLayer, cell_layers
from hwcore.layers.contexts import Times, entered
from hwcore.layers.read_noise import SAME, ReadNoise
from hwcore.layers.weight_moments import WRITES, expected_factor, read_spread, weight_moments
from hwcore.quant import Staircase
from hwcore.snapshot import Snapshot
from hwcore.spec import Drift, Effect, Hardware

FEWEST, SPARE = 1 << 20, 1 << 22
"""Normal numbers in store: a million at least, and four million more than the largest layer takes at once."""
DRAWS = 2048
"""Draws after which the store is filled anew."""


class WeightNoise:
    """w = M(theta) + Sigma(theta) xi: the smooth staircases through the mean and the spread of every weight.

    xi ~ N(0, 1) is another for every weight and every call. It is a stretch of a store of normal numbers from a place
    drawn at random: as good as new for weights that see each number once in a million, and without the cost of a
    generator, which is that of the rest of the step. The gradient flows through M and Sigma, so the training can
    prefer levels that are written well.

    Args:
        moments: M and Sigma at every representable weight, Sigma from 0; one pair for every time.
        times: which of them it is now.
        largest: weights of the largest layer.
        generator: source of xi, on the CPU.
        device: of the training.
    """

    def __init__(
        self,
        moments: Sequence[tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]]],
        times: Times,
        *,
        largest: int,
        generator: torch.Generator,
        device: torch.device,
    ) -> None:
        self.moments = [(mean.to(device), spread.to(device)) for mean, spread in moments]
        # One spread for all is a number: nothing has to be read for every weight.
        self.constants = [
            float(spread.max()) if float(spread.max() - spread.min()) <= SAME else None for _, spread in moments
        ]
        self.times, self.generator, self.device = times, generator, device
        self.size = max(FEWEST, largest + min(3 * largest, SPARE))
        self.largest = largest
        self.store = torch.empty(0, device=device)
        self.starts: list[int] = []
        self.filled_from: Tensor | None = None

    def _fill(self) -> None:
        self.filled_from = self.generator.get_state()
        self.store = torch.randn(self.size, generator=self.generator).to(self.device)
        self.starts = torch.randint(self.size - self.largest + 1, (DRAWS,), generator=self.generator).tolist()

    def snapshot(self) -> Snapshot:
        """State of the generator from which the store was filled, and the number of draws left in it."""
        tensors = {} if self.filled_from is None else {"filled_from": self.filled_from}
        return Snapshot(tensors, {"left": len(self.starts)})

    def restore(self, snapshot: Snapshot) -> None:
        """Fill the store again from there; this moves the generator, whose own state has to be brought back next."""
        if "filled_from" in snapshot.tensors:
            self.generator.set_state(snapshot.tensors["filled_from"])
            self._fill()
        self.starts = self.starts[: snapshot.values["left"]]

    def draw(self, like: Tensor) -> Tensor:
        """Standard normal numbers of this shape; not to be written to."""
        if not self.starts:
            self._fill()
        stretch = self.store.narrow(0, self.starts.pop(), like.numel()).view(like.shape)
        return stretch if like.dtype == stretch.dtype else stretch.to(like.dtype)

    def __call__(self, theta: Float[Tensor, "*shape"], staircase: Staircase) -> Float[Tensor, "*shape"]:
        """Weights as one more chip would hold them."""
        xi = self.draw(theta)
        (mean, spread), constant = self.moments[self.times.now], self.constants[self.times.now]
        if staircase.method != "smooth":
            written = staircase(theta) + self._of(theta, staircase, mean - staircase.exact)
            return torch.addcmul(written, self._of(theta, staircase, spread), xi)
        if constant is not None:
            return staircase.through(theta, mean, plus=(constant, xi))
        return torch.addcmul(staircase.through(theta, mean), staircase.through(theta, spread), xi)

    def _of(self, theta: Tensor, staircase: Staircase, heights: Tensor) -> Tensor:
        """One number for each weight, or for all of them where it is the same."""
        if float(heights.max() - heights.min()) <= SAME:
            return heights[0].to(theta.dtype)
        return staircase.through(theta, heights)


class DrawnNoise:
    """The generator that all noise of a training is drawn from, and the store that was filled from it.

    Args:
        generator: shared by weights, reads and times.
        noise: of the weights, if there is any.
    """

    def __init__(self, generator: torch.Generator, noise: WeightNoise | None) -> None:
        self.generator, self.noise = generator, noise

    def snapshot(self) -> Snapshot:
        """State of the generator and of the store: all that the next draws depend on."""
        parts = {"generator": Snapshot({"state": self.generator.get_state()})}
        if self.noise is not None:
            parts["noise"] = self.noise.snapshot()
        return Snapshot.of_parts(parts)

    def restore(self, snapshot: Snapshot) -> None:
        """The next draws are those that would have come."""
        if self.noise is not None:
            self.noise.restore(snapshot.part("noise"))
        self.generator.set_state(snapshot.part("generator").tensors["state"])


@contextmanager
def noisy_weights(
    network: nn.Module,
    hardware: Hardware,
    generator: torch.Generator,
    *,
    effects: Collection[Effect] = WRITES,
    times: Sequence[float] = (0.0,),
    weight_noise: float = 0.0,
) -> Iterator[DrawnNoise]:
    """Draw the weights of every layer of cells anew at each call in training mode, inside a `with` block.

    Every call of the network draws one of the times. Drift that the chip compensates is compensated on average, by
    `expected_factor` with the use of the weights on entry.

    Args:
        network: any module with layers of cells inside.
        hardware: the description that they were built from.
        generator: source of the noise and of the times, on the CPU.
        effects: programming noise, drift and read noise (`ReadNoise`) count, where the description has them.
        times: after the write, s, at least one; not used where nothing depends on time.
        weight_noise: standard deviation of further noise, independent of the chip, over the largest |weight|, from 0.

    Yields:
        What was drawn so far, for a training that has to go on where it was.

    Raises:
        ValueError: no time, or one before the first of the drift or of the read noise.
    """
    if not times:
        raise ValueError("times: got none; allowed: one or more, s after the write")
    layers = cell_layers(network)
    if not layers:
        yield DrawnNoise(generator, None)
        return
    levels = layers[0].levels
    drift = hardware.noise.drift if "drift" in effects else None
    reads = "read" in effects and hardware.noise.read is not None
    at = times if drift is not None or reads else times[:1]
    factors = [1.0] * len(at) if drift is None else _factors(layers, hardware, at, drift, effects)
    moments, spreads = [], []
    for t, factor in zip(at, factors, strict=True):
        mean, spread = weight_moments(hardware, levels=levels, effects=effects, t=t)
        moments.append((mean * factor, torch.hypot(spread * factor, torch.full_like(spread, weight_noise))))
        if reads:
            spreads.append(read_spread(hardware, levels=levels, effects=effects, t=t) * factor)
    exact, device = layers[0].staircase.exact.cpu(), layers[0].theta.device
    clock = Times(len(at), generator)
    noise = None
    with ExitStack() as within:
        within.enter_context(clock.passing(network))
        if any(float(spread.max()) > 0 or not torch.equal(mean, exact) for mean, spread in moments):
            largest = max(layer.theta.numel() for layer in layers)
            noise = WeightNoise(moments, clock, largest=largest, generator=generator, device=device)
            within.enter_context(entered(layer.seeing(noise=noise) for layer in layers))
        if any(float(spread.max()) > 0 for spread in spreads):
            error = ReadNoise(spreads, clock, generator=generator, device=device)
            within.enter_context(entered(layer.seeing(reads=error) for layer in layers))
        yield DrawnNoise(generator, noise)


def _factors(
    layers: Sequence[CellLayer], hardware: Hardware, times: Sequence[float], drift: Drift, effects: Collection[Effect]
) -> list[float]:
    """Expected factor of the chip's compensation of drift, at every time."""
    levels = layers[0].levels
    written = weight_moments(hardware, levels=levels, effects=effects, t=drift.t0)
    counts = [torch.bincount(layer.value_index().flatten(), minlength=len(written[0])) for layer in layers]
    use = torch.stack(counts).sum(0).double().cpu()
    aged = (weight_moments(hardware, levels=levels, effects=effects, t=t) for t in times)
    return [expected_factor(written, each, use, drift.compensation) for each in aged]

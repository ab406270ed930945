"""Reports as a job makes them, in what pictures show of them."""

from hwcore.report import (
    Agreement,
    AtTime,
    ChipsRung,
    Costs,
    Images,
    NetworkRung,
    Report,
    Rounding,
    Rung,
    Spread,
    Target,
)
from hwcore.spec import Stage
from hwcore.training import EpochRecord

TIMES = (20.0, 3600.0, 86400.0, 31536000.0)


def stage_of(text: str) -> Stage:
    """The stage of this text."""
    name, _, seconds = text.partition("@")
    return Stage(name, float(seconds) if seconds else None)


def rung(stage: str, accuracy: float, count: int = 10000) -> NetworkRung:
    """One network on 10,000 images."""
    return NetworkRung(stage_of(stage), accuracy, count, (max(accuracy - 0.003, 0.0), min(accuracy + 0.003, 1.0)))


def chips(stage: str, accuracy: float, std: float | None, number: int = 25) -> ChipsRung:
    """Some drawn chips."""
    p05 = accuracy - 2 * (std or 0.0)
    accuracies = (accuracy,) * number
    return ChipsRung(stage_of(stage), accuracy, std, 10000, number, p05, 0.9, 1.0, (0.8, 1.0), accuracies)


def over_time(compensation: str = "per_tile") -> tuple[AtTime, ...]:
    """Drift that costs a point from time to time, and a tenth of that where it is compensated."""
    return tuple(
        AtTime(
            seconds,
            stage,
            each,
            Spread(0.98 - (0.02 if stage == "all" else 0.0) - loss * position, 0.001, 0.9),
            25,
        )
        for stage in ("drift", "all")
        for each, loss in dict.fromkeys([(compensation, 0.001), ("none", 0.01)])
        for position, seconds in enumerate(TIMES)
    )


def ladder(rounded: float = 0.94) -> tuple[Rung, ...]:
    """A network, chips with one effect each, and chips with all."""
    return (
        rung("float", 0.986),
        rung("rounded", rounded),
        rung("hardware_aware", 0.985),
        chips("programming", 0.983, 0.0006),
        rung("wires", 0.975),
        chips("drift@3600", 0.9812, 0.001),
        chips("all@31536000", 0.959, 0.008),
    )


def report(rounded: float = 0.94, sharpens: bool = True, epochs: int = 3, reference: str = "hardware_aware") -> Report:
    """A whole report, but for its layers."""
    rungs, numbers = ladder(rounded), range(1, epochs + 1)
    return Report(
        name="drawn",
        labels={},
        images=Images("digits", "every fifth image is a test image", 1294, 144, 10000),
        warnings=(),
        method="smooth",
        seed=0,
        ladder=rungs,
        target=Target(0.9, {"type": "given"}),
        rounding=Rounding(rounded, rounded),
        agreement=Agreement(1e-15, True),
        over_time=over_time(),
        costs=Costs.of(rungs[3:], reference, 0.985),
        converters=None,
        layers=(),
        curves={
            "float": tuple(EpochRecord(epoch, 1.0, 0.95, None) for epoch in numbers),
            "hardware_aware": tuple(EpochRecord(each, 1.0, 0.97, 1.0 + each if sharpens else None) for each in numbers),
        },
    )

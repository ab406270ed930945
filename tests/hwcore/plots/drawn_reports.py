"""Reports as a job makes them, in what pictures show of them."""

from typing import Any

TIMES = (20.0, 3600.0, 86400.0, 31536000.0)


def rung(stage: str, accuracy: float) -> dict[str, Any]:
    """One network on 10,000 images."""
    ends = [max(accuracy - 0.003, 0.0), min(accuracy + 0.003, 1.0)]
    return {"stage": stage, "accuracy": accuracy, "std": None, "count": 10000, "chips": None, "ci95": ends}


def chips(stage: str, accuracy: float, std: float | None, number: int = 25) -> dict[str, Any]:
    """Some drawn chips."""
    return {
        "stage": stage,
        "accuracy": accuracy,
        "std": std,
        "count": 10000,
        "chips": number,
        "p05": accuracy - 2 * (std or 0.0),
        "ci95": None,
    }


def over_time(compensation: str = "per_tile") -> list[dict[str, Any]]:
    """Drift that costs a point from time to time, and a tenth of that where it is compensated."""
    return [
        {
            "seconds": seconds,
            "stage": stage,
            "compensation": each,
            "accuracy": 0.98 - (0.02 if stage == "all" else 0.0) - loss * position,
            "std": 0.001,
            "p05": 0.9,
            "chips": 25,
        }
        for stage in ("drift", "all")
        for each, loss in dict.fromkeys([(compensation, 0.001), ("none", 0.01)])
        for position, seconds in enumerate(TIMES)
    ]


def report(rounded: float = 0.94, sharpens: bool = True, epochs: int = 3) -> dict[str, Any]:
    """A whole report."""
    ladder = [rung("float", 0.986), rung("rounded", rounded), rung("hardware_aware", 0.985)]
    ladder += [chips("programming", 0.983, 0.0006), rung("wires", 0.975), chips("drift@3600", 0.9812, 0.001)]
    ladder += [chips("all@31536000", 0.959, 0.008)]
    record = {"loss": 1.0, "validation": 0.97, "sharpness": None}
    sharp = [{**record, "epoch": epoch + 1, "sharpness": 2.0 + epoch if sharpens else None} for epoch in range(epochs)]
    floats = [{**record, "epoch": epoch + 1, "validation": 0.95} for epoch in range(epochs)]
    return {"ladder": ladder, "over_time": over_time(), "curves": {"float": floats, "hardware_aware": sharp}}

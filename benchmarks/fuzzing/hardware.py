"""Random chips: cells, encodings, periphery, lines and noise, over the whole of `mho.hardware/1`."""

from __future__ import annotations

from random import Random

from benchmarks.fuzzing.cells import random_cell
from benchmarks.fuzzing.draws import Node, chance, magnitude, ratio, without_none
from hwcore.spec import DRIFT_MODELS, PROGRAMMING_MODELS, READ_MODELS, devices, presets


def random_hardware(random: Random) -> Node | str:
    """A description that leaves out what it likes to, or sometimes the name of a preset."""
    if chance(random, 0.05):
        return random.choice([preset.name for preset in presets()])
    noise = _noise(random) if chance(random, 0.6) else None
    cell = random_cell(random)
    if noise is not None and chance(random, 0.25):
        cell = _published(random, noise)
    parts = {
        "cell": cell,
        "weights": _weights(random) if chance(random, 0.8) else None,
        "activation": _activation(random) if chance(random, 0.8) else None,
        "input": _input(random) if chance(random, 0.7) else None,
        "array": _array(random),
        "adc": _adc(random) if chance(random, 0.5) else None,
        "noise": noise,
        "calibration": random.choice(("none", "per_column")) if chance(random, 0.5) else None,
    }
    return without_none({**parts, "drive": _drive(random, parts) if chance(random, 0.4) else None})


def _weights(random: Random) -> Node:
    return {
        "encoding": random.choice(("sign_select", "full_pair")),
        "scale": random.choice(("per_layer", "per_column")),
        "bias": random.choice(("array_row", "digital")),
    }


def _activation(random: Random) -> Node:
    ranges = ("learned", "calibrated", 1.0, 0.01, magnitude(random, 1e-6, 1e6))
    return without_none(
        {
            "function": random.choice(("relu", "sigmoid", "tanh")),
            "bits": random.choice((None, 1, 2, 3, 4, 8)),
            "range": random.choice(ranges) if chance(random, 0.7) else None,
        }
    )


def _input(random: Random) -> Node:
    bits = random.choice((None, 1, 2, 4, 8))
    return without_none({"bits": bits, "bit_serial": None if bits is None else random.choice((None, True, False))})


def _drive(random: Random, parts: Node) -> Node:
    """A coding that fits the bits of inputs and activations, and any signs."""
    front, activation = parts["input"] or {}, parts["activation"] or {}
    codings: list[str | None] = [None] if front.get("bit_serial") else [None, "amplitude", "pulse_width"]
    if "bits" in front and "bits" in activation and front.get("bit_serial") is not False:
        codings.append("bit_serial")
    signed = random.choice((None, "two_phase", "pair", "sign_magnitude"))
    subtract = random.choice((None, "analog", "digital")) if signed == "two_phase" else None
    return without_none({"coding": random.choice(codings), "signed": signed, "subtract": subtract})


def _array(random: Random) -> Node:
    rows, cols = (random.choice((4, 5, 8, 11, 16, 32, 64)) for _ in range(2))
    array: Node = {"rows": rows, "cols": cols}
    if not chance(random, 0.4):
        return array
    ohm = random.choice((0.0, 1e-3, 1.0, 1.0, 100.0, 1e6))
    if chance(random, 0.8):
        array["wire_resistance"] = {"word": ohm, "bit": random.choice((0.0, ohm, 2 * ohm if ohm < 1e6 else 1e6))}
    for name in ("driver_resistance", "sense_resistance"):
        if chance(random, 0.4):
            array[name] = random.choice((0.0, 50.0, 1e6, magnitude(random, 1e-3, 1e6)))
    if chance(random, 0.5):
        array["pair_layout"] = random.choice(("separate", "interleaved"))
    if chance(random, 0.5):
        array["read_voltage"] = random.choice((0.2, 100.0, 1e-3, magnitude(random, 1e-9, 100.0)))
    return array


def _adc(random: Random) -> Node:
    ranges: list[Node | None] = [
        None,
        {"type": "full"},
        {"type": "calibrated"},
        {"type": "calibrated", "percentile": random.choice((50.0, 99.0, 100.0))},
        {"type": "given", "full_scale": magnitude(random, 1e-15, 1e6)},
    ]
    return without_none({"bits": random.choice((None, 2, 3, 5, 8, 12, 16)), "range": random.choice(ranges)})


def _noise(random: Random) -> Node:
    sigma = random.choice(({"type": "additive"}, {"type": "proportional"}))
    found = {
        "programming": {**sigma, "sigma_ratio": ratio(random, 0.2)} if chance(random, 0.5) else None,
        "stuck_at": _stuck_at(random) if chance(random, 0.4) else None,
        "drift": _drift(random) if chance(random, 0.4) else None,
        "read": {**sigma, "sigma_ratio": ratio(random, 0.1)} if chance(random, 0.4) else None,
    }
    return without_none(found)


def _stuck_at(random: Random) -> Node:
    on = ratio(random, 0.1)
    return {"stuck_on": on, "stuck_off": min(1.0 - on, ratio(random, 0.1))}


def _drift(random: Random) -> Node:
    return without_none(
        {
            "type": "power_law",
            "exponent": ratio(random, 0.1),
            "exponent_sigma": ratio(random, 0.05) if chance(random, 0.6) else None,
            "t0": random.choice((1e-9, 1.0, 60.0, 1e9)) if chance(random, 0.4) else None,
            "compensation": random.choice(("none", "per_tile", "per_column")) if chance(random, 0.7) else None,
        }
    )


def _published(random: Random, noise: Node) -> Node:
    """A published device in the place of generic noise, and a cell that it was fitted on."""
    name = random.choice((*devices(), "log_normal"))
    if name == "log_normal":
        low, high = 1e-6, 1e-4
        noise["programming"] = {
            "type": name,
            "log_sigma_on": random.uniform(0, 0.5),
            "log_sigma_off": random.choice((2.0, random.uniform(0, 1))),
            "g_on": high,
            "g_off": low,
        }
    else:
        low, high = _described(random, name, noise)
    cell: Node = {"levels": random.choice((2, 4, 9, 16)), "g_max": 0.999 * high}
    if low > 0:
        cell["on_off_ratio"] = high / low * 0.99
    elif chance(random, 0.6):
        cell["on_off_ratio"] = magnitude(random, 2.0, 1e12)
    return cell


def _described(random: Random, name: str, noise: Node) -> tuple[float, float]:
    """Describe some of the effects of a device; its smallest and largest conductance, S."""
    ends = (0.0, 1e-5)
    for effect, models in (("programming", PROGRAMMING_MODELS), ("drift", DRIFT_MODELS), ("read", READ_MODELS)):
        for model in models:
            if model.model_fields["type"].default == name and (effect == "programming" or chance(random, 0.6)):
                choice = model.effect.choice
                chosen = {} if choice is None else {choice.field: random.choice(tuple(choice.fits))}
                noise[effect] = {"type": name, **chosen}
                ends = model.model_validate(chosen).g_range
    return ends

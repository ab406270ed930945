"""Random descriptions up to the bounds of every field, for what has to hold of all that is accepted."""

from typing import Any

from hypothesis import strategies as st

Description = dict[str, Any]
SMALL_RATIO, LARGE_RATIO = 1 + 1e-9, 1.7976931348623157e308


def _numbers(low: float, high: float, *ends: float) -> st.SearchStrategy[float]:
    """Numbers of every size within bounds above 0, the bounds themselves often."""
    logarithms = st.floats(0.0, 1.0).map(lambda share: min(max(low * (high / low) ** share, low), high))
    return logarithms | st.sampled_from((low, high, *ends))


conductances = _numbers(1e-15, 1.0, 0.4, 0.8)
ratios = st.none() | _numbers(SMALL_RATIO, 1e300) | st.sampled_from((1e12, 1e304, LARGE_RATIO))
resistances = st.just(0.0) | _numbers(1e-9, 1e6)
shares = st.floats(0.0, 1.0)


def _maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Description]:
    """Objects with some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def _tables(draw: st.DrawFn, levels: int) -> Description:
    """Measured conductances: the lowest may be none, or as small as a number can be."""
    largest = draw(conductances)
    inner = draw(st.lists(st.integers(1, 10**6), min_size=levels - 2, max_size=levels - 2, unique=True))
    lowest = draw(st.sampled_from((0.0, 5e-324, 1e-310, 1e-30, largest * 1e-7)))
    return {
        "type": "table",
        "conductances": [lowest, *(largest * each / (10**6 + 1) for each in sorted(inner)), largest],
    }


@st.composite
def _spacings(draw: st.DrawFn, levels: int) -> Description:
    kinds = ["linear", "exponential", "table"] + ["binary_weighted"] * (levels.bit_count() == 1)
    match draw(st.sampled_from(kinds)):
        case "exponential":
            return {"type": "exponential", "curvature": draw(st.floats(-10, 10))}
        case "table":
            return draw(_tables(levels))
        case "binary_weighted":
            bits = levels.bit_length() - 1
            given_bits = draw(st.none() | st.lists(conductances, min_size=bits, max_size=bits))
            return {"type": "binary_weighted", "bit_conductances": given_bits}
        case kind:
            return {"type": kind}


@st.composite
def _cells(draw: st.DrawFn) -> Description:
    levels = draw(st.sampled_from((2, 3, 4, 8, 16)))
    spacing, other = draw(_spacings(levels)), draw(st.just("same") | _spacings(levels))
    negative: Description = {"gain": draw(_numbers(1e-6, 100.0)), "spacing": other}
    if (spacing if other == "same" else other)["type"] != "table":
        negative["on_off_ratio"] = draw(st.just("same") | ratios)
    cell: Description = {"spacing": spacing, "negative": negative}
    if spacing["type"] != "table":
        cell |= {"levels": levels, "on_off_ratio": draw(ratios)}
    if spacing["type"] != "table" and not spacing.get("bit_conductances"):
        cell["g_max"] = draw(conductances)
    return cell


@st.composite
def _log_normals(draw: st.DrawFn) -> Description:
    g_off, g_on = sorted(draw(st.tuples(conductances, conductances)))
    return {"type": "log_normal", "log_sigma_on": 0.1, "log_sigma_off": 2.0, "g_on": g_on, "g_off": g_off}


simple_noise = st.builds(
    lambda kind, sigma: {"type": kind, "sigma_ratio": sigma}, st.sampled_from(("additive", "proportional")), shares
)
drifts = st.builds(
    lambda nu, sigma, t0, made_up: {
        "type": "power_law",
        "exponent": nu,
        "exponent_sigma": sigma,
        "t0": t0,
        "compensation": made_up,
    },
    shares,
    shares,
    _numbers(1e-9, 1e9),
    st.sampled_from(("none", "per_tile", "per_column")),
)
stuck = st.builds(lambda on, off: {"stuck_on": on * (1 - off), "stuck_off": off}, shares, shares)
published = st.sampled_from(("pcm_joshi_2020", "sonos_agrawal_2022")).map(lambda name: {"type": name})
adcs = _maybe(
    bits=st.none() | st.integers(2, 16),
    range=st.just({"type": "full"})
    | st.builds(lambda share: {"type": "calibrated", "percentile": share}, st.none() | st.floats(50, 100))
    | st.builds(lambda end: {"type": "given", "full_scale": end}, _numbers(1e-15, 1e6)),
)

widths = st.fixed_dictionaries(
    {
        "accumulator_bits": st.integers(4, 32),
        "scale_bits": st.integers(2, 24),
        "offset_bits": st.integers(2, 32),
    },
    optional={"rounding": st.sampled_from(("half_away", "half_even", "down")), "saturate": st.booleans()},
)

any_chips: st.SearchStrategy[Description] = st.fixed_dictionaries(
    {"cell": _cells()},
    optional={
        "weights": _maybe(
            encoding=st.sampled_from(("sign_select", "full_pair")),
            scale=st.sampled_from(("per_layer", "per_column")),
            bias=st.sampled_from(("array_row", "digital")),
        ),
        "activation": _maybe(
            function=st.sampled_from(("relu", "sigmoid", "tanh")),
            bits=st.none() | st.integers(1, 8),
            range=st.sampled_from(("learned", "calibrated")) | _numbers(1e-30, 1e6),
        ),
        "input": _maybe(bits=st.integers(1, 8), bit_serial=st.none() | st.just(False)),
        "drive": _maybe(
            coding=st.sampled_from((None, "amplitude", "pulse_width", "bit_serial")),
            signed=st.sampled_from((None, "two_phase", "pair", "sign_magnitude")),
            subtract=st.sampled_from((None, "analog", "digital")),
        ),
        "array": _maybe(
            rows=st.integers(1, 16384),
            cols=st.integers(1, 16384),
            wire_resistance=_maybe(word=resistances, bit=resistances),
            driver_resistance=resistances,
            sense_resistance=resistances,
            pair_layout=st.sampled_from(("separate", "interleaved")),
            read_voltage=_numbers(5e-324, 100.0),
        ),
        "adc": adcs,
        "noise": _maybe(
            programming=st.none() | simple_noise | _log_normals() | published,
            read=st.none() | simple_noise | published,
            drift=st.none() | drifts,
            stuck_at=stuck,
        ),
        "digital": st.none() | widths,
        "calibration": st.sampled_from(("none", "per_column")),
    },
)
"""Every field of a description, most of them left out now and then; some descriptions are refused."""

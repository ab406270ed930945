"""Random chips for property tests, and the small ones that tests name."""

from typing import Any

from hypothesis import strategies as st

from hwcore.spec import Hardware, parse_hardware

Description = dict[str, Any]


def chip(cell: Description, **parts: Description) -> Hardware:
    """A hardware description of this cell, checked as a user's would be."""
    return parse_hardware({"cell": cell, **parts})


conductances = st.floats(1e-9, 1e-3)
ratios = st.none() | st.floats(1.01, 1e6)


@st.composite
def measured_tables(draw: st.DrawFn, levels: int) -> Description:
    """A table that increases by at least a thousandth of its largest entry at each level."""
    steps = draw(st.lists(st.floats(1.0, 50.0), min_size=levels - 1, max_size=levels - 1))
    entries = [draw(st.sampled_from([0.0, 0.5, 20.0]))]
    for step in steps:
        entries.append(entries[-1] + step)
    scale = draw(conductances) / entries[-1]
    return {"type": "table", "conductances": [entry * scale for entry in entries]}


@st.composite
def spacings(draw: st.DrawFn, levels: int) -> Description:
    """Any spacing that fits the number of levels."""
    kinds = ["linear", "exponential", "table"] + ["binary_weighted"] * (levels.bit_count() == 1)
    match draw(st.sampled_from(kinds)):
        case "exponential":
            return {"type": "exponential", "curvature": draw(st.floats(-10, 10))}
        case "table":
            return draw(measured_tables(levels))
        case "binary_weighted":
            bits = levels.bit_length() - 1
            off = draw(st.none() | st.lists(st.floats(0.7, 1.3), min_size=bits, max_size=bits))
            given_bits = None if off is None else [factor * 1e-6 * 2**b for b, factor in enumerate(off)]
            return {"type": "binary_weighted", "bit_conductances": given_bits}
        case kind:
            return {"type": kind}


@st.composite
def cells(draw: st.DrawFn, most_levels: int = 16) -> Description:
    """Any cell: positive and negative components of every spacing, ratio and gain."""
    levels = draw(st.integers(2, most_levels))
    spacing = draw(spacings(levels))
    negative: Description = {"gain": draw(st.floats(0.1, 10.0)), "spacing": draw(st.just("same") | spacings(levels))}
    negative_spacing = spacing if negative["spacing"] == "same" else negative["spacing"]
    if negative_spacing["type"] != "table":
        negative["on_off_ratio"] = draw(st.just("same") | ratios)
    cell: Description = {"spacing": spacing, "negative": negative}
    if spacing["type"] != "table":
        cell |= {"levels": levels, "on_off_ratio": draw(ratios)}
    if spacing["type"] != "table" and not spacing.get("bit_conductances"):
        cell["g_max"] = draw(conductances)
    return cell


def descriptions(most_levels: int = 16) -> st.SearchStrategy[Description]:
    """Any chip of such cells, in both encodings, as a description that is not parsed yet.

    The tests parse it themselves: the run-time type checks draw random numbers, which a strategy must not.
    """
    weights = st.sampled_from([{"encoding": "sign_select"}, {"encoding": "full_pair"}])
    return st.fixed_dictionaries({"cell": cells(most_levels), "weights": weights})

"""Warnings of settings that work and are probably not meant, for every command, answer and report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hwcore.spec.derive.representable import Representable, representable
from hwcore.spec.derive.tiles import footprint
from hwcore.spec.graph.graph import Graph
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.hardware.implausible import implausible
from hwcore.units import SIEMENS, with_prefix

DATASET: Final = "/dataset"
"""Field of the warnings of what is in the data."""
_ONE_SIGN: Final = "No {} weight is representable: the network can hardly be trained for this cell."
FAR_FROM_ZERO: Final = 0.05
"""Share of the largest weight: closer than this, the weight nearest to zero does what zero would do."""
LITTLE: Final = 0.01
"""Share of the cells of its tiles of which a layer with groups uses less without saying so."""
_NAMED: Final = 10
"""Classes that are named where more are meant."""


@dataclass(frozen=True)
class JobWarning:
    """One of them.

    Attributes:
        field: JSON pointer into the resolved job.
        message: what came, and why it is probably not meant; one sentence.
    """

    field: str
    message: str


def hardware_warnings(hardware: Hardware, values: Representable | None = None) -> tuple[JobWarning, ...]:
    """Find the warnings of a chip alone; fields begin with /hardware.

    Args:
        hardware: the description.
        values: its representable weights, where they are at hand.
    """
    resolved = hardware.resolved()
    found = representable(resolved) if values is None else values
    return (*_unrepresentable(found), *implausible_warnings({"hardware": resolved.model_dump(mode="json")}))


def data_warnings(messages: Iterable[str]) -> tuple[JobWarning, ...]:
    """Turn the messages about a dataset (see `dataset_warnings`) into warnings of the job that names it."""
    return tuple(JobWarning(DATASET, message) for message in messages)


def dataset_warnings(
    training: Sequence[int], test: Sequence[int], *, largest: int, full_scale_byte: int, full_scale: float | None = None
) -> tuple[str, ...]:
    """Find the warnings of a dataset.

    Args:
        training: images to train on of each class, by label.
        test: images to test on of each class.
        largest: largest value of all images, as a byte.
        full_scale_byte: the byte of a fully inked pixel.
        full_scale: what that is in the file, where it is not the byte.
    """
    found = []
    for counts, use in ((training, "train on"), (test, "test on")):
        missing = [label for label, count in enumerate(counts) if count == 0]
        if missing:
            named = ", ".join(map(str, missing[:_NAMED])) + (", ..." if len(missing) > _NAMED else "")
            found.append(f"{len(missing)} of {len(counts)} classes have no image to {use}: {named}")
        if len(counts) - len(missing) == 1:
            only = next(label for label, count in enumerate(counts) if count)
            found.append(f"every image to {use} is of class {only}: an accuracy says nothing about the network")
    if 2 * largest < full_scale_byte:
        full = full_scale_byte if full_scale is None else full_scale
        value = largest * full / full_scale_byte
        found.append(f"the largest value is {value:g} of a full scale of {full:g}: is full_scale right?")
    return tuple(found)


def footprint_warnings(hardware: Hardware, graph: Graph) -> Iterator[JobWarning]:
    """Find the layers whose groups leave nearly all of their tiles empty.

    Args:
        hardware: gives the size of an array, and whether the bias takes a row.
        graph: of the network.
    """
    wasteful = [
        each
        for layer, each in zip(graph.layers, footprint(hardware, graph).layers, strict=True)
        if layer.window.groups > 1 and each.utilisation < LITTLE
    ]
    if wasteful:
        tiles, used = sum(each.tiles for each in wasteful), max(each.utilisation for each in wasteful)
        names = ", ".join(each.name for each in wasteful)
        message = f"the groups of channels of {names} take {tiles:,} tiles, of which at most {100 * used:.2g} % of the"
        more = "" if hardware.array.pack_groups else "; array.pack_groups puts several of them on one tile"
        yield JobWarning("/model", f"{message} cells are in use{more}.")


def warning_line(field: str, message: str) -> str:
    """A warning as a command prints it, on standard error."""
    return f"mho: warning: {field}: {message}"


def _unrepresentable(values: Representable) -> Iterator[JobWarning]:
    edge = values.g_reference * 1e-12
    if values.value[0] > -edge:
        yield JobWarning("/hardware/cell", _ONE_SIGN.format("negative"))
    if values.value[-1] < edge:
        yield JobWarning("/hardware/cell", _ONE_SIGN.format("positive"))
    nearest = float(values.value[abs(values.value).argmin()])
    if abs(nearest) > FAR_FROM_ZERO * values.g_reference:
        message = f"Zero is not representable; the nearest weight is {with_prefix(nearest, SIEMENS)}"
        yield JobWarning(
            "/hardware/cell", f"{message}, {100 * abs(nearest) / values.g_reference:.0f} % of the largest."
        )


def implausible_warnings(document: Mapping[str, Any]) -> Iterator[JobWarning]:
    """Warnings of figures in a part of a resolved document, which stands at its place in there."""
    return (JobWarning(field, message) for field, message in implausible(document))

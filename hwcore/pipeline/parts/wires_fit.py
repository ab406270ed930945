"""The memory that wires take: a job that cannot have it is refused before its training."""

from __future__ import annotations

from hwcore.spec import Examination, looks, plan_grids, present_effects
from hwcore.wires import Wires, require_layer_memory, require_layers_memory


def require_memory_for_wires(
    examination: Examination, threads: int, *, training: bool = False, memory: int | None = None
) -> None:
    """Do nothing where the transfer matrices of every layer can be made, as many at once as there are threads.

    They are made where chips are looked at through wires, or a network is trained for them: once for all chips, a layer
    a thread, and then for drawn chips, a chip a thread, whichever effects these have. A gradient is taken where read
    noise is looked at through wires, once for all chips; training takes none.

    Args:
        examination: of the chips.
        threads: layers, and then chips, that are computed at the same time.
        training: whether a network is trained through the wires as well.
        memory: bytes that may be taken; None: what the machine has left.

    Raises:
        ArrayTooLarge: they do not fit, with the figure.
    """
    hardware = examination.hardware
    seen = [look.condition for look in looks(examination) if "wires" in look.condition.effects]
    if "wires" not in present_effects(hardware) or not (seen or training):
        return
    array, wires = hardware.array, Wires.described(hardware.array)
    layout = array.pair_layout or "separate"
    written = {condition.effects for condition in seen if condition.drawn}
    chips = max(1, min(threads, len(written) * examination.chips))
    grids = plan_grids(hardware, examination.graph)
    for grid in grids:
        require_layer_memory(grid, wires, layout, memory=memory, copies=chips)
    # As many chips at once take at least as much as as many layers.
    if seen and chips < min(threads, len(grids)):
        require_layers_memory(grids, wires, layout, at_once=threads, memory=memory)
    if any("read" in condition.effects for condition in seen):
        require_layers_memory(grids, wires, layout, at_once=threads, differentiable=True, memory=memory)

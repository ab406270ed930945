"""Whether the wires of a job fit into memory: told before the training, not after it."""

from __future__ import annotations

from hwcore.spec import CompileJob, footprint, looks, present_effects, tile_grid
from hwcore.wires import Wires, require_layer_memory, require_layers_memory


def require_memory_for_wires(job: CompileJob, threads: int, *, memory: int | None = None) -> None:
    """Do nothing where the transfer matrices of every layer can be made, as many at once as there are threads.

    They are made where the job looks at its chips through wires, or trains for them: once for all chips, a layer a
    thread, and then for drawn chips, a chip a thread, whichever effects these have. A gradient is taken where the job
    looks at read noise through wires (`wire_sensitivity`), once for all chips; training takes none.

    Args:
        job: resolved.
        threads: layers, and then chips, that are computed at the same time.
        memory: bytes that may be taken; None: what the machine has left.

    Raises:
        ArrayTooLarge: they do not fit, with the figure.
    """
    hardware = job.described_hardware
    seen = [look.condition for look in looks(job) if "wires" in look.condition.effects]
    trained_for = "wires" in (job.training.aware_of or ())
    if "wires" not in present_effects(hardware) or not (seen or trained_for):
        return
    array, wires = hardware.array, Wires.described(hardware.array)
    layout = array.pair_layout or "separate"
    written = {condition.effects for condition in seen if condition.drawn}
    chips = max(1, min(threads, len(written) * job.evaluation.chips))
    grids = [tile_grid(layer.rows, layer.cols, array) for layer in footprint(hardware, job.plan).layers]
    for grid in grids:
        require_layer_memory(grid, wires, layout, memory=memory, copies=chips)
    # As many chips at once take at least as much as as many layers.
    if seen and chips < min(threads, len(grids)):
        require_layers_memory(grids, wires, layout, at_once=threads, memory=memory)
    if any("read" in condition.effects for condition in seen):
        require_layers_memory(grids, wires, layout, at_once=threads, differentiable=True, memory=memory)

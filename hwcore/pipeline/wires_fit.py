"""Whether the wires of a job fit into memory: told before the training, not after it."""

from __future__ import annotations

from hwcore.pipeline.looks import looks
from hwcore.spec import CompileJob, footprint, present_effects, tile_grid
from hwcore.wires import Wires, require_layer_memory


def require_memory_for_wires(job: CompileJob, threads: int, *, memory: int | None = None) -> None:
    """Do nothing where the transfer matrices of every layer can be made, of as many chips at once as there are threads.

    They are made where the job looks at its chips through wires, or trains for them. A gradient is taken where it looks
    at read noise through wires (`seen_through_wires`), once for all chips; training takes none.

    Args:
        job: resolved.
        threads: chips that are computed at the same time.
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
    at_once = min(threads, job.evaluation.chips) if any(condition.drawn for condition in seen) else 1
    noisy = any("read" in condition.effects for condition in seen)
    for layer in footprint(hardware, job.plan).layers:
        grid = tile_grid(layer.rows, layer.cols, array)
        require_layer_memory(grid, wires, layout, memory=memory, copies=at_once)
        if noisy:
            require_layer_memory(grid, wires, layout, memory=memory, differentiable=True)

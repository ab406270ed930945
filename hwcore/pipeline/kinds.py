"""The kinds of jobs, and the one call that runs any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from hwcore.environment import Environment
from hwcore.export import write_manifest
from hwcore.pipeline.compile import compile_network
from hwcore.pipeline.parts.checkpoint import Checkpoints, Keeper, find_checkpoint
from hwcore.pipeline.parts.freed_memory import keep_freed_memory
from hwcore.pipeline.parts.machine import choose_device, machine, threads_of, versions
from hwcore.pipeline.parts.offer import Offer
from hwcore.pipeline.parts.output import filling, whole_output
from hwcore.pipeline.parts.pace import Pace
from hwcore.pipeline.parts.run import Finished, Run, WarnCallback
from hwcore.progress import ProgressCallback
from hwcore.spec import JobDocument

KINDS: Final[Mapping[str, Callable[[Any, Run], Finished]]] = MappingProxyType({"compile": compile_network})
"""The work of each kind, by the word of its documents (`hwcore.spec.JOB_KINDS`). Each takes a resolved job of its own
type and its run, fills the folder of the run but for the manifest, and may raise what `run` raises."""


def run(
    job: JobDocument,
    out: Path,
    *,
    device: str = "auto",
    data_dir: Path | None = None,
    dataset_file: Path | None = None,
    threads: int | None = None,
    force: bool = False,
    progress: ProgressCallback | None = None,
    warn: WarnCallback | None = None,
    checkpoints: Checkpoints | None = None,
    offer: Offer | None = None,
) -> dict[str, Any]:
    """Run a job of any kind from description to files. A compile job trains, maps, simulates, reports and exports.

    Args:
        job: from `hwcore.spec.parse_job`; presets and defaults are resolved here.
        out: folder to be made, with the files of the kind (of a compile job: `hwcore.export.FILES`) and manifest.json.
            It appears in whole at the end, or not at all.
        device, data_dir, dataset_file, threads: as of `Environment`.
        force: replace an earlier output at `out`.
        progress: called after every step; may raise `Cancelled`.
        warn: called with everything that is probably not meant, before the training begins.
        checkpoints: where the training's go, and the one that it goes on from: then it takes that one's threads, and
            ends with the same bytes as an undisturbed run. One that does not fit is left aside. The same for the chips
            of the evaluation: those that were judged before are not judged again.
        offer: where chips are offered to other processes while they are looked at here; the bytes are the same.

    Returns:
        The report, as in report.json.

    Raises:
        InvalidInput, DatasetUnavailable, DatasetInvalid, OutputExists, OutputNotWritable, ArrayTooLarge,
        TrainingFailed: each says what came, what is allowed and what to do. Nothing is left behind.
    """
    environment = Environment(device, data_dir, dataset_file, threads)
    return run_in(
        environment, job, out, force=force, progress=progress, warn=warn, checkpoints=checkpoints, offer=offer
    )


def run_in(
    environment: Environment,
    job: JobDocument,
    out: Path,
    *,
    force: bool = False,
    progress: ProgressCallback | None = None,
    warn: WarnCallback | None = None,
    checkpoints: Checkpoints | None = None,
    offer: Offer | None = None,
) -> dict[str, Any]:
    """Run a job in an environment; all else as for `run`."""
    job = job.resolved()
    pace = Pace.of(job.work(), progress)
    device = choose_device(environment.device)
    found = find_checkpoint(job, device, checkpoints)
    asked = environment.threads if found is None else found.threads
    keep_freed_memory()
    with whole_output(out, force) as folder, threads_of(asked) as threads:
        started = datetime.now(UTC)
        keeper = Keeper(job, device, threads, checkpoints, found)
        finished = KINDS[job.kind](job, Run(job, out, folder, environment, device, threads, pace, keeper, offer, warn))
        with filling(out):
            write_manifest(
                folder,
                job,
                versions=versions(),
                run={
                    "started": started.isoformat(timespec="seconds"),
                    "machine": machine(device, threads),
                    "dataset_origin": finished.dataset_origin,
                    "seconds": pace.seconds,
                    "peak_resident_bytes": pace.peak_bytes,
                    "resumed_after": None if found is None else {"stage": found.stage, "epoch": found.epoch},
                    "tasks_from_elsewhere": finished.tasks_from_helpers,
                    "tasks_done_before": finished.tasks_done_before,
                },
            )
        pace.step(pace.total, "export", "done")
    return finished.report

"""One compile job from description to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hwcore.export import Results, write_files, write_manifest
from hwcore.layers import map_network
from hwcore.pipeline.evaluate import Networks, evaluate
from hwcore.pipeline.parts.checkpoint import Checkpoints, Keeper
from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.finite import hardware_rate, require_finite_report
from hwcore.pipeline.parts.machine import choose_device, machine, threads_of, versions
from hwcore.pipeline.parts.networks import rounded, train_float, train_hardware
from hwcore.pipeline.parts.offer import Offer
from hwcore.pipeline.parts.output import filling, whole_output
from hwcore.pipeline.parts.pace import REST, Pace
from hwcore.pipeline.parts.wires_fit import require_memory_for_wires
from hwcore.pipeline.report import build_report
from hwcore.progress import ProgressCallback
from hwcore.spec import CompileJob, JobWarning, data_warnings, job_warnings

WarnCallback = Callable[[Sequence[JobWarning]], None]


def run(
    job: CompileJob,
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
    """Train for the hardware, map, simulate, report and export.

    Args:
        job: from `hwcore.spec.parse_job`; presets and defaults are resolved here.
        out: folder to be made, with the files of `hwcore.export.FILES` and manifest.json. It appears in whole at the
            end, or not at all.
        device: "auto", "cpu", "cuda" or "cuda:N"; training runs there, the arrays are simulated on the CPU.
        data_dir: folder with IDX files in mnist/ and emnist/; None: the cache, else a download.
        dataset_file: the file of a dataset of one's own, which the job describes (see `with_file`).
        threads: for torch; None: OMP_NUM_THREADS, or all cores of this process. Part of what makes the bytes the same.
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
    job = job.resolved()
    pace = Pace.of(job, progress)
    target = choose_device(device)
    keeper = Keeper(job, target, checkpoints)
    found = keeper.find()
    threads = threads if found is None else found.threads
    with whole_output(out, force) as folder, threads_of(threads) as used:
        keeper.threads = used
        started = datetime.now(UTC)
        require_memory_for_wires(job, used)
        with pace.stage("data"):
            data = load_data(job, data_dir, target, dataset_file)
        pace.step(REST, "data", f"{data.dataset.origin}: {data.dataset.split}")
        warnings = (*job_warnings(job), *data_warnings(data.dataset.warnings))
        if warn is not None:
            warn(warnings)
        with pace.stage("float"):
            plain, float_curve = train_float(job, data, target, pace, keeper)
        with pace.stage("hardware_aware"):
            aware, aware_curve = train_hardware(job, plain, data, target, pace, keeper)
        with pace.stage("mapping"):
            mapped = map_network(aware)
        pace.step(
            REST, "mapping", f"{sum(array.grid.count for layer in mapped.layers for array in layer.arrays)} tiles"
        )
        with pace.stage("evaluation"):
            naive = rounded(job, plain, data, target, "full_range")
            careful = rounded(job, plain, data, target, "least_error")
            evaluated = evaluate(job, Networks(plain, naive, careful, aware, mapped), data, pace, offer, keeper)
        with pace.stage("export"), filling(out):
            curves = {"float": float_curve, "hardware_aware": aware_curve}
            report = build_report(job, data, evaluated, aware, mapped, curves, warnings)
            require_finite_report(report, hardware_rate(job))
            results = Results(
                job=job,
                network=mapped,
                report=report,
                test=data.chip.test,
                pixel_full_scale=data.dataset.full_scale,
                logits=evaluated.logits,
                logits_with_wires=evaluated.built.logits_with_wires,
            )
            write_files(folder, results)
        with filling(out):
            write_manifest(
                folder,
                job,
                versions=versions(),
                run={
                    "started": started.isoformat(timespec="seconds"),
                    "machine": machine(target, used),
                    "dataset_origin": data.dataset.origin,
                    "seconds": pace.seconds,
                    "peak_resident_bytes": pace.peak_bytes,
                    "resumed_after": None if found is None else {"stage": found.stage, "epoch": found.epoch},
                    "tasks_from_elsewhere": evaluated.built.elsewhere,
                    "tasks_done_before": evaluated.built.earlier,
                },
            )
        pace.step(pace.total, "export", "done")
    return report.to_json()

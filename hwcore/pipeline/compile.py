"""A compile job: train for the hardware, map, simulate, report and export."""

from __future__ import annotations

from hwcore.export import Results, write_files
from hwcore.layers import map_network
from hwcore.pipeline.evaluate import Networks, evaluate
from hwcore.pipeline.parts.finite import hardware_rate, require_finite_report
from hwcore.pipeline.parts.float_reference import find_reference
from hwcore.pipeline.parts.networks import rounded, train_float, train_hardware
from hwcore.pipeline.parts.pace import REST
from hwcore.pipeline.parts.run import Finished, Run
from hwcore.pipeline.parts.wires_fit import require_memory_for_wires
from hwcore.pipeline.report import build_report
from hwcore.spec import CompileJob


def compile_network(job: CompileJob, run: Run) -> Finished:
    """Leave the files of `hwcore.export.FILES`.

    Args:
        job: resolved.
        run: of the job.

    Raises:
        InvalidInput, DatasetUnavailable, DatasetInvalid, OutputNotWritable, ArrayTooLarge, TrainingFailed: as from
            `hwcore.pipeline.run`.
    """
    course, examination, pace = job.course(), job.examination(), run.pace
    through_wires, memory = "wires" in examination.aware_of, run.environment.memory
    require_memory_for_wires(examination, run.threads, training=through_wires, memory=memory)
    data = run.data(course)
    warnings = run.warnings(data)
    with pace.stage("float"):
        plain, float_curve = train_float(course, data, run.device, pace, run.keeper)
    reference = None
    if job.training.reference is not None:
        with pace.stage("float_reference"):
            reference = find_reference(course, plain, data, run.device, pace, run.keeper)
    with pace.stage("hardware_aware"):
        aware, aware_curve = train_hardware(course, plain, data, run.device, pace, run.keeper)
    with pace.stage("mapping"):
        mapped = map_network(aware)
    tiles = sum(array.grid.count for layer in mapped.layers for array in layer.arrays)
    pace.step(REST, "mapping", f"{tiles} tiles")
    with pace.stage("evaluation"):
        naive = rounded(course, plain, data, run.device, "full_range")
        careful = rounded(course, plain, data, run.device, "least_error")
        networks = Networks(plain, naive, careful, aware, mapped, None if reference is None else reference.network)
        evaluated = evaluate(examination, job.training, networks, data, pace, run.offer, run.keeper)
    with run.export():
        alike = {} if reference is None else {"float_reference": reference.curve}
        curves = {"float": float_curve, **alike, "hardware_aware": aware_curve}
        report = build_report(job, data, evaluated, aware, mapped, curves, warnings, reference)
        require_finite_report(report, hardware_rate(job.training))
        results = Results(
            job=job,
            network=mapped,
            report=report,
            test=data.chip.test,
            pixel_full_scale=data.dataset.full_scale,
            logits=evaluated.logits,
            logits_with_wires=evaluated.built.logits_with_wires,
            signed=data.dataset.signed,
            normalization=data.dataset.normalization,
        )
        write_files(run.folder, results)
    built = evaluated.built
    return Finished(
        report.to_json(),
        data.dataset.origin,
        tasks_from_helpers=built.from_helpers,
        tasks_done_before=built.done_before,
    )

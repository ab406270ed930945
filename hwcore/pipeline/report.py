"""The report of a job, put together from its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwcore.layers import HardwareNetwork
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.evaluate import Evaluated
from hwcore.pipeline.parts.as_built import AsBuilt
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.float_reference import FloatReference
from hwcore.report import Images, LayerSummary, Reference, Report
from hwcore.spec import CompileJob, JobWarning
from hwcore.training import EpochRecord


def build_report(
    job: CompileJob,
    data: JobData,
    evaluated: Evaluated,
    network: HardwareNetwork,
    mapped: MappedNetwork,
    curves: Mapping[str, Sequence[EpochRecord]],
    warnings: Sequence[JobWarning],
    reference: FloatReference | None = None,
) -> Report:
    """Put the report together. It holds nothing that differs between two runs of the same job: see manifest.json."""
    built, plain = evaluated.built, data.plain
    return Report(
        name=job.name,
        labels=job.labels,
        images=Images(
            data.dataset.name, data.dataset.split, len(plain.training), len(plain.validation), len(plain.test)
        ),
        warnings=tuple(warnings),
        method=job.training.method,
        seed=job.training.seed,
        ladder=evaluated.ladder,
        target=built.target,
        rounding=evaluated.rounding,
        agreement=evaluated.agreement,
        over_time=built.over_time,
        costs=built.costs,
        converters=built.converters,
        layers=_layers(job, network, mapped, built),
        curves={stage: tuple(records) for stage, records in curves.items()},
        reference=None if reference is None else _reference(reference),
        metric=job.judged_by,
    )


def _reference(found: FloatReference) -> Reference:
    tried = [(candidate.choice, candidate.validation) for candidate in found.candidates]
    return Reference(found.chosen.choice, tried)


def _layers(
    job: CompileJob, network: HardwareNetwork, mapped: MappedNetwork, built: AsBuilt
) -> tuple[LayerSummary, ...]:
    clipped, alone = built.clipped, built.sensitivity
    return tuple(
        LayerSummary.of(mapped, layer, cells, job.described_hardware, clipped.get(layer.name), alone.get(layer.name))
        for layer, cells in zip(mapped.layers, network.layers, strict=True)
    )

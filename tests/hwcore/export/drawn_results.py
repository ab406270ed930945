"""Results of jobs that nobody ran: networks, images and reports drawn at random, as a job could have left them."""

import math
from dataclasses import replace
from typing import Any

import torch

from hwcore.crossbar import array_logits, as_designed
from hwcore.export import Results
from hwcore.layers import map_network
from hwcore.report import Conversions, LayerAlone, LayerSummary
from hwcore.spec import CompileJob, Graph, Hardware, dense_graph, parse_job
from hwcore.training import Examples
from tests.hwcore.layers.drawn_networks import drawn_codes, drawn_graph
from tests.hwcore.report.plots.drawn_reports import report

WIDTHS = (21, 9, 7, 6)
LSB = 1 / 15


def job_for(hardware: Hardware, **parts: Any) -> CompileJob:
    """A resolved job of the digits for this chip."""
    job = parse_job({"hardware": "ideal", "dataset": "digits", **parts}).model_copy(update={"hardware": hardware})
    return job.resolved()


def drawn_results(job: CompileJob, graph: Graph | None = None, images: int = 50, lsb: float = LSB) -> Results:
    """Results of a job on a network with drawn weights, layers of 21, 9, 7 and 6 units if no graph is given."""
    hardware = job.described_hardware
    network = drawn_graph(hardware, graph or dense_graph(WIDTHS))
    mapped = map_network(network)
    last = mapped.layers[-1]
    inputs = math.prod(mapped.graph.input_shape)
    codes = drawn_codes(images, inputs)
    labels = torch.arange(images) % last.cols
    logits = array_logits(mapped, as_designed(mapped), codes, lsb)
    layers = tuple(
        LayerSummary.of(mapped, layer, linear, hardware, Conversions(100, 3), LayerAlone(0.9, 0.05, 0.01, 5))
        for layer, linear in zip(mapped.layers, network.layers, strict=True)
    )
    return Results(
        job=job,
        network=mapped,
        report=replace(report(), layers=layers),
        test=Examples(codes, lsb, labels, (1, inputs)),
        pixel_full_scale=255,
        logits=logits,
        logits_with_wires=logits.flip(0),
    )

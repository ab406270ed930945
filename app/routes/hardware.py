"""`/v1/hardware`: the presets, and what a description comes to, without running anything."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from app.answers.links import Links
from app.answers.representation import WarningView, warning_views
from app.operations.table import GET_HARDWARE, LIST_HARDWARE, RESOLVE_HARDWARE
from app.problems.problem import Problem, problem_responses, shown
from app.requests.dependencies import Datasets, JsonBody, Linked
from app.requests.json_document import json_document
from app.requests.known_dataset import with_known_dataset
from app.routes.route import Router
from hwcore.spec import Preset, data_warnings, parse_hardware, parse_resolve_request, presets, resolve_hardware

router = Router(tags=["hardware"])


class PresetSummary(BaseModel):
    """One preset in the list."""

    name: str = Field(description="use it as the `hardware` of a job")
    title: str = Field(description="what it is, in a few words")
    reference: str = Field(description="the paper that its numbers come from")
    href: str = Field(description="the whole description")


class PresetView(PresetSummary):
    """One preset in full."""

    hardware: dict[str, Any] = Field(description="the description, as it could be posted")


class PresetList(BaseModel):
    """Every preset."""

    hardware: list[PresetSummary]


class ResolvedHardware(BaseModel):
    """What a description comes to."""

    hardware: dict[str, Any] = Field(description="the description with everything written out")
    component_tables: dict[str, Any] = Field(description="conductance of each level, g_pos and g_neg, in S, by code")
    representable: dict[str, Any] = Field(
        description="the weights that a cell pair can hold: values in S, normalised, and the codes that make them"
    )
    footprint: dict[str, Any] | None = Field(
        description="cells and tiles of the network; null where no dataset was named"
    )
    warnings: list[WarningView] = Field(description="what works but is probably not meant")


@router.operation(LIST_HARDWARE, summary="List the hardware presets")
def list_hardware(links: Linked) -> PresetList:
    """Every preset with the paper that its numbers come from."""
    return PresetList(hardware=[PresetSummary(**_summary(preset, links)) for preset in presets()])


@router.operation(GET_HARDWARE, summary="One hardware preset", responses=problem_responses("HARDWARE_NOT_FOUND"))
def get_hardware(name: str, links: Linked) -> PresetView:
    """The description of one preset, ready to be changed and posted."""
    for preset in presets():
        if preset.name == name:
            return PresetView(**_summary(preset, links), hardware=preset.hardware.model_dump(mode="json"))
    raise Problem(
        "HARDWARE_NOT_FOUND", f"got {shown(name)}; allowed: {', '.join(preset.name for preset in presets())}."
    )


@router.operation(
    RESOLVE_HARDWARE,
    summary="Check a description without running it",
    responses=problem_responses(
        "MALFORMED_JSON", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "INVALID_INPUT", "STORE_UNAVAILABLE"
    ),
)
def resolve(body: JsonBody, datasets: Datasets) -> ResolvedHardware:
    """The description with everything written out, the weights that it can hold, the cells and tiles it takes.

    The body is either `{"hardware": DESCRIPTION or preset name, "model": ..., "dataset": ...}`, the last two as in a
    job and both optional, or a hardware description alone.
    """
    document = json_document(body)
    if "hardware" in document or "cell" not in document:
        request = parse_resolve_request(document)
        known = with_known_dataset(document, request.dataset, datasets)
        request = parse_resolve_request(known.document)
        found = resolve_hardware(request.hardware, request.model, request.dataset)
        found["warnings"] += warning_views(data_warnings(known.warnings))
        return ResolvedHardware(**found)
    return ResolvedHardware(**resolve_hardware(parse_hardware(document)))


def _summary(preset: Preset, links: Links) -> dict[str, str]:
    """The fields that list and single preset share."""
    return {
        "name": preset.name,
        "title": preset.title,
        "reference": preset.reference,
        "href": links.preset(preset.name),
    }

"""`mho hardware`: the presets that ship with mho."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.cli.options import Json
from hwcore.spec import load_preset, presets


def hardware(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The preset to show.")] = None,
    json_output: Json = False,
) -> None:
    """List the hardware presets, or print the description of one, ready to be changed and used in a job.

    Needs no server. The description goes to standard output, its source to standard error.
    """
    if name is None:
        rows = [{"name": preset.name, "title": preset.title, "reference": preset.reference} for preset in presets()]
        if json_output:
            typer.echo(json.dumps(rows))
            return
        width = max(len(row["name"]) for row in rows)
        for row in rows:
            typer.echo(f"{row['name']:<{width}}  {row['title']}")
        return
    preset = load_preset(name)
    if not json_output:
        typer.echo(f"{preset.title}\n{preset.reference}", err=True)
    typer.echo(json.dumps(preset.hardware.model_dump(mode="json"), indent=2))

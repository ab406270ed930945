"""Writes `docs/reference/settings.md`: `python -m worker.contract.process.settings_doc [FILE]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from worker.contract.process.command_variables import COMMAND_VARIABLES, CommandVariable
from worker.contract.settings.settings import Settings

WORDS = {int: "whole number", float: "number", str: "text", Path: "folder"}
SIGNS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}

HEAD = """# Settings

Every setting is an environment variable; an empty one counts as absent. `mho serve` takes some of them as options too,
which win. This page is written by `python -m worker.contract.process.settings_doc docs/reference/settings.md`.

| variable | default | allowed | meaning |
|---|---|---|---|
"""

COMMANDS_HEAD = """
## Of the commands

What the command line and the client read from the environment beside these; an option wins.

| variable | read by | default | meaning |
|---|---|---|---|
"""


def settings_page() -> str:
    """The page, as Markdown."""
    rows = [
        f"| `MHO_{name.upper()}` | {_default(field)} | {_allowed(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    commands = [_command_row(each) for each in COMMAND_VARIABLES]
    return HEAD + "\n".join(rows) + "\n" + COMMANDS_HEAD + "\n".join(commands) + "\n"


def _command_row(each: CommandVariable) -> str:
    commands = ", ".join(f"`mho {name}`" for name in each.commands)
    return f"| `{each.name}` | {commands} | {f'`{each.default}`' if each.default else 'none'} | {each.meaning} |"


def _default(field: FieldInfo) -> str:
    extra: Any = field.json_schema_extra or {}
    if "default_shown" in extra:
        return f"`{extra['default_shown']}`"
    return "none" if field.default is None else f"`{field.default}`"


def _allowed(field: FieldInfo) -> str:
    kinds = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not type(None)]
    if all(isinstance(kind, str) for kind in kinds):
        return ", ".join(f"`{kind}`" for kind in kinds)
    bounds = [
        f"{sign} {getattr(bound, attribute):,}"
        for bound in field.metadata
        for attribute, sign in SIGNS.items()
        if hasattr(bound, attribute)
    ]
    # A bounded kind inside a union keeps its own annotation: the bare kind is its origin.
    return ", ".join([*(WORDS[getattr(kind, "__origin__", kind)] for kind in kinds), *bounds])


def main(arguments: list[str]) -> None:
    """Write the page to the file that is named, or to standard output."""
    if arguments:
        Path(arguments[0]).parent.mkdir(parents=True, exist_ok=True)
        Path(arguments[0]).write_text(settings_page())
    else:
        sys.stdout.write(settings_page())


if __name__ == "__main__":
    main(sys.argv[1:])

"""The page of settings has every environment variable that a command reads, with its default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from app.cli.program import program
from worker.contract import Settings
from worker.contract.process.command_variables import COMMAND_VARIABLES

SETTINGS = {f"MHO_{name.upper()}" for name in Settings.model_fields}
TOKEN = "MHO_TOKEN"


def parameters(command: Any) -> Iterator[Any]:
    """Every argument and option of a command and of those below it."""
    yield from command.params
    for below in getattr(command, "commands", {}).values():
        yield from parameters(below)


def test_the_list_is_what_the_command_line_reads() -> None:
    commands: Any = typer.main.get_command(program)
    read: dict[str, set[str]] = {}
    defaults: dict[str, set[object]] = {}
    for name, command in commands.commands.items():
        for parameter in parameters(command):
            if isinstance(parameter.envvar, str) and parameter.envvar not in SETTINGS:
                read.setdefault(parameter.envvar, set()).add(name)
                defaults.setdefault(parameter.envvar, set()).add(parameter.default)
    listed = {each.name: each for each in COMMAND_VARIABLES}
    # The token has no option: whoever sends one is a client of the server, and has its URL.
    read[TOKEN], defaults[TOKEN] = read["MHO_URL"], {None}
    assert read == {name: set(each.commands) for name, each in listed.items()}
    for name, each in listed.items():
        # Where a command does without, it has none.
        assert {str(default) for default in defaults[name] - {None}} <= {each.default}, name

"""Names that are not UTF-8: refused before anything is done with them, by the name of their option or variable."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hwcore.errors import Fault, InvalidInput
from worker.contract.process.harmless import one_line

OURS = "MHO_"
"""Prefix of the variables that mho reads."""

HALF = re.compile("[\ud800-\udfff]")
"""Characters that Python makes of bytes that are not UTF-8."""

ALLOWED = "text in UTF-8"


def check_names(command: Any, arguments: Sequence[str], variables: Mapping[str, str]) -> None:
    """Refuse what no server, no database and no JSON could hold, bytes shown as a shell would have them.

    Args:
        command: the program, as its own parser has it: with `params`, and `commands` where there are some below it.
        arguments: what follows its name.
        variables: the environment.

    Raises:
        InvalidInput: an argument or a variable of mho is not UTF-8.
    """
    faults = [
        # Not the text: a variable may hold a token or a password.
        _fault(name, f"{len(os.fsencode(text))} bytes")
        for name, text in variables.items()
        if name.startswith(OURS) and HALF.search(text)
    ]
    for position, text in enumerate(arguments):
        if HALF.search(text):
            got = os.fsencode(text.partition("=")[2] or text).decode("utf-8", "backslashreplace")
            faults.append(_fault(_named(command, arguments[: position + 1]), f"'{one_line(got)}'"))
    if faults:
        raise InvalidInput(faults)


def _fault(name: str, got: str) -> Fault:
    """One of them."""
    return Fault(f"/{name}", f"got {got}, which is not UTF-8; allowed: {ALLOWED}", got, ALLOWED)


def _named(command: Any, arguments: Sequence[str]) -> str:
    """Return the name of the last of these arguments: its option, or its place in the command's usage."""
    *before, last = arguments
    option, places = "", 0
    for each in before:
        if not option and each in getattr(command, "commands", {}):
            command, places = command.commands[each], 0
        elif option:
            option = ""
        elif each.startswith("-") and each != "-":
            option = each if "=" not in each and _takes_value(command.params, each) else ""
        else:
            places += 1
    if option:
        return option
    if last.startswith("--"):
        return "command" if HALF.search(last.partition("=")[0]) else last.partition("=")[0]
    names = [param.metavar or param.name for param in command.params if param.param_type_name == "argument"]
    return str(names[places]) if places < len(names) else "command"


def _takes_value(params: Iterable[Any], option: str) -> bool:
    """Tell whether a value follows the option."""
    return any(option in param.opts and not getattr(param, "is_flag", False) for param in params)

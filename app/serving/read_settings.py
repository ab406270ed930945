"""The settings as a command of the operator reads them, and the home folder that they name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.problems.faults import shown
from hwcore.errors import Fault, InvalidInput, OutputNotWritable
from worker.contract import Settings


def read_settings(**overrides: Path | None) -> Settings:
    """The settings of the environment, with what the command line says instead.

    Raises:
        InvalidInput: a variable holds what its setting does not allow.
    """
    chosen: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**chosen)
    except ValidationError as error:
        faults = []
        for entry in error.errors():
            name = f"MHO_{str(entry['loc'][0]).upper()}"
            got, allowed = shown(str(entry["input"])), f"{entry['msg']}, see docs/reference/settings.md"
            faults.append(Fault(f"/{name}", f"got {got}; allowed: {allowed}", got, allowed))
        raise InvalidInput(faults) from error


def prepare_home(home: Path) -> None:
    """Make the home folder, for this user alone.

    Raises:
        OutputNotWritable: it cannot be made or written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError("Permission denied")
    except OSError as error:
        raise OutputNotWritable(
            f"the home folder {home} cannot be written: {error.strerror or error}; choose another one with --home or "
            "MHO_HOME"
        ) from error

"""Variables of the commands beside the settings: for `docs/reference/settings.md`, as they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CommandVariable:
    """One environment variable.

    Args:
        name: e.g. "MHO_URL".
        commands: those that read it, by their first word.
        default: what counts without it; empty for nothing.
        meaning: for the page.
    """

    name: str
    commands: tuple[str, ...]
    default: str
    meaning: str


_CLIENTS = ("submit", "watch", "get", "list", "cancel", "dataset", "validate")

COMMAND_VARIABLES = (
    CommandVariable(
        "MHO_URL",
        _CLIENTS,
        "http://127.0.0.1:8000",
        "The server, as `--url`. `mho validate` asks one only where it is named, and only about an uploaded dataset.",
    ),
    CommandVariable(
        "MHO_TOKEN",
        _CLIENTS,
        "",
        "The token that is sent to the server, as `mho token create` printed it; `app.client.Client` reads it, too. "
        "There is no option for it.",
    ),
    CommandVariable(
        "MHO_HOST",
        ("server",),
        "127.0.0.1",
        "Address to listen on, as `--host`; beyond loopback everybody needs a token.",
    ),
    CommandVariable("MHO_PORT", ("server",), "8000", "Port to listen on, as `--port`; 0 takes a free one."),
)
"""Every one of them; a test holds the list to the command line."""

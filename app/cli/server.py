"""`mho server`: the HTTP server alone, for a service on several machines."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer


def server(
    host: Annotated[
        str,
        typer.Option(envvar="MHO_HOST", help="Address to listen on; beyond loopback everybody needs a token."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="MHO_PORT", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8000,
) -> None:
    """Start the HTTP server alone: database, broker and workers (`mho worker`) are elsewhere.

    For a service on several machines; `mho serve` has all in one. Every setting is an environment variable, see
    docs/reference/settings.md.
    """
    # The server's libraries take half a second to load, which `mho --help` should not.
    standalone = import_module("app.serving.standalone_server")
    raise typer.Exit(standalone.run_server(host, port))

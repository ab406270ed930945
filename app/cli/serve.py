"""`mho serve`: the service, with nothing else installed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond loopback everybody needs a token, see `mho token`.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    home: Annotated[
        Path | None,
        typer.Option(envvar="MHO_HOME", metavar="DIR", help="Folder for all it keeps; ~/.local/share/mho."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(envvar="MHO_DATA_DIR", metavar="DIR", help="Folder with the datasets' IDX files.")
    ] = None,
) -> None:
    """Start the service: server, worker and a private Redis, all in one command, with its data in one folder.

    Stops on Ctrl-C. Further settings are environment variables, see docs/reference/settings.md.
    """
    # The server's libraries take half a second to load, which `mho --help` should not.
    server = import_module("app.serving.server")
    raise typer.Exit(server.serve(host, port, home=home, data_dir=data_dir))

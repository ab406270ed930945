"""`mho serve`: the embedded services and the HTTP server in one process, from the first line to a clean end.

The order matters: the port is taken first, so that a second server fails before it starts anything; the services come
up; the server answers; a signal ends the server, and only then the services.
"""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import closing
from pathlib import Path

from app.main import create_app
from app.serving.http_server import answer, signals_as_interrupts
from app.serving.listener import bind
from app.serving.reach import allowed_hosts, settled_access
from app.serving.read_settings import prepare_home, read_settings
from worker.contract import ServiceNotStarted
from worker.contract.embedded import EmbeddedServices
from worker.contract.process.logs import configure_logging

log = logging.getLogger("mho.app")


def serve(host: str, port: int, *, home: Path | None = None, data_dir: Path | None = None) -> int:
    """Run the service until it is told to stop (Ctrl-C or SIGTERM).

    Args:
        host: an address of this machine; beyond loopback everybody needs a token.
        port: 0 takes a free one.
        home: overrides MHO_HOME.
        data_dir: overrides MHO_DATA_DIR.

    Returns:
        0, the exit code of a service that was told to stop.

    Raises:
        InvalidInput: the address cannot be used, or nobody has a token and it would be heard beyond this machine.
        MhoError: a service did not start; the message says why.
    """
    settings = read_settings(home=home, data_dir=data_dir)
    configure_logging(settings, sys.stderr)
    with closing(bind(host, port)) as listener, signals_as_interrupts():
        prepare_home(settings.home)
        hosts = allowed_hosts(settings, host)
        try:
            with EmbeddedServices(settled_access(settings, host)) as services:
                home = settings.home
                log.info("data in %s, logs of worker and Redis in %s, the server's own here", home, home / "logs")
                _run(services, listener, hosts)
        except KeyboardInterrupt:
            pass
    log.info("stopped")
    return 0


def _run(services: EmbeddedServices, listener: socket.socket, hosts: frozenset[str] | None) -> None:
    """Answer requests until a signal comes."""

    def services_up() -> None:
        for service in services.status():
            if service.pid is None:
                raise ServiceNotStarted(f"{service.name} is down and is being started again")

    app = create_app(services.settings, hosts=hosts, checks={"services": services_up})
    answer(app, listener)

"""`mho serve`: the embedded services and the HTTP server in one process, from the first line to a clean end.

The order matters: the port is taken first, so that a second server fails before it starts anything; the services come
up; the server answers; a signal ends the server, and only then the services.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from app.event_hub import EventHub
from app.listener import bind, listener_url
from app.main import create_app
from app.reach import allowed_hosts, settled_access
from app.read_settings import prepare_home, read_settings
from worker.contract import ServiceNotStarted
from worker.contract.embedded import EmbeddedServices
from worker.contract.logs import configure_logging

GRACE = 5
"""Seconds that requests under way get when the server stops."""


class AnnouncingServer(uvicorn.Server):
    """A server that says where it is once it answers.

    Args:
        config: as uvicorn takes it.
        events: whose followers have to go before the server can.
    """

    def __init__(self, config: uvicorn.Config, events: EventHub) -> None:
        super().__init__(config)
        self.events = events

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then write the address to standard output."""
        await super().startup(sockets)
        if self.started and sockets:
            sys.stdout.write(f"mho is serving on {listener_url(sockets[0])}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those go who follow jobs, then stop: the others are waited for."""
        self.events.close()
        await super().shutdown(sockets)


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
    with closing(bind(host, port)) as listener, _signals_as_interrupts():
        prepare_home(settings.home)
        hosts = allowed_hosts(settings, host)
        try:
            with EmbeddedServices(settled_access(settings, host)) as services:
                _run(services, listener, hosts)
        except KeyboardInterrupt:
            pass
    return 0


def _run(services: EmbeddedServices, listener: socket.socket, hosts: frozenset[str] | None) -> None:
    """Answer requests until a signal comes."""

    def services_up() -> None:
        for service in services.status():
            if service.pid is None:
                raise ServiceNotStarted(f"{service.name} is down and is being started again")

    app = create_app(services.settings, hosts=hosts, checks={"services": services_up})
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
    )
    AnnouncingServer(config, app.state.events).run(sockets=[listener])


@contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """SIGTERM ends the service as Ctrl-C does; once it is ending, further signals do not cut the end short."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

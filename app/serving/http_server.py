"""The HTTP server itself: it answers on a socket that is open already, until a signal comes."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app.services.event_hub import EventHub
from app.services.services import services_of
from app.serving.http_protocol import BoundedHttp
from app.serving.listener import listener_url

log = logging.getLogger("mho.app")

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
        # What has been loaded stays: looked through again and again, it would hold requests up for 150 ms each time.
        gc.collect()
        gc.freeze()
        if self.started and sockets:
            sys.stdout.write(f"mho is serving on {listener_url(sockets[0])}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those go who follow jobs, then stop: the others are waited for."""
        log.info("stopping: requests under way get %g s", GRACE)
        self.events.close()
        await super().shutdown(sockets)


def answer(app: FastAPI, listener: socket.socket) -> None:
    """Answer requests until a signal comes.

    Args:
        app: as `app.main.create_app` makes it.
        listener: a listening socket.
    """
    AnnouncingServer(server_config(app), services_of(app).events).run(sockets=[listener])


def server_config(app: FastAPI) -> uvicorn.Config:
    """Configure uvicorn for the application.

    Args:
        app: as `app.main.create_app` makes it.
    """
    return uvicorn.Config(
        app,
        # Loop and parser in C: half of the time of a small request is theirs.
        loop="uvloop",
        http=BoundedHttp,
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
    )


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
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

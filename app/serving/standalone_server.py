"""`mho server`: the HTTP server alone, for a service on several machines, whose workers are elsewhere."""

from __future__ import annotations

import logging
import sys
from contextlib import closing

from app.main import create_app
from app.serving.http_server import answer, signals_as_interrupts
from app.serving.listener import bind
from app.serving.reach import allowed_hosts, settled_access
from app.serving.read_settings import prepare_home, read_settings
from worker.contract import broker_ready
from worker.contract.process.logs import configure_logging
from worker.contract.process.startup import wait_for_database

log = logging.getLogger("mho.app")


def run_server(host: str, port: int) -> int:
    """Run the server until it is told to stop (Ctrl-C or SIGTERM).

    It waits for the database. Not for the broker: what is posted without one waits in the database, and /readyz says
    what is missing.

    Args:
        host: an address of this machine; beyond loopback everybody needs a token.
        port: 0 takes a free one.

    Returns:
        0, the exit code of a server that was told to stop.

    Raises:
        InvalidInput: the address cannot be used, or nobody has a token and it would be heard beyond this machine.
        BrokerUnavailable: no broker is configured.
        StoreUnavailable: the database did not answer within `start_seconds`.
    """
    settings = read_settings()
    configure_logging(settings, sys.stderr)
    if settings.broker_url is None:
        broker_ready(settings)
    with closing(bind(host, port)) as listener, signals_as_interrupts():
        prepare_home(settings.home)
        try:
            wait_for_database(settings)
            app = create_app(settled_access(settings, host), hosts=allowed_hosts(settings, host))
            answer(app, listener)
        except KeyboardInterrupt:
            pass
    log.info("stopped")
    return 0

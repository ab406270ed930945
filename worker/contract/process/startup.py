"""Waits at the start for what a process cannot do without: machines of a cluster come up in any order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing

from sqlalchemy import select

from worker.contract.broker.messages import broker_ready
from worker.contract.database.database import Database
from worker.contract.errors import BrokerUnavailable, StoreUnavailable
from worker.contract.settings.settings import Settings

LOG = logging.getLogger(__name__)

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0


def wait_for_database(settings: Settings) -> None:
    """Wait until the database answers, at most `start_seconds`.

    Raises:
        StoreUnavailable: its URL cannot be used, or it did not answer in that time.
    """
    with closing(Database(settings.database_url)) as database:

        def ask() -> None:
            with database.read() as connection:
                connection.execute(select(1))

        _wait("database", ask, settings.start_seconds)


def wait_for_broker(settings: Settings) -> None:
    """Wait until the broker answers, at most `start_seconds`.

    Raises:
        BrokerUnavailable: there is none in the settings, or it did not answer in that time.
    """
    if settings.broker_url is None:
        # No time mends that.
        broker_ready(settings)
    _wait("broker", lambda: broker_ready(settings), settings.start_seconds)


def _wait(name: str, ask: Callable[[], None], seconds: float) -> None:
    """Ask again and again, with longer and longer pauses, and say so; the last answer is raised."""
    started = time.monotonic()
    pause = FIRST_PAUSE
    while True:
        try:
            ask()
        except (StoreUnavailable, BrokerUnavailable) as error:
            left = started + seconds - time.monotonic()
            if left <= 0:
                raise
            LOG.warning("waiting for the %s, %.0f s more (MHO_START_SECONDS): %s", name, left, error)
            time.sleep(min(pause, left))
            pause = min(LONGEST_PAUSE, 2 * pause)
        else:
            LOG.info("the %s answers", name)
            return

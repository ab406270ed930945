"""`mho worker`: takes jobs from the broker and trains them; as many as one likes, on any number of machines."""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from worker.contract import Settings
from worker.contract.process.startup import wait_for_broker, wait_for_database
from worker.contract.process.worker_process import celery_command

LOG = logging.getLogger(__name__)


def run_worker(settings: Settings) -> NoReturn:
    """Wait for database and broker, then become the Celery worker: this process does not come back.

    Args:
        settings: as the environment has them, from which Celery reads them again.

    Raises:
        StoreUnavailable: the database did not answer within `start_seconds`.
        BrokerUnavailable: nor did the broker, or none is configured.
        SystemExit: it was told to stop while it waited.
    """
    # As the first process of a container it would otherwise not even hear a SIGTERM.
    signal.signal(signal.SIGTERM, _stop)
    wait_for_database(settings)
    wait_for_broker(settings)
    command = celery_command(settings, f"worker-{os.getpid()}")
    LOG.info("taking %s jobs, %d at once", settings.queues.replace(",", " and "), settings.concurrency)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)

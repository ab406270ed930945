"""`mho worker`: takes jobs from the broker and trains them; any number of workers, on any number of machines."""

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
    """Wait for database and broker, then become the Celery worker; this never returns.

    Args:
        settings: of the environment, from which Celery reads them again.

    Raises:
        StoreUnavailable: the database did not answer within `start_seconds`.
        BrokerUnavailable: the broker did not, or none is configured.
        SystemExit: the process was asked to stop while it waited.
    """
    # The first process of a container would otherwise ignore SIGTERM.
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

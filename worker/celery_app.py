"""The Celery worker: `celery -A worker.celery_app worker`. It carries ids; the job itself is in the database.

Each child of the pool is a babysitter: it starts no threads and loads no torch; the training is a process of its own.
"""

from __future__ import annotations

import logging
import mmap
import os
import signal
import socket
import sys
from typing import Any

from celery import Celery, signals
from kombu import Queue

from worker.babysitter import Babysitter
from worker.contract import JobStore, Reconciler, Settings, upgrade
from worker.contract.broker import transport_options
from worker.contract.job_size import JobSize, parse_queues
from worker.contract.logs import configure_logging, logged_as
from worker.contract.messages import TASK, queue_name
from worker.contract.tether import ask_for_death_signal

LOG = logging.getLogger(__name__)

LONGEST_REDELIVERY_SECONDS = 24 * 3600
"""Redis gives a message that nobody acknowledged to another worker after this time."""


def celery_settings() -> dict[str, Any]:
    """Celery's settings, each with its reason; read from the environment when the worker starts."""
    settings = Settings()
    url = settings.broker_url or ""
    return {
        "broker_url": url,
        "broker_transport_options": {
            # Messages are acknowledged when a job starts, so only a worker killed in that moment leaves one.
            "visibility_timeout": LONGEST_REDELIVERY_SECONDS,
            **transport_options(url),
        },
        # A worker may be started before its broker, and outlives the broker's restarts.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A broker that went away is no reason to end a training.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "task_default_queue": queue_name(JobSize.SMALL),
        "task_queues": [Queue(queue_name(size)) for size in parse_queues(settings.queues)],
        # Late acknowledgement runs a job a second time after the visibility timeout and for every killed child, without
        # end; lost jobs are found in the database instead.
        "task_acks_late": False,
        # One job at a time: a job that waits behind another cannot be taken by an idle worker.
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        # A result backend would be a second truth, and one that expires.
        "task_ignore_result": True,
        "result_backend": None,
        # Anything else could carry code.
        "accept_content": ["json"],
        "task_serializer": "json",
        # Cancelling is a flag in the row, not a message that a dead worker forgets.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        # Not in the children either: they write to the worker's own log.
        "worker_redirect_stdouts": False,
        "worker_pool": "prefork",
        "worker_concurrency": settings.concurrency,
    }


app = Celery("mho", set_as_current=False)
app.add_defaults(celery_settings)

# One byte of memory that the worker shares with its children: they are told of a shutdown by nothing else. Anonymous
# memory stays shared when a process forks.
_STOPPING = mmap.mmap(-1, 1)


@app.task(name=TASK)
def run_job(job_id: str) -> None:
    """Run the job with this id, if it is still to be run."""
    settings = Settings()
    store = JobStore(settings.database_url)
    parent = os.getppid()
    try:
        babysitter = Babysitter(
            store,
            settings,
            f"{socket.gethostname()}:{os.getpid()}",
            shutting_down=lambda: _STOPPING[0] != 0,
            orphaned=lambda: os.getppid() != parent,
        )
        # The child runs many jobs, one after the other: no line of the next one bears this one's id.
        with logged_as(job_id=job_id):
            babysitter.run(job_id)
    finally:
        store.close()


@signals.setup_logging.connect
def _log(**_: Any) -> None:
    """As the server does; Celery then sets nothing up itself."""
    configure_logging(Settings(), sys.stderr)


@signals.worker_init.connect
def _prepare(**_: Any) -> None:
    """Before the pool starts: the database is up to date, and what dead workers left is put right."""
    settings = Settings()
    upgrade(settings.database_url)
    store = JobStore(settings.database_url)
    try:
        reconciler = Reconciler(store, settings)
        reconciler.run_once()
        reconciler.remove_orphans()
    finally:
        # No connection may be open when the children are forked.
        store.close()


@signals.worker_process_init.connect
def _tie_to_parent(**_: Any) -> None:
    """In each child: die with the worker's main process, and take the training along."""
    ask_for_death_signal(signal.SIGKILL)


@signals.worker_shutting_down.connect
def _tell_children(**_: Any) -> None:
    """On SIGTERM, in the main process: the children hand their jobs back, and the worker can go at once."""
    _STOPPING[0] = 1

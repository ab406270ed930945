"""The Celery worker: `celery -A worker.celery_app worker`. Messages carry ids and names; the job is in the database.

Each child of the pool is a babysitter: it loads no torch and computes nothing; the training is a process of its own.
Its threads wait for blob store, database and broker: they send checkpoints and offers, and hand artifacts in.
"""

from __future__ import annotations

import logging
import mmap
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from celery import Celery, group, signals
from kombu import Queue

from worker.babysit.share import Share
from worker.babysit.sitters.babysitter import Babysitter
from worker.babysit.sitters.share_sitter import ShareSitter
from worker.contract import JobStore, Reconciler, Settings, upgrade
from worker.contract.broker.messages import BROKEN, SHARE_TASK, SHARES_QUEUE, TASK, connected, queue_name, unavailable
from worker.contract.jobs.job_size import JobSize, parse_queues
from worker.contract.process.logs import configure_logging, logged_as
from worker.contract.process.tether import ask_for_death_signal
from worker.contract.settings.broker_url import transport_options

LOG = logging.getLogger(__name__)

LONGEST_REDELIVERY_SECONDS = 24 * 3600
"""Time after which Redis gives a message that was not acknowledged to another worker."""


def celery_settings() -> dict[str, Any]:
    """Build Celery's settings, each with its reason, from the environment when the worker starts."""
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
        # Redis is asked for the queues in turn, so a share comes between two jobs at most; it gives way to jobs as well
        # (`ShareSitter`).
        "task_queues": [*(Queue(queue_name(size)) for size in parse_queues(settings.queues)), Queue(SHARES_QUEUE)],
        # Late acknowledgement would run a job again after the visibility timeout and after every killed child, without
        # end; lost jobs are found in the database instead.
        "task_acks_late": False,
        # One job at a time: a job that waits behind another cannot be taken by an idle worker.
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        # A result backend would be a second truth, and one that expires. The shares of a group are never joined.
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

# One byte of memory that the worker shares with its children, the only sign of a shutdown that they get. Anonymous
# memory stays shared when a process forks.
_STOPPING = mmap.mmap(-1, 1)


@app.task(name=TASK)
def run_job(job_id: str) -> None:
    """Run the job with this id, if it is still to be run."""
    settings = Settings()
    store = JobStore(settings.database_url)
    try:
        babysitter = Babysitter(
            store,
            settings,
            f"{socket.gethostname()}:{os.getpid()}",
            shutting_down=_shutting_down,
            orphaned=_orphaned_of(os.getppid()),
            publish_shares=publish_shares,
        )
        # The child runs many jobs, one after the other: no log line of the next one has this one's id.
        with logged_as(job_id=job_id):
            babysitter.run(job_id)
    finally:
        store.close()


@app.task(name=SHARE_TASK)
def run_share(job_id: str, attempt: int, bundle: str, tasks: list[str]) -> None:
    """Judge some chips of another worker's attempt, if it still runs."""
    settings = Settings()
    store = JobStore(settings.database_url)
    try:
        sitter = ShareSitter(store, settings, shutting_down=_shutting_down, orphaned=_orphaned_of(os.getppid()))
        with logged_as(job_id=job_id):
            sitter.run(Share(job_id, attempt, bundle, tuple(tasks)))
    finally:
        store.close()


def publish_shares(shares: Sequence[Share]) -> None:
    """Publish shares to all workers, as a group; results come by the database, if at all.

    Raises:
        BrokerUnavailable: the broker did not take them, or not all of them.
    """
    signatures = [run_share.s(share.job_id, share.attempt, share.bundle, list(share.tasks)) for share in shares]
    settings = Settings()
    # Over a connection that gives up soon: Celery's own waits until the broker is back, when help is no longer needed.
    with connected(settings) as connection, connection.Producer(serializer="json") as producer:
        try:
            group(signatures, app=app).apply_async(producer=producer, queue=SHARES_QUEUE, retry=False)
        except BROKEN as error:
            raise unavailable(settings, error) from error


def _shutting_down() -> bool:
    return _STOPPING[0] != 0


def _orphaned_of(parent: int) -> Callable[[], bool]:
    return lambda: os.getppid() != parent


@signals.setup_logging.connect
def _log(**_: Any) -> None:
    """Configure logging as the server does; Celery then sets nothing up itself."""
    configure_logging(Settings(), sys.stderr)


@signals.worker_init.connect
def _prepare(**_: Any) -> None:
    """Bring the database up to date before the pool starts, and recover the jobs of dead workers."""
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
    """Let each child die with the worker's main process, and the training with it."""
    ask_for_death_signal(signal.SIGKILL)


@signals.worker_shutting_down.connect
def _tell_children(**_: Any) -> None:
    """Pass SIGTERM on from the main process: the children hand their jobs back, and the worker can go at once."""
    _STOPPING[0] = 1

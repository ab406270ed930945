"""The one message from server to worker: "run this job". It carries an id; everything else is in the database."""

from __future__ import annotations

import os
import uuid
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection, Producer, Queue
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from worker.contract.errors import BrokerUnavailable
from worker.contract.jobs.job_size import JobSize
from worker.contract.settings.broker_url import transport_options, without_password
from worker.contract.settings.settings import Settings

TASK = "mho.run_job"
"""Name of the task that takes a job's id."""

SHARE_TASK = "mho.run_share"
"""Name of the task that takes a share of another worker's chips: only workers write it."""

SHARES_QUEUE = "mho.shares"
"""Name of the queue of all shares."""


def queue_name(size: JobSize) -> str:
    """Name of the queue of all jobs of a size."""
    return f"mho.{size}"


TRANSPORT_OPTIONS = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "max_retries": 0}
"""A request waits for the broker no longer than this (s); the job is safe in the database anyway."""


BROKEN = (AMQPError, KombuError, RedisError, OSError)
"""Errors of a broker that does not work: kombu's transports bring the errors of their own libraries."""


def publish(settings: Settings, job_id: str, size: JobSize) -> None:
    """Tell the workers that a job is queued, those that take jobs of its size, over a connection for this alone.

    Losing it, or sending it twice, does no harm: the reconciler sends it again, and a worker must claim the job.

    Raises:
        BrokerUnavailable: nobody heard it; the job stays queued, and the reconciler publishes it again.
    """
    with connected(settings) as connection, connection.Producer(serializer="json") as producer:
        try:
            send(producer, job_id, size)
        except BROKEN as error:
            raise unavailable(settings, error) from error


def send(producer: Producer, job_id: str, size: JobSize) -> None:
    """Write the message; it has the form of Celery's protocol 2, so that the server needs no Celery to write it.

    Raises:
        Exception: one of `BROKEN`, where the broker does not work.
    """
    message_id = str(uuid.uuid4())
    headers = {
        "lang": "py",
        "task": TASK,
        "id": message_id,
        "root_id": message_id,
        "parent_id": None,
        "group": None,
        "argsrepr": repr((job_id,)),
        "kwargsrepr": "{}",
        "origin": f"mho@{os.getpid()}",
        "ignore_result": True,
    }
    body: tuple[Any, ...] = ((job_id,), {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None})
    producer.publish(
        body,
        routing_key=queue_name(size),
        declare=[Queue(queue_name(size))],
        headers=headers,
        correlation_id=message_id,
        delivery_mode=2,  # persistent
        retry=False,
    )


def broker_ready(settings: Settings) -> None:
    """Ask whether the broker answers.

    Raises:
        BrokerUnavailable: it does not; the message says what is missing.
    """
    waiting_messages(settings, JobSize.SMALL)


def waiting_messages(settings: Settings, size: JobSize) -> int:
    """Count the messages of jobs of a size that no worker has taken yet.

    Raises:
        BrokerUnavailable: the broker does not answer; the message says what is missing.
    """
    with connected(settings) as connection:
        try:
            # kombu's types say a name; it is name, messages and consumers.
            declared: Any = Queue(queue_name(size), channel=connection.default_channel).queue_declare()
            return int(declared.message_count)
        except BROKEN as error:
            raise unavailable(settings, error) from error


def connected(settings: Settings) -> Connection:
    """A connection to the broker, which is opened when it is first used.

    Raises:
        BrokerUnavailable: the settings name none.
    """
    if settings.broker_url is None:
        raise BrokerUnavailable(
            "no broker is configured: set MHO_BROKER_URL, e.g. redis://host:6379/0, or use `mho serve`, which starts "
            "its own"
        )
    options = {**TRANSPORT_OPTIONS, **transport_options(settings.broker_url)}
    return Connection(settings.broker_url, connect_timeout=1.0, transport_options=options)


def unavailable(settings: Settings, error: Exception) -> BrokerUnavailable:
    """Error of the service for one of `BROKEN`."""
    url = without_password(settings.broker_url or "")
    return BrokerUnavailable(
        f"the broker {url} does not answer: {error}; start it, or correct MHO_BROKER_URL; queued jobs wait for it"
    )

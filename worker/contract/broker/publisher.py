"""Publishes jobs over connections that are kept: to make one costs more than all else that a post does."""

from __future__ import annotations

from collections import deque

from kombu import Connection
from redis.exceptions import TimeoutError as RedisTimeout

from worker.contract.broker.messages import BROKEN, connected, send, unavailable
from worker.contract.jobs.job_size import JobSize
from worker.contract.settings.settings import Settings


class Publisher:
    """`publish` for a process that does it often, from any number of threads.

    A connection is one thread's at a time; as many are kept as there were threads at once. Only for a process that does
    not fork: two processes must not write to one connection.

    Args:
        settings: where the broker is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Appending and popping need no lock.
        self._idle: deque[Connection] = deque()

    def publish(self, job_id: str, size: JobSize) -> None:
        """Do as `worker.contract.broker.messages.publish`.

        Raises:
            BrokerUnavailable: nobody heard it; the job stays queued, and the reconciler publishes it again.
        """
        try:
            if not self._sent_over_kept(job_id, size):
                self._send(connected(self._settings), job_id, size)
        except BROKEN as error:
            raise unavailable(self._settings, error) from error

    def close(self) -> None:
        """Close the idle connections; the publisher may be used again and opens new ones."""
        while (connection := self._take()) is not None:
            connection.release()

    def _sent_over_kept(self, job_id: str, size: JobSize) -> bool:
        """Tell whether the message went out; False where no connection is idle, or the idle one has died."""
        connection = self._take()
        if connection is None:
            return False
        try:
            self._send(connection, job_id, size)
        except BROKEN as error:
            # The others are no better: the broker was started again, or is away.
            self.close()
            if isinstance(error, TimeoutError | RedisTimeout):
                # It takes what it is sent and says nothing: a new connection would wait as long once more.
                raise
            return False
        return True

    def _send(self, connection: Connection, job_id: str, size: JobSize) -> None:
        """Send, and keep the connection where that worked."""
        try:
            with connection.Producer(serializer="json") as producer:
                send(producer, job_id, size)
        except BaseException:
            connection.release()
            raise
        self._idle.append(connection)

    def _take(self) -> Connection | None:
        """An idle connection, which is the caller's alone from here on; None where there is none."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

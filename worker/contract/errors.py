"""What can go wrong between server, worker, database and broker; each error knows its stable `reason`."""

from __future__ import annotations

from typing import ClassVar

from hwcore.errors import MhoError


class JobNotFound(MhoError):
    """No job has this id: list the jobs to see the ids that exist."""

    reason: ClassVar[str] = "JOB_NOT_FOUND"


class JobAlreadyFinished(MhoError):
    """The job has reached a final state, and a final state never changes."""

    reason: ClassVar[str] = "JOB_ALREADY_FINISHED"


class JobNotFinished(MhoError):
    """The job is queued or running: cancel it first, then remove it."""

    reason: ClassVar[str] = "JOB_NOT_FINISHED"


class IdempotencyKeyReused(MhoError):
    """The key was used for another body: send the same body again, or choose a key of its own."""

    reason: ClassVar[str] = "IDEMPOTENCY_KEY_REUSED"


class BlobLost(MhoError):
    """The blob store has no such blob, or other bytes under its name."""

    reason: ClassVar[str] = "ARTIFACT_LOST"


class BlobStoreUnavailable(MhoError):
    """The blob store cannot be read or written: disk full, read-only folder, bucket that does not answer."""

    reason: ClassVar[str] = "ARTIFACTS_UNAVAILABLE"


class DatasetNotFound(MhoError):
    """No uploaded dataset has this id: list the datasets to see the ids that exist."""

    reason: ClassVar[str] = "DATASET_NOT_FOUND"


class DatasetInUse(MhoError):
    """A queued or running job is trained on the dataset: wait for it, or cancel it."""

    reason: ClassVar[str] = "DATASET_IN_USE"


class BrokerUnavailable(MhoError):
    """The broker is not configured or does not answer; queued jobs wait and start when it is back."""

    reason: ClassVar[str] = "BROKER_UNAVAILABLE"


class StoreUnavailable(MhoError):
    """The database does not answer, is locked or full, or was written by a newer version of mho."""

    reason: ClassVar[str] = "STORE_UNAVAILABLE"


class QuotaExceeded(MhoError):
    """As many jobs wait or bytes are stored as the service accepts: wait, cancel some, or remove some."""

    reason: ClassVar[str] = "QUOTA_EXCEEDED"


class TokenInvalid(MhoError):
    """The token that came is unknown, expired or revoked: the server's operator can make a new one."""

    reason: ClassVar[str] = "TOKEN_INVALID"


class TokenNotFound(MhoError):
    """No token has this id: `mho token list` shows the ids that exist."""

    reason: ClassVar[str] = "TOKEN_NOT_FOUND"


class HomeInUse(MhoError):
    """Another `mho serve` works on the same home folder: stop that one, or choose another folder."""

    reason: ClassVar[str] = "HOME_IN_USE"


class ServiceNotStarted(MhoError):
    """An embedded service (Redis, the worker) could not be started; the message names its log."""

    reason: ClassVar[str] = "SERVICE_NOT_STARTED"

"""Errors between server, worker, database and broker; each error knows its stable `reason`."""

from __future__ import annotations

from hwcore.errors import MhoError


class JobNotFound(MhoError):
    """No job has this id: list the jobs to see the ids that exist."""

    reason = "JOB_NOT_FOUND"


class JobAlreadyFinished(MhoError):
    """The job has reached a final state, and a final state never changes."""

    reason = "JOB_ALREADY_FINISHED"


class JobNotFinished(MhoError):
    """The job is queued or running: cancel it first, then remove it."""

    reason = "JOB_NOT_FINISHED"


class IdempotencyKeyReused(MhoError):
    """The key was used for another body: send the same body again, or choose a key of its own."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class BlobLost(MhoError):
    """The blob store has no such blob, or other bytes under its name."""

    reason = "ARTIFACT_LOST"


class BlobStoreUnavailable(MhoError):
    """The blob store cannot be read or written: disk full, read-only folder, bucket that does not answer."""

    reason = "ARTIFACTS_UNAVAILABLE"


class UploadNotFound(MhoError):
    """No upload of the kind has this id: list those of the kind to see the ids that exist.

    Args:
        kind: of the upload, "dataset"; its reason is then `DATASET_NOT_FOUND`.
        upload_id: as it came.
    """

    def __init__(self, kind: str, upload_id: str) -> None:
        super().__init__(kind, upload_id)
        self.kind, self.upload_id = kind, upload_id
        self.reason = f"{kind.upper()}_NOT_FOUND"

    def __str__(self) -> str:
        return (
            f"got the {self.kind} id {self.upload_id[:80]!a}; allowed: the id of a {self.kind} that exists, as "
            f"`mho {self.kind} list` shows them"
        )


class UploadInUse(MhoError):
    """A queued or running job uses the upload: wait for it, or cancel it.

    Args:
        kind: of the upload, "dataset"; its reason is then `DATASET_IN_USE`.
        upload_id: that was to be removed.
        job_id: the job.
        use: what the job does with it: "is trained on".
    """

    def __init__(self, kind: str, upload_id: str, job_id: str, use: str) -> None:
        super().__init__(kind, upload_id, job_id, use)
        self.kind, self.upload_id, self.job_id, self.use = kind, upload_id, job_id, use
        self.reason = f"{kind.upper()}_IN_USE"

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.upload_id} is what job {self.job_id} {self.use}; allowed: to remove it when no queued "
            "or running job names it: wait, or cancel the job"
        )


class BrokerUnavailable(MhoError):
    """The broker is not configured or does not answer; queued jobs wait and start when it is back."""

    reason = "BROKER_UNAVAILABLE"


class StoreUnavailable(MhoError):
    """The database does not answer, is locked or full, or was written by a newer version of mho."""

    reason = "STORE_UNAVAILABLE"


class QuotaExceeded(MhoError):
    """The service accepts no more jobs that wait, or no more bytes: wait, cancel some, or remove some."""

    reason = "QUOTA_EXCEEDED"


class TokenInvalid(MhoError):
    """The token that came is unknown, expired or revoked: the server's operator can make a new one."""

    reason = "TOKEN_INVALID"


class TokenNotFound(MhoError):
    """No token has this id: `mho token list` shows the ids that exist."""

    reason = "TOKEN_NOT_FOUND"


class HomeInUse(MhoError):
    """Another `mho serve` works on the same home folder: stop that one, or choose another folder."""

    reason = "HOME_IN_USE"


class ServiceNotStarted(MhoError):
    """An embedded service (Redis, the worker) could not be started; the message names its log."""

    reason = "SERVICE_NOT_STARTED"

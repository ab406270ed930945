"""Contract between server and worker: states, jobs, artifacts, messages, settings. Free of torch and Celery."""

from worker.contract.access.caller import EVERYBODY, Caller
from worker.contract.access.scopes import Scope
from worker.contract.access.tokens import Token, TokenStore
from worker.contract.artifacts.artifact_store import ArtifactStore
from worker.contract.blobs.blob import Blob, StoredBlob
from worker.contract.blobs.blob_store import BlobStore
from worker.contract.broker.messages import broker_ready, publish
from worker.contract.broker.publisher import Publisher
from worker.contract.database.database import Database
from worker.contract.database.migrate import upgrade
from worker.contract.errors import (
    BlobLost,
    BlobStoreUnavailable,
    BrokerUnavailable,
    HomeInUse,
    IdempotencyKeyReused,
    JobAlreadyFinished,
    JobNotFinished,
    JobNotFound,
    QuotaExceeded,
    ServiceNotStarted,
    StoreUnavailable,
    TokenInvalid,
    TokenNotFound,
    UploadInUse,
    UploadNotFound,
)
from worker.contract.jobs.events import FINAL_KINDS, Event, EventKind
from worker.contract.jobs.idempotency import KEY_PATTERN, IdempotencyKey
from worker.contract.jobs.job import Artifact, Job, JobPage
from worker.contract.jobs.job_filter import JobFilter
from worker.contract.jobs.job_size import JobSize, job_size
from worker.contract.jobs.job_store import JobStore
from worker.contract.settings.settings import Settings
from worker.contract.states import FINAL, TRANSITIONS, JobState
from worker.contract.upkeep.garbage import Garbage, collect_garbage
from worker.contract.upkeep.reconciler import Reconciler
from worker.contract.upkeep.verification import LostBlob, Verification, verify
from worker.contract.uploads.upload import StoredUpload, UploadPage
from worker.contract.uploads.upload_reference import UploadReference
from worker.contract.uploads.upload_store import UploadStore

__all__ = [
    "EVERYBODY",
    "FINAL",
    "FINAL_KINDS",
    "KEY_PATTERN",
    "TRANSITIONS",
    "Artifact",
    "ArtifactStore",
    "Blob",
    "BlobLost",
    "BlobStore",
    "BlobStoreUnavailable",
    "BrokerUnavailable",
    "Caller",
    "Database",
    "Event",
    "EventKind",
    "Garbage",
    "HomeInUse",
    "IdempotencyKey",
    "IdempotencyKeyReused",
    "Job",
    "JobAlreadyFinished",
    "JobFilter",
    "JobNotFinished",
    "JobNotFound",
    "JobPage",
    "JobSize",
    "JobState",
    "JobStore",
    "LostBlob",
    "Publisher",
    "QuotaExceeded",
    "Reconciler",
    "Scope",
    "ServiceNotStarted",
    "Settings",
    "StoreUnavailable",
    "StoredBlob",
    "StoredUpload",
    "Token",
    "TokenInvalid",
    "TokenNotFound",
    "TokenStore",
    "UploadInUse",
    "UploadNotFound",
    "UploadPage",
    "UploadReference",
    "UploadStore",
    "Verification",
    "broker_ready",
    "collect_garbage",
    "job_size",
    "publish",
    "upgrade",
    "verify",
]

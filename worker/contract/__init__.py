"""What server and worker agree on: states, jobs, artifacts, messages, settings. Free of torch and Celery."""

from worker.contract.artifact_store import ArtifactStore
from worker.contract.blob import Blob, StoredBlob
from worker.contract.blob_store import BlobStore
from worker.contract.caller import EVERYBODY, Caller
from worker.contract.database import Database
from worker.contract.dataset import DatasetPage, StoredDataset
from worker.contract.dataset_store import DatasetStore
from worker.contract.errors import (
    BlobLost,
    BlobStoreUnavailable,
    BrokerUnavailable,
    DatasetInUse,
    DatasetNotFound,
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
)
from worker.contract.events import FINAL_KINDS, Event, EventKind
from worker.contract.garbage import Garbage, collect_garbage
from worker.contract.idempotency import KEY_PATTERN, IdempotencyKey
from worker.contract.job import Artifact, Job, JobPage
from worker.contract.job_filter import JobFilter
from worker.contract.job_size import JobSize, job_size
from worker.contract.job_store import JobStore
from worker.contract.messages import broker_ready, publish
from worker.contract.migrate import upgrade
from worker.contract.publisher import Publisher
from worker.contract.reconciler import Reconciler
from worker.contract.scopes import Scope
from worker.contract.settings import Settings
from worker.contract.states import FINAL, TRANSITIONS, JobState
from worker.contract.tokens import Token, TokenStore
from worker.contract.verification import LostBlob, Verification, verify

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
    "DatasetInUse",
    "DatasetNotFound",
    "DatasetPage",
    "DatasetStore",
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
    "StoredDataset",
    "Token",
    "TokenInvalid",
    "TokenNotFound",
    "TokenStore",
    "Verification",
    "broker_ready",
    "collect_garbage",
    "job_size",
    "publish",
    "upgrade",
    "verify",
]

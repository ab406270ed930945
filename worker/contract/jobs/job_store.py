"""The jobs: the one door to their table, for servers, workers and upkeep."""

from __future__ import annotations

from worker.contract.database.database import Database
from worker.contract.jobs.creation import Quotas
from worker.contract.jobs.server_jobs import ServerJobs
from worker.contract.jobs.upkeep_jobs import UpkeepJobs
from worker.contract.jobs.worker_jobs import WorkerJobs


class JobStore(ServerJobs, WorkerJobs, UpkeepJobs):
    """The job table. Every method is one transaction; any number of processes may use their own store on one database.

    Bring the database up to date with `upgrade(database_url)` before the first use.

    Args:
        database: as `Settings.database_url`, or a database whose connections are shared with other stores.
        max_queued_jobs: how many jobs may wait, None for no limit.
        max_queued_jobs_per_token: how many of them may be posted with one token, None for no limit.
        max_stored_bytes: bytes of artifacts and uploads from which on no job is accepted, None for no limit.

    Raises:
        StoreUnavailable: (every method) the database does not answer.
    """

    def __init__(
        self,
        database: str | Database,
        *,
        max_queued_jobs: int | None = None,
        max_queued_jobs_per_token: int | None = None,
        max_stored_bytes: int | None = None,
    ) -> None:
        super().__init__(database, Quotas(max_queued_jobs, max_queued_jobs_per_token, max_stored_bytes))

"""The jobs: what a server asks of the database, and what a worker may change in it.

Long because it is the one door to the jobs: every method is a transaction with its contract, and little else. What
happens inside is in the modules beside it (`attempts`, `chip_results`, `publications`, `removals`, `references`, ...).
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from hwcore.progress import Progress
from worker.contract.access.caller import EVERYBODY, Caller
from worker.contract.database.database import Database, now
from worker.contract.database.tables import ARTIFACTS, JOBS
from worker.contract.errors import JobAlreadyFinished
from worker.contract.jobs import attempts, chip_results, publications, removals
from worker.contract.jobs.events import Event, EventKind, add_event, events_after, newest_events
from worker.contract.jobs.failure_reasons import WORKER_LOST
from worker.contract.jobs.idempotency import IdempotencyKey, forget_old_keys, job_of_key, remember_key
from worker.contract.jobs.job import Artifact, Job, JobPage
from worker.contract.jobs.job_filter import JobFilter
from worker.contract.jobs.job_id import new_job_id
from worker.contract.jobs.job_rows import fetch, is_seen, job_of, seen
from worker.contract.jobs.job_size import JobSize
from worker.contract.jobs.paging import check_page
from worker.contract.jobs.queue_figures import counts_by_state, queue_waits
from worker.contract.jobs.queue_quota import check_quota, queued_count
from worker.contract.jobs.references import (
    BlobUse,
    check_stored_bytes,
    is_referred_to,
    referenced_blobs,
    stored_bytes,
    uses_of,
)
from worker.contract.jobs.states import JobState
from worker.contract.jobs.transitions import move
from worker.contract.uploads.dataset_rows import hold_dataset

EVERY_JOB = JobFilter()
"""The filter that lets all through."""


class JobStore:
    """The job table. Every method is one transaction; any number of processes may use their own store on one database.

    Bring the database up to date with `upgrade(database_url)` before the first use.

    Args:
        database: as `Settings.database_url`, or a database whose connections are shared with other stores.
        max_queued_jobs: how many jobs may wait, None for no limit.
        max_queued_jobs_per_token: how many of them may be posted with one token, None for no limit.
        max_stored_bytes: bytes of artifacts and datasets from which on no job is accepted, None for no limit.

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
        self._database = Database.of(database)
        self._max_queued_jobs = max_queued_jobs
        self._max_queued_jobs_per_token = max_queued_jobs_per_token
        self._max_stored_bytes = max_stored_bytes
        self._caller = EVERYBODY

    def seen_by(self, caller: Caller) -> JobStore:
        """This store as the caller may see it: without the jobs of others, and whatever is created is the caller's.

        What workers and reconcilers change is not narrowed: they ask on nobody's behalf.
        """
        narrowed = copy.copy(self)
        narrowed._caller = caller
        return narrowed

    def close(self) -> None:
        """Close the connections, also those of stores that share them; they may be used again and open new ones."""
        self._database.close()

    def ping(self) -> None:
        """Ask the database for something small.

        Raises:
            StoreUnavailable: it does not answer, or nobody has called `upgrade`.
        """
        with self._database.read() as connection:
            connection.execute(select(JOBS.c.id).limit(1))

    # What a server asks.

    def create(
        self,
        document: Mapping[str, Any],
        name: str = "",
        labels: Mapping[str, str] | None = None,
        size: JobSize = JobSize.SMALL,
    ) -> Job:
        """Accept a job: it is queued, and safe once this returns. Publish its id afterwards.

        Args:
            document: the document as it was posted and checked, JSON-ready.
            name: at most 200 characters.
            labels: text by text.
            size: which queue its id is published to.

        Raises:
            QuotaExceeded: too many jobs wait, or too many bytes are stored.
            DatasetNotFound: the uploaded dataset that it names has been removed.
        """
        with self._database.write() as connection:
            return self._create(connection, document, name, labels, size)

    def create_once(
        self,
        asked: IdempotencyKey,
        document: Mapping[str, Any],
        name: str = "",
        labels: Mapping[str, str] | None = None,
        size: JobSize = JobSize.SMALL,
    ) -> tuple[Job, bool]:
        """As `create`, but only where the caller has not made a job with this key in the last day.

        Args:
            asked: the key, and the digest of what came with it.
            document, name, labels, size: as for `create`.

        Returns:
            The job as it is now, and whether it was made just now.

        Raises:
            QuotaExceeded: too many jobs wait.
            IdempotencyKeyReused: the key stands for another body.
        """
        try:
            return self._create_once(asked, document, name, labels, size)
        except IntegrityError:
            # Another request with this key was first (on PostgreSQL, where two may write at once): its job is there.
            return self._create_once(asked, document, name, labels, size)

    def made_with(self, asked: IdempotencyKey) -> Job | None:
        """The job that the caller made with this key in the last day, as it is now; None where there is none.

        It only reads: between two requests with one key it is `create_once` that decides.

        Raises:
            IdempotencyKeyReused: the key stands for another body.
        """
        with self._database.read() as connection:
            known = job_of_key(connection, self._caller.owner, asked)
            return None if known is None else fetch(connection, known, self._caller)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            JobNotFound: no job has this id.
        """
        with self._database.read() as connection:
            return fetch(connection, job_id, self._caller)

    def list(self, wanted: JobFilter = EVERY_JOB, limit: int = 50, cursor: str | None = None) -> JobPage:
        """Jobs, newest first.

        Args:
            wanted: only these.
            limit: at most so many, 1 to 1000.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidInput: limit or cursor is none.
        """
        check_page(limit, cursor)
        statement = select(JOBS).where(*seen(self._caller)).order_by(JOBS.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(JOBS.c.id < cursor)
        with self._database.read() as connection:
            rows = connection.execute(statement.where(*wanted.conditions(connection)))
            jobs = tuple(job_of(row) for row in rows)
        return JobPage(jobs[:limit], jobs[limit - 1].id if len(jobs) > limit else None)

    def request_cancel(self, job_id: str) -> Job:
        """End a job: a queued one at once, a running one as soon as its worker hears of it (asking twice is no error).

        Raises:
            JobNotFound: no job has this id.
            JobAlreadyFinished: it has succeeded, failed or been cancelled.
        """
        with self._database.write() as connection:
            job = fetch(connection, job_id, self._caller, lock=True)
            if not move(connection, job_id, JobState.CANCELLED, JOBS.c.state == JobState.QUEUED, cancel_requested=True):
                flagged = connection.execute(
                    update(JOBS)
                    .where(JOBS.c.id == job_id, JOBS.c.state == JobState.RUNNING, JOBS.c.cancel_requested.is_(False))
                    .values(cancel_requested=True)
                )
                if flagged.rowcount == 1:
                    add_event(connection, job_id, EventKind.CANCEL_REQUESTED)
                elif job.state is not JobState.RUNNING:
                    raise JobAlreadyFinished(
                        f"job {job_id} is {job.state}; allowed: to cancel a job that is queued or running"
                    )
            return fetch(connection, job_id, self._caller)

    def delete(self, job_id: str) -> None:
        """Remove a finished job, its manifest and its events; its files go with the next collection of garbage.

        Raises:
            JobNotFound: no job has this id.
            JobNotFinished: it is queued or running.
        """
        with self._database.write() as connection:
            removals.remove(connection, job_id, self._caller)

    def artifacts(self, job_id: str) -> tuple[Artifact, ...]:
        """The manifest of a job, by name; empty until it has succeeded.

        Raises:
            JobNotFound: no job has this id.
        """
        statement = select(ARTIFACTS).where(ARTIFACTS.c.job_id == job_id)
        with self._database.read() as connection:
            fetch(connection, job_id, self._caller)
            rows = connection.execute(statement).all()
        # Sorted here: databases differ in what comes after what.
        found = (Artifact(row.name, row.size, row.sha256, row.media_type) for row in rows)
        return tuple(sorted(found, key=lambda artifact: artifact.name))

    def events(self, job_id: str, after: int = 0) -> tuple[Event, ...]:
        """What happened to a job after the event `after`, in order, at most `events.PAGE` at once; empty for no job."""
        with self._database.read() as connection:
            return events_after(connection, job_id, after) if is_seen(connection, job_id, self._caller) else ()

    def newest_events(self, job_ids: Collection[str]) -> dict[str, int]:
        """The id of the newest event of each of these jobs; a job without one, or that is gone, is left out."""
        with self._database.read() as connection:
            return newest_events(connection, job_ids)

    def counts(self) -> dict[JobState, int]:
        """How many jobs are in each state; a state of none is left out."""
        with self._database.read() as connection:
            return counts_by_state(connection)

    def queue_waits(self) -> tuple[float, float]:
        """The longest wait of the queued jobs, and the mean one of the jobs that were started last, s."""
        with self._database.read() as connection:
            return queue_waits(connection)

    # What a worker changes. Every change is fenced by the attempt.

    def claim(self, job_id: str, worker: str, lease_seconds: float) -> Job | None:
        """Start the next attempt of a queued job.

        Returns:
            The running job with its new `attempt`, or None where the job is not queued: another worker has it, it was
            cancelled, or there is none. Then the message is to be dropped.
        """
        with self._database.write() as connection:
            claimed = attempts.claim(connection, job_id, worker, lease_seconds)
            return fetch(connection, job_id) if claimed else None

    def heartbeat(
        self, job_id: str, attempt: int, lease_seconds: float, progress: Progress | None = None
    ) -> bool | None:
        """Renew the lease of an attempt and note how far it is.

        Returns:
            Whether the job is to be cancelled; None where the attempt is no longer the job's own: stop it.
        """
        with self._database.write() as connection:
            return attempts.heartbeat(connection, job_id, attempt, lease_seconds, progress)

    def keep_checkpoint(self, job_id: str, attempt: int, checkpoint: Mapping[str, Any]) -> bool:
        """Let the next attempt go on from a checkpoint, which is a blob that is already kept.

        Args:
            job_id: the job.
            attempt: that took it.
            checkpoint: `{"sha256", "size", "stage", "epoch"}`.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.keep_checkpoint(connection, job_id, attempt, checkpoint)

    def refers_to(self, sha256: str) -> bool:
        """Whether any artifact, dataset, checkpoint or bundle is this blob."""
        with self._database.read() as connection:
            return is_referred_to(connection, sha256)

    def uses_of(self, sha256: str) -> tuple[BlobUse, ...]:
        """Every artifact, dataset, checkpoint and bundle that is this blob."""
        with self._database.read() as connection:
            return uses_of(connection, sha256)

    def keep_bundle(self, job_id: str, attempt: int, sha256: str) -> bool:
        """Name the blob that other workers need to help an attempt; it is kept while the attempt runs.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return chip_results.keep_bundle(connection, job_id, attempt, sha256)

    def chip_results(self, job_id: str, bundle: str, known: int = 0) -> Mapping[str, Sequence[int]]:
        """What other workers have found for a job that has not ended, by task.

        Args:
            job_id: the job.
            bundle: SHA-256 of the one that its attempt has offered.
            known: how many results the caller has already; empty where there are no more.
        """
        with self._database.read() as connection:
            return chip_results.results_of(connection, job_id, bundle, known)

    def keep_judged_chips(self, job_id: str, attempt: int, bundle: str, results: Mapping[str, Sequence[int]]) -> bool:
        """Keep what an attempt has found of its chips: whoever goes on with the same bundle need not judge them again.

        Args:
            job_id: the job.
            attempt: that judged them.
            bundle: SHA-256 of what was written to the chips.
            results: by task; a task's first result stays.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.keep_chips(connection, job_id, attempt, bundle, results)

    def judged_chips(self, job_id: str) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """What was found of the chips of a job, by its attempts and their helpers: by bundle and task."""
        with self._database.read() as connection:
            return chip_results.judged_chips(connection, job_id)

    def finish(
        self,
        job_id: str,
        attempt: int,
        state: JobState,
        *,
        error: Mapping[str, Any] | None = None,
        result: Mapping[str, Any] | None = None,
        artifacts: Iterable[Artifact] = (),
    ) -> bool:
        """End a job: its state, error or result, and manifest, all at once or not at all.

        Returns:
            Whether it was done; False where the attempt is no longer the job's own.

        Raises:
            ValueError: the state is not final.
        """
        with self._database.write() as connection:
            return attempts.finish(connection, job_id, attempt, state, error, result, artifacts)

    def hand_back(self, job_id: str, attempt: int) -> JobState | None:
        """Return a running job to the queue, because its worker is shutting down: the attempt does not count as lost.

        Returns:
            The job's new state; None where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.hand_back(connection, job_id, attempt)

    def retry_or_fail(self, job_id: str, attempt: int, max_attempts: int, error: Mapping[str, Any]) -> JobState | None:
        """Take a job from an attempt that died: it is queued again, or fails with `error`.

        It fails where so many attempts have died one after the other and none of them kept anything new: a checkpoint
        that is further than any before, or a chip that nobody had judged.

        Returns:
            The job's new state; None where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.count_lost(connection, job_id, attempt, max_attempts, error)

    # What a worker may do for another one's attempt.

    def help_wanted(self, job_id: str, attempt: int, bundle: str | None, before: Collection[JobSize] = ()) -> bool:
        """Whether an attempt is still to be helped.

        Args:
            job_id: the job.
            attempt: its attempt.
            bundle: SHA-256 of the one that the helper was told of: another one's is not to be helped; None: asked
                before anything is offered.
            before: sizes of jobs that the helper takes: where one of them waits, it goes before.
        """
        with self._database.read() as connection:
            return chip_results.help_wanted(connection, job_id, attempt, bundle, before)

    def keep_chip_results(self, job_id: str, attempt: int, bundle: str, results: Mapping[str, Sequence[int]]) -> bool:
        """Note what was found of some tasks of a running attempt with its bundle; a task's first result stays.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own, or has another bundle.
        """
        with self._database.write() as connection:
            return chip_results.keep_results(connection, job_id, attempt, bundle, results)

    # What a reconciler puts right. Any number of them may run at once.

    def recover_dead_leases(self, max_attempts: int) -> tuple[str, ...]:
        """Take running jobs from workers that let their lease run out.

        Returns:
            The jobs that were queued again, failed (reason `WORKER_LOST`) or cancelled.
        """
        with self._database.read() as connection:
            dead = (JOBS.c.state == JobState.RUNNING, JOBS.c.lease_until < now(connection))
            rows = connection.execute(select(JOBS.c.id, JOBS.c.attempt, JOBS.c.worker).where(*dead)).all()
        recovered = []
        for row in rows:
            detail = (
                f"the worker {row.worker} fell silent during attempt {row.attempt}, and {max_attempts} in a row may "
                "end with nothing new kept (MHO_MAX_ATTEMPTS); see the worker's log and the machine's memory, then "
                "post the job again"
            )
            error = {"reason": WORKER_LOST, "detail": detail}
            with self._database.write() as connection:
                if attempts.count_lost(connection, row.id, row.attempt, max_attempts, error, dead=True):
                    recovered.append(row.id)
        return tuple(recovered)

    def forget_old_keys(self) -> int:
        """Remove the idempotency keys that are no longer remembered; how many."""
        with self._database.write() as connection:
            return forget_old_keys(connection)

    def queued_count(self, size: JobSize | None = None) -> int:
        """How many jobs wait, of all sizes or of one."""
        with self._database.read() as connection:
            return queued_count(connection, *(() if size is None else (JOBS.c.size == size,)))

    def queued_before(self, moment: datetime, size: JobSize | None = None, limit: int = 100) -> tuple[str, ...]:
        """Queued jobs, of all sizes or of one, that are due to be published at `moment`, the longest due first."""
        with self._database.read() as connection:
            return publications.due(connection, moment, size, limit)

    def take_publication(self, job_id: str, moment: datetime) -> bool:
        """Make the publication of a due job the caller's alone, and put the next one off: 5 s, 10 s, ... 1 min.

        Returns:
            False where another reconciler was first or the job is no longer queued.
        """
        with self._database.write() as connection:
            return publications.take(connection, job_id, moment)

    def return_publication(self, job_id: str) -> None:
        """The publication did not work: the job is due at once again."""
        with self._database.write() as connection:
            publications.give_back(connection, job_id)

    # What a collection of garbage asks.

    def finished_before(self, age: timedelta) -> tuple[tuple[str, datetime], ...]:
        """Jobs that have been finished for longer than `age`, oldest first: (id, when it finished)."""
        with self._database.read() as connection:
            return removals.finished_before(connection, age)

    def referenced_blobs(self, without: Collection[str] = ()) -> frozenset[str]:
        """The SHA-256 of every blob that an artifact, a dataset, a checkpoint or a bundle is kept in.

        Args:
            without: ids of jobs that do not count.
        """
        with self._database.read() as connection:
            return referenced_blobs(connection, without)

    def stored_bytes(self) -> int:
        """Bytes of all artifacts and datasets, the same bytes counted once."""
        with self._database.read() as connection:
            return stored_bytes(connection)

    def time(self) -> datetime:
        """The time by the clock that all processes share (UTC)."""
        with self._database.read() as connection:
            return now(connection)

    def wanted_attempts(self, job_ids: Collection[str]) -> frozenset[tuple[str, int]]:
        """Of the named jobs, every (id, attempt) that runs: only these may have anything staged."""
        statement = select(JOBS.c.id, JOBS.c.attempt).where(
            JOBS.c.state == JobState.RUNNING, JOBS.c.id.in_(bindparam("ids", expanding=True))
        )
        wanted: set[tuple[str, int]] = set()
        names = sorted(job_ids)
        with self._database.read() as connection:
            for start in range(0, len(names), 500):
                rows = connection.execute(statement, {"ids": names[start : start + 500]})
                wanted.update((row.id, row.attempt) for row in rows)
        return frozenset(wanted)

    def _create(
        self,
        connection: Connection,
        document: Mapping[str, Any],
        name: str,
        labels: Mapping[str, str] | None,
        size: JobSize,
    ) -> Job:
        check_quota(connection, self._caller.owner, self._max_queued_jobs, self._max_queued_jobs_per_token)
        check_stored_bytes(connection, self._max_stored_bytes)
        hold_dataset(connection, document, self._caller)
        job_id = new_job_id()
        moment = now(connection)
        connection.execute(
            insert(JOBS).values(
                id=job_id,
                owner=self._caller.owner,
                name=name,
                labels=dict(labels or {}),
                kind=str(document.get("kind", "compile")),
                state=JobState.QUEUED,
                size=size,
                document=dict(document),
                attempt=0,
                attempts_without_progress=0,
                cancel_requested=False,
                publish_after=moment + publications.FIRST_WAIT,
                publishes=0,
                created_at=moment,
                **attempts.AT_THE_START,
            )
        )
        add_event(connection, job_id, EventKind.QUEUED)
        return fetch(connection, job_id, self._caller)

    def _create_once(
        self,
        asked: IdempotencyKey,
        document: Mapping[str, Any],
        name: str,
        labels: Mapping[str, str] | None,
        size: JobSize,
    ) -> tuple[Job, bool]:
        owner = self._caller.owner
        with self._database.write() as connection:
            known = job_of_key(connection, owner, asked)
            if known is not None:
                return fetch(connection, known, self._caller), False
            job = self._create(connection, document, name, labels, size)
            remember_key(connection, owner, asked, job.id)
            return job, True

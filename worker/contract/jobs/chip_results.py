"""Chips that were judged for a job, and those that helpers judge. A change is fenced: it happens while an attempt runs.

An answer is that of a bundle, and stays until the job ends: whoever goes on with the same bundle need not look again.
What helpers ask and hand in names the bundle that they have: it has to be the one of the job's row, whatever a message
says.

`JobStore` has the transactions around these, and says what each is for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from worker.contract.database.tables import CHIP_RESULTS, JOBS
from worker.contract.jobs.job_size import JobSize
from worker.contract.states import JobState


def keep_bundle(connection: Connection, job_id: str, attempt: int, sha256: str) -> bool:
    """Name the blob that helpers need; whether the job was still the attempt's."""
    statement = update(JOBS).where(*_running(job_id, attempt)).values(bundle=sha256)
    return connection.execute(statement).rowcount == 1


def help_wanted(
    connection: Connection, job_id: str, attempt: int, bundle: str | None, before: Collection[JobSize]
) -> bool:
    """Tell whether the attempt runs with this bundle, is not to end, and no job of the sizes `before` waits.

    None is the bundle of an attempt that has offered nothing.
    """
    wanted = select(JOBS.c.id).where(*_offered(job_id, attempt, bundle), JOBS.c.cancel_requested.is_(False))
    waiting = select(JOBS.c.id).where(JOBS.c.state == JobState.QUEUED, JOBS.c.size.in_(before))
    return bool(connection.scalar(select(wanted.exists() & ~waiting.exists())))


def keep_results(
    connection: Connection, job_id: str, attempt: int, bundle: str, results: Mapping[str, Sequence[int]]
) -> bool:
    """Note what was found with a bundle, for tasks of which nothing is noted yet; whether it is the attempt's."""
    # Held until the commit: a job that ends removes what was noted before, and nothing is noted after.
    if connection.scalar(select(JOBS.c.id).where(*_offered(job_id, attempt, bundle)).with_for_update()) is None:
        return False
    add_results(connection, job_id, bundle, results, helped=True)
    return True


def add_results(
    connection: Connection, job_id: str, bundle: str, results: Mapping[str, Sequence[int]], *, helped: bool
) -> int:
    """Note answers of which nothing is noted yet; how many. The job's row has to be held."""
    mine = (CHIP_RESULTS.c.job_id == job_id, CHIP_RESULTS.c.bundle == bundle)
    known = set(connection.scalars(select(CHIP_RESULTS.c.task).where(*mine, CHIP_RESULTS.c.task.in_(list(results)))))
    rows = [
        {"job_id": job_id, "bundle": bundle, "task": task, "result": list(result), "helped": helped}
        for task, result in results.items()
        if task not in known
    ]
    if rows:
        connection.execute(insert(CHIP_RESULTS), rows)
    return len(rows)


def results_of(connection: Connection, job_id: str, bundle: str, known: int) -> dict[str, list[int]]:
    """Results of helpers with a bundle, by task; empty where it is no more than the `known` number."""
    mine = (CHIP_RESULTS.c.job_id == job_id, CHIP_RESULTS.c.bundle == bundle, CHIP_RESULTS.c.helped)
    if (connection.scalar(select(func.count()).select_from(CHIP_RESULTS).where(*mine)) or 0) <= known:
        return {}
    rows = connection.execute(select(CHIP_RESULTS.c.task, CHIP_RESULTS.c.result).where(*mine))
    return {row.task: row.result for row in rows}


def judged_chips(connection: Connection, job_id: str) -> dict[str, dict[str, list[int]]]:
    """All that anybody has found for a job, by bundle and task."""
    found: dict[str, dict[str, list[int]]] = {}
    for row in connection.execute(select(CHIP_RESULTS).where(CHIP_RESULTS.c.job_id == job_id)):
        found.setdefault(row.bundle, {})[row.task] = row.result
    return found


def forget_results(connection: Connection, job_id: str) -> None:
    """Remove what was found for a job."""
    connection.execute(delete(CHIP_RESULTS).where(CHIP_RESULTS.c.job_id == job_id))


def _running(job_id: str, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (JOBS.c.id == job_id, JOBS.c.attempt == attempt, JOBS.c.state == JobState.RUNNING)


def _offered(job_id: str, attempt: int, bundle: str | None) -> tuple[ColumnElement[bool], ...]:
    return (*_running(job_id, attempt), JOBS.c.bundle == bundle)

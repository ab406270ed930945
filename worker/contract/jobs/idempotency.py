"""Keys with which a client may post the same thing again without its being done twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from worker.contract.database.database import now
from worker.contract.database.tables import IDEMPOTENCY_KEYS
from worker.contract.errors import IdempotencyKeyReused

KEPT = timedelta(hours=24)
"""Time for which a key is remembered."""

KEY_PATTERN = "^[!-~]{1,255}$"
"""Form of a key: 1 to 255 visible ASCII characters."""


@dataclass(frozen=True)
class IdempotencyKey:
    """Name that a client gave a request, with what was in it.

    Args:
        key: as the client chose it, matching `KEY_PATTERN`.
        digest: SHA-256 of the request's body, 64 hexadecimal digits.
    """

    key: str
    digest: str


def job_of_key(connection: Connection, owner: str, asked: IdempotencyKey) -> str | None:
    """The id of the job that this owner made with this key; None where it is new, or too old. It only reads.

    Raises:
        IdempotencyKeyReused: the key stands for another body.
    """
    mine = (IDEMPOTENCY_KEYS.c.owner == owner, IDEMPOTENCY_KEYS.c.key == asked.key)
    young = IDEMPOTENCY_KEYS.c.created_at >= now(connection) - KEPT
    statement = select(IDEMPOTENCY_KEYS.c.digest, IDEMPOTENCY_KEYS.c.job_id).where(*mine, young)
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    if row.digest != asked.digest:
        raise IdempotencyKeyReused(
            f"got the Idempotency-Key {asked.key[:80]!r} with another body than the first time, when it made job "
            f"{row.job_id}; allowed: the same body to the byte, or a key of its own for another job"
        )
    return str(row.job_id)


def remember_key(connection: Connection, owner: str, asked: IdempotencyKey, job_id: str) -> None:
    """Note which job a key has made; what it stood for more than `KEPT` ago is forgotten.

    Raises:
        sqlalchemy.exc.IntegrityError: another transaction was first.
    """
    moment = now(connection)
    mine = (IDEMPOTENCY_KEYS.c.owner == owner, IDEMPOTENCY_KEYS.c.key == asked.key)
    connection.execute(delete(IDEMPOTENCY_KEYS).where(*mine, IDEMPOTENCY_KEYS.c.created_at < moment - KEPT))
    connection.execute(
        insert(IDEMPOTENCY_KEYS).values(
            owner=owner, key=asked.key, digest=asked.digest, job_id=job_id, created_at=moment
        )
    )


def forget_old_keys(connection: Connection) -> int:
    """Remove the keys that are older than `KEPT`; how many."""
    old = IDEMPOTENCY_KEYS.c.created_at < now(connection) - KEPT
    return connection.execute(delete(IDEMPOTENCY_KEYS).where(old)).rowcount

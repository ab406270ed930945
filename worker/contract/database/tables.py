"""The tables of the database, which is the truth about every job."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: always aware in Python, stored without zone where the database has none (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to the database: refuse a time without zone, give the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"got the time {value.isoformat()} without a zone; give an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert from the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Explicit names, so that a later migration can drop a constraint on any database.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(36), primary_key=True),
    # Id of the token that posted it; empty where the service has no tokens.
    Column("owner", String(36), nullable=False, server_default=""),
    Column("name", String(200), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("document", JSON, nullable=False),
    Column("stage", String(40)),
    Column("epoch", Integer),
    Column("epochs", Integer),
    Column("fraction", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("seconds_left", Float),
    # Which queue its id is published to: "small" or "large".
    Column("size", String(20), nullable=False, server_default="small"),
    # Where its training goes on after a loss: {"sha256", "size", ...}, a blob.
    Column("checkpoint", JSON(none_as_null=True)),
    # SHA-256 of the blob with which the running attempt offers its chips to other workers.
    Column("bundle", String(64)),
    # Counts every start: the number that fences a late attempt off.
    Column("attempt", Integer, nullable=False),
    # Counts the attempts that ended badly, not by the job's own doing, and kept nothing new (no checkpoint, no chip),
    # since the last one that did: the number that stops a poisonous job.
    Column("attempts_without_progress", Integer, nullable=False),
    # The last attempt that kept something new; 0: none has.
    Column("progress_attempt", Integer, nullable=False, server_default="0"),
    Column("worker", String(200)),
    Column("lease_until", UtcDateTime),
    Column("cancel_requested", Boolean, nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("result", JSON(none_as_null=True)),
    # From when the reconciler may publish a queued job (again), and how often it has done so since it was queued.
    Column("publish_after", UtcDateTime, nullable=False),
    Column("publishes", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Index(None, "state", "id"),
    Index(None, "owner", "id"),
    Index(None, "state", "publish_after"),
    Index(None, "state", "lease_until"),
)

ARTIFACTS = Table(
    "artifacts",
    METADATA,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(500), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(200), nullable=False),
    Index(None, "sha256"),
)

# Append-only. Whoever writes one holds the job's row: so the ids of one job's events are committed in their order.
EVENTS = Table(
    "events",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "job_id", "id"),
    # Without it SQLite gives the id of a removed event to the next one.
    sqlite_autoincrement=True,
)

# Chips that were judged for a job, by its attempts and by helpers; they go when the job ends, whatever its end.
CHIP_RESULTS = Table(
    "chip_results",
    METADATA,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    # SHA-256 of the bundle that was written to the chips: an answer counts for this one alone.
    Column("bundle", String(64), primary_key=True),
    # As `hwcore.pipeline` names it: effects and the number of the chip.
    Column("task", String(200), primary_key=True),
    # Test images classified right, a list of whole numbers.
    Column("result", JSON, nullable=False),
    # Whether a helper found it.
    Column("helped", Boolean, nullable=False),
)

# Which uploads a job uses, as its document said when it was created. Without a foreign key to the upload: that may be
# removed once the job has finished, and the job still says what it was about.
JOB_REFERENCES = Table(
    "job_references",
    METADATA,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    # Kind of the upload: "dataset".
    Column("kind", String(40), primary_key=True),
    Column("upload_id", String(36), primary_key=True),
    Index(None, "kind", "upload_id"),
)

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("owner", String(36), primary_key=True),
    Column("key", String(255), primary_key=True),
    # SHA-256 of the request's body.
    Column("digest", String(64), nullable=False),
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("name", String(200), nullable=False),
    # SHA-256 of the token: the token itself is nowhere.
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

UPLOADS = Table(
    "uploads",
    METADATA,
    Column("id", String(36), primary_key=True),
    # "dataset"
    Column("kind", String(40), nullable=False),
    Column("owner", String(36), nullable=False, server_default=""),
    Column("name", String(200), nullable=False),
    # Of the bytes as they came, which are a blob under this name.
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    # What its check found in it: of a dataset shapes, classes, counts.
    Column("description", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "owner", "sha256"),
)

"""Rows for the uploads that each job uses: those that its document names."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_JOBS = sa.table("jobs", sa.column("id", sa.String), sa.column("document", sa.JSON))
_REFERENCES = sa.table(
    "job_references",
    sa.column("job_id", sa.String),
    sa.column("kind", sa.String),
    sa.column("upload_id", sa.String),
)
_ID_LENGTH = 36
_PAGE = 500


def upgrade() -> None:
    """Make the table, and fill it for the jobs that are stored."""
    if op.get_bind().dialect.name == "postgresql":
        # An old server that still runs takes them in this order: in the other one, both would wait for ever.
        op.execute("LOCK TABLE datasets, jobs IN ACCESS EXCLUSIVE MODE")
    op.create_table(
        "job_references",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("upload_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "kind", "upload_id", name="pk_job_references"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_references_job_id", ondelete="CASCADE"),
    )
    op.create_index("ix_job_references_kind_upload_id", "job_references", ["kind", "upload_id"])
    connection, last = op.get_bind(), ""
    while jobs := connection.execute(
        sa.select(_JOBS.c.id, _JOBS.c.document).where(_JOBS.c.id > last).order_by(_JOBS.c.id).limit(_PAGE)
    ).all():
        rows = [
            {"job_id": job.id, "kind": "dataset", "upload_id": dataset_id}
            for job in jobs
            if (dataset_id := _uploaded_dataset(job.document)) is not None
        ]
        if rows:
            connection.execute(sa.insert(_REFERENCES), rows)
        last = jobs[-1].id


def downgrade() -> None:
    """Drop the table: earlier versions read the documents."""
    op.drop_table("job_references")


def _uploaded_dataset(document: Any) -> str | None:
    """The id of the uploaded dataset that a document names, None where it names none."""
    dataset = document.get("dataset") if isinstance(document, dict) else None
    if not isinstance(dataset, dict) or dataset.get("type") != "uploaded":
        return None
    dataset_id = dataset.get("id")
    return dataset_id if isinstance(dataset_id, str) and len(dataset_id) == _ID_LENGTH else None

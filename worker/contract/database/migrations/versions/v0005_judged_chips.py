"""Chips that were judged stay until their job ends; attempts count as lost where they kept nothing new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name the column by what it counts from now on, add the other one, and make the table of chips anew."""
    # By hand: a batch would copy the table on SQLite, and what refers to its rows would go with the old one.
    op.execute("ALTER TABLE jobs RENAME COLUMN lost_attempts TO attempts_without_progress")
    op.add_column("jobs", sa.Column("progress_attempt", sa.Integer, nullable=False, server_default="0"))
    # What is in it helps an attempt that runs, and nobody else: that attempt judges these chips itself.
    op.drop_table("chip_results")
    op.create_table(
        "chip_results",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("bundle", sa.String(64), nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("helped", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "bundle", "task", name="pk_chip_results"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_chip_results_job_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Make both as they were."""
    op.drop_table("chip_results")
    op.create_table(
        "chip_results",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "attempt", "task", name="pk_chip_results"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_chip_results_job_id", ondelete="CASCADE"),
    )
    op.drop_column("jobs", "progress_attempt")
    op.execute("ALTER TABLE jobs RENAME COLUMN attempts_without_progress TO lost_attempts")

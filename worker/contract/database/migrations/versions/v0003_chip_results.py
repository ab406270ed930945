"""Chips of a running attempt that other workers look at: the bundle that they need, and what they found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("bundle", sa.String(64)))
    op.create_table(
        "chip_results",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "attempt", "task", name="pk_chip_results"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_chip_results_job_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("chip_results")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("bundle")

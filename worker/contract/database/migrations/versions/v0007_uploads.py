"""One table of uploads with a kind, in the place of that of datasets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COMMON = ("id", "owner", "name", "sha256", "size", "description", "created_at")
_DATASETS = sa.table("datasets", *(sa.column(name) for name in _COMMON))
_UPLOADS = sa.table("uploads", *(sa.column(name) for name in (*_COMMON, "kind")))


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(36), nullable=False, server_default=""),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("description", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    """Make the table, take the datasets over with their ids, and drop theirs."""
    identifier, *others = _columns()
    op.create_table(
        "uploads",
        identifier,
        sa.Column("kind", sa.String(40), nullable=False),
        *others,
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("kind", "owner", "sha256", name="uq_uploads_kind_owner_sha256"),
    )
    kept = [_DATASETS.c[name] for name in _COMMON]
    op.get_bind().execute(
        sa.insert(_UPLOADS).from_select([*_COMMON, "kind"], sa.select(*kept, sa.literal("dataset", sa.String)))
    )
    op.drop_table("datasets")


def downgrade() -> None:
    """Make the table of datasets again; uploads of other kinds are lost."""
    op.create_table(
        "datasets",
        *_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.UniqueConstraint("owner", "sha256", name="uq_datasets_owner_sha256"),
    )
    kept = sa.select(*(_UPLOADS.c[name] for name in _COMMON)).where(_UPLOADS.c.kind == "dataset")
    op.get_bind().execute(sa.insert(_DATASETS).from_select(list(_COMMON), kept))
    op.drop_table("uploads")

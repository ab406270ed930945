"""Stored jobs keep what they meant: converters that did not say their range had the full one.

From the version of mho that comes with this migration on they have a calibrated one.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JOBS = sa.table("jobs", sa.column("id", sa.String), sa.column("document", sa.JSON))
_PAGE = 500


def upgrade() -> None:
    """Write the range into every document that leaves it out."""
    connection, last = op.get_bind(), ""
    while rows := connection.execute(
        sa.select(_JOBS.c.id, _JOBS.c.document).where(_JOBS.c.id > last).order_by(_JOBS.c.id).limit(_PAGE)
    ).all():
        for job_id, document in rows:
            if (adc := _without_range(document)) is not None:
                adc["range"] = {"type": "full"}
                connection.execute(sa.update(_JOBS).where(_JOBS.c.id == job_id).values(document=document))
        last = rows[-1].id


def downgrade() -> None:
    """Leave the documents: what they say has one meaning in every version."""


def _without_range(document: Any) -> dict[str, Any] | None:
    """The converters of a job's hardware, where they do not say their range."""
    hardware = document.get("hardware") if isinstance(document, dict) else None
    adc = hardware.get("adc") if isinstance(hardware, dict) else None
    return adc if isinstance(adc, dict) and "range" not in adc else None

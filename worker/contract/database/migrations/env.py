"""Use the connection, and the transaction, that `worker.contract.database.migrate` opened; Alembic runs this file.

Batch mode, because SQLite cannot alter a table in place.
"""

from __future__ import annotations

from alembic import context

from worker.contract.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

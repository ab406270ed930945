"""Alembic's folder: one revision per change of the tables, run by `worker.contract.database.migrate`."""

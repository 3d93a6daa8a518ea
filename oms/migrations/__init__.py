"""Alembic migrations of the OMS database; the same on SQLite and PostgreSQL."""

"""Alembic's entry for the device's store; the connection is handed in by ``sync.store.schema``."""

from __future__ import annotations

from alembic import context

from sync.store.models import DeviceTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=DeviceTable.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()

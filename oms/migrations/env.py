"""Runs the migrations on the connection that ``oms.schema`` hands over, in one transaction on both databases."""

from __future__ import annotations

from alembic import context

from oms.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    # SQLite can do it as well; without this a killed upgrade would leave half a schema.
    transactional_ddl=True,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

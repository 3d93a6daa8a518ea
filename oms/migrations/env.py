"""Runs the migrations on the connection that ``oms.schema`` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from oms.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

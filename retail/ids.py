"""Identities made before anything is sent; each is also its write's idempotency key."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A fresh UUIDv7 in its usual spelling: unique everywhere, roughly ordered by time."""
    return str(uuid_utils.uuid7())

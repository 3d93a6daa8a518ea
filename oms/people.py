"""Who works in the stores: kept here, sent to the devices as changes, signed in on the device (offline too)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from argon2 import PasswordHasher
from sqlmodel import Session

from oms import audit, changes
from oms.models import User
from retail.errors import Rejected
from retail.text import UnusableText, required

Role = Literal["associate", "manager"]
USER_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
SHORTEST = 8  # characters of a password
LONGEST = 200

_hasher = PasswordHasher()


def set_user(
    session: Session,
    user: str,
    password: str,
    now: datetime,
    *,
    name: str | None = None,
    role: Role = "associate",
    store: str = "",
    active: bool = True,
    actor: str = "oms",
) -> User:
    """Add ``user``, or change everything of one that exists; devices of ``store`` ("": all) learn of it.

    Raises Rejected (``user_name``, ``password``, ``name``) with advice in its detail.
    """
    user = user.strip().lower()
    if not USER_NAME.fullmatch(user):
        raise Rejected("user_name", "A user name is 2 to 64 lower-case letters, digits, dots, hyphens.")
    if not SHORTEST <= len(password) <= LONGEST:
        raise Rejected("password", f"A password has at least {SHORTEST} characters.")
    try:
        shown = required(name or user, longest=60)
    except UnusableText as error:
        raise Rejected("name", str(error)) from error
    found = session.get(User, user, with_for_update=True)
    if found is None:
        found = User(user=user, name=shown, password_hash="", role=role, version=0)
    left = found.store if found.version and store and found.store != store else None
    found.name, found.role, found.store, found.active = shown, role, store, active
    found.password_hash = _hasher.hash(password)
    if left is not None:
        # Devices that knew this person and no longer should. Its own version, because a device may get both.
        found.version += 1
        changes.put(session, _news(found, left, active=False))
    found.version += 1
    session.add(found)
    changes.put(session, _news(found, store, active=active))
    audit.note(session, audit.Entry(now, actor, "user.set", user, f"{role} {store or 'all stores'}"))
    return found


def _news(user: User, store: str, *, active: bool) -> changes.News:
    body = {
        "user": user.user,
        "name": user.name,
        "password_hash": user.password_hash,
        "role": user.role,
        "active": active,
        "version": user.version,
    }
    return changes.News("associate", body, store=store)

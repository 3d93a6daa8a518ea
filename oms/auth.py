"""Who a device is: enrolment by a single-use code, rotating refresh tokens, access tokens of 15 minutes.

    code (10 minutes, once) --> device, refresh token 1
    refresh token n         --> access token, refresh token n+1

No token is ever kept. A refresh token says which device, which family and which generation it is, and proves it
by a keyed hash; the device's row says which generation is due. So after a restore of an old backup a genuine newer
token is still good, and an older one proves that somebody used it twice: the device is shut out. The one exception
is the token just before: whoever repeats it within a minute, or before its successor was ever used (the answer may
have been lost in a crash), gets the same successor.

Functions that refuse *return* the Refusal, because what they have counted must be committed all the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import jwt
from sqlmodel import Session, col, delete, func, select

from oms import audit
from oms.models import Device, EnrolCode
from oms.problems import Refusal, expired_token, no_token, revoked, wrong_code
from oms.store import insert_new
from retail.errors import Misconfigured
from retail.ids import new_id
from retail.text import UnusableText, required
from sync.protocol import EnrolAnswer, Tokens

ACCESS = timedelta(minutes=15)
GRACE = timedelta(seconds=60)
CODE_LIFE = timedelta(minutes=10)
TRIES = 5
AUDIENCE = "aisle-device"
GENUINE = 50_000  # access tokens remembered at once

DIGITS = "23456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O
ALPHABET = frozenset(DIGITS + LETTERS)
SELECTOR, SECRET = 4, 6  # characters of a code: the first find it, the others prove it
STORE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs and proves, derived from one secret; another secret for each purpose."""

    access: bytes
    refresh: bytes
    code: bytes

    @classmethod
    def of(cls, secret: bytes) -> Keys:
        """From the bytes of the key file."""
        return cls(*(_hash(secret, purpose) for purpose in ("access", "refresh", "code")))


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says: who, and which generation of its tokens it belongs to."""

    device: str
    store: str
    generation: int


def load_keys(path: Path) -> Keys:
    """The keys from the file ``path``, which is made (readable by its owner only) when it is missing.

    Back it up beside the database: without it every device has to be enrolled again. Raises Misconfigured.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = path.with_name(f"{path.name}.{os.getpid()}")
            file = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
            try:
                os.write(file, secrets.token_bytes(32))
                os.fsync(file)
            finally:
                os.close(file)
            try:
                os.link(fresh, path)  # never over a key that another process has just made
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        if path.stat().st_mode & 0o077:
            raise Misconfigured(f"{path} can be read by others. Run: chmod 400 {path}")
        secret = path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"The key file {path} cannot be used: {error.strerror}.") from error
    if len(secret) < 32:
        raise Misconfigured(f"The key file {path} is damaged. Restore it from the backup.")
    return Keys.of(secret)


def _hash(key: bytes, *parts: object) -> bytes:
    return hmac.digest(key, "\n".join(map(str, parts)).encode(), hashlib.sha256)


# -- enrolment ---------------------------------------------------------------------------------------------


def create_code(
    session: Session, keys: Keys, store: str, now: datetime, *, device: str | None = None, actor: str = "oms"
) -> str:
    """A code that enrols one device of ``store`` within 10 minutes, or ``device`` once more under its old id.

    Raises ValueError for a store name that is not letters, digits, ``.``, ``_``, ``-``; LookupError for an
    unknown device or one of another store.
    """
    if not STORE_NAME.fullmatch(store):
        raise ValueError("A store's name is 1 to 40 letters, digits, dots, hyphens.")
    if device is not None:
        known = session.get(Device, device)
        if known is None or known.store != store:
            raise LookupError(f"There is no device {device} in store {store}.")
    session.exec(delete(EnrolCode).where(col(EnrolCode.expires_at) < now - CODE_LIFE))
    alphabet = sorted(ALPHABET)
    while True:
        text = "".join(secrets.choice(alphabet) for _ in range(SELECTOR + SECRET))
        if session.get(EnrolCode, text[:SELECTOR]) is None:
            break
    session.add(
        EnrolCode(
            selector=text[:SELECTOR],
            proof=_hash(keys.code, text).hex(),
            store=store,
            device=device,
            expires_at=now + CODE_LIFE,
        )
    )
    audit.note(session, audit.Entry(now, actor, "enrol_code.made", device or store))
    return f"{text[:SELECTOR]}-{text[SELECTOR:]}"


def enrol(
    session: Session, keys: Keys, code: str, name: str, epoch: str, now: datetime
) -> EnrolAnswer | Refusal:
    """Use up ``code``. The fifth wrong try at one burns it. A ``name`` that cannot be shown becomes ``Device``."""
    text = re.sub(r"[\s-]", "", code).upper()
    if len(text) != SELECTOR + SECRET or not set(text) <= ALPHABET:
        return wrong_code()
    found = session.exec(
        select(EnrolCode).where(col(EnrolCode.selector) == text[:SELECTOR]).with_for_update()
    ).first()
    if found is None or found.used_at is not None or found.tries >= TRIES or found.expires_at <= now:
        return wrong_code()
    if not hmac.compare_digest(found.proof, _hash(keys.code, text).hex()):
        found.tries += 1
        session.add(found)
        audit.note(session, audit.Entry(now, "unknown", "enrol_code.wrong", found.store, str(found.tries)))
        return wrong_code()
    found.used_at = now
    session.add(found)
    device = (
        _again(session, found.device, now) if found.device else _new_device(session, found.store, name, now)
    )
    audit.note(session, audit.Entry(now, device.id, "device.enrolled", device.id, device.store))
    return EnrolAnswer(device.id, device.store, device.prefix, _refresh_token(keys, device), epoch)


def _new_device(session: Session, store: str, name: str, now: datetime) -> Device:
    taken = session.exec(select(func.count()).select_from(Device)).one()
    device = Device(
        id=new_id(),
        store=store,
        name=_name(name),
        prefix="",
        enrolled_at=now,
        family=_family(),
        rotated_at=now,
    )
    while True:
        device.prefix = _prefix(taken)
        if insert_new(session, Device, [device.model_dump()], col(Device.id)):
            return device


def _name(given: str) -> str:
    """What people call the device; it only helps to find it in a list, so it is never a reason to refuse one."""
    try:
        return required(given, longest=60)
    except UnusableText:
        return "Device"


def _again(session: Session, device_id: str, now: datetime) -> Device:
    device = session.get_one(Device, device_id, with_for_update=True)
    device.family, device.generation, device.confirmed = _family(), 0, 0
    device.rotated_at, device.revoked_at, device.revoked_why = now, None, None
    session.add(device)
    return device


def _family() -> str:
    return secrets.token_hex(8)


def _prefix(taken: int) -> str:
    """Letters and a digit, as short as leaves most of them free: K7, then KB7 ..."""
    length = 1
    while len(LETTERS) ** length * len(DIGITS) < 4 * (taken + 1):
        length += 1
    return "".join(secrets.choice(LETTERS) for _ in range(length)) + secrets.choice(DIGITS)


# -- tokens ------------------------------------------------------------------------------------------------


def _refresh_token(keys: Keys, device: Device) -> str:
    says = f"{device.id}.{device.family}.{device.generation}"
    return f"{says}.{base64.urlsafe_b64encode(_hash(keys.refresh, says)).decode().rstrip('=')}"


def refresh(session: Session, keys: Keys, token: str, now: datetime) -> Tokens | Refusal:
    """The successor of ``token`` with an access token; a used one shuts its device out."""
    says, _, proof = token.rpartition(".")
    expected = base64.urlsafe_b64encode(_hash(keys.refresh, says)).decode().rstrip("=")
    if not hmac.compare_digest(proof.encode(), expected.encode()):
        return no_token()
    device_id, family, generation = says.split(".")
    device = session.exec(select(Device).where(col(Device.id) == device_id).with_for_update()).first()
    if device is None or device.family != family:
        return no_token()
    if device.revoked_at is not None:
        return revoked()
    shown = int(generation)
    if shown >= device.generation:
        if shown > device.generation:  # our database is older than the device's token: a backup was restored
            audit.note(session, audit.Entry(now, device.id, "device.ahead", device.id, str(shown)))
        device.generation, device.rotated_at = shown + 1, now
        # Who shows a token has received it, so everything before it is used up.
        device.confirmed = shown
        session.add(device)
    elif shown < device.generation - 1 or (
        device.confirmed >= device.generation and now - device.rotated_at > GRACE
    ):
        revoke(session, device, "token used twice", now)
        return revoked()
    return Tokens(_access_token(keys, device, now), int(ACCESS.total_seconds()), _refresh_token(keys, device))


def revoke(session: Session, device: Device, why: str, now: datetime, *, actor: str = "oms") -> None:
    """Shut ``device`` out from its next request on; what it has sent stays."""
    device.revoked_at, device.revoked_why = now, why
    session.add(device)
    audit.note(session, audit.Entry(now, actor, "device.revoked", device.id, why))


def _access_token(keys: Keys, device: Device, now: datetime) -> str:
    claims = {
        "aud": AUDIENCE,
        "sub": device.id,
        "store": device.store,
        "gen": device.generation,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS).timestamp()),
    }
    return jwt.encode(claims, keys.access, algorithm="HS256")


class AccessReader:
    """Reads access tokens. One that was found genuine is remembered, because a device shows it many times."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._genuine: dict[str, tuple[Claims, int]] = {}

    def read(self, token: str, now: datetime) -> Claims:
        """What ``token`` says.

        Raises Refusal when it is not ours or has expired; whether its device was shut out is asked elsewhere.
        """
        found = self._genuine.get(token)
        if found is None:
            found = self._verify(token)
            if len(self._genuine) >= GENUINE:
                self._genuine.clear()
            self._genuine[token] = found
        claims, expires = found
        if now.timestamp() >= expires:
            self._genuine.pop(token, None)
            raise expired_token()
        return claims

    def _verify(self, token: str) -> tuple[Claims, int]:
        try:
            claims = jwt.decode(
                token,
                self._keys.access,
                algorithms=["HS256"],
                audience=AUDIENCE,
                # Expiry is compared with the caller's clock instead.
                options={"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False},
            )
            who = Claims(str(claims["sub"]), str(claims["store"]), int(claims["gen"]))
            return who, int(claims["exp"])
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise no_token() from error


def confirm(session: Session, device: Device, generation: int) -> None:
    """Note that the device has received the tokens of ``generation``."""
    if device.confirmed < generation <= device.generation:
        device.confirmed = generation
        session.add(device)

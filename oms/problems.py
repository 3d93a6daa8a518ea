"""Every refusal of the OMS's API: a status, a stable code and one plain sentence (RFC 9457)."""

from __future__ import annotations

from sync.protocol import Problem


class Refusal(Exception):
    """The request is not carried out. ``retry_after`` (seconds) is set where waiting helps."""

    def __init__(self, status: int, code: str, title: str, *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.problem = Problem(status, code, title)
        self.retry_after = retry_after


def not_json(why: str) -> Refusal:
    """The body is no JSON, or not what this address expects."""
    return Refusal(400, "not_json", why)


def wrong_form(why: str) -> Refusal:
    """The JSON has not the documented form."""
    return Refusal(422, "wrong_form", why)


def no_token() -> Refusal:
    """No token, or none of ours."""
    return Refusal(401, "not_signed_in", "This device is not signed in. Enrol it with a code from store IT.")


def expired_token() -> Refusal:
    """The access token was good once; the refresh token gets a new one."""
    return Refusal(401, "token_expired", "The access token has expired. Ask for a new one.")


def revoked() -> Refusal:
    """The device was shut out."""
    return Refusal(
        401,
        "device_revoked",
        "This device was shut out. Its orders are kept; enrol it again with a new code.",
    )


def wrong_code() -> Refusal:
    """No such enrolment code: never made, mistyped, too old, used or burnt. Which, is not told."""
    return Refusal(
        404, "wrong_code", "This code is not valid. Ask store IT for a new one; it lasts 10 minutes."
    )


def not_found() -> Refusal:
    """There is nothing here, or nothing that this device may see: the same answer."""
    return Refusal(404, "not_found", "There is nothing here by that name.")


def too_many_tries(seconds: int) -> Refusal:
    """Too many wrong codes from one place."""
    return Refusal(
        429,
        "too_many_tries",
        "Too many wrong codes. Please wait a little and try again.",
        retry_after=seconds,
    )


def busy(seconds: int) -> Refusal:
    """More is waiting than can be stored soon; nothing of this request was stored."""
    return Refusal(
        503, "busy", "Too much is waiting right now. Please try again shortly.", retry_after=seconds
    )


def no_database() -> Refusal:
    """The database does not answer; nothing of this request was stored, or its answer was lost."""
    return Refusal(
        503, "no_database", "The order store does not answer. Please try again shortly.", retry_after=2
    )

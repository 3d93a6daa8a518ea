"""Every error that crosses a boundary of ours. Callers ask one question: try again later, or stop?

    AisleError
      TemporaryError      trying again later can help
        Unreachable         no answer: DNS, connect, timeout, 5xx; ``sent`` says whether it may have arrived
        RateLimited         .retry_after, seconds
      PermanentError      trying again cannot help
        Rejected            the other side said no (.reason, a stable code)
        Misconfigured       our credentials or settings
        BadResponse         not the documented form

A programming mistake stays ValueError, TypeError or LookupError and is not caught.
"""

from __future__ import annotations


class AisleError(Exception):
    """What can go wrong outside the program; its text is for logs and staff, never for customers."""


class TemporaryError(AisleError):
    """Trying again later can help."""


class Unreachable(TemporaryError):
    """The other side did not answer.

    ``sent`` is False only when it is certain that not one byte of the request arrived (the name did not
    resolve, the connection was refused); otherwise the request may have been carried out.
    """

    def __init__(self, detail: str, *, sent: bool = True) -> None:
        super().__init__(detail)
        self.sent = sent


class RateLimited(TemporaryError):
    """The other side asks us to wait ``retry_after`` seconds; it did not carry out the request."""

    def __init__(self, detail: str, *, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class PermanentError(AisleError):
    """Trying again cannot help."""


class Rejected(PermanentError):
    """The other side said no; nothing was bought. ``reason`` is a stable code such as ``sold_out``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Misconfigured(PermanentError):
    """Our own credentials or settings are wrong; the message says which and what to do."""


class BadResponse(PermanentError):
    """The answer is not in the documented form. After an order was sent, its outcome is unknown."""

"""A Vendure shop's two GraphQL APIs: signing in, and the one place where its errors become ours.

    a typed error result       Rejected with a stable reason (the table below), or one of:
      the order was lost       Unreachable   somebody moved it while we were making it: start again
      sign-in refused          Misconfigured
    an entry in ``errors``
      FORBIDDEN                signed in once more; then Misconfigured
      a query that is not understood, a channel or currency that is not there: Misconfigured
      USER_INPUT_ERROR         Rejected with the reason of the step; Misconfigured when looking
      anything else            Unreachable   the shop failed; it may have been carried out

They arrive with HTTP status 200 or 400. What HTTP itself says is translated by ``partners.http``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from partners.contract import PartnerRecord
from partners.http import HttpClient
from partners.vendure import queries
from partners.vendure.settings import Settings
from partners.vendure.wire import Envelope, GraphqlError, Refusal, T, read
from retail.errors import AisleError, BadResponse, Misconfigured, Rejected, Unreachable

CATALOGUE_BYTES = 16 * 2**20  # decoded, for pages of variants
TOKEN = "vendure-auth-token"  # noqa: S105 - the name of a header
REASONS = {
    "INSUFFICIENT_STOCK_ERROR": "sold_out",
    "ORDER_LIMIT_ERROR": "too_many",
    "NEGATIVE_QUANTITY_ERROR": "too_many",
    "INELIGIBLE_SHIPPING_METHOD_ERROR": "address",
    "EMAIL_ADDRESS_CONFLICT_ERROR": "customer",
    "GUEST_CHECKOUT_ERROR": "customer",
    "PAYMENT_DECLINED_ERROR": "payment",
    "INELIGIBLE_PAYMENT_METHOD_ERROR": "payment",
}
LOST = frozenset(
    {
        "ORDER_MODIFICATION_ERROR",
        "MANUAL_PAYMENT_STATE_ERROR",
        "ORDER_PAYMENT_STATE_ERROR",
        "NO_ACTIVE_ORDER_ERROR",
        "PAYMENT_FAILED_ERROR",
    }
)
SIGN_IN = frozenset({"INVALID_CREDENTIALS_ERROR", "NATIVE_AUTH_STRATEGY_ERROR", "NOT_VERIFIED_ERROR"})
NOT_UNDERSTOOD = frozenset({"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"})


class _SignedOut(Misconfigured):
    """The shop does not let us do this with the session we have."""


class Graph:
    """Both APIs of the shop of ``record``; nothing is sent until something is asked.

    Signs in when first needed and again when the session has ended. ``secret`` is ``name:password`` of an
    administrator, or an API key when the settings say so.
    """

    def __init__(
        self,
        record: PartnerRecord,
        secret: str | None,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if not secret or (settings.sign_in == "password" and ":" not in secret):
            raise Misconfigured(
                f"Partner {record.id} is a Vendure shop: its secret is NAME:PASSWORD of an administrator."
            )
        self._http = HttpClient(
            record.endpoint, headers=settings.headers(), most_bytes=CATALOGUE_BYTES, transport=transport
        )
        self._secret = secret
        self._query = settings.query()
        self._headers = {"vendure-api-key": secret} if settings.sign_in == "api_key" else {}
        self._can_sign_in = settings.sign_in == "password"
        self._signing_in = asyncio.Lock()

    async def shop(self, query: str, **variables: Any) -> Mapping[str, Any]:
        """The data that the shop API answers, as anybody would get it."""
        return await self._ask("shop-api", query, variables, {}, None, None)

    async def admin(
        self, query: str, *, refusal: str | None = None, deadline: float | None = None, **variables: Any
    ) -> Mapping[str, Any]:
        """The data that the admin API answers.

        ``refusal`` is the reason of the Rejected that is raised when the shop does not accept what we gave it;
        without one that is Misconfigured. A request that was refused for its session is sent once more: it was
        not carried out.
        """
        if not self._headers:
            await self._sign_in(self._headers)
        headers = self._headers
        try:
            return await self._ask("admin-api", query, variables, headers, refusal, deadline)
        except _SignedOut:
            if not self._can_sign_in:
                raise
        await self._sign_in(headers)
        return await self._ask("admin-api", query, variables, self._headers, refusal, deadline)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _sign_in(self, stale: Mapping[str, str]) -> None:
        async with self._signing_in:
            if self._headers != stale:  # somebody else just did
                return
            name, _, password = self._secret.partition(":")
            answer = await self._http.request(
                "POST",
                "admin-api",
                json={"query": queries.LOGIN, "variables": {"username": name, "password": password}},
            )
            answered(dict[str, Any], _data(answer.status, answer.document(), None), "login")
            token = answer.headers.get(TOKEN)
            if not token:
                raise Misconfigured("The shop gives no bearer tokens; its tokenMethod must include 'bearer'.")
            self._headers = {"authorization": f"Bearer {token}"}

    async def _ask(
        self,
        path: str,
        query: str,
        variables: Mapping[str, Any],
        headers: Mapping[str, str],
        refusal: str | None,
        deadline: float | None,
    ) -> Mapping[str, Any]:
        answer = await self._http.request(
            "POST",
            path,
            params=self._query or None,
            json={"query": query, "variables": variables},
            headers=headers,
            deadline=deadline,
        )
        return _data(answer.status, answer.document(), refusal)


def answered(kind: type[T], data: Mapping[str, Any], field: str) -> T:
    """``data[field]`` as ``kind``; raises what a typed error result there means, BadResponse for anything else."""
    value = data.get(field)
    if isinstance(value, Mapping) and "errorCode" in value:
        raise refused(read(Refusal, value, field))
    return read(kind, value, field)


def refused(refusal: Refusal) -> AisleError:
    """What a typed error result means to us."""
    code, text = refusal.error_code, f"{refusal.error_code}: {refusal.message[:200]}"
    if code in SIGN_IN:
        return Misconfigured(f"The shop does not accept our administrator's name and password ({code}).")
    if code in LOST:
        return Unreachable(text)
    return Rejected(REASONS.get(code, "refused"), text)


def _data(status: int, document: Any, refusal: str | None) -> Mapping[str, Any]:
    envelope = read(Envelope, document, "answer")
    if envelope.errors:
        raise _translated(envelope.errors, refusal)
    if envelope.data is None or status != 200:
        raise BadResponse(f"status {status} without data or errors")
    return envelope.data


def _translated(errors: Sequence[GraphqlError], refusal: str | None) -> AisleError:
    error = errors[0]
    text = f"{error.code or 'error'}: {error.message[:200]}"
    if error.code in ("FORBIDDEN", "UNAUTHORIZED"):
        return _SignedOut(f"The shop does not allow this to our administrator; check its role ({text}).")
    if error.code == "CHANNEL_NOT_FOUND":
        return Misconfigured("The shop has no channel with this channel_token.")
    if error.code == "USER_INPUT_ERROR" and refusal:
        return Rejected(refusal, text)
    if error.code == "USER_INPUT_ERROR" or error.code in NOT_UNDERSTOOD:
        return Misconfigured(
            f"The shop does not understand what we ask; it may lack the custom fields or the currency ({text})."
        )
    return Unreachable(text)

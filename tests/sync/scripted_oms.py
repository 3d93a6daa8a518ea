"""An OMS that does what a test tells it to, spoken to over httpx.MockTransport."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from partners.http import HttpClient
from sync.client import http_client

Answer = httpx.Response | Exception
Planned = Answer | Callable[[httpx.Request], Answer | Awaitable[Answer]]
URL = "https://oms.example"


@dataclass
class ScriptedOms:
    """``orders`` is what it has stored, ``changes`` what it has to say; ``answers`` overrides one path for some times."""

    epoch: str = "epoch-1"
    orders: dict[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    refuse: dict[str, tuple[str, str]] = field(default_factory=dict)
    page: int = 500
    refresh: str = "refresh-0"
    access: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)
    cursors: list[int] = field(default_factory=list)
    answers: dict[str, list[Planned]] = field(default_factory=dict)
    tokens: int = 0

    def client(self) -> HttpClient:
        """An HTTP client that reaches it."""
        return http_client(URL, httpx.MockTransport(self._answer))

    def say(self, kind: str, **body: Any) -> None:
        """One more change for the devices."""
        self.changes.append({"sequence": len(self.changes) + 1, "kind": kind, "body": body})

    def next(self, path: str, *answers: Planned) -> None:
        """Answer the next requests to ``path`` with these instead."""
        self.answers.setdefault(path, []).extend(answers)

    def asked(self, path: str) -> int:
        """How many requests there were to ``path``."""
        return sum(where == path for _, where in self.requests)

    def revoke(self) -> None:
        """Take no token of the device any more."""
        self.refresh = self.access = "revoked"

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.requests.append((request.method, path))
        if self.answers.get(path):
            planned = self.answers[path].pop(0)
            answer = planned(request) if callable(planned) else planned
            if inspect.isawaitable(answer):
                answer = await answer
            if isinstance(answer, Exception):
                raise answer
            return answer
        match path:
            case "/v1/enrol":
                return self._enrol(json.loads(request.content))
            case "/v1/token":
                return self._token(json.loads(request.content))
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return problem(401, "token")
        match path:
            case "/v1/orders:batch":
                return self._batch(json.loads(request.content))
            case "/v1/changes":
                return self.page_after(int(request.url.params["cursor"]))
        return problem(404, "not_found")

    def _enrol(self, body: Mapping[str, Any]) -> httpx.Response:
        if body["code"] != "GOODCODE":
            return problem(403 if body["code"] == "WRONGROLE" else 400, "code")
        return httpx.Response(
            200,
            json={
                "device": "device-9",
                "store": "store-1",
                "prefix": "K9",
                "refresh_token": self.refresh,
                "epoch": self.epoch,
            },
        )

    def _token(self, body: Mapping[str, Any]) -> httpx.Response:
        if body["refresh_token"] != self.refresh or self.refresh == "revoked":
            return problem(401, "token")
        self.tokens += 1
        self.refresh, self.access = f"refresh-{self.tokens}", f"access-{self.tokens}"
        return httpx.Response(
            200, json={"access_token": self.access, "expires_in": 900, "refresh_token": self.refresh}
        )

    def _batch(self, body: Mapping[str, Any]) -> httpx.Response:
        answers = []
        self.batches.append([upload["order"]["id"] for upload in body["orders"]])
        for upload in body["orders"]:
            order_id = upload["order"]["id"]
            result, reason = self.refuse.get(order_id, ("stored", None))
            if result == "stored":
                self.orders[order_id] = upload
            answers.append({"id": order_id, "result": result, "reason": reason})
        return httpx.Response(200, json={"epoch": self.epoch, "answers": answers})

    def page_after(self, cursor: int) -> httpx.Response:
        """One page of changes."""
        self.cursors.append(cursor)
        rest = [change for change in self.changes if change["sequence"] > cursor]
        now = rest[: self.page]
        return httpx.Response(
            200,
            json={
                "epoch": self.epoch,
                "changes": now,
                "cursor": now[-1]["sequence"] if now else cursor,
                "more": len(rest) > len(now),
            },
        )


def problem(status: int, code: str) -> httpx.Response:
    """A refusal in the form of RFC 9457."""
    return httpx.Response(
        status,
        headers={"content-type": "application/problem+json"},
        content=json.dumps({"status": status, "code": code, "title": "No."}),
    )

"""The HTTP client against a server that misbehaves in every way (R15)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from partners.http import DEADLINE, HttpClient
from retail.errors import AisleError, BadResponse, Misconfigured, RateLimited, TemporaryError, Unreachable
from tests.loop_time import go_by, until_idle
from tests.partners.hostile import ENDLESS, PATHS, Hostile, hostile


@pytest.fixture
async def server() -> AsyncIterator[Hostile]:
    async with hostile() as running:
        yield running


@pytest.fixture
async def client(server: Hostile) -> AsyncIterator[HttpClient]:
    http = HttpClient(server.url, headers={"Authorization": "Bearer s3cret"})
    yield http
    await http.aclose()


@pytest.mark.parametrize("path", ["/good", "/gzip"])
async def test_a_good_answer_is_parsed(client: HttpClient, path: str) -> None:
    answer = await client.request("GET", path)
    assert (answer.status, answer.data) == (200, {"price": "12.90"})
    assert answer.document() == {"price": "12.90"}


async def test_a_refusal_is_for_the_adapter_to_understand(client: HttpClient) -> None:
    answer = await client.request("POST", "/refusal", json={"a": 1})
    assert (answer.status, answer.document()) == (409, {"error": "sold out"})


@pytest.mark.parametrize("path", ["/portal", "/portal-404", "/empty"])
async def test_what_is_no_json_is_no_document(client: HttpClient, path: str) -> None:
    answer = await client.request("GET", path)
    if path == "/empty":
        assert answer.content == b""
    else:
        with pytest.raises(BadResponse, match="text/html"):
            answer.document()
    assert answer.data is None


@pytest.mark.parametrize(
    "path",
    [
        "/announced",
        "/huge",
        "/bomb",
        "/bomb-in-bomb",
        "/false-gzip",
        "/half-gzip",
        "/gzip-and-more",
        "/brotli",
        "/loop",
        "/bad-location",
        "/nan",
        "/infinity",
        "/too-large-number",
        "/long-number",
        "/twice",
        "/latin",
        "/utf-16",
        "/surrogate",
        "/deep",
        "/very-deep",
        "/not-json",
    ],
)
async def test_an_answer_in_no_documented_form_is_a_bad_response(
    client: HttpClient, server: Hostile, path: str
) -> None:
    with pytest.raises(BadResponse):
        await client.request("GET", path)
    assert len(server.seen) == 1


@pytest.mark.parametrize("path", ["/truncated", "/closes", "/not-http", "/500", "/503"])
async def test_no_whole_answer_may_have_been_carried_out(
    client: HttpClient, server: Hostile, path: str
) -> None:
    with pytest.raises(Unreachable) as caught:
        await client.request("POST", path, json={})
    assert caught.value.sent is True
    assert len(server.seen) == 1


@pytest.mark.parametrize("path", sorted(ENDLESS))
async def test_an_answer_without_end_is_given_up_at_the_deadline(
    client: HttpClient, server: Hostile, path: str
) -> None:
    """However often a little of it comes: the deadline is for the whole answer."""
    asking = asyncio.create_task(client.request("POST", path, json={}))
    await server.asked(1)
    for second in range(int(DEADLINE) + 1):
        assert not (asking.done() and second < DEADLINE / 2)
        go_by(1.0)
        await until_idle()
    async with asyncio.timeout(60):
        with pytest.raises(Unreachable) as caught:
            await asking
    assert caught.value.sent is True
    assert len(server.seen) == 1


async def test_a_refused_connection_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        http = HttpClient(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Unreachable) as caught:
            await http.request("POST", "/orders", json={})
        assert caught.value.sent is False
        await http.aclose()


async def test_a_name_that_does_not_resolve_sent_nothing() -> None:
    http = HttpClient("http://partner.invalid")
    with pytest.raises(Unreachable) as caught:
        await http.request("POST", "/orders", json={})
    assert caught.value.sent is False
    await http.aclose()


async def test_a_connection_that_never_comes_about_sent_nothing() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        http = HttpClient(f"http://127.0.0.1:{full.getsockname()[1]}")
        asking = asyncio.create_task(http.request("POST", "/orders", json={}))
        await until_idle()
        go_by(DEADLINE + 1)
        with pytest.raises(Unreachable) as caught:
            await asking
        assert caught.value.sent is False
        await http.aclose()
        for one in waiting:
            one.close()


@pytest.mark.parametrize(
    ("path", "seconds"),
    [("/429", 7), ("/429-for-days", 3600), ("/429-garbage", 30), ("/429-date", 90), ("/503-wait", 1)],
)
async def test_a_busy_partner_says_how_long_to_wait(client: HttpClient, path: str, seconds: float) -> None:
    with pytest.raises(RateLimited) as caught:
        await client.request("GET", path)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("path", ["/401", "/403"])
async def test_a_key_that_is_not_accepted_is_ours_to_mend(client: HttpClient, path: str) -> None:
    with pytest.raises(Misconfigured, match="credential"):
        await client.request("GET", path)


@pytest.mark.parametrize("path", sorted(PATHS.keys() - ENDLESS))
async def test_nothing_but_our_errors_comes_out(client: HttpClient, path: str) -> None:
    with contextlib.suppress(AisleError):
        await client.request("GET", path)


async def test_a_gzip_bomb_is_never_held_in_memory(client: HttpClient) -> None:
    tracemalloc.start()
    for path in ("/bomb", "/bomb-in-bomb"):
        with pytest.raises(BadResponse):
            await client.request("GET", path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 12 * 2**20


async def test_a_larger_body_is_read_when_asked_for(client: HttpClient) -> None:
    answer = await client.request("GET", "/announced", most_bytes=16 * 2**20)
    assert len(answer.content) == 3_000_002


async def test_the_environments_proxy_is_not_used(server: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    http = HttpClient(server.url)
    assert (await http.request("GET", "/good")).status == 200
    await http.aclose()


async def test_no_cookie_is_kept(client: HttpClient, server: Hostile) -> None:
    await client.request("GET", "/good")
    await client.request("GET", "/good", headers={"Idempotency-Key": "k1"})
    assert "cookie" not in server.seen[1].lower()
    assert "idempotency-key: k1" in server.seen[1].lower()
    assert "authorization: bearer s3cret" in server.seen[1].lower()


async def test_no_more_than_four_at_once_and_waiting_counts(client: HttpClient, server: Hostile) -> None:
    asking = [asyncio.create_task(client.request("POST", "/never", json={})) for _ in range(6)]
    await server.asked(4)
    go_by(DEADLINE + 1)
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert len(server.seen) == 4
    assert [one.sent for one in outcomes if isinstance(one, Unreachable)] == [True] * 4 + [False] * 2


@pytest.mark.parametrize(
    "address", ["", "partner.example", "ftp://partner.example", "http://", "http://[::1"]
)
def test_an_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(Misconfigured, match="no web address"):
        HttpClient(address)


async def test_a_key_that_cannot_be_sent_is_ours_to_mend(server: Hostile) -> None:
    for http in (
        HttpClient(server.url, headers={"Authorization": "Bearer schlüssel €"}),
        HttpClient(server.url, headers={"Authorization": "Bearer two\nlines"}),
    ):
        with pytest.raises(Misconfigured):
            await http.request("GET", "/good")
        await http.aclose()
    assert server.seen == []


class Clock:
    """A monotonic clock that goes only when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_partner_that_keeps_failing_is_left_alone_for_a_while(server: Hostile) -> None:
    clock = Clock()
    http = HttpClient(server.url, clock=clock)
    for _ in range(5):
        with pytest.raises(Unreachable) as caught:
            await http.request("GET", "/500")
        assert caught.value.sent is True
    with pytest.raises(Unreachable) as caught:
        await http.request("GET", "/good")
    assert caught.value.sent is False
    assert len(server.seen) == 5

    clock.now += 4
    with pytest.raises(Unreachable):
        await http.request("GET", "/500")
    with pytest.raises(Unreachable):
        await http.request("GET", "/good")
    assert len(server.seen) == 6

    clock.now += 4
    assert (await http.request("GET", "/good")).status == 200
    assert (await http.request("GET", "/good")).status == 200
    await http.aclose()


async def test_only_one_is_let_through_to_try(server: Hostile) -> None:
    clock = Clock()
    http = HttpClient(server.url, clock=clock)
    for _ in range(5):
        with pytest.raises(Unreachable):
            await http.request("GET", "/closes")
    clock.now += 4
    outcomes = await asyncio.gather(*(http.request("GET", "/good") for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, Unreachable) for one in outcomes) == 2
    assert len(server.seen) == 6
    await http.aclose()


async def test_failures_far_apart_or_between_answers_open_nothing(server: Hostile) -> None:
    clock = Clock()
    http = HttpClient(server.url, clock=clock)
    for path in [*["/500"] * 4, "/refusal", *["/500"] * 4, "/429", *["/500"] * 4]:
        clock.now += 1
        if path == "/refusal":
            assert (await http.request("GET", path)).status == 409
        else:
            with pytest.raises(TemporaryError):
                await http.request("GET", path)
    clock.now += 60
    with pytest.raises(Unreachable):
        await http.request("GET", "/500")
    assert (await http.request("GET", "/good")).status == 200
    await http.aclose()

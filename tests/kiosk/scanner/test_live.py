"""From frames to accepted codes, and to a proposal where nothing can be read."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.scanner.accept import Acceptance
from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.blurred.prior import Matcher
from kiosk.scanner.live import Look, looks
from kiosk.scanner.reading import Corners, Picture
from kiosk.scanner.sources import Camera, CameraLost, Frame
from retail.gtin import Gtin
from tests.kiosk.scanner.drawn import bars, blurred, scene
from tests.kiosk.scanner.test_sources import BLACK, film

PEN, MUG = "4006381333931", "5000112637922"
SHOWN, BARE = scene((bars(PEN), 100, 120)), scene()
PLACE: Corners = ((0, 0), (9, 0), (9, 9), (0, 9))


async def first(source: Path, count: int) -> list[Look]:
    """Return ``count`` looks at ``source``."""
    found: list[Look] = []
    async with asyncio.timeout(60), Camera(source) as camera, aclosing(looks(camera)) as seen:
        async for look in seen:
            found.append(look)
            if len(found) == count:
                break
    return found


async def test_a_code_held_before_the_camera_is_accepted_once_on_its_second_frame(tmp_path: Path) -> None:
    shown = film(tmp_path / "a.avi", [SHOWN], fps=30)
    found = await first(shown, 10)
    assert [[made.text for made in look.readings] for look in found] == [[PEN]] * 10
    assert [[made.text for made in look.accepted] for look in found] == [[], [PEN], *[[]] * 8]
    assert not any(look.several for look in found)


async def test_nothing_is_searched_on_black_frames(tmp_path: Path) -> None:
    found = await first(film(tmp_path / "a.avi", [BLACK], fps=30), 3)
    assert [(look.frame.black, look.readings, look.accepted) for look in found] == [(True, (), ())] * 3


async def test_a_lost_camera_is_told(tmp_path: Path) -> None:
    with pytest.raises(CameraLost):
        await first(tmp_path / "none.avi", 1)


# -- frames with a time of their own -----------------------------------------------------------------------


@dataclass(frozen=True)
class Guess:
    """What a matcher proposes."""

    gtin: Gtin
    corners: Corners = PLACE


class Scripted:
    """A proposer that answers what it was told to, and writes down what it was asked."""

    def __init__(self, *answers: Guess | None) -> None:
        self.answers = list(answers)
        self.asked: list[int] = []
        self.resets = 0
        self.threads: set[str] = set()
        self.go = threading.Event()
        self.go.set()
        self.answered = threading.Event()

    def offer(self, picture: Picture) -> Guess | None:
        """Answer the next one; the last one again and again."""
        self.threads.add(threading.current_thread().name)
        assert self.go.wait(60)
        self.asked.append(picture.shape[0])
        self.answered.set()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def reset(self) -> None:
        """Count it."""
        self.resets += 1


async def shown(
    pictures: Iterable[tuple[float, Picture]], *, black: bool = False, answered: bool = True
) -> AsyncIterator[Frame]:
    """Give frames taken at these seconds, each when what the last one was the reason to ask is ``answered``."""
    others = asyncio.all_tasks()
    for at, picture in pictures:
        yield Frame(picture, at, black)
        asking = asyncio.all_tasks() - others
        if answered and asking:
            await asyncio.wait(asking)


async def watch(
    frames: AsyncIterator[Frame], proposer: Scripted | None = None, acceptance: Acceptance | None = None
) -> list[Look]:
    """All looks at ``frames``."""
    async with asyncio.timeout(60), aclosing(looks(frames, acceptance, proposer)) as seen:
        return [look async for look in seen]


def times(seconds: float, step: float = 0.1, start: float = 0.0) -> list[float]:
    """The times of frames ``step`` apart."""
    return [start + number * step for number in range(round(seconds / step))]


SMALL = BARE[:100, :100]
PROPOSED = Guess(Gtin("04006381333931"))


async def test_different_products_held_up_at_once_are_said_to_be_several() -> None:
    both = scene((bars(PEN, scale=2), 10, 20), (bars(MUG, scale=2), 300, 250))
    found = await watch(shown((at, both) for at in times(0.3)))
    assert [[made.text for made in look.accepted] for look in found] == [[], [PEN, MUG], []]
    assert [look.several for look in found] == [False, True, False]


async def test_the_catalogue_lets_a_code_count_at_once() -> None:
    found = await watch(shown([(0, SHOWN)]), acceptance=Acceptance(lambda key: key == "04006381333931"))
    assert [[made.text for made in look.accepted] for look in found] == [[PEN]]


async def test_after_a_second_without_a_code_the_proposer_is_asked_twice_a_second_in_a_thread() -> None:
    proposer = Scripted(None, PROPOSED)
    found = await watch(shown((at, SMALL) for at in times(2.55, 0.05)), proposer)
    assert len(proposer.asked) == 4  # at 1.0, 1.5, 2.0 and 2.5 seconds
    assert not any("MainThread" in name for name in proposer.threads)
    proposed = [round(look.frame.at, 2) for look in found if look.proposal]
    assert (proposed[0], proposed[-1]) == (1.55, 2.5)
    assert all(look.accepted == () for look in found)


async def test_a_proposal_is_withdrawn_when_something_is_read() -> None:
    proposer = Scripted(PROPOSED)
    frames = [
        *((at, SMALL) for at in times(1.3)),
        (1.3, SHOWN),
        *((at, SMALL) for at in times(1.0, start=1.4)),
    ]
    found = await watch(shown(frames), proposer)
    assert [look.proposal for look in found[10:]] == [None, PROPOSED, PROPOSED, *[None] * 11]
    assert proposer.resets >= 1


async def test_a_proposal_is_withdrawn_when_the_bars_go() -> None:
    found = await watch(shown((at, SMALL) for at in times(1.8)), Scripted(PROPOSED, None))
    assert [look.proposal for look in found[11:]] == [PROPOSED] * 5 + [None] * 2


async def test_on_black_frames_nothing_is_proposed() -> None:
    proposer = Scripted(PROPOSED)
    assert not any(
        look.proposal for look in await watch(shown(((at, BLACK) for at in times(3)), black=True), proposer)
    )
    assert proposer.asked == []


async def test_without_a_proposer_nothing_is_proposed() -> None:
    assert not any(look.proposal for look in await watch(shown((at, SMALL) for at in times(3))))


async def test_reading_does_not_wait_for_a_slow_proposer_and_its_late_answer_is_dropped() -> None:
    proposer = Scripted(PROPOSED)
    proposer.go.clear()
    frames = [
        *((at, SMALL) for at in times(1.2)),
        (1.2, SHOWN),
        (1.3, SHOWN),
        *((at, SMALL) for at in times(0.8, start=1.4)),
    ]
    found: list[Look] = []
    async with asyncio.timeout(60), aclosing(looks(shown(frames, answered=False), None, proposer)) as seen:
        async for look in seen:
            found.append(look)
            if look.accepted:  # read and accepted while the proposer still works
                assert proposer.asked == []
                proposer.go.set()
                await asyncio.to_thread(proposer.answered.wait, 60)
    assert [[made.text for made in look.accepted] for look in found if look.accepted] == [[PEN]]
    assert [look.proposal for look in found] == [None] * len(found)


async def test_bars_out_of_focus_are_proposed_by_the_real_matcher_and_never_accepted() -> None:
    unread = blurred(scene((bars(PEN), 60, 80), size=(480, 900)), 6)
    matcher = Matcher(KnownCodes.of([4006381333931, 5000112637922, 96385074]))
    async with (
        asyncio.timeout(60),
        aclosing(looks(shown((at, unread) for at in times(4.0, 0.5)), None, matcher)) as seen,
    ):
        found = [look async for look in seen]
    assert {look.proposal.gtin for look in found if look.proposal} == {Gtin("04006381333931")}
    assert [look.accepted for look in found] == [()] * len(found)


async def test_leaving_waits_for_the_proposer() -> None:
    proposer = Scripted(PROPOSED)
    async with (
        asyncio.timeout(60),
        aclosing(looks(shown((at, SMALL) for at in times(9)), None, proposer)) as seen,
    ):
        async for look in seen:
            if look.frame.at >= 1.0:
                break
    assert len(proposer.asked) == 1

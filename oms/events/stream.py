"""Our stream and its durable consumers at the broker: declared, watched, and kept small."""

from __future__ import annotations

from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from oms.events.outbox import AGAIN, STREAM, SUBJECT
from oms.events.service import Service

ACK_WAIT = 6.0  # seconds without a sign of life until the broker delivers an event again
KEPT = 100_000  # handled events that stay in the stream for those who want to look
REPEATS = 120.0  # seconds in which the broker itself drops a repeated event
UNHANDLED = 20_000  # events of one service that may wait for their next try


async def declare_stream(stream: JetStreamContext) -> None:
    """Create our stream on files unless it exists; an existing one keeps its replicas and limits.

    It never drops an event by itself: ``trim`` takes away what every service has handled.
    """
    subjects = [SUBJECT + ">"]
    try:
        found = (await stream.stream_info(STREAM)).config
    except NotFoundError:
        config = StreamConfig(
            name=STREAM,
            subjects=subjects,
            storage=StorageType.FILE,
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.NEW,
            duplicate_window=REPEATS,
        )
        await stream.add_stream(config)
        return
    if found.subjects != subjects:
        await stream.update_stream(found.evolve(subjects=subjects))


async def declare_consumer(stream: JetStreamContext, service: Service) -> None:
    """Create or adapt the durable consumer of ``service``; it keeps its place in the stream."""
    config = ConsumerConfig(
        name=service.NAME,
        durable_name=service.NAME,
        filter_subjects=[*(SUBJECT + kind for kind in service.EVENTS), AGAIN + service.NAME],
        ack_wait=ACK_WAIT,
        max_deliver=-1,  # a limit would bury good events whose other side is only away
        max_ack_pending=UNHANDLED,
    )
    await stream.add_consumer(STREAM, config)


async def waiting(stream: JetStreamContext, service: Service) -> int:
    """How many events ``service`` has not handled yet; NotFoundError when its consumer is gone."""
    info = await stream.consumer_info(STREAM, service.NAME)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def trim(stream: JetStreamContext, keep: int = KEPT) -> dict[str, int]:
    """Drop events that every service has handled, but the newest ``keep``.

    Returns for each service the number in the stream up to which it has handled everything.
    """
    floors = {
        info.name: info.ack_floor.stream_seq if info.ack_floor else 0
        for info in await stream.consumers_info(STREAM)
    }
    state = (await stream.stream_info(STREAM)).state
    keep_from = min([*(floor + 1 for floor in floors.values()), state.last_seq - keep + 1])
    if floors and keep_from > state.first_seq:
        await stream.purge_stream(STREAM, seq=keep_from)
    return floors

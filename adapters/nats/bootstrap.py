"""The streams: created once, checked at every start, refused when they would break a law."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import (
    DiscardPolicy,
    KeyValueConfig,
    ObjectStoreConfig,
    PersistMode,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, BucketNotFoundError, NotFoundError

from events.errors import LogMisconfigured, LogUnavailable

OLDEST_SERVER = (2, 15)
"""Holes inside `sync_interval: always` were closed in 2.15 (`facts/jetstream.md` §10)."""

DUPLICATE_WINDOW_SECONDS = 120.0
ACCESS_DAYS = 30
ACCESS_BYTES = 4 * 1024**3
TIMER_DAYS = 7
CACHE_BYTES = 256 * 1024**2


def log_stream(replicas: int = 1) -> StreamConfig:
    """The facts: nothing is ever deleted, evicted, expired or rewritten."""
    return StreamConfig(
        name="LOG",
        description="Lorestream: every commit of every realm",
        subjects=["log.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_msgs=-1,
        max_bytes=-1,
        max_age=0,
        max_msgs_per_subject=-1,
        num_replicas=replicas,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        deny_delete=True,
        deny_purge=True,
        allow_rollup_hdrs=False,
        allow_msg_ttl=False,
        allow_direct=True,
    )


def access_stream(replicas: int = 1) -> StreamConfig:
    """Queries and rejections: kept for a while, written without making a reader wait for the disk."""
    return StreamConfig(
        name="ACCESS",
        description="Lorestream: queries and rejected commands",
        subjects=["access.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_bytes=ACCESS_BYTES,
        max_age=ACCESS_DAYS * 86_400.0,
        num_replicas=replicas,
        allow_direct=True,
        # Asynchronous persistence exists for single-replica streams only.
        persist_mode=PersistMode.ASYNC if replicas == 1 else None,
    )


def timers_stream(replicas: int = 1) -> StreamConfig:
    """Message schedules. They silently lift purge protection, which is why they live apart from the log."""
    return StreamConfig(
        name="TIMERS",
        description="Lorestream: deadlines and other schedules",
        subjects=["sch.>", "due.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=TIMER_DAYS * 86_400.0,
        max_msgs_per_subject=1,
        num_replicas=replicas,
        allow_msg_schedules=True,
        allow_msg_ttl=True,
        allow_rollup_hdrs=True,
        allow_direct=True,
    )


def cache_stream(replicas: int = 1) -> StreamConfig:
    """The KV bucket `cache`: keys with a time to live of their own, the oldest make room. Losing any loses nothing.

    Made as a stream: a bucket made by the client refuses writes when it is full, and flushes each to the disk.
    """
    return StreamConfig(
        name="KV_cache",
        description="Lorestream: answers of models that may be given again",
        subjects=["$KV.cache.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_bytes=CACHE_BYTES,
        max_msgs_per_subject=1,
        num_replicas=replicas,
        allow_msg_ttl=True,
        allow_rollup_hdrs=True,
        allow_direct=True,
        persist_mode=PersistMode.ASYNC if replicas == 1 else None,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting of an existing stream that would break a law."""

    field: str
    actual: Any
    required: Any


def lawless(actual: StreamConfig, wanted: StreamConfig) -> list[Difference]:
    """What of an existing stream breaks a law; harmless differences (description, replicas, window) do not."""
    unlimited = {None, 0, -1}
    found = [
        Difference(field, getattr(actual, field), getattr(wanted, field))
        for field in ("subjects", "retention", "storage", "discard", "max_msgs_per_subject")
        if getattr(actual, field) != getattr(wanted, field)
    ]
    if wanted.name == "LOG":
        found += [
            Difference(field, getattr(actual, field), "unlimited")
            for field in ("max_msgs", "max_bytes", "max_age", "max_msg_size")
            if getattr(actual, field) not in unlimited
        ]
        found += [
            Difference(field, getattr(actual, field), True)
            for field in ("deny_delete", "deny_purge", "allow_direct")
            if not getattr(actual, field)
        ]
        found += [
            Difference(field, getattr(actual, field), "off")
            for field in (
                "allow_msg_ttl",
                "allow_msg_schedules",
                "allow_msg_counter",
                "allow_rollup_hdrs",
                "sealed",
                "mirror",
                "subject_transform",
            )
            if getattr(actual, field)
        ]
        if actual.persist_mode == PersistMode.ASYNC:
            found.append(Difference("persist_mode", "async", "default"))
    if wanted.name == "TIMERS" and not actual.allow_msg_schedules:
        found.append(Difference("allow_msg_schedules", False, True))
    return found


def check_server(version: str) -> None:
    """Raises `LogMisconfigured` when the server is older than `OLDEST_SERVER`."""
    numbers = re.search(r"(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST_SERVER:
        raise LogMisconfigured(
            f"nats-server {version} is too old: {OLDEST_SERVER[0]}.{OLDEST_SERVER[1]} or newer is needed, because "
            "earlier ones may acknowledge writes they then lose. Upgrade the server."
        )


async def ensure_streams(client: Client, *, replicas: int = 1) -> None:
    """Create what is missing, check what is there. Safe to call at any time, by several processes at once.

    Raises `LogMisconfigured` naming stream, setting and remedy; `LogUnavailable` when JetStream does not answer.
    """
    check_server(str(client.connected_server_version))
    jetstream = client.jetstream(timeout=10)
    try:
        for make in (log_stream, access_stream, timers_stream, cache_stream):
            await _ensure(jetstream, make(replicas))
        for bucket in ("snapshots", "vectors"):
            await _ensure_bucket(jetstream, bucket, replicas)
        await _ensure_object_store(jetstream, "media", replicas)
    except (NatsError, TimeoutError) as error:
        raise LogUnavailable(f"JetStream does not answer: {error!r}") from error


async def _ensure(jetstream: JetStreamContext, wanted: StreamConfig) -> None:
    assert wanted.name is not None
    try:
        actual = (await jetstream.stream_info(wanted.name)).config
    except NotFoundError:
        try:
            actual = (await jetstream.add_stream(wanted)).config
        except APIError as error:
            raise LogMisconfigured(f"stream {wanted.name} cannot be created: {error.description}") from error
    differences = lawless(actual, wanted)
    if differences:
        told = "; ".join(f"{d.field} is {d.actual!r}, must be {d.required!r}" for d in differences)
        raise LogMisconfigured(
            f"stream {wanted.name} exists with settings that would break the log: {told}. "
            "Correct the stream with an administrator's credentials, or use another server or state directory."
        )


async def _ensure_bucket(jetstream: JetStreamContext, name: str, replicas: int) -> None:
    try:
        await jetstream.key_value(name)
    except BucketNotFoundError:
        await jetstream.create_key_value(
            KeyValueConfig(bucket=name, history=1, replicas=replicas, direct=True)
        )


async def _ensure_object_store(jetstream: JetStreamContext, name: str, replicas: int) -> None:
    """Bytes of pictures, which no log holds: whoever backs the log up, backs this up too."""
    try:
        await jetstream.object_store(name)
    except BucketNotFoundError:
        config = ObjectStoreConfig(
            description="Lorestream: bytes of pictures, by realm and SHA-256",
            storage=StorageType.FILE,
            replicas=replicas,
        )
        await jetstream.create_object_store(name, config=config)

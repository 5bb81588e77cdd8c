"""Tells the running processes to look at the database again, once a command has changed it."""

from __future__ import annotations

from realtime_app.broker.factory import broker_from_url
from realtime_app.config import MEMORY_URL, Settings
from realtime_app.core.channels import CONTROL
from realtime_app.core.control import ControlWord

ANNOUNCE_SECONDS = 5.0


async def announce(settings: Settings, word: ControlWord, within_seconds: float = ANNOUNCE_SECONDS) -> bool:
    """False when Redis doesn't take it in time; True also where there is nobody to be told."""
    if settings.redis_url in (None, MEMORY_URL):
        return True
    broker = broker_from_url(str(settings.redis_url), prefix=settings.redis_prefix)
    await broker.start()
    broker.publish(CONTROL, word.encode())
    await broker.close(within_seconds)
    return broker.stats.publish_dropped == 0

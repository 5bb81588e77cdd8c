"""Moves events between processes: what a broker promises, and the two that keep it (Redis, one process's memory)."""

from realtime_app.broker.base import Broker, BrokerListener, BrokerStats, LinkState, Message
from realtime_app.broker.factory import broker_from_url

__all__ = ["Broker", "BrokerListener", "BrokerStats", "LinkState", "Message", "broker_from_url"]

"""What supervisors, load balancers and Prometheus ask. The proxy in front shows none of it to the outside."""

from __future__ import annotations

from handlers.access import public
from handlers.base import ApiHandler
from handlers.envelopes import failure
from handlers.rate_limited import unlimited
from realtime_app.errors import Unavailable
from realtime_app.metrics import CONTENT_TYPE

RETRY_SECONDS = 1


class LivenessHandler(ApiHandler):
    """The process lives: its loop turns."""

    @unlimited
    @public
    def get(self) -> None:
        self.answer({"status": "ok"})


class ReadinessHandler(ApiHandler):
    """200 only when this process should get traffic."""

    @unlimited
    @public
    async def get(self) -> None:
        readiness = await self.dependencies.health.readiness()
        data = {"ready": readiness.is_ready, "parts": readiness.parts}
        if readiness.is_ready:
            self.answer(data)
        else:
            self.set_status(503)
            self.set_header("Retry-After", str(RETRY_SECONDS))
            self.finish(failure(Unavailable("This process should get no traffic now"), data=data))


class MetricsHandler(ApiHandler):
    @unlimited
    @public
    def get(self) -> None:
        self.set_header("Content-Type", CONTENT_TYPE)
        self.finish(self.dependencies.metrics.page())

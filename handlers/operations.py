"""What supervisors, load balancers and Prometheus ask. The proxy in front shows none of it to the outside."""

from __future__ import annotations

from handlers.access import public
from handlers.base import ApiHandler
from realtime_app.metrics import CONTENT_TYPE


class LivenessHandler(ApiHandler):
    """The process lives: its loop turns."""

    @public
    def get(self) -> None:
        self.answer({"status": "ok"})


class ReadinessHandler(ApiHandler):
    """200 only when this process should get traffic."""

    @public
    async def get(self) -> None:
        readiness = await self.dependencies.health.readiness()
        self.answer({"ready": readiness.is_ready, "parts": readiness.parts}, status=200 if readiness.is_ready else 503)


class MetricsHandler(ApiHandler):
    @public
    def get(self) -> None:
        self.set_header("Content-Type", CONTENT_TYPE)
        self.finish(self.dependencies.metrics.page())

"""Time blocks over REST."""

from __future__ import annotations

from handlers.access import needs_scope
from handlers.base import ApiHandler
from realtime_app.core.scopes import Scope
from realtime_app.schemas.time_blocks import (
    AutoScheduleBody,
    CascadeResizeBody,
    QuickScheduleBody,
    TimeBlockBody,
    TimeBlockChangesBody,
    TimeBlockListQuery,
)
from realtime_app.services.cascade import cascade_resize
from realtime_app.services.representations.time_blocks import time_block_etag
from realtime_app.services.scheduling import auto_schedule, quick_schedule
from realtime_app.services.time_block_deletion import delete_time_block, restore_time_block
from realtime_app.services.time_block_queries import get_time_block, list_time_blocks
from realtime_app.services.time_blocks import create_time_block, update_time_block


class TimeBlockListHandler(ApiHandler):
    @needs_scope(Scope.TIME_BLOCKS_READ)
    async def get(self) -> None:
        query = self.query(TimeBlockListQuery)
        blocks, total = await self.read(list_time_blocks, query)
        self.answer_page(blocks, total, query)

    @needs_scope(Scope.TIME_BLOCKS_WRITE)
    async def post(self) -> None:
        block = await self.change(create_time_block, self.body(TimeBlockBody))
        self.answer(block, status=201, etag=time_block_etag(block))


class TimeBlockHandler(ApiHandler):
    @needs_scope(Scope.TIME_BLOCKS_READ)
    async def get(self, time_block_id: str) -> None:
        block = await self.read(get_time_block, self.identifier(time_block_id))
        self.answer(block, etag=time_block_etag(block))

    @needs_scope(Scope.TIME_BLOCKS_WRITE)
    async def patch(self, time_block_id: str) -> None:
        changes = self.body(TimeBlockChangesBody)
        block = await self.change(update_time_block, self.identifier(time_block_id), changes, self.if_match())
        self.answer(block, etag=time_block_etag(block))

    @needs_scope(Scope.TIME_BLOCKS_WRITE)
    async def delete(self, time_block_id: str) -> None:
        await self.change(delete_time_block, self.identifier(time_block_id), self.if_match())
        self.answer(message="Time block deleted successfully")


class TimeBlockRestoreHandler(ApiHandler):
    @needs_scope(Scope.TIME_BLOCKS_WRITE)
    async def post(self, time_block_id: str) -> None:
        block = await self.change(restore_time_block, self.identifier(time_block_id))
        self.answer(block, etag=time_block_etag(block))


class TimeBlockCascadeResizeHandler(ApiHandler):
    @needs_scope(Scope.TIME_BLOCKS_WRITE)
    async def patch(self, time_block_id: str) -> None:
        span = self.body(CascadeResizeBody)
        self.answer(await self.change(cascade_resize, self.identifier(time_block_id), span, self.if_match()))


class TimeBlockQuickScheduleHandler(ApiHandler):
    @needs_scope(Scope.TIME_BLOCKS_WRITE)
    async def post(self) -> None:
        block = await self.change(quick_schedule, self.body(QuickScheduleBody))
        self.answer(block, status=201, etag=time_block_etag(block))


class TimeBlockAutoScheduleHandler(ApiHandler):
    @needs_scope(Scope.TIME_BLOCKS_WRITE)
    async def post(self) -> None:
        block = await self.change(auto_schedule, self.body(AutoScheduleBody))
        self.answer(block, status=201, etag=time_block_etag(block))

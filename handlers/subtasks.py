"""Subtasks over REST."""

from __future__ import annotations

from handlers.access import needs_scope
from handlers.base import ApiHandler
from realtime_app.core.scopes import Scope
from realtime_app.schemas.subtasks import SubtaskBatchBody, SubtaskBody, SubtaskChangesBody, SubtaskOrderBody
from realtime_app.services.subtask_queries import list_subtasks, list_subtasks_of_many
from realtime_app.services.subtasks import create_subtask, delete_subtask, reorder_subtasks, update_subtask


class SubtaskListHandler(ApiHandler):
    @needs_scope(Scope.TASKS_READ)
    async def get(self, task_id: str) -> None:
        self.answer(await self.read(list_subtasks, self.identifier(task_id)))

    @needs_scope(Scope.TASKS_WRITE)
    async def post(self, task_id: str) -> None:
        body = self.body(SubtaskBody)
        self.answer(await self.change(create_subtask, self.identifier(task_id), body), status=201)


class SubtaskHandler(ApiHandler):
    @needs_scope(Scope.TASKS_WRITE)
    async def patch(self, task_id: str, subtask_id: str) -> None:
        changes = self.body(SubtaskChangesBody)
        ids = self.identifier(task_id), self.identifier(subtask_id)
        self.answer(await self.change(update_subtask, *ids, changes))

    @needs_scope(Scope.TASKS_WRITE)
    async def delete(self, task_id: str, subtask_id: str) -> None:
        await self.change(delete_subtask, self.identifier(task_id), self.identifier(subtask_id))
        self.answer(message="Subtask deleted successfully")


class SubtaskReorderHandler(ApiHandler):
    @needs_scope(Scope.TASKS_WRITE)
    async def post(self, task_id: str) -> None:
        body = self.body(SubtaskOrderBody)
        self.answer(await self.change(reorder_subtasks, self.identifier(task_id), body))


class SubtaskBatchHandler(ApiHandler):
    @needs_scope(Scope.TASKS_READ)
    async def post(self) -> None:
        self.answer(await self.read(list_subtasks_of_many, self.body(SubtaskBatchBody)))

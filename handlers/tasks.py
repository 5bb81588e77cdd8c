"""Tasks over REST."""

from __future__ import annotations

from handlers.access import needs_scope
from handlers.base import ApiHandler
from realtime_app.core.scopes import Scope
from realtime_app.schemas.tasks import TaskBody, TaskChangesBody, TaskListQuery, TaskOrderBody, TaskQuery
from realtime_app.services.representations.tasks import task_etag
from realtime_app.services.task_deletion import delete_task, restore_task
from realtime_app.services.task_order import reorder_tasks
from realtime_app.services.task_queries import get_task, list_tasks
from realtime_app.services.tasks import complete_task, create_task, uncomplete_task, update_task


class TaskListHandler(ApiHandler):
    @needs_scope(Scope.TASKS_READ)
    async def get(self) -> None:
        query = self.query(TaskListQuery)
        tasks, total = await self.read(list_tasks, query)
        self.answer_page(tasks, total, query)

    @needs_scope(Scope.TASKS_WRITE)
    async def post(self) -> None:
        task = await self.change(create_task, self.body(TaskBody))
        self.answer(task, status=201, etag=task_etag(task))


class TaskHandler(ApiHandler):
    @needs_scope(Scope.TASKS_READ)
    async def get(self, task_id: str) -> None:
        query = self.query(TaskQuery)
        task = await self.read(get_task, self.identifier(task_id), query)
        self.answer(task, etag=task_etag(task))

    @needs_scope(Scope.TASKS_WRITE)
    async def patch(self, task_id: str) -> None:
        changes = self.body(TaskChangesBody)
        task = await self.change(update_task, self.identifier(task_id), changes, self.if_match())
        self.answer(task, etag=task_etag(task))

    @needs_scope(Scope.TASKS_WRITE)
    async def delete(self, task_id: str) -> None:
        await self.change(delete_task, self.identifier(task_id), self.if_match())
        self.answer(message="Task deleted successfully")


class TaskRestoreHandler(ApiHandler):
    @needs_scope(Scope.TASKS_WRITE)
    async def post(self, task_id: str) -> None:
        task = await self.change(restore_task, self.identifier(task_id))
        self.answer(task, etag=task_etag(task))


class TaskCompleteHandler(ApiHandler):
    @needs_scope(Scope.TASKS_WRITE)
    async def post(self, task_id: str) -> None:
        task = await self.change(complete_task, self.identifier(task_id))
        self.answer(task, etag=task_etag(task))


class TaskUncompleteHandler(ApiHandler):
    @needs_scope(Scope.TASKS_WRITE)
    async def post(self, task_id: str) -> None:
        task = await self.change(uncomplete_task, self.identifier(task_id))
        self.answer(task, etag=task_etag(task))


class TaskReorderHandler(ApiHandler):
    @needs_scope(Scope.TASKS_WRITE)
    async def post(self) -> None:
        self.answer(await self.change(reorder_tasks, self.body(TaskOrderBody)))

"""A client that knows the planner only from one full read and the events since: it refetches what they name."""

from __future__ import annotations

from typing import Any

from tests.app import Account, RunningApp

JsonObject = dict[str, Any]


class Planner:
    """All that a client can hold of one user: by id, as the wire has it."""

    def __init__(self) -> None:
        self.tasks: dict[str, JsonObject] = {}
        self.time_blocks: dict[str, JsonObject] = {}
        self.user: JsonObject = {}


class Reader:
    """Reads over REST, whole or one thing at a time."""

    def __init__(self, app: RunningApp, account: Account) -> None:
        self._app = app
        self._token = account.token

    async def everything(self) -> Planner:
        planner = Planner()
        planner.tasks = {task["id"]: task for task in await self._get("/tasks?limit=500&includeSubtasks=true")}
        planner.time_blocks = {block["id"]: block for block in await self._get("/time-blocks?limit=500")}
        planner.user = await self.user()
        return planner

    async def task(self, task_id: str) -> JsonObject | None:
        return await self._get_or_none(f"/tasks/{task_id}?includeSubtasks=true")

    async def time_block(self, block_id: str) -> JsonObject | None:
        return await self._get_or_none(f"/time-blocks/{block_id}")

    async def bucket(self, date: str) -> list[JsonObject]:
        which = "backlog=true" if date == "backlog" else f"date={date}"
        return list(await self._get(f"/tasks?{which}&limit=500&includeSubtasks=true"))

    async def user(self) -> JsonObject:
        return dict(await self._get("/auth/me"))

    async def _get(self, path: str) -> Any:
        return (await self._app.get(path, token=self._token)).data

    async def _get_or_none(self, path: str) -> JsonObject | None:
        answer = await self._app.get(path, token=self._token)
        return None if answer.status == 404 else answer.data


class Follower:
    """`planner` is kept up to date by nothing but `hear`."""

    def __init__(self, reader: Reader, planner: Planner) -> None:
        self.planner = planner
        self._reader = reader

    async def hear(self, event: JsonObject) -> None:
        payload = event["payload"]
        if event["type"] == "user:updated":
            await self._refetch_user(payload)
        elif event["type"].startswith("timeblock:"):
            await self._refetch_block(payload["timeBlockId"])
        elif event["type"] == "task:reordered":
            await self._refetch_bucket(payload)
        else:
            await self._refetch_task(payload["taskId"])
            await self._refetch_blocks_of({payload["taskId"]}, payload.get("timeBlockIds", []))

    async def _refetch_user(self, payload: JsonObject) -> None:
        before, self.planner.user = self.planner.user, await self._reader.user()
        changed = {name for name, value in self.planner.user.items() if before[name] != value}
        assert changed - {"updatedAt"} == set(payload["fields"])

    async def _refetch_task(self, task_id: str) -> None:
        task = await self._reader.task(task_id)
        if task is None:
            self.planner.tasks.pop(task_id, None)
        else:
            self.planner.tasks[task_id] = task

    async def _refetch_block(self, block_id: str) -> None:
        block = await self._reader.time_block(block_id)
        if block is None:
            self.planner.time_blocks.pop(block_id, None)
        else:
            self.planner.time_blocks[block_id] = block

    async def _refetch_bucket(self, payload: JsonObject) -> None:
        bucket = await self._reader.bucket(payload["date"])
        assert [task["id"] for task in bucket] == payload["taskIds"]
        self.planner.tasks |= {task["id"]: task for task in bucket}
        await self._refetch_blocks_of(set(payload["taskIds"]), [])

    async def _refetch_blocks_of(self, task_ids: set[str], named: list[str]) -> None:
        """Any task event makes stale every block that is held with that task, and those that it names."""
        stale = [block["id"] for block in self.planner.time_blocks.values() if block["taskId"] in task_ids]
        for block_id in {*stale, *named}:
            await self._refetch_block(block_id)

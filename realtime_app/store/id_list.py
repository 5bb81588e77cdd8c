"""Ids as a table: any number of them in one parameter, so that a statement's text doesn't depend on how many."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Integer, Subquery, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from realtime_app.store.models import Id

_POSTGRESQL = (
    "SELECT listed.id, CAST(listed.number - 1 AS integer) AS place"
    " FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS listed(id, number)"
)
_SQLITE = "SELECT value AS id, key AS place FROM json_each(:ids)"


def id_list(connection: AsyncConnection, ids: Sequence[str]) -> Subquery:
    """A table (id, place) of the ids in their order; `place` counts from 0."""
    is_sqlite = connection.dialect.name == "sqlite"
    sql, value = (_SQLITE, orjson.dumps(ids).decode()) if is_sqlite else (_POSTGRESQL, list(ids))
    return text(sql).bindparams(bindparam("ids", value, unique=True)).columns(id=Id, place=Integer).subquery()

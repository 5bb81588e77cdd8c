"""Ids, or hashes, as a table: any number in one parameter, so that a statement's text doesn't depend on how many."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Integer, String, Subquery, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from realtime_app.store.models import Id

_POSTGRESQL_IDS = (
    "SELECT listed.id, CAST(listed.number - 1 AS integer) AS place"
    " FROM unnest(CAST(:listed AS uuid[])) WITH ORDINALITY AS listed(id, number)"
)
_SQLITE_IDS = "SELECT value AS id, key AS place FROM json_each(:listed)"
_POSTGRESQL_HASHES = "SELECT unnest(CAST(:listed AS varchar[])) AS hash"
_SQLITE_HASHES = "SELECT value AS hash FROM json_each(:listed)"


def id_list(connection: AsyncConnection, ids: Sequence[str]) -> Subquery:
    """A table (id, place) of the ids in their order; `place` counts from 0."""
    return _listed(connection, ids, _SQLITE_IDS, _POSTGRESQL_IDS).columns(id=Id, place=Integer).subquery()


def hash_list(connection: AsyncConnection, hashes: Sequence[str]) -> Subquery:
    """A table (hash)."""
    return _listed(connection, hashes, _SQLITE_HASHES, _POSTGRESQL_HASHES).columns(hash=String).subquery()


def _listed(connection: AsyncConnection, values: Sequence[str], sqlite: str, postgresql: str) -> TextClause:
    is_sqlite = connection.dialect.name == "sqlite"
    sql, value = (sqlite, orjson.dumps(values).decode()) if is_sqlite else (postgresql, list(values))
    return text(sql).bindparams(bindparam("listed", value, unique=True))

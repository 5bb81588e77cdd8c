from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from realtime_app.store.engine import Database
from realtime_app.store.id_list import hash_list, id_list

# More than either driver takes parameters in one statement.
MANY = 40_000


@pytest.mark.gen_test
@pytest.mark.parametrize("count", [0, 1, 3, MANY])
async def test_ids_keep_their_places_whatever_their_number(database: Database, count: int) -> None:
    ids = [str(uuid4()) for _ in range(count)]

    async with database.reading() as connection:
        listed = id_list(connection, ids)
        rows = (await connection.execute(select(listed).order_by(listed.c.place))).all()

    assert [(row.id, row.place) for row in rows] == list(zip(ids, range(count), strict=True))


@pytest.mark.gen_test
@pytest.mark.parametrize("count", [0, 1, MANY])
async def test_hashes_are_listed_whatever_their_number(database: Database, count: int) -> None:
    hashes = {f"{number:064}" for number in range(count)}

    async with database.reading() as connection:
        listed = hash_list(connection, list(hashes))
        assert set((await connection.execute(select(listed))).scalars()) == hashes

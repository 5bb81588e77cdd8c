"""Makes the users of a benchmark of peers: real rows, each with a real session, and a line `<id> <token>` for each.

Reads BENCH_USERS, BENCH_USER_ID (a printf format), BENCH_TOKENS (the file to write), BENCH_DIR and JWT_SECRET; writes
the log's epoch to `epoch` in BENCH_DIR.
"""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert, select

from realtime_app.auth.tokens import Claims, TokenCodec
from realtime_app.store.engine import Database
from realtime_app.store.models import event_epochs, event_heads, sessions, users
from realtime_app.store.schema import migrate

LIFETIME = timedelta(days=1)


async def main() -> None:
    folder = Path(os.environ["BENCH_DIR"])
    ids = [os.environ["BENCH_USER_ID"] % number for number in range(int(os.environ["BENCH_USERS"]))]
    database = Database(f"sqlite+aiosqlite:///{folder}/bench.db")
    await migrate(database)
    tokens, epoch = await make_users(database, ids, TokenCodec(os.environ["JWT_SECRET"], None, LIFETIME))
    await database.close()
    Path(os.environ["BENCH_TOKENS"]).write_text("".join(f"{user} {token}\n" for user, token in tokens.items()))
    (folder / "epoch").write_text(epoch)


async def make_users(database: Database, ids: list[str], codec: TokenCodec) -> tuple[dict[str, str], str]:
    """The tokens by user, and the epoch of their logs."""
    now = datetime.now(UTC)
    logins = {user: str(uuid4()) for user in ids}
    row = {"created_at": now, "updated_at": now}
    login = {"name": "bench", "created_at": now, "last_used_at": now, "expires_at": now + LIFETIME}
    async with database.writing() as connection:
        epoch = (await connection.execute(select(event_epochs.c.epoch))).scalar_one()
        await connection.execute(
            insert(users),
            [{"id": user, "email": f"{user}@bench", "password_hash": "-", "timezone": "UTC", **row} for user in ids],
        )
        await connection.execute(
            insert(event_heads), [{"user_id": user, "last_id": 0, "pruned_to": 0, "epoch": epoch} for user in ids]
        )
        await connection.execute(
            insert(sessions),
            [{"id": sid, "public_id": str(uuid4()), "user_id": user, **login} for user, sid in logins.items()],
        )
    return {user: codec.encode(Claims(user, sid, now, now + LIFETIME)) for user, sid in logins.items()}, epoch


if __name__ == "__main__":
    asyncio.run(main())

"""The first schema."""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite")
INSTANT = sa.DateTime(timezone=True)
ALIVE = sa.text("deleted_at IS NULL")
DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "event_epochs",
        sa.Column("only_row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", ID, nullable=False),
        sa.PrimaryKeyConstraint("only_row", name="pk_event_epochs"),
    )
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255)),
        sa.Column("avatar_url", sa.String(length=500)),
        sa.Column("timezone", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column("preferences", sa.JSON(none_as_null=True)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("key_prefix", sa.String(length=11), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("last_used_at", INSTANT),
        sa.Column("expires_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_api_keys_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])

    op.create_table(
        "event_heads",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("pruned_to", sa.BigInteger(), nullable=False),
        sa.Column("epoch", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_event_heads_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_event_heads"),
    )
    op.create_table(
        "events",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_events_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_events"),
    )
    op.create_index("ix_events_created_at", "events", ["created_at"])

    op.create_table(
        "sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("public_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_sessions_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("public_id", name="uq_sessions_public_id"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])

    op.create_table(
        "tasks",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("notes", sa.Text()),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("scheduled_date", sa.Date()),
        sa.Column("estimated_mins", sa.Integer()),
        sa.Column("actual_mins", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=2), nullable=False),
        sa.Column("completed_at", INSTANT),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subtasks_hidden", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("deleted_at", INSTANT),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tasks_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index(
        "ix_tasks_bucket",
        "tasks",
        ["user_id", "scheduled_date", "position"],
        postgresql_where=ALIVE,
        sqlite_where=ALIVE,
    )
    op.create_index(
        "ix_tasks_priority",
        "tasks",
        ["user_id", "priority", "position"],
        postgresql_where=ALIVE,
        sqlite_where=ALIVE,
    )
    op.create_index(
        "ix_tasks_created_at",
        "tasks",
        ["user_id", "created_at"],
        postgresql_where=ALIVE,
        sqlite_where=ALIVE,
    )
    op.create_index(
        "ix_tasks_deleted_at",
        "tasks",
        ["deleted_at"],
        postgresql_where=DELETED,
        sqlite_where=DELETED,
    )

    op.create_table(
        "subtasks",
        sa.Column("id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.id"],
            name="fk_subtasks_task_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subtasks"),
    )
    op.create_index("ix_subtasks_task_id", "subtasks", ["task_id"])

    op.create_table(
        "time_blocks",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("task_id", ID),
        sa.Column("unlinked_task_id", ID),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("color", sa.String(length=7), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("deleted_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.id"],
            name="fk_time_blocks_task_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["unlinked_task_id"],
            ["tasks.id"],
            name="fk_time_blocks_unlinked_task_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_time_blocks_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_time_blocks"),
    )
    op.create_index(
        "ix_time_blocks_day",
        "time_blocks",
        ["user_id", "date", "start_minute"],
        postgresql_where=ALIVE,
        sqlite_where=ALIVE,
    )
    op.create_index(
        "ix_time_blocks_deleted_at",
        "time_blocks",
        ["deleted_at"],
        postgresql_where=DELETED,
        sqlite_where=DELETED,
    )
    op.create_index("ix_time_blocks_task_id", "time_blocks", ["task_id"])
    op.create_index("ix_time_blocks_unlinked_task_id", "time_blocks", ["unlinked_task_id"])
    epochs = sa.table("event_epochs", sa.column("only_row", sa.Integer), sa.column("epoch", ID))
    op.execute(sa.insert(epochs).values(only_row=1, epoch=str(uuid4())))


def downgrade() -> None:
    op.drop_table("time_blocks")
    op.drop_table("subtasks")
    op.drop_table("tasks")
    op.drop_table("sessions")
    op.drop_table("events")
    op.drop_table("event_heads")
    op.drop_table("api_keys")
    op.drop_table("users")
    op.drop_table("event_epochs")

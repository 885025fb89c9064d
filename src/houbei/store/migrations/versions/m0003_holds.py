"""Holds on buyers' cards: one row a hold of a case, and of those that stand one a case."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_STANDS = "state IN ('wanted', 'asked', 'held')"


def upgrade() -> None:
    """Make the table of holds; the database itself refuses two that stand, and more taken than is held."""
    op.create_table(
        "holds",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=True),
        sa.Column("captured_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("capture_minor", sa.BigInteger(), nullable=True),
        sa.Column("capture_note", sa.Text(), nullable=True),
        sa.Column("renewal", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("relied_on", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=True),
        sa.Column("due_us", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked_us", sa.BigInteger(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name="something_is_held"),
        sa.CheckConstraint("captured_minor BETWEEN 0 AND amount_minor", name="taken_within_the_hold"),
        sa.CheckConstraint("capture_minor BETWEEN 1 AND amount_minor", name="asked_within_the_hold"),
        sa.PrimaryKeyConstraint("case_id", "number"),
        sa.UniqueConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "holds_due",
        "holds",
        ["due_us"],
        unique=False,
        sqlite_where=sa.text("due_us IS NOT NULL"),
        postgresql_where=sa.text("due_us IS NOT NULL"),
    )
    op.create_index(
        "holds_that_stand",
        "holds",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text(_STANDS),
        postgresql_where=sa.text(_STANDS),
    )

"""The first store: facts, books, work and kept conclusions; rows of facts and books can only be added."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("terms", "lines", "series", "prices", "events", "replies", "entries", "batches")
_REFUSES = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} can only be added to: a correction is another row'); END
"""


def upgrade() -> None:
    """Make every table, and let the database itself refuse to change facts and books."""
    for make in (
        _actions,
        _batches,
        _covers,
        _due,
        _entries,
        _events,
        _held,
        _hooks,
        _inbox,
        _lines,
        _marks,
        _needs,
        _prices,
        _replies,
        _series,
        _stale,
        _terms,
    ):
        make()
    for table in _APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(_REFUSES.format(table=table, verb=verb))


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("cover", _ROW_ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked_us", sa.BigInteger(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("cover", "sequence"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "actions_due",
        "actions",
        ["due_us"],
        unique=False,
        sqlite_where=sa.text("due_us IS NOT NULL"),
        postgresql_where=sa.text("due_us IS NOT NULL"),
    )
    op.create_index(
        "actions_of_payment",
        "actions",
        ["payment"],
        unique=False,
        sqlite_where=sa.text("state <> 'due'"),
        postgresql_where=sa.text("state <> 'due'"),
    )
    op.create_index(
        "actions_parked",
        "actions",
        ["state"],
        unique=False,
        sqlite_where=sa.text("due_us IS NULL AND state IN ('instructed', 'unknown', 'refused', 'returned')"),
        postgresql_where=sa.text("due_us IS NULL AND state IN ('instructed', 'unknown', 'refused', 'returned')"),
    )


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _covers() -> None:
    op.create_table(
        "covers",
        sa.Column("cover", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("closes_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cover"),
        sa.UniqueConstraint("line", "terms"),
    )
    op.create_index("covers_by_sku", "covers", ["sku", "closes_us"], unique=False)
    op.create_index(
        "covers_undecided",
        "covers",
        ["terms"],
        unique=False,
        sqlite_where=sa.text("state = 'undecided'"),
        postgresql_where=sa.text("state = 'undecided'"),
    )


def _due() -> None:
    op.create_table(
        "due",
        sa.Column("due_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", _ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("due_us", "kind", "ref"),
        sqlite_with_rowid=False,
    )


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("cover", _ROW_ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("settles", sa.BigInteger(), nullable=True),
        sa.Column("posted_us", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cover", "sequence"),
        sqlite_with_rowid=False,
    )
    op.create_index("entries_of_batch", "entries", ["batch"], unique=False)
    op.create_index(
        "entries_once",
        "entries",
        ["cover", "settles", "code"],
        unique=True,
        sqlite_where=sa.text("settles IS NOT NULL"),
        postgresql_where=sa.text("settles IS NOT NULL"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("line_source", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("supersedes", sa.Text(), nullable=True),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "event_id"),
    )
    op.create_index("events_of_line", "events", ["line_source", "line_id"], unique=False)


def _held() -> None:
    op.create_table(
        "held",
        sa.Column("cover", _ROW_ID, nullable=False),
        sa.Column("price", _ROW_ID, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cover", "price"),
    )


def _hooks() -> None:
    op.create_table(
        "hooks",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.Column("looked", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "hooks_unseen",
        "hooks",
        ["known_us"],
        unique=False,
        sqlite_where=sa.text("looked = 0"),
        postgresql_where=sa.text("looked = 0"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _lines() -> None:
    op.create_table(
        "lines",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("placed_us", sa.BigInteger(), nullable=False),
        sa.Column("buyer_id", sa.Text(), nullable=True),
        sa.Column("seller", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("more", sa.Text(), nullable=True),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "line_id"),
    )
    op.create_index(
        "lines_by_buyer",
        "lines",
        ["buyer_id"],
        unique=False,
        sqlite_where=sa.text("buyer_id IS NOT NULL"),
        postgresql_where=sa.text("buyer_id IS NOT NULL"),
    )
    op.create_index("lines_by_order", "lines", ["order_id"], unique=False)


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )


def _needs() -> None:
    op.create_table(
        "needs",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "ref"),
        sqlite_with_rowid=False,
    )


def _prices() -> None:
    op.create_table(
        "prices",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("price_id", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("more", sa.Text(), nullable=True),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "price_id"),
    )
    op.create_index("prices_of_series", "prices", ["series", "at_us"], unique=False)


def _replies() -> None:
    op.create_table(
        "replies",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("provider", "reference", "state"),
    )
    op.create_index("replies_of_settlement", "replies", ["settlement"], unique=False)


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("min_quantity", sa.BigInteger(), nullable=True),
        sa.Column("seller", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("gift_value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("sku", "key"),
    )


def _stale() -> None:
    op.create_table(
        "stale",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("series", _ROW_ID, nullable=False),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "series"),
        sqlite_with_rowid=False,
    )


def _terms() -> None:
    op.create_table(
        "terms",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("sha256"),
        sa.UniqueConstraint("term", "version"),
    )

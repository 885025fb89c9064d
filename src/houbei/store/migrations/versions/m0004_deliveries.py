"""Promised arrivals: what was shown, scanned and closed, and how each delivery stands."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("promises_given", "scans", "closures")
_REFUSES = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} can only be added to: a correction is another row'); END
"""


def upgrade() -> None:
    """Make the tables of promised arrivals, and let the database itself refuse to change what was told."""
    for make in (_closures, _deliveries, _promises_given, _scans):
        make()
    for table in _APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(_REFUSES.format(table=table, verb=verb))


def _closures() -> None:
    op.create_table(
        "closures",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("closure_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        sa.Column("known_at_us", sa.BigInteger(), nullable=False),
        sa.Column("regions", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("supersedes", sa.Text(), nullable=True),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_us <= until_us", name="ends_after_it_begins"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "closure_id"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.BigInteger(), nullable=False),
        sa.Column("cover", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("promise", sa.BigInteger(), nullable=True),
        sa.Column("shown_us", sa.BigInteger(), nullable=True),
        sa.Column("from_us", sa.BigInteger(), nullable=True),
        sa.Column("promised_us", sa.BigInteger(), nullable=True),
        sa.Column("by_us", sa.BigInteger(), nullable=True),
        sa.Column("arrived_us", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("closure", sa.BigInteger(), nullable=True),
        sa.Column("scan", sa.BigInteger(), nullable=True),
        sa.Column("provisional", sa.BigInteger(), nullable=False),
        sa.Column("chance_permille", sa.BigInteger(), nullable=True),
        sa.Column("next_us", sa.BigInteger(), nullable=True),
        sa.Column("at_risk", sa.Text(), nullable=True),
        sa.Column("watch_us", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("chance_permille BETWEEN 0 AND 1000", name="chance_is_a_share"),
        sa.CheckConstraint("provisional IN (0, 1)", name="provisional_or_not"),
        sa.PrimaryKeyConstraint("delivery"),
        sa.UniqueConstraint("delivery_id", "source", "terms"),
    )
    op.create_index("deliveries_by_order", "deliveries", ["order_id"], unique=False)
    op.create_index("deliveries_by_verdict", "deliveries", ["verdict", "by_us"], unique=False)
    op.create_index(
        "deliveries_next",
        "deliveries",
        ["next_us"],
        unique=False,
        sqlite_where=sa.text("next_us IS NOT NULL"),
        postgresql_where=sa.text("next_us IS NOT NULL"),
    )
    op.create_index("deliveries_of_cover", "deliveries", ["cover"], unique=False)
    op.create_index(
        "deliveries_to_watch",
        "deliveries",
        ["watch_us"],
        unique=False,
        sqlite_where=sa.text("watch_us IS NOT NULL"),
        postgresql_where=sa.text("watch_us IS NOT NULL"),
    )


def _promises_given() -> None:
    op.create_table(
        "promises_given",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("promise_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=True),
        sa.Column("shown_us", sa.BigInteger(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), nullable=True),
        sa.Column("by_us", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("parcels", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("provisional", sa.BigInteger(), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("asked_by IN ('buyer', 'shop')", name="asked_by_one_of_two"),
        sa.CheckConstraint("fee_minor >= 0 AND (fee_minor IS NULL) = (currency IS NULL)", name="fee_has_a_currency"),
        sa.CheckConstraint("provisional IN (0, 1)", name="provisional_or_not"),
        sa.CheckConstraint("from_us < by_us", name="slot_ends_after_it_begins"),
        sa.CheckConstraint("parcels >= 1", name="something_is_sent"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "promise_id"),
    )
    op.create_index("promises_given_by_delivery", "promises_given", ["delivery_id"], unique=False)
    op.create_index("promises_given_by_order", "promises_given", ["order_id"], unique=False)


def _scans() -> None:
    op.create_table(
        "scans",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("delivery_id", sa.Text(), nullable=True),
        sa.Column("parcel_id", sa.Text(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("disputes", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("order_id IS NOT NULL OR delivery_id IS NOT NULL", name="of_something"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "scan_id"),
    )
    op.create_index("scans_by_carrier", "scans", ["carrier", "at_us"], unique=False)
    op.create_index("scans_by_delivery", "scans", ["delivery_id"], unique=False)
    op.create_index("scans_by_order", "scans", ["order_id"], unique=False)

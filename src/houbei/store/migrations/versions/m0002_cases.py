"""Cases: what is told of them, how they stand, who works on them, and the serials by which units are found."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("openings", "steps", "swaps", "exhibits")
_REFUSES = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} can only be added to: a correction is another row'); END
"""


def upgrade() -> None:
    """Make the tables of cases, and let the database itself refuse to change what was told."""
    for make in (_cases, _exhibits, _openings, _people, _serials, _steps, _swaps):
        make()
    for table in _APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(_REFUSES.format(table=table, verb=verb))


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("terms", sa.BigInteger(), nullable=True),
        sa.Column("cover", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=True),
        sa.Column("over", sa.BigInteger(), nullable=False),
        sa.Column("opened_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index(
        "cases_due",
        "cases",
        ["due_us"],
        unique=False,
        sqlite_where=sa.text("due_us IS NOT NULL"),
        postgresql_where=sa.text("due_us IS NOT NULL"),
    )
    op.create_index("cases_of_line", "cases", ["line"], unique=False)
    op.create_index(
        "cases_refund_due",
        "cases",
        ["id"],
        unique=False,
        sqlite_where=sa.text("stage = 'refund_due'"),
        postgresql_where=sa.text("stage = 'refund_due'"),
    )


def _exhibits() -> None:
    op.create_table(
        "exhibits",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "step_id", "sha256"),
    )
    op.create_index("exhibits_of_case", "exhibits", ["case_id"], unique=False)


def _openings() -> None:
    op.create_table(
        "openings",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("case_id"),
        sa.UniqueConstraint("year", "place"),
    )
    op.create_index("openings_of_line", "openings", ["line"], unique=False)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("named", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
        sqlite_with_rowid=False,
    )


def _serials() -> None:
    op.create_table(
        "serials",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", "line"),
        sqlite_with_rowid=False,
    )


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("teller", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("named", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "step_id"),
    )
    op.create_index("steps_of_case", "steps", ["case_id"], unique=False)


def _swaps() -> None:
    op.create_table(
        "swaps",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("old_serial", sa.Text(), nullable=False),
        sa.Column("new_serial", sa.Text(), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source", "step_id"),
    )
    op.create_index("swaps_by_new", "swaps", ["new_serial"], unique=False)
    op.create_index("swaps_by_old", "swaps", ["old_serial"], unique=False)
    op.create_index("swaps_of_line", "swaps", ["line"], unique=False)

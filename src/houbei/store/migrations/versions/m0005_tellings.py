"""What buyers are told about their deliveries: decided, told, and the work in between."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("tellings", "told")
_REFUSES = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} can only be added to: a correction is another row'); END
"""


def upgrade() -> None:
    """Make the tables of tellings, and let the database itself refuse to change what was decided and told."""
    for make in (_payments_awaited, _telling_work, _tellings, _told):
        make()
    for table in _APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(_REFUSES.format(table=table, verb=verb))


def _payments_awaited() -> None:
    op.create_table(
        "payments_awaited",
        sa.Column("delivery", _ROW_ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("delivery"),
        sqlite_with_rowid=False,
    )


def _telling_work() -> None:
    op.create_table(
        "telling_work",
        sa.Column("seq", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'parked', 'told', 'dropped')", name="in_a_known_state"),
        sa.CheckConstraint("(state = 'due') = (due_us IS NOT NULL)", name="due_at_a_moment"),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_with_rowid=False,
    )
    for name, column, where in (
        ("telling_work_due", "due_us", "due_us IS NOT NULL"),
        ("telling_work_parked", "seq", "state = 'parked'"),
    ):
        op.create_index(
            name,
            "telling_work",
            [column],
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def _tellings() -> None:
    op.create_table(
        "tellings",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("telling", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("promise", sa.Text(), nullable=True),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("decided_us", sa.BigInteger(), nullable=False),
        sa.Column("by_us", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('at_risk', 'late', 'paid', 'new_date')", name="of_a_known_kind"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("telling"),
    )
    op.create_index("tellings_of_delivery", "tellings", ["delivery_id"], unique=False)


def _told() -> None:
    op.create_table(
        "told",
        sa.Column("seq", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("telling", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("named", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("way IN ('channel', 'person')", name="by_one_of_two"),
        sa.CheckConstraint("(way = 'person') = (person IS NOT NULL)", name="a_person_has_a_name"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("telling"),
    )

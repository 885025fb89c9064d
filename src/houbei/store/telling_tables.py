"""The tables of what buyers are told about their deliveries: what was decided to be told, that it was told, and the work in between."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, UniqueConstraint, text

from houbei.store.table_parts import ROW_ID, TABLES, row_id, whole, words

_STATES = "state IN ('due', 'parked', 'told', 'dropped')"

TELLINGS = Table(
    "tellings",
    TABLES,
    row_id(),
    words("telling"),
    words("source"),
    words("delivery_id"),
    words("order_id"),
    words("kind"),
    words("promise", null=True),
    words("zh"),
    words("en"),
    words("told"),
    whole("decided_us"),
    whole("by_us", null=True),
    UniqueConstraint("telling"),
    CheckConstraint("kind IN ('at_risk', 'late', 'paid', 'new_date')", name="of_a_known_kind"),
    Index("tellings_of_delivery", "delivery_id"),
)
"""What a buyer is to be told, one row a telling. `telling` is its id, derived from the delivery, the kind and what it is about; `promise`
the promise_id, null where nothing was shown; `zh` and `en` are the texts, `told` a JSON object of the facts in them; `by_us` is before
when the buyer should hear it, null where it can wait."""

TOLD = Table(
    "told",
    TABLES,
    row_id(),
    words("telling"),
    words("way"),
    whole("at_us"),
    words("person", null=True),
    words("role", null=True),
    whole("named", null=True),
    UniqueConstraint("telling"),
    CheckConstraint("way IN ('channel', 'person')", name="by_one_of_two"),
    CheckConstraint("(way = 'person') = (person IS NOT NULL)", name="a_person_has_a_name"),
)
"""That a buyer was told, once a telling: the `channel` took it, or a `person` did it, a key of `people`."""

TELLING_FACTS = ("tellings", "told")
"""Tables of tellings whose rows the database itself refuses to change or delete."""

TELLING_WORK = Table(
    "telling_work",
    TABLES,
    Column("seq", ROW_ID, primary_key=True, autoincrement=False),
    words("state"),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    whole("due_us", null=True),
    words("holder", null=True),
    words("reason", null=True),
    CheckConstraint(_STATES, name="in_a_known_state"),
    CheckConstraint("(state = 'due') = (due_us IS NOT NULL)", name="due_at_a_moment"),
    Index(
        "telling_work_due",
        "due_us",
        sqlite_where=text("due_us IS NOT NULL"),
        postgresql_where=text("due_us IS NOT NULL"),
    ),
    Index(
        "telling_work_parked",
        "seq",
        sqlite_where=text("state = 'parked'"),
        postgresql_where=text("state = 'parked'"),
    ),
    sqlite_with_rowid=False,
)
"""How far each telling, by its number, has come: `due` to be sent at `due_us`, `parked` before a person, `told`, or `dropped` because it was no longer so
before anybody heard it. `holder` is who is sending it now."""

PAYMENTS_AWAITED = Table(
    "payments_awaited",
    TABLES,
    Column("delivery", ROW_ID, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Late deliveries whose buyers are to hear of a payment once it is made."""

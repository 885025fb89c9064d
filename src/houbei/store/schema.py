"""The tables of the live store, in one dialect-neutral place; SQLite today, nothing here that PostgreSQL lacks.

Three sorts of tables. **Facts and books** are only ever added to; triggers of the first migration refuse everything else: `terms`,
`lines`, `series`, `prices`, `events`, `replies`,
`entries`, `batches`. **Work** is what is still to be done, and changes: `inbox`, `stale`,
`due`, `hooks`, `actions`, `needs`, `marks`. **Kept conclusions** can be worked out again from the facts: `covers`, `held`.

Those of holds stand in `hold_tables`.

Amounts are minor units of the row's currency, moments microseconds UTC, `known_us` when we learnt of a fact.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from houbei.store.hold_tables import HOLDS
from houbei.store.table_parts import TABLES

METADATA = TABLES
"""Every table of the store."""

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""A row's number, given in the order of arrival; SQLite needs plain INTEGER for that."""


def _row_id(name: str = "seq") -> Column[int]:
    return Column(name, _ROW_ID, primary_key=True, autoincrement=True)


def _whole(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


TERMS = Table(
    "terms",
    METADATA,
    _row_id(),
    Column("sha256", Text, nullable=False, unique=True),
    _text("term"),
    _whole("version"),
    _text("document"),
    _whole("known_us"),
    UniqueConstraint("term", "version"),
)
"""Published promises: the document as canonical JSON. A version is published once and never changed."""

LINES = Table(
    "lines",
    METADATA,
    _row_id(),
    _text("source"),
    _text("line_id"),
    _text("order_id"),
    _text("sku"),
    _whole("quantity"),
    _whole("paid_minor"),
    _text("currency"),
    _whole("placed_us"),
    *(_text(name, null=True) for name in ("buyer_id", "seller", "region", "channel", "audience", "category", "more")),
    _whole("known_us"),
    UniqueConstraint("source", "line_id"),
    Index("lines_by_order", "order_id"),
    Index(
        "lines_by_buyer",
        "buyer_id",
        sqlite_where=text("buyer_id IS NOT NULL"),
        postgresql_where=text("buyer_id IS NOT NULL"),
    ),
)
"""Order lines as they were first told. `more` is a JSON object of everything else that the line came with: moments as µs under
`@paid`, `@delivered`, …, lists and amounts as the contract writes them, and the columns beyond it."""

SERIES_TEXTS = ("seller", "region", "channel", "audience", "kind", "gift_value")
"""What a price series is closed by, besides its SKU, currency and least quantity; null is open to all."""

SERIES = Table(
    "series",
    METADATA,
    _row_id(),
    _text("sku"),
    _text("key"),
    _text("currency"),
    _whole("min_quantity", null=True),
    *(_text(name, null=True) for name in SERIES_TEXTS),
    UniqueConstraint("sku", "key"),
)
"""Price series. `key` is what it is closed by, as JSON: a series is told apart from another by its SKU and key."""

PRICES = Table(
    "prices",
    METADATA,
    _row_id(),
    _text("source"),
    _text("price_id"),
    _whole("row"),
    _whole("series"),
    _whole("at_us"),
    _whole("until_us", null=True),
    _whole("price_minor"),
    _text("more", null=True),
    _whole("known_us"),
    UniqueConstraint("source", "price_id"),
    Index("prices_of_series", "series", "at_us"),
)
"""Price observations. `more` is a JSON object of everything else, as in `LINES`. `row` is their place in their source: of two of a
series at one moment the later one holds."""

EVENTS = Table(
    "events",
    METADATA,
    _row_id(),
    _text("source"),
    _text("event_id"),
    _text("line_source"),
    _text("line_id"),
    _text("what"),
    _whole("at_us"),
    _whole("quantity", null=True),
    _text("supersedes", null=True),
    _whole("known_us"),
    UniqueConstraint("source", "event_id"),
    Index("events_of_line", "line_source", "line_id"),
)
"""What happened to a line afterwards: `what` is `delivered`, `returned`, …, or `withdrawn`, which
only undoes what it supersedes."""

REPLIES = Table(
    "replies",
    METADATA,
    _row_id(),
    _text("provider"),
    _text("reference"),
    _text("state"),
    _text("settlement", null=True),
    _text("payment"),
    _whole("amount_minor"),
    _text("currency"),
    _text("reason", null=True),
    _whole("at_us"),
    _whole("known_us"),
    UniqueConstraint("provider", "reference", "state"),
    Index("replies_of_settlement", "settlement"),
)
"""What the provider said of a refund, once for each state it was in: the receipt of an entry."""

COVERS = Table(
    "covers",
    METADATA,
    _row_id("cover"),
    _whole("line"),
    _whole("terms"),
    _text("sku"),
    _whole("closes_us"),
    _text("state"),
    UniqueConstraint("line", "terms"),
    Index("covers_by_sku", "sku", "closes_us"),
    Index(
        "covers_undecided",
        "terms",
        sqlite_where=text("state = 'undecided'"),
        postgresql_where=text("state = 'undecided'"),
    ),
)
"""One promise protecting one line, or `undecided` because a fact is missing. No price that took effect at `closes_us` or later
matters to it."""

HELD = Table(
    "held",
    METADATA,
    Column("cover", _ROW_ID, primary_key=True),
    Column("price", _ROW_ID, primary_key=True),
    _whole("at_us"),
    _whole("quantity"),
    _whole("amount_minor"),
)
"""What would be owed if a price that looks like an error were meant: a person must look first."""

ENTRIES = Table(
    "entries",
    METADATA,
    Column("cover", _ROW_ID, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    _text("code"),
    _text("debit"),
    _text("credit"),
    _whole("amount_minor"),
    _text("currency"),
    _text("clause"),
    _text("fact"),
    _whole("at_us"),
    _whole("settles", null=True),
    _whole("posted_us"),
    _whole("batch"),
    Index("entries_of_batch", "batch"),
    Index(
        "entries_once",
        "cover",
        "settles",
        "code",
        unique=True,
        sqlite_where=text("settles IS NOT NULL"),
        postgresql_where=text("settles IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)
"""The ledger. `fact` names what decided, `at_us` when it did, `posted_us` when we posted it; `settles` is the sequence of the
`owed` entry of whose settlement this is a step: each step happens once, and the database sees to it."""

_PARKED = "due_us IS NULL AND state IN ('instructed', 'unknown', 'refused', 'returned')"
"""Settlements that nothing but a person leads on."""

ACTIONS = Table(
    "actions",
    METADATA,
    Column("cover", _ROW_ID, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("state"),
    _whole("amount_minor"),
    _text("currency"),
    _text("payment"),
    _whole("due_us", null=True),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    _whole("asked_us", null=True),
    _text("holder", null=True),
    _text("reason", null=True),
    Index(
        "actions_due",
        "due_us",
        sqlite_where=text("due_us IS NOT NULL"),
        postgresql_where=text("due_us IS NOT NULL"),
    ),
    Index(
        "actions_of_payment",
        "payment",
        sqlite_where=text("state <> 'due'"),
        postgresql_where=text("state <> 'due'"),
    ),
    Index("actions_parked", "state", sqlite_where=text(_PARKED), postgresql_where=text(_PARKED)),
    sqlite_with_rowid=False,
)
"""What is still to be asked of the world, one row a settlement. `due_us` is when to look at it next, null when nobody needs to;
`asked_us` since when the provider may have heard of it; `holder` who is asking now."""

INBOX = Table(
    "inbox",
    METADATA,
    _row_id("id"),
    _text("kind"),
    _whole("first"),
    _whole("last"),
)
"""Facts that nobody has looked at yet: the rows `first` to `last` of the table `kind`."""

STALE = Table(
    "stale",
    METADATA,
    Column("sku", Text, primary_key=True),
    Column("series", _ROW_ID, primary_key=True),
    _whole("from_us"),
    sqlite_with_rowid=False,
)
"""Price series with new prices, the earliest of them at `from_us`, whose covers nobody has looked at since; series 0
stands for all covers of the SKU."""

DUE = Table(
    "due",
    METADATA,
    Column("due_us", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("ref", _ROW_ID, primary_key=True),
    sqlite_with_rowid=False,
)
"""Moments at which time alone changes what is owed: look at line `ref`, or at price `ref`, then."""

HOOKS = Table(
    "hooks",
    METADATA,
    Column("event_id", Text, primary_key=True),
    _text("reference"),
    _whole("known_us"),
    Column("looked", Integer, nullable=False, server_default="0"),
    Index("hooks_unseen", "known_us", sqlite_where=text("looked = 0"), postgresql_where=text("looked = 0")),
    sqlite_with_rowid=False,
)
"""Events that a provider told of, each once: a hint to read the refund `reference` again, no more."""

NEEDS = Table(
    "needs",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    _whole("since_us"),
    _text("told"),
    _whole("amount_minor", null=True),
    _text("currency", null=True),
    sqlite_with_rowid=False,
)
"""What waits for a person, with its facts as JSON in `told`; gone when it no longer does."""

BATCHES = Table(
    "batches",
    METADATA,
    _row_id("id"),
    _text("what"),
    _whole("first"),
    _whole("last"),
    _whole("rows"),
    _text("sha256"),
)
"""A digest of each batch of rows that was added to a table, chained to the one before: a changed or missing row shows."""

MARKS = Table("marks", METADATA, Column("name", Text, primary_key=True), _text("value"), sqlite_with_rowid=False)
"""Where things stand: the latest moment lived through, how far a file was imported, which columns are of which kind."""

CASE_WORK = (HOLDS.name,)
"""Tables of what is still to be asked of the provider for cases."""

APPEND_ONLY = ("terms", "lines", "series", "prices", "events", "replies", "entries", "batches")
"""Tables whose rows the database itself refuses to change or delete."""

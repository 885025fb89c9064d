"""The tables of the live store, in one dialect-neutral place; SQLite today, nothing here that PostgreSQL lacks.

Three sorts of tables. **Facts and books** are only ever added to; triggers of the first migration refuse everything else: `terms`,
`lines`, `series`, `prices`, `events`, `replies`,
`entries`, `batches`. **Work** is what is still to be done, and changes: `inbox`, `stale`,
`due`, `hooks`, `actions`, `needs`, `marks`. **Kept conclusions** can be worked out again from the facts: `covers`, `held`.
Those of cases stand in `case_tables`, those of holds in `hold_tables`, those of promised arrivals in `delivery_tables`, of what
buyers are told in `telling_tables`.

Amounts are minor units of the row's currency, moments microseconds UTC, `known_us` when we learnt of a fact.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from houbei.store.case_tables import CASE_FACTS
from houbei.store.delivery_tables import DELIVERY_FACTS
from houbei.store.hold_tables import HOLDS  # noqa: F401  its table belongs to the others
from houbei.store.table_parts import ROW_ID, TABLES, row_id, whole, words
from houbei.store.telling_tables import TELLING_FACTS

METADATA = TABLES
"""Every table of the store."""

TERMS = Table(
    "terms",
    METADATA,
    row_id(),
    Column("sha256", Text, nullable=False, unique=True),
    words("term"),
    whole("version"),
    words("document"),
    whole("known_us"),
    UniqueConstraint("term", "version"),
)
"""Published promises: the document as canonical JSON. A version is published once and never changed."""

LINES = Table(
    "lines",
    METADATA,
    row_id(),
    words("source"),
    words("line_id"),
    words("order_id"),
    words("sku"),
    whole("quantity"),
    whole("paid_minor"),
    words("currency"),
    whole("placed_us"),
    *(words(name, null=True) for name in ("buyer_id", "seller", "region", "channel", "audience", "category", "more")),
    whole("known_us"),
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
    row_id(),
    words("sku"),
    words("key"),
    words("currency"),
    whole("min_quantity", null=True),
    *(words(name, null=True) for name in SERIES_TEXTS),
    UniqueConstraint("sku", "key"),
)
"""Price series. `key` is what it is closed by, as JSON: a series is told apart from another by its SKU and key."""

PRICES = Table(
    "prices",
    METADATA,
    row_id(),
    words("source"),
    words("price_id"),
    whole("row"),
    whole("series"),
    whole("at_us"),
    whole("until_us", null=True),
    whole("price_minor"),
    words("more", null=True),
    whole("known_us"),
    UniqueConstraint("source", "price_id"),
    Index("prices_of_series", "series", "at_us"),
)
"""Price observations. `more` is a JSON object of everything else, as in `LINES`. `row` is their place in their source: of two of a
series at one moment the later one holds."""

EVENTS = Table(
    "events",
    METADATA,
    row_id(),
    words("source"),
    words("event_id"),
    words("line_source"),
    words("line_id"),
    words("what"),
    whole("at_us"),
    whole("quantity", null=True),
    words("supersedes", null=True),
    whole("known_us"),
    UniqueConstraint("source", "event_id"),
    Index("events_of_line", "line_source", "line_id"),
)
"""What happened to a line afterwards: `what` is `delivered`, `returned`, …, or `withdrawn`, which
only undoes what it supersedes."""

REPLIES = Table(
    "replies",
    METADATA,
    row_id(),
    words("provider"),
    words("reference"),
    words("state"),
    words("settlement", null=True),
    words("payment"),
    whole("amount_minor"),
    words("currency"),
    words("reason", null=True),
    whole("at_us"),
    whole("known_us"),
    UniqueConstraint("provider", "reference", "state"),
    Index("replies_of_settlement", "settlement"),
)
"""What the provider said of a refund, once for each state it was in: the receipt of an entry."""

COVERS = Table(
    "covers",
    METADATA,
    row_id("cover"),
    whole("line"),
    whole("terms"),
    words("sku"),
    whole("closes_us"),
    words("state"),
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
    Column("cover", ROW_ID, primary_key=True),
    Column("price", ROW_ID, primary_key=True),
    whole("at_us"),
    whole("quantity"),
    whole("amount_minor"),
)
"""What would be owed if a price that looks like an error were meant: a person must look first."""

ENTRIES = Table(
    "entries",
    METADATA,
    Column("cover", ROW_ID, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    words("code"),
    words("debit"),
    words("credit"),
    whole("amount_minor"),
    words("currency"),
    words("clause"),
    words("fact"),
    whole("at_us"),
    whole("settles", null=True),
    whole("posted_us"),
    whole("batch"),
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
    Column("cover", ROW_ID, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    words("kind"),
    words("state"),
    whole("amount_minor"),
    words("currency"),
    words("payment"),
    whole("due_us", null=True),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    whole("asked_us", null=True),
    words("holder", null=True),
    words("reason", null=True),
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
    row_id("id"),
    words("kind"),
    whole("first"),
    whole("last"),
)
"""Facts that nobody has looked at yet: the rows `first` to `last` of the table `kind`."""

STALE = Table(
    "stale",
    METADATA,
    Column("sku", Text, primary_key=True),
    Column("series", ROW_ID, primary_key=True),
    whole("from_us"),
    sqlite_with_rowid=False,
)
"""Price series with new prices, the earliest of them at `from_us`, whose covers nobody has looked at since; series 0
stands for all covers of the SKU."""

DUE = Table(
    "due",
    METADATA,
    Column("due_us", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("ref", ROW_ID, primary_key=True),
    sqlite_with_rowid=False,
)
"""Moments at which time alone changes what is owed: look at line `ref`, or at price `ref`, then."""

HOOKS = Table(
    "hooks",
    METADATA,
    Column("event_id", Text, primary_key=True),
    words("reference"),
    whole("known_us"),
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
    whole("since_us"),
    words("told"),
    whole("amount_minor", null=True),
    words("currency", null=True),
    sqlite_with_rowid=False,
)
"""What waits for a person, with its facts as JSON in `told`; gone when it no longer does."""

BATCHES = Table(
    "batches",
    METADATA,
    row_id("id"),
    words("what"),
    whole("first"),
    whole("last"),
    whole("rows"),
    words("sha256"),
)
"""A digest of each batch of rows that was added to a table, chained to the one before: a changed or missing row shows."""

MARKS = Table("marks", METADATA, Column("name", Text, primary_key=True), words("value"), sqlite_with_rowid=False)
"""Where things stand: the latest moment lived through, how far a file was imported, which columns are of which kind."""

APPEND_ONLY = (
    "terms",
    "lines",
    "series",
    "prices",
    "events",
    "replies",
    "entries",
    "batches",
    *CASE_FACTS,
    *DELIVERY_FACTS,
    *TELLING_FACTS,
)
"""Tables whose rows the database itself refuses to change or delete."""

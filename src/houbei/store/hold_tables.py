"""The table of holds: what is held on buyers' cards for cases, and what is to be asked of the provider about it next."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text, text

from houbei.store.table_parts import TABLES, whole, words

_STANDS = "state IN ('wanted', 'asked', 'held')"

HOLDS = Table(
    "holds",
    TABLES,
    Column("case_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, unique=True),
    words("payment"),
    whole("amount_minor"),
    words("currency"),
    words("state"),
    words("reference", null=True),
    Column("version", BigInteger, nullable=False, server_default="0"),
    whole("expires_us", null=True),
    Column("captured_minor", BigInteger, nullable=False, server_default="0"),
    whole("capture_minor", null=True),
    words("capture_note", null=True),
    Column("renewal", BigInteger, nullable=False, server_default="1"),
    Column("relied_on", BigInteger, nullable=False, server_default="0"),
    whole("at_us", null=True),
    whole("due_us", null=True),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    whole("asked_us", null=True),
    words("holder", null=True),
    words("reason", null=True),
    CheckConstraint("amount_minor > 0", name="something_is_held"),
    CheckConstraint("captured_minor BETWEEN 0 AND amount_minor", name="taken_within_the_hold"),
    CheckConstraint("capture_minor BETWEEN 1 AND amount_minor", name="asked_within_the_hold"),
    Index("holds_due", "due_us", sqlite_where=text("due_us IS NOT NULL"), postgresql_where=text("due_us IS NOT NULL")),
    Index("holds_that_stand", "case_id", unique=True, sqlite_where=text(_STANDS), postgresql_where=text(_STANDS)),
    sqlite_with_rowid=False,
)
"""One row a hold of a case, numbered from 1; of those that stand a case has one at most, and the database sees to it.

`state` is `wanted` (nobody was asked), `asked` (the provider may have heard), how it stands at the provider (`held`, `captured`, `released`,
`lapsed`, `refused`), `surplus` (held beside another, to be released) or `dropped` (never made). `key` is what the provider knows it by,
`version` of which of its states we know, `at_us` when it came into it. `capture_minor` is what a person asked to take of it; `renewal`
numbers the next renewal; `relied_on` says that its case was told of it. `due_us` is when to look next, null when nobody needs to; `asked_us` since when the provider may have heard what
was asked last, `attempts` how often that was."""

"""The tables of cases: what was told of them, which is only ever added to, and how they stand, which can be folded again from that."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint, text

from houbei.store.table_parts import TABLES, row_id, whole, words

OPENINGS = Table(
    "openings",
    TABLES,
    row_id(),
    Column("case_id", Text, nullable=False, unique=True),
    whole("year"),
    whole("place"),
    whole("line"),
    whole("unit"),
    words("serial"),
    whole("known_us"),
    UniqueConstraint("year", "place"),
    Index("openings_of_line", "line"),
)
"""Cases as they were opened: which unit (from 1) of which line, the serial it was reported under ('' where none was told), and the
place among the cases of its year, by which it is numbered: `R-2026-0219`."""

STEPS = Table(
    "steps",
    TABLES,
    row_id(),
    words("source"),
    words("step_id"),
    words("case_id"),
    words("what"),
    words("teller"),
    whole("at_us"),
    whole("known_us"),
    words("person", null=True),
    words("role", null=True),
    whole("named", null=True),
    words("told"),
    UniqueConstraint("source", "step_id"),
    Index("steps_of_case", "case_id"),
)
"""What happened in cases, in the order in which it was learnt. `person` is a key of `people`, `named` whether they agreed then to be
named, `told` a JSON object of what the step tells besides."""

SWAPS = Table(
    "swaps",
    TABLES,
    row_id(),
    words("source"),
    words("step_id"),
    words("case_id"),
    whole("line"),
    whole("unit"),
    words("old_serial"),
    words("new_serial"),
    words("promise"),
    whole("at_us"),
    UniqueConstraint("source", "step_id"),
    Index("swaps_of_line", "line"),
    Index("swaps_by_old", "old_serial"),
    Index("swaps_by_new", "new_serial"),
)
"""Which unit replaced which, by the step with which the new one became the buyer's; `promise` is the term under which it did."""

EXHIBITS = Table(
    "exhibits",
    TABLES,
    row_id(),
    words("source"),
    words("step_id"),
    words("sha256"),
    words("case_id"),
    words("kind"),
    whole("bytes"),
    whole("width", null=True),
    whole("height", null=True),
    UniqueConstraint("source", "step_id", "sha256"),
    Index("exhibits_of_case", "case_id"),
)
"""Files that belong to a step; they lie beside the store by their sha256. Width and height are pixels, where they are known."""

CASE_FACTS = ("openings", "steps", "swaps", "exhibits")
"""Tables of cases whose rows the database itself refuses to change or delete."""

CASES = Table(
    "cases",
    TABLES,
    row_id("id"),
    Column("case_id", Text, nullable=False, unique=True),
    whole("line"),
    whole("unit"),
    words("serial"),
    whole("terms", null=True),
    whole("cover", null=True),
    words("currency"),
    words("stage"),
    words("state"),
    whole("due_us", null=True),
    Column("over", BigInteger, nullable=False),
    whole("opened_us"),
    Index("cases_of_line", "line"),
    Index(
        "cases_due",
        "due_us",
        sqlite_where=text("due_us IS NOT NULL"),
        postgresql_where=text("due_us IS NOT NULL"),
    ),
    Index(
        "cases_refund_due",
        "id",
        sqlite_where=text("stage = 'refund_due'"),
        postgresql_where=text("stage = 'refund_due'"),
    ),
)
"""How each case stands, a kept conclusion. `state` is a JSON object of what differs from a case that was just opened, `due_us` when
its first deadline comes, null where it has none; `terms` is the promise that leads it, `cover` where its money is booked, null as long as
none moved."""

PEOPLE = Table(
    "people",
    TABLES,
    Column("person", Text, primary_key=True),
    words("name"),
    whole("named"),
    sqlite_with_rowid=False,
)
"""Who works on cases: facts hold the key alone, so that a name can go from every page at once; `named` is whether it is shown."""

SERIALS = Table(
    "serials",
    TABLES,
    Column("serial", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True, autoincrement=False),
    whole("unit"),
    sqlite_with_rowid=False,
)
"""The serials that lines were delivered with, a kept conclusion: found by what is printed on a unit."""

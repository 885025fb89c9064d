"""The tables of promised arrivals: what was shown, scanned and closed, which is only ever added to, and how each delivery stands."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint, text

from houbei.store.table_parts import TABLES, row_id, whole, words

PROMISES_GIVEN = Table(
    "promises_given",
    TABLES,
    row_id(),
    words("source"),
    words("promise_id"),
    words("delivery_id"),
    words("order_id"),
    words("lines", null=True),
    whole("shown_us"),
    whole("from_us", null=True),
    whole("by_us"),
    whole("fee_minor", null=True),
    words("currency", null=True),
    whole("parcels"),
    words("asked_by"),
    words("region", null=True),
    words("carrier", null=True),
    whole("provisional"),
    words("more"),
    whole("known_us"),
    UniqueConstraint("source", "promise_id"),
    CheckConstraint("from_us < by_us", name="slot_ends_after_it_begins"),
    CheckConstraint("fee_minor >= 0 AND (fee_minor IS NULL) = (currency IS NULL)", name="fee_has_a_currency"),
    CheckConstraint("parcels >= 1", name="something_is_sent"),
    CheckConstraint("asked_by IN ('buyer', 'shop')", name="asked_by_one_of_two"),
    CheckConstraint("provisional IN (0, 1)", name="provisional_or_not"),
    Index("promises_given_by_delivery", "delivery_id"),
    Index("promises_given_by_order", "order_id"),
)
"""Promises of arrival, one row a promise shown to a buyer. `lines` is a JSON list of line ids, null for every line of the order; `by_us`
the first moment that is late; `fee_minor` what was paid for the slot; `asked_by` the buyer moves the promise, by the shop it is news.
`more` is a JSON object of what it rests on: `chance_permille`, `calendar_version`, `network_version`, `model_version`, `reasons`."""

SCANS = Table(
    "scans",
    TABLES,
    row_id(),
    words("source"),
    words("scan_id"),
    words("order_id", null=True),
    words("delivery_id", null=True),
    words("parcel_id", null=True),
    words("what"),
    whole("at_us"),
    words("told_by"),
    words("person", null=True),
    words("carrier", null=True),
    words("region", null=True),
    words("disputes", null=True),
    words("evidence", null=True),
    whole("known_us"),
    UniqueConstraint("source", "scan_id"),
    CheckConstraint("order_id IS NOT NULL OR delivery_id IS NOT NULL", name="of_something"),
    Index("scans_by_delivery", "delivery_id"),
    Index("scans_by_order", "order_id"),
    Index("scans_by_carrier", "carrier", "at_us"),
)
"""What was said to have happened to parcels. `what` is a word of `facts.scans.WHATS`, `told_by` one of `facts.scans.TELLERS`, `person` a key of
`people`; `disputes` is the scan that a dispute, or a person's answer to one, is about."""

CLOSURES = Table(
    "closures",
    TABLES,
    row_id(),
    words("source"),
    words("closure_id"),
    words("code"),
    whole("from_us"),
    whole("until_us", null=True),
    whole("known_at_us"),
    words("regions", null=True),
    words("evidence", null=True),
    words("supersedes", null=True),
    whole("known_us"),
    UniqueConstraint("source", "closure_id"),
    CheckConstraint("from_us <= until_us", name="ends_after_it_begins"),
)
"""Named events that excuse: `code` is what terms call it, `until_us` null while it lasts, `known_at_us` when it was made known, `regions` a JSON
list, null for everywhere; `supersedes` is the closure that the row corrects."""

DELIVERY_FACTS = ("promises_given", "scans", "closures")
"""Tables of promised arrivals whose rows the database itself refuses to change or delete."""

DELIVERIES = Table(
    "deliveries",
    TABLES,
    row_id("delivery"),
    words("source"),
    words("delivery_id"),
    words("order_id"),
    whole("line"),
    whole("terms"),
    whole("cover"),
    words("region", null=True),
    words("carrier", null=True),
    whole("promise", null=True),
    whole("shown_us", null=True),
    whole("from_us", null=True),
    whole("promised_us", null=True),
    whole("by_us", null=True),
    whole("arrived_us", null=True),
    words("verdict"),
    whole("closure", null=True),
    whole("scan", null=True),
    whole("provisional"),
    whole("chance_permille", null=True),
    whole("next_us", null=True),
    words("at_risk", null=True),
    whole("watch_us", null=True),
    UniqueConstraint("delivery_id", "source", "terms"),
    CheckConstraint("provisional IN (0, 1)", name="provisional_or_not"),
    CheckConstraint("chance_permille BETWEEN 0 AND 1000", name="chance_is_a_share"),
    Index("deliveries_by_order", "order_id"),
    Index("deliveries_of_cover", "cover"),
    Index("deliveries_by_verdict", "verdict", "by_us"),
    Index(
        "deliveries_next",
        "next_us",
        sqlite_where=text("next_us IS NOT NULL"),
        postgresql_where=text("next_us IS NOT NULL"),
    ),
    Index(
        "deliveries_to_watch",
        "watch_us",
        sqlite_where=text("watch_us IS NOT NULL"),
        postgresql_where=text("watch_us IS NOT NULL"),
    ),
)
"""How each delivery stands under one promise document, a kept conclusion. `source` is that of its order, `line` the number of its first line in scope, `promise`,
`scan` and `closure` numbers of the facts that decided, null where none did; `promised_us` the first moment that is late by what was shown, `by_us` after
all extensions (null while the clock stands still), `verdict` the name of an `owed.delivery.Verdict` in small letters. `next_us` is when the
clock alone changes something next; `at_risk` and `watch_us` are of whoever watches it while it is under way."""

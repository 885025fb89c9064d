"""What a backtest found, as values: the shape that the report reads. Amounts are whole minor units; dates are local."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from houbei.errors import InvariantError


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """One text in both languages; a missing one is spoken in the other."""

    zh: str | None = None
    en: str | None = None


class Clause(Texts, frozen=True, kw_only=True):
    """A numbered part of the terms, as buyers read it."""

    id: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The promise that was tried. `scope` and `prices_where` are conditions as written, None when there is none."""

    term: str
    version: int | str
    sha256: str
    title: Texts
    clauses: list[Clause] = []
    scope: str | None = None
    prices_where: str | None = None
    same: list[str] = []
    at_open: Literal["counts", "ignored"] = "counts"
    suspicious_percent: str | None = None


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of one file could not be read, for one reason."""

    file: str
    code: str
    rows: int


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What went in, and what could not. `watched_short` counts lines whose window had not closed by `as_of`."""

    orders: str
    prices: str
    fingerprint: str
    lines: int
    units: int
    skus: int
    series: int
    price_rows: int
    rejected: list[Rejected] = []
    rejected_rows: int = 0
    undecided: int = 0
    held_lines: int = 0
    in_scope_lines: int
    watched_short: int = 0


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """The 95 % interval of an amount."""

    low_minor: int
    high_minor: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What one local day newly owes; `date` is ISO text."""

    date: str
    owed_minor: int


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the sweep: what the promise costs at a length of `days`."""

    days: int
    owed_minor: int
    lines_owed: int
    low_minor: int | None = None
    high_minor: int | None = None


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A category's sales and cost; `name` None gathers all that are not named."""

    name: str | None
    revenue_minor: int
    owed_minor: int
    lines: int
    lines_owed: int


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How many refunded lines fall in [from, to); `to_minor` None has no end."""

    from_minor: int
    to_minor: int | None
    lines: int


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines first saw a price below the paid one on this day of their cover; the opening's day is day 0."""

    day: int
    lines: int


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """What one way of asking would have recovered."""

    way: Literal["every_new_low", "one_claim", "daily_bot"]
    owed_minor: int
    lines_owed: int


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found in one currency; amounts of different currencies never meet."""

    currency: str
    exponent: int
    revenue_minor: int
    owed_minor: int
    held_minor: int = 0
    lines: int
    lines_owed: int
    payouts: int
    median_minor: int | None = None
    p90_minor: int | None = None
    interval: Interval | None = None
    worst_days: list[Day] = []
    sweep: list[Length] = []
    categories: list[Category] = []
    sizes: list[Size] = []
    days: list[Day] = []
    first_drop: list[Drop] = []
    ways: list[Way] = []


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One of the terms that were run over the same history; `this` marks the one the report is about."""

    label: Texts
    term: str
    version: int | str
    sha8: str
    currency: str
    owed_minor: int
    revenue_minor: int
    lines_owed: int
    this: bool = False


class NotOwed(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines are owed nothing, for one reason."""

    reason: str
    lines: int


class Findings(msgspec.Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}):
    """All of it. `first_day` and `last_day` are the first and last day of sale, None when no line was accepted."""

    window_days: int | None = None
    window_text: str
    first_day: str | None = None
    last_day: str | None = None
    zone: str
    as_of: str
    terms: Terms
    inputs: Inputs
    command: str
    currencies: list[Block] = []
    variants: list[Variant] = []
    not_owed: list[NotOwed] = []
    limits: list[str] = []


def read(findings: Mapping[str, Any]) -> Findings:
    """Read the findings of a backtest; keys that the report does not know are left alone.

    Raises:
        InvariantError: a key is missing or holds something else; the message names its path.
    """
    try:
        return msgspec.convert(findings, Findings)
    except msgspec.ValidationError as error:
        message = f"the findings of the backtest do not fit the report: {error}"
        raise InvariantError(message) from error


def headline(blocks: list[Block]) -> list[Block]:
    """Put the currency that the headline speaks of first: the largest revenue in major units, then lines, then code."""
    deepest = max((block.exponent for block in blocks), default=0)
    return sorted(
        blocks,
        key=lambda block: (-block.revenue_minor * 10 ** (deepest - block.exponent), -block.lines, block.currency),
    )

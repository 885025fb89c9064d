"""Hypothesis strategies for whole histories that draw the edges: orders, prices, terms and `as_of`.

A price begins at an opening, a closing, the edge of a gap or an event, one microsecond before it or after it; it is a
handful of minor units, or beside a basis or the line under which it is suspicious. Rows are shuffled, some are there
twice, some cannot be read. Histories are small: at most `LINES_MAX` lines and `PRICES_MAX` rows of prices.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.facts import minor_of
from tests.oracle.flaws import ORDER_FLAWS, PRICE_FLAWS, Flaw, Row
from tests.oracle.histories import ORDER_COLUMNS, PRICE_COLUMNS
from tests.oracle.moments import FOREVER, MICROSECOND, read_stamp, read_zone
from tests.oracle.money import EXPONENTS
from tests.oracle.promise import Case, open_case
from tests.oracle.rows import Rows
from tests.oracle.steps import pieces_of
from tests.oracle.term_strategies import Setting, settings_of_histories, terms_documents

LINES_MAX = 6
PRICES_MAX = 12
SIDES = 8
NAMES = ("sku", "line_id", "order_id", "buyer_id")
"""What tells histories apart that stand side by side."""
Draw = Callable[[st.SearchStrategy[Any]], Any]

NUDGES = (timedelta(0), timedelta(0), -MICROSECOND, MICROSECOND)
HOURS_TO_PLACED = (0, 1, 12, 24)
AFTER_PLACED = tuple(
    timedelta(hours=hours) + nudge
    for hours in (48, 24, 72, 96, 168, 240, 36, 71, 23, 12, 10, 1, 0)
    for nudge in NUDGES
    if timedelta(hours=hours) + nudge >= timedelta(0)
)
FROM_EDGE = (*NUDGES, *NUDGES, *(timedelta(hours=hours) for hours in (1, 6, 10, 24, 30, -1, -6, -20)))
STYLES = ("utc", "utc", "zone", "east", "bare", "short")
EAST = read_zone("Asia/Shanghai")
SOON = timedelta(hours=40)
HAPPENING = {
    name: (*moments, *(None,) * (len(moments) * percent_without // (100 - percent_without)))
    for name, percent_without, moments in (
        ("paid", 75, [after for after in AFTER_PLACED if after < SOON]),
        ("shipped", 40, [after for after in AFTER_PLACED if after < SOON]),
        ("delivered", 25, AFTER_PLACED),
        ("installed", 60, AFTER_PLACED),
        ("cancelled", 92, AFTER_PLACED),
        ("returned", 85, AFTER_PLACED),
    )
}
"""After how long something happened to a line, if it did."""
LISTED_IN_JSON = (
    (),
    (),
    (),
    (),
    (),
    ("deliveries",),
    ("returns",),
    ("deliveries", "returns"),
    ("tenders",),
    ("tenders",),
)
BASES = (10, 12, 10, 12, 33, 5, 1, 0)

BUYER: Row = {
    "order_id": "O1",
    "sku": "S",
    "buyer_id": "B1",
    "seller": "self",
    "region": "110000",
    "channel": "web",
    "audience": "member",
    "category": "fridge",
    "points": "3",
    "vip": "true",
}
OTHER_BUYERS: tuple[Row, ...] = (
    {},
    {},
    {},
    {"order_id": "O2"},
    {"order_id": "O2", "buyer_id": "B2", "category": "washer"},
    {"buyer_id": None},
    {"sku": "T"},
    {"seller": "market"},
    {"seller": None},
    {"region": None, "audience": None},
    {"region": "440000"},
    {"channel": "app"},
    {"channel": None},
    {"audience": None, "points": "0"},
    {"category": "toy"},
    {"category": None},
    {"gift": "true"},
    {"gift": "false", "vip": "false"},
    {"points": None},
    {"vip": None, "points": "5"},
)
SERIES: tuple[Row, ...] = (
    *({},) * 6,
    {},
    {},
    {"seller": "self"},
    {"seller": "self"},
    {"seller": "self", "region": "110000", "audience": "member", "channel": "web"},
    {"kind": "list"},
    {"kind": "flash"},
    {"min_quantity": "1"},
    {"min_quantity": "2"},
    {"min_quantity": "3"},
)
OTHER_SERIES: tuple[Row, ...] = (
    *({},) * 8,
    {},
    {},
    {},
    {},
    {},
    {"sku": "T"},
    {"seller": "market"},
    {"region": "110000"},
    {"region": "440000"},
    {"channel": "web"},
    {"channel": "app"},
    {"audience": "member"},
    {"in_stock": "false"},
    {"in_stock": "true"},
    {"label": "x"},
    {"label": "y"},
)


@dataclass(frozen=True)
class History:
    """What `adjudicate` takes: rows of both files, a terms document, and `as_of` or None."""

    orders: Rows
    prices: Rows
    terms: dict[str, Any]
    as_of: str | None


@dataclass(frozen=True)
class Trade:
    """The rows of both files around a handful of lines, and moments late enough to judge them as of."""

    orders: Rows
    prices: Rows
    ends: list[datetime]


CHANCES = st.integers(1, 20)
A_NUDGE = st.sampled_from(NUDGES)
A_STYLE = st.sampled_from(STYLES)
A_PLACING = st.sampled_from(HOURS_TO_PLACED)
A_GIFT = st.sampled_from((*(None,) * 12, 0, 1, 2))
A_QUANTITY = st.integers(1, 5)
A_BASIS = st.sampled_from(BASES)
A_BUYER = st.sampled_from(OTHER_BUYERS)
A_TIME_AFTER = st.sampled_from(AFTER_PLACED)
A_TIME_FROM_EDGE = st.sampled_from(FROM_EDGE)
A_LISTING = st.sampled_from(LISTED_IN_JSON)
A_SERIES = st.sampled_from(SERIES)
ANOTHER_SERIES = st.sampled_from(OTHER_SERIES)
A_NUMBER_OF_LINES = st.integers(1, LINES_MAX)
A_NUMBER_OF_PRICES = st.integers(3, PRICES_MAX - 5)
IDS = [st.sampled_from((None, f"a{number}", f"b{number}", f"Z{number}")) for number in range(PRICES_MAX + 1)]
A_RIVAL = st.sampled_from(({}, {}, {"seller": None}, {"in_stock": "false"}, {"kind": "flash"}, {"seller": "self"}))
A_DROP = st.sampled_from((1, 2, 3, 0, -1))
SOON_AFTER = st.sampled_from((timedelta(0), MICROSECOND, timedelta(hours=6), timedelta(hours=12), timedelta(days=1)))
AN_AMOUNT_COLUMN = st.sampled_from(("decimal", "minor", "both"))
A_MOMENT_OR_NONE = {name: st.sampled_from(moments) for name, moments in HAPPENING.items()}
"""Made once: building a strategy costs more than drawing from it."""


@st.composite
def histories(draw: Draw, *, sweepable: bool = False) -> History:
    """Draw a whole history; a sweepable one has terms whose window has a length."""
    setting = draw(settings_of_histories())
    terms = draw(terms_documents(setting, sweepable=sweepable))
    return as_they_stood(draw, [draw_trade(draw, setting, terms)], setting, terms)


@st.composite
def histories_side_by_side(draw: Draw, *, of: int = SIDES) -> History:
    """Draw several histories under one set of terms, as one: no SKU, order or buyer is in two of them."""
    setting = draw(settings_of_histories())
    terms = draw(terms_documents(setting))
    trades = [draw_trade(draw, setting, terms) for _ in range(of)]
    return as_they_stood(draw, [set_apart(trade, number) for number, trade in enumerate(trades)], setting, terms)


def acting_unasked(history: History) -> History:
    """The history under the same terms, but that they pay without being asked."""
    compare = {key: value for key, value in history.terms["compare"].items() if key != "claim"}
    return replace(history, terms={**history.terms, "compare": {**compare, "against": "window_min"}})


def as_they_stood(draw: Draw, trades: list[Trade], setting: Setting, terms: dict[str, Any]) -> History:
    """Put trades together, as of a moment beside one of their edges or as of the latest."""
    as_of = draw(st.sampled_from(trades[0].ends)) + draw(A_NUDGE) if draw(CHANCES) <= 4 else None
    return History(
        orders=[row for trade in trades for row in trade.orders],
        prices=[row for trade in trades for row in trade.prices],
        terms=terms,
        as_of=None if as_of is None else write_stamp(as_of, "utc", setting),
    )


def draw_trade(draw: Draw, setting: Setting, terms: dict[str, Any]) -> Trade:
    """Draw the rows of both files around each other: prices at the edges of the covers of the lines."""
    orders = [draw_line(draw, setting, terms, number) for number in range(1, draw(A_NUMBER_OF_LINES) + 1)]
    orders[0] |= {"points": "1", "vip": "true"}
    case = open_case(orders, [], terms, as_of=None)
    found = find_edges(case)
    edges, amounts = st.sampled_from(found), st.sampled_from(find_amounts(case))
    count = draw(A_NUMBER_OF_PRICES)
    prices = [draw_price(draw, setting, number, edges, amounts) for number in range(1, count + 1)]
    for number in range(count + 1, count + 4):
        prices.append(draw_rival(draw, setting, prices[0 if number == count + 1 else -1], number))
    return Trade(
        orders=draw(st.permutations(spoil(draw, orders, ORDER_FLAWS))),
        prices=draw(st.permutations(spoil(draw, prices, PRICE_FLAWS))),
        ends=sorted(set(found))[-6:],
    )


def set_apart(trade: Trade, number: int) -> Trade:
    """Give the SKUs, lines, orders and buyers of a trade names of their own."""

    def renamed(row: Row) -> Row:
        return {name: f"{text}.{number}" if text and name in NAMES else text for name, text in row.items()}

    return Trade([renamed(row) for row in trade.orders], [renamed(row) for row in trade.prices], trade.ends)


def draw_line(draw: Draw, setting: Setting, terms: dict[str, Any], number: int) -> Row:
    """Draw one orders row that can be read."""
    style = draw(A_STYLE)
    placed = setting.begins + timedelta(hours=draw(A_PLACING))
    quantity = draw(A_QUANTITY)
    paid_minor = draw(A_BASIS) * quantity + draw(st.integers(0, quantity - 1))
    currency = draw(st.sampled_from(setting.currencies))
    row: Row = {**dict.fromkeys(ORDER_COLUMNS), **BUYER, **draw(A_BUYER)}
    row |= {"line_id": f"L{number}", "quantity": str(quantity), "currency": currency}
    row |= write_amount(draw, "paid", paid_minor, currency)
    row["placed_at"] = write_stamp(placed, style, setting)
    for name, moments in A_MOMENT_OR_NONE.items():
        after = draw(moments)
        row[f"{name}_at"] = None if after is None else write_stamp(placed + after, style, setting)
    if row["returned_at"] and draw(st.booleans()):
        row["returned_quantity"] = str(draw(st.integers(1, quantity)))
    if terms["compare"]["against"] == "at_claim" and draw(CHANCES) <= 12:
        row["claimed_at"] = write_stamp(placed + draw(A_TIME_AFTER), style, setting)
    row["gift_value"] = draw_gift_value(draw, currency)
    listed = draw(A_LISTING)
    if "tenders" in listed:
        row["tenders"] = draw_tenders(draw, paid_minor, currency)
    happened = [name for name in listed if name != "tenders"]
    return {**row, **{name: draw_happenings(draw, placed, quantity, style, setting) for name in happened}}


def draw_gift_value(draw: Draw, currency: str) -> str | None:
    """Draw what came with it, mostly nothing."""
    worth = draw(A_GIFT)
    return None if worth is None else as_decimal(worth, currency)


def draw_tenders(draw: Draw, paid_minor: int, currency: str) -> str:
    """Draw the JSON of what a line was paid with: a voucher and a card, or points that go beyond it."""
    voucher = draw(st.integers(0, max(paid_minor, 1)))
    kinds = {
        "voucher": voucher,
        "card": max(paid_minor - voucher, 0),
        "points": draw(st.sampled_from((0, 1, 2 * paid_minor))),
    }
    return json.dumps([{"kind": kind, "amount": as_decimal(minor, currency)} for kind, minor in kinds.items() if minor])


def draw_happenings(draw: Draw, placed: datetime, quantity: int, style: str, setting: Setting) -> str:
    """Draw the JSON of units that part ways: up to two items, in any order, of no more units than the line has."""
    if draw(CHANCES) == 1:
        return "[]"
    first = draw(st.integers(1, quantity))
    second = draw(st.integers(0, quantity - first))
    return json.dumps(
        [
            {"quantity": count, "at": write_stamp(placed + draw(A_TIME_AFTER), style, setting)}
            for count in (first, second)
            if count
        ]
    )


def find_edges(case: Case) -> list[datetime]:
    """Find the moments at which something may change for a line: pieces open and close, things happen.

    Openings come up more often than the rest: a history in which nothing is owed is seldom a hard one.
    """
    edges = {case.as_of}
    openings: set[datetime] = set()
    closings: set[datetime] = set()
    for line in case.lines:
        for unit, owned in enumerate(line.units):
            edges.update(moment for moment in line.anchors_of(owned).values() if moment is not None)
            pieces = pieces_of(line, unit=unit, case=case)
            openings.update(piece.opens for piece in pieces)
            closings.update(piece.closes for piece in pieces if piece.closes < FOREVER)
    return [*sorted(openings), *sorted(openings), *sorted(closings), *sorted(closings), *sorted(edges | closings)]


def find_amounts(case: Case) -> list[int]:
    """Find the prices at which something may change: beside each basis and each line under which a price is held."""
    percent = int(case.term.at("compare", "suspicious", "below_percent_of_basis", default="0"))
    amounts = [*range(7)]
    for basis in sorted({unit.basis for line in case.lines for unit in line.units}):
        amounts += [basis - 1, basis, basis + 1, basis * percent // 100, basis * percent // 100 + 1]
        amounts += [basis // 2, basis * 3 // 4]
    return [amount for amount in amounts if amount >= 0]


def draw_price(
    draw: Draw, setting: Setting, number: int, edges: st.SearchStrategy[datetime], amounts: st.SearchStrategy[int]
) -> Row:
    """Draw one prices row that can be read."""
    at = draw(edges) + draw(A_TIME_FROM_EDGE)
    style = draw(A_STYLE)
    currency = draw(st.sampled_from(setting.currencies))
    row: Row = {**dict.fromkeys(PRICE_COLUMNS), "sku": "S"}
    row |= {**draw(A_SERIES), **draw(ANOTHER_SERIES)}
    row |= {"currency": currency, "at": write_stamp(at, style, setting)}
    row |= write_amount(draw, "price", draw(amounts), currency)
    row["price_id"] = draw(IDS[number])
    row["gift_value"] = draw_gift_value(draw, currency)
    if draw(CHANCES) <= 5:
        row["until"] = write_stamp(draw(edges) + draw(A_TIME_FROM_EDGE), style, setting)
    return row


def draw_rival(draw: Draw, setting: Setting, row: Row, number: int) -> Row:
    """Draw a row beside another one, a little lower: in its series or next to it, at its moment or soon after."""
    at = read_stamp(row["at"] or "", zone=setting.zone) or setting.begins
    minor = max(0, minor_of(row, "price") - draw(A_DROP))
    moved: Row = {"price": None, "price_minor": None, "until": None, "price_id": draw(IDS[number])}
    moved |= write_amount(draw, "price", minor, row["currency"] or "")
    return {**row, **moved, "at": write_stamp(at + draw(SOON_AFTER), "utc", setting), **draw(A_RIVAL)}


def write_amount(draw: Draw, name: str, minor: int, currency: str) -> Row:
    """Write an amount in either of its columns, or in both."""
    columns = draw(AN_AMOUNT_COLUMN)
    written: Row = {} if columns == "minor" else {name: as_decimal(minor, currency)}
    return written if columns == "decimal" else {**written, f"{name}_minor": str(minor)}


def as_decimal(minor: int, currency: str) -> str:
    """Write minor units as decimal text, with every digit of the currency."""
    digits = EXPONENTS[currency]
    text = str(minor).zfill(digits + 1)
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def write_stamp(moment: datetime, style: str, setting: Setting) -> str:
    """Write a moment as text; a style that cannot say it exactly falls back to UTC."""
    utc = moment.isoformat().replace("+00:00", "Z")
    local = moment.astimezone(setting.zone)
    bare = local.replace(tzinfo=None).isoformat()
    texts = {
        "zone": local.isoformat(),
        "east": moment.astimezone(EAST).isoformat(),
        "bare": bare,
        "short": bare.removesuffix(":00").removesuffix("T00:00"),
    }
    text = texts.get(style, utc)
    return text if read_stamp(text, zone=setting.zone) == moment else utc


def spoil(draw: Draw, rows: Rows, flaws: tuple[Flaw, ...]) -> Rows:
    """Add, now and then, a second row for a line and a row that cannot be read; one flaw a row."""
    spoiled = list(rows)
    if draw(CHANCES) <= 5:
        spoiled.append({**draw(st.sampled_from(rows)), "sku": "S"})
    if draw(CHANCES) <= 5:
        row = dict(draw(st.sampled_from(rows)))
        if "line_id" in row and draw(st.booleans()):
            row["line_id"] = "L0"
        spoiled.append({**row, **draw(st.sampled_from(flaws))(row)})
    return spoiled

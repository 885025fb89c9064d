"""Order lines: a batch of raw rows becomes columns of facts, each row accepted or rejected with a reason."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from houbei.columns import MISSING, Column, Flag, Text, Whole
from houbei.errors import InputError
from houbei.facts.arrow import whole_array
from houbei.facts.dictionary import Dictionaries
from houbei.facts.moments import read_moments
from houbei.facts.parts import Parts, read_discounts, read_parts
from houbei.facts.raw import (
    QUANTITY_MAX,
    encode,
    is_missing,
    plain_text,
    read_amount,
    read_currencies,
    read_either,
    read_flag,
    read_other,
    read_whole,
)
from houbei.facts.rejected import Findings, Rejection
from houbei.facts.serials import Serials, read_serials
from houbei.facts.texts import BAD, GOOD, OUT_OF_RANGE

REQUIRED = ("order_id", "line_id", "sku", "quantity", "currency", "placed_at")
ATTRIBUTES = ("seller", "region", "channel", "audience")
"""What a price series may be closed by, besides the SKU."""
MOMENTS = ("placed", "paid", "shipped", "delivered", "installed", "cancelled", "returned", "claimed")
"""Facts with a moment; the column is the name with `_at`."""
TEXTS = ("sku", "currency", "category", "buyer_id", *ATTRIBUTES)
KNOWN = frozenset(
    (
        *(*REQUIRED, *TEXTS, "paid", "paid_minor", "returned_quantity", "gift", "gift_value", "deliveries", "returns"),
        *("tenders", "funders", "serials", *(f"{name}_at" for name in MOMENTS)),
    )
)
"""The columns of the contract; any other is a fact that conditions may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the reader of a file must know beforehand.

    Args:
        zone: The zone for moments without one (the terms name it).
        named: Columns that conditions name.
        anchors: Facts that windows hang on beyond `MOMENTS`.
        discount_tenders: Kinds of tender that lower what was paid.
        keys: Which of order_id and buyer_id are needed as codes (caps are shared by them).
        serials: Whether the serials that were delivered are needed.
        as_of_us: Later facts do not exist.
    """

    zone: str
    named: frozenset[str] = frozenset()
    anchors: frozenset[str] = frozenset()
    discount_tenders: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    serials: bool = False
    as_of_us: int = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """A batch of order lines, one entry a row of the file, rejected rows included (look at `findings`).

    `row` is the 1-based data row of the file. The texts of line_id are moved only when they are wanted: entry k's is
    `ids[id_at[k]]` (see `line_ids`). Amounts are minor units, moments microseconds UTC with `MISSING` for what has not happened. `exists` is False for
    lines placed after `as_of`. `texts` has codes by name; `others` the facts that conditions name.
    """

    row: NDArray[np.int64]
    findings: Findings
    exists: NDArray[np.bool_]
    ids: pa.Array
    id_at: NDArray[np.int64]
    quantity: NDArray[np.int64]
    paid_minor: NDArray[np.int64]
    discount_minor: NDArray[np.int64] | None
    gift_minor: NDArray[np.int64] | None
    returned_quantity: NDArray[np.int64]
    texts: Mapping[str, Text]
    moments: Mapping[str, NDArray[np.int64]]
    deliveries: Parts | None
    returns: Parts | None
    serials: Serials | None
    others: Mapping[str, Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.quantity)

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which rows are lines: accepted and placed by `as_of`."""
        return self.findings.accepted & self.exists

    def line_ids(self, lines: NDArray[np.int64]) -> pa.Array:
        """Give the line_ids of some entries, text."""
        return self.ids.take(whole_array(self.id_at[lines])).cast(pa.string())

    def in_order(self, order: NDArray[np.int64]) -> "Lines":
        """Give the same lines in another order: entry k is what was entry `order[k]`."""
        moments = {id(values): values.take(order) for values in self.moments.values()}
        return replace(
            self,
            row=self.row.take(order),
            id_at=self.id_at.take(order),
            findings=Findings(self.findings.codes.take(order)),
            exists=self.exists.take(order),
            quantity=self.quantity.take(order),
            paid_minor=self.paid_minor.take(order),
            discount_minor=None if self.discount_minor is None else self.discount_minor.take(order),
            gift_minor=None if self.gift_minor is None else self.gift_minor.take(order),
            returned_quantity=self.returned_quantity.take(order)
            if "returned" in self.moments
            else self.returned_quantity,
            texts={name: text.in_order(order) for name, text in self.texts.items()},
            moments={name: moments[id(values)] for name, values in self.moments.items()},
            deliveries=None if self.deliveries is None else self.deliveries.in_order(order),
            returns=None if self.returns is None else self.returns.in_order(order),
            serials=None if self.serials is None else self.serials.in_order(order),
            others={name: column.in_order(order) for name, column in self.others.items()},
        )


def columns_wanted(present: Collection[str], reading: Reading) -> list[str]:
    """Name the columns of a file that must be read: the contract's, the conditions' and the windows'.

    Raises:
        InputError: a required column, or one that a condition or window names, is absent.
    """
    missing = [name for name in REQUIRED if name not in present]
    if "paid" not in present and "paid_minor" not in present:
        missing.append("paid (or paid_minor)")
    if missing:
        raise InputError(
            came=f"no column {', '.join(missing)}",
            where="orders",
            expected="the columns order_id, line_id, sku, quantity, paid or paid_minor, currency, placed_at",
            todo="Add or rename the columns.",
        )
    absent = sorted(name for name in reading.named - {"gift"} if name not in present)
    absent += sorted(f"{n}_at" for n in reading.anchors - set(MOMENTS) if f"{n}_at" not in present)
    if absent:
        raise InputError(
            came=f"no column {', '.join(absent)}",
            where="orders",
            expected="every column that the terms name",
            todo="Add the column to the orders, or take it out of the terms.",
        )
    extra = {f"{name}_at" for name in reading.anchors}
    unused = {"funders"} | (set() if reading.serials else {"serials"})
    unused |= (set() if reading.discount_tenders else {"tenders"}) | ({"buyer_id"} - reading.keys)
    return [n for n in present if (n in KNOWN and n not in unused) or n in reading.named or n in extra]


def read_lines(
    table: pa.Table, *, first_row: int, reading: Reading, dictionaries: Dictionaries, broken: Collection[int] = ()
) -> Lines:
    """Read a batch of order rows.

    Args:
        table: The columns of `columns_wanted`, each in one chunk, as the file holds them; order_id may be left out where it is
            known that none is missing.
        first_row: The 1-based data row of the first entry.
        reading: Zone, names and limits.
        dictionaries: The codes shared by all batches and files.
        broken: Places of rows that had another number of fields than the header.

    Raises:
        InputError: a column's type cannot hold what the contract says.

    Cost: a few passes over the columns; text is looked up once a distinct value.
    """
    rows = len(table)
    findings = Findings.of(rows, broken)
    raw = {name: _one_chunk(table, name) for name in table.column_names}
    for name in REQUIRED:
        if name in raw:
            findings.note(is_missing(raw[name]), Rejection.MISSING_VALUE)
    texts = {name: encode(raw[name], dictionaries[name], where=f"orders.{name}") for name in TEXTS if name in raw}
    if "order_id" in reading.keys:
        texts["order_id"] = encode(raw["order_id"], dictionaries["order_id"], where="orders.order_id")
    quantity = _read_quantity(raw, findings)
    exponents = _read_exponents(texts["currency"], findings)
    paid_minor = read_either(raw, "paid", exponents, findings, file="orders")
    moments = _read_all_moments(raw, reading, findings)
    _check_gift(raw, findings)
    others = {name: _read_named(raw, name, dictionaries, rows=rows) for name in sorted(reading.named)}
    deliveries, returns = (_read_list(raw, name, reading, findings) for name in ("deliveries", "returns"))
    returned_quantity = _read_returned(raw, quantity, moments, findings)
    serials = _read_serials(raw, quantity, dictionaries, findings)
    discount, gift = _read_reductions(raw, texts, exponents, reading, findings)
    _check_parts(deliveries, quantity, Rejection.DELIVERED_TOO_MANY, findings)
    _check_parts(returns, quantity, Rejection.RETURNED_TOO_MANY, findings)
    _check_order(moments, (deliveries, returns), findings)
    exists = _cut_at(moments, reading.as_of_us)
    findings.forget(~exists)
    return Lines(
        row=np.arange(first_row, first_row + rows, dtype=np.int64),
        findings=findings,
        exists=exists,
        id_at=np.arange(rows),
        ids=plain_text(raw["line_id"], where="orders.line_id"),
        quantity=quantity,
        paid_minor=paid_minor,
        discount_minor=discount,
        gift_minor=gift,
        returned_quantity=returned_quantity,
        texts=texts,
        moments=moments,
        deliveries=_happened(deliveries, reading.as_of_us),
        returns=_happened(returns, reading.as_of_us),
        serials=serials,
        others=others,
    )


def _one_chunk(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _read_quantity(raw: Mapping[str, pa.Array], findings: Findings) -> NDArray[np.int64]:
    values, states = read_whole(raw["quantity"], where="orders.quantity", limit=QUANTITY_MAX)
    findings.note(states == BAD, Rejection.BAD_NUMBER)
    findings.note((states == OUT_OF_RANGE) | (values < 1), Rejection.BAD_QUANTITY)
    return values


def _read_exponents(currency: Text, findings: Findings) -> NDArray[np.int8]:
    exponents, unknown = read_currencies(currency)
    findings.note(unknown, Rejection.BAD_CURRENCY)
    return exponents


def _read_all_moments(
    raw: Mapping[str, pa.Array], reading: Reading, findings: Findings
) -> dict[str, NDArray[np.int64]]:
    moments: dict[str, NDArray[np.int64]] = {}
    for name in (*MOMENTS, *sorted(reading.anchors - set(MOMENTS))):
        column = f"{name}_at"
        if column in raw:
            moments[name], bad = read_moments(raw[column], zone=reading.zone, where=f"orders.{column}")
            findings.note(bad, Rejection.BAD_TIME)
    placed = moments["placed"]
    paid = moments.get("paid")
    moments["paid"] = placed if paid is None else np.where(paid == MISSING, placed, paid)
    return moments


def _check_gift(raw: Mapping[str, pa.Array], findings: Findings) -> None:
    """A flag that cannot be read rejects its row, whether or not the terms ask for it."""
    if "gift" in raw:
        findings.note(read_flag(raw["gift"], where="orders.gift")[1] == BAD, Rejection.BAD_FLAG)


def _read_named(raw: Mapping[str, pa.Array], name: str, dictionaries: Dictionaries, *, rows: int) -> Column:
    where = f"orders.{name}"
    if name == "gift":
        return Flag(read_flag(raw[name], where=where)[0] if name in raw else np.zeros(rows, dtype=np.bool_))
    if name in ("quantity", "returned_quantity"):
        numbers, states = read_whole(raw[name], where=where, limit=QUANTITY_MAX)
        return Whole(numbers, states == GOOD)
    return read_other(raw[name], dictionaries[name], where=where)


def _read_list(raw: Mapping[str, pa.Array], name: str, reading: Reading, findings: Findings) -> Parts | None:
    if name not in raw or raw[name].null_count == len(raw[name]):
        return None
    parts, bad = read_parts(raw[name], zone=reading.zone, where=f"orders.{name}")
    findings.note(bad, Rejection.BAD_JSON)
    return parts


def _read_serials(
    raw: Mapping[str, pa.Array], quantity: NDArray[np.int64], dictionaries: Dictionaries, findings: Findings
) -> Serials | None:
    if "serials" not in raw or raw["serials"].null_count == len(raw["serials"]):
        return None
    serials, bad = read_serials(
        raw["serials"], quantity=quantity, dictionary=dictionaries["serial"], where="orders.serials"
    )
    findings.note(bad, Rejection.BAD_JSON)
    return serials


def _read_returned(
    raw: Mapping[str, pa.Array],
    quantity: NDArray[np.int64],
    moments: Mapping[str, NDArray[np.int64]],
    findings: Findings,
) -> NDArray[np.int64]:
    """Units returned at `returned_at`: all of them where no quantity is given, none where nothing was returned."""
    if "returned" not in moments:
        return np.zeros(len(quantity), dtype=np.int64)
    returned = quantity
    if "returned_quantity" in raw:
        values, states = read_whole(raw["returned_quantity"], where="orders.returned_quantity", limit=QUANTITY_MAX)
        findings.note(states == BAD, Rejection.BAD_NUMBER)
        findings.note(states == OUT_OF_RANGE, Rejection.BAD_QUANTITY)
        findings.note(values > quantity, Rejection.RETURNED_TOO_MANY)
        returned = np.where(states == GOOD, values, quantity)
    return np.where(moments["returned"] == MISSING, 0, returned)


def _read_reductions(
    raw: Mapping[str, pa.Array],
    texts: Mapping[str, Text],
    exponents: NDArray[np.int8],
    reading: Reading,
    findings: Findings,
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
    """What tenders that count as discounts took off, and what the gifts that came with the line were worth."""
    discount, gift = None, None
    if reading.discount_tenders and "tenders" in raw:
        currency = texts["currency"]
        discount, bad = read_discounts(
            raw["tenders"],
            kinds=reading.discount_tenders,
            currency_of=lambda row: currency.values[currency.codes[row]],
            where="orders.tenders",
        )
        findings.note(bad, Rejection.BAD_JSON)
    if "gift_value" in raw:
        gift, states = read_amount(raw["gift_value"], exponents, where="orders.gift_value")
        findings.note(states == BAD, Rejection.BAD_MONEY)
    return discount, gift


def _check_parts(parts: Parts | None, quantity: NDArray[np.int64], rejection: Rejection, findings: Findings) -> None:
    if parts is not None:
        total = np.zeros(len(quantity), dtype=np.int64)
        np.add.at(total, parts.line, parts.quantity)
        findings.note(total > quantity, rejection)


def _check_order(moments: Mapping[str, NDArray[np.int64]], lists: Collection[Parts | None], findings: Findings) -> None:
    """Nothing happens to a line before it is placed; a missing moment (the least int64) never counts as early."""
    placed = moments["placed"]
    early = np.zeros(len(placed), dtype=np.bool_)
    for name in MOMENTS[1:]:
        if name in moments and moments[name] is not placed:
            early |= (moments[name] < placed) & (moments[name] != MISSING)
    for parts in lists:
        if parts is not None:
            early[parts.line[parts.at < placed[parts.line]]] = True
    findings.note(early, Rejection.IMPOSSIBLE_ORDER)


def _cut_at(moments: dict[str, NDArray[np.int64]], as_of_us: int) -> NDArray[np.bool_]:
    """Forget what happened after `as_of`; say which lines had been placed by then."""
    exists = moments["placed"] <= as_of_us
    for name, values in moments.items():
        late = values > as_of_us
        if late.any():
            moments[name] = np.where(late, MISSING, values)
    return exists


def _happened(parts: Parts | None, as_of_us: int) -> Parts | None:
    """Parts that have not happened by `as_of` are still named: their units are undelivered, and not returned."""
    if parts is None:
        return None
    return Parts(parts.line, parts.quantity, np.where(parts.at <= as_of_us, parts.at, MISSING))

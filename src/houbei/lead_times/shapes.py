"""The files of past deliveries that are known by their columns, and the columns that somebody names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from houbei.errors import InputError

MOMENTS = ("purchased", "approved", "handed_over", "delivered", "estimated")
"""What happened to an order, in the order in which it does; `estimated` is the date that the shop itself promised."""
PLACES = ("origin", "destination", "carrier", "service")
"""Texts that say how a parcel goes; quantiles are learnt by them where the file has them."""
SIZES = ("weight", "distance")
"""Numbers that say how heavy and how far."""
MEANINGS = ("order_id", *MOMENTS, *PLACES, *SIZES, "status")
CALLED_OFF = frozenset({"canceled", "cancelled", "unavailable", "refunded"})
"""Statuses of an order that will never be delivered because nobody waits for it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a file says it: the columns that may hold each meaning, the first that has a value counts.

    `calendar` is the country whose holidays carriers rest on, None where the columns do not say it.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    calendar: str | None = None


PLAIN = Shape(
    name="plain",
    columns=MappingProxyType({meaning: (meaning, f"{meaning}_at") for meaning in MEANINGS}),
)
OLIST = Shape(
    name="olist",
    columns=MappingProxyType(
        {
            "order_id": ("order_id",),
            "purchased": ("order_purchase_timestamp",),
            "approved": ("order_approved_at",),
            "handed_over": ("order_delivered_carrier_date",),
            "delivered": ("order_delivered_customer_date",),
            "estimated": ("order_estimated_delivery_date",),
            "destination": ("customer_state",),
            "origin": ("seller_state",),
            "status": ("order_status",),
        }
    ),
    calendar="br",
)
SCMS = Shape(
    name="scms",
    columns=MappingProxyType(
        {
            "order_id": ("ID",),
            "purchased": ("PO Sent to Vendor Date", "PQ First Sent to Client Date"),
            "delivered": ("Delivered to Client Date",),
            "estimated": ("Scheduled Delivery Date",),
            "origin": ("Fulfill Via",),
            "destination": ("Country",),
            "carrier": ("Shipment Mode",),
            "weight": ("Weight (Kilograms)",),
        }
    ),
)
SHAPES = (OLIST, SCMS, PLAIN)


def known_columns() -> list[str]:
    """Name every column that a known file has."""
    return sorted({column for shape in SHAPES for columns in shape.columns.values() for column in columns})


def shape_of(columns: Sequence[str], named: Mapping[str, str], *, required: Sequence[str], where: str) -> Shape:
    """Find the shape of a file by its columns.

    Args:
        columns: The columns that the file has.
        named: Columns that somebody names, by meaning; they go before those of the shape.
        required: The meanings that a file must have.
        where: The file, for the error.

    Raises:
        InputError: a name is no meaning, a named column is missing, or something required cannot be told.
    """
    for meaning, column in named.items():
        if meaning not in MEANINGS:
            raise InputError(
                came=f"the meaning {meaning!r}",
                where="--columns",
                expected=f"one of {', '.join(MEANINGS)}",
                todo="Write for example --columns purchased=placed_at,delivered=delivered_at.",
            )
        if column not in columns:
            raise InputError(
                came=f"no column {column!r}", where=where, expected="the columns of --columns", todo="Check the header."
            )
    fits = [
        shape
        for shape in SHAPES
        if all(meaning in named or set(shape.columns[meaning]) & set(columns) for meaning in required)
    ]
    if not fits:
        raise InputError(
            came=f"the columns {', '.join(columns[:8])}" + (", …" if len(columns) > 8 else ""),  # noqa: PLR2004
            where=where,
            expected=f"columns for {' and '.join(required)}: so called, those of a known file, or named",
            todo="Name them: --columns purchased=COLUMN,delivered=COLUMN.",
        )
    held = {
        meaning: (named[meaning],)
        if meaning in named
        else tuple(c for c in fits[0].columns.get(meaning, ()) if c in columns)
        for meaning in MEANINGS
    }
    return Shape(
        name=fits[0].name,
        columns=MappingProxyType({meaning: found for meaning, found in held.items() if found}),
        calendar=fits[0].calendar,
    )


def named_columns(text: str | None) -> dict[str, str]:
    """Read `meaning=column,…`.

    Raises:
        InputError: a piece has no equals sign.
    """
    pairs = [piece.partition("=") for piece in text.split(",")] if text else []
    for meaning, mark, column in pairs:
        if not mark or not column.strip():
            raise InputError(
                came=repr(meaning),
                where="--columns",
                expected="meaning=column",
                todo="Write for example --columns purchased=placed_at,delivered=delivered_at.",
            )
    return {meaning.strip(): column.strip() for meaning, _, column in pairs}

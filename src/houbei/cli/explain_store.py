"""`houbei explain LINE_ID --store FILE`: a line of the live store, and how far its refunds have come."""

from collections.abc import Iterator
from pathlib import Path

from houbei.cli.trail_lines import trail_lines
from houbei.errors import InputError
from houbei.evidence.arrivals import arrival_lines
from houbei.money import text_of
from houbei.runs.delivery_trails import tell_arrival
from houbei.runs.trails import tell_trails
from houbei.store.books import covers_of_line, entries_of_cover
from houbei.store.database import open_database, reading
from houbei.store.deliveries import deliveries_of_cover

_HEAD = {"zh": "账目", "en": "Entries"}
_SIDES = {"zh": "借 {debit}，贷 {credit}", "en": "debit {debit}, credit {credit}"}


def store_lines(store: Path, line_id: str, language: str) -> Iterator[str]:
    """Tell of every cover of a line, and of the deliveries that are booked on it, why it is owed what it is owed, and every entry of it.

    Args:
        store: The store's file.
        line_id: The line, whoever told of it.
        language: `zh` or `en`.

    Raises:
        InputError: no covered line has this id.
    """
    with reading(open_database(store)) as connection:
        covers = covers_of_line(connection, line_id)
        if not covers:
            raise InputError(
                came=f"the line {line_id!r}",
                where=str(store),
                expected="a line that a published promise covers",
                todo="Check the id; a line outside every promise's scope has no cover.",
            )
        trails = tell_trails(connection, covers)
        for place, cover in enumerate(covers):
            if place:
                yield ""
            if cover in trails:
                yield from trail_lines(trails[cover], language)
            for delivery in deliveries_of_cover(connection, cover):
                yield from arrival_lines(tell_arrival(connection, delivery), language)
            entries = entries_of_cover(connection, cover)
            if entries:
                yield _HEAD[language]
            for entry in entries:
                sides = _SIDES[language].format(debit=entry.debit, credit=entry.credit)
                amount = f"{entry.currency} {text_of(entry.amount_minor, entry.currency)}"
                yield f"  {cover}-{entry.sequence}  {entry.code}  {amount}  {sides}  {entry.clause}, {entry.fact}"

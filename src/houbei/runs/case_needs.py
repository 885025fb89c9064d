"""What of a case waits for a person, put before them and taken off again: needs of the case, and decisions that are due."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from houbei.store.cases import Standing, asks_of_person
from houbei.store.needs import keep_needs

CASE = "case"
"""The kind of need under which a case waits for a person."""
_ENCODER = msgspec.json.Encoder()


def put_needs(connection: Connection, standing: Sequence[Standing], *, now_us: int) -> None:
    """Put cases before a person, or take them off the list.

    Args:
        connection: In a writing transaction.
        standing: Cases as they stand now.
        now_us: Since when they wait, where they do.
    """
    put, gone = [], []
    for one in standing:
        asked = asks_of_person(one.case)
        if not asked:
            gone.append(one.case_id)
            continue
        told = {
            "case": one.case_id,
            "stage": one.case.stage.value,
            "needs": [need.value for need in asked],
            "by_us": one.due_us,
        }
        money = (one.case.value_minor, one.currency)
        put.append((CASE, one.case_id, now_us, _ENCODER.encode(told).decode(), *money))
    keep_needs(connection, CASE, put=put, gone=gone)

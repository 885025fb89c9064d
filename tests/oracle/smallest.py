"""Makes a history on which something went wrong small enough to be read, within a fixed number of tries.

Hypothesis would do it too, drawing every history anew for minutes; rows and terms can simply be taken away.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.oracle.histories import line, price
from tests.oracle.strategies import History

TRIES_MAX = 400

NEEDED = frozenset({"order_id", "line_id", "sku", "quantity", "currency", "placed_at", "at"})
PLAIN_TERMS = frozenset({"term", "version", "kind", "zone", "clauses", "window", "closes", "remedy", "amount", "of"})
"""What terms cannot go without."""


def smallest(history: History, fails: Callable[[History], bool], *, tries_max: int = TRIES_MAX) -> History:
    """Take rows, fields and parts of the terms away for as long as it still fails.

    Args:
        history: One that fails.
        fails: Tells whether a history fails in the same way.
        tries_max: How many smaller histories are tried at most.
    """
    tries, passed = 0, 0
    while tries < tries_max:
        smaller = next((found for place, found in enumerate(smaller_than(history)) if place >= passed), None)
        if smaller is None:
            return history
        tries += 1
        if fails(smaller):
            history = smaller
        else:
            passed += 1
    return history


def smaller_than(history: History) -> Iterator[History]:
    """Give histories with a little less: runs of rows, long ones first; then parts of the terms; then single fields."""
    for name in ("orders", "prices"):
        rows = getattr(history, name)
        for kept in without_runs(rows):
            yield replace(history, **{name: kept})
    yield from (replace(history, terms=terms) for terms in without_parts(history.terms))
    if history.as_of is not None:
        yield replace(history, as_of=None)
    for name in ("orders", "prices"):
        rows = getattr(history, name)
        for place, row in enumerate(rows):
            for field in row:
                if row[field] is not None and field not in NEEDED:
                    yield replace(history, **{name: [*rows[:place], {**row, field: None}, *rows[place + 1 :]]})


def without_runs(rows: list[Any]) -> Iterator[list[Any]]:
    """Give lists without a run of items: half of them, a quarter, and so on to single ones; one is always left."""
    length = len(rows) // 2
    while length:
        for start in range(0, len(rows), length):
            yield [*rows[:start], *rows[start + length :]]
        length //= 2


def without_parts(terms: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give terms without one of their parts, at any depth."""
    for key, part in terms.items():
        rest = {name: value for name, value in terms.items() if name != key}
        if key not in PLAIN_TERMS:
            yield rest
        if isinstance(part, Mapping):
            yield from ({**terms, key: smaller} for smaller in without_parts(part))
        if isinstance(part, list) and part and key != "clauses":
            yield from ({**terms, key: [*part[:place], *part[place + 1 :]]} for place in range(len(part)))


def as_code(history: History) -> str:
    """Write a history as a test would build it: `line(...)` and `price(...)` with the fields that matter."""
    told = [f"as_of={history.as_of!r}", f"terms={history.terms!r}"]
    told += [f"line({_arguments(row, 'paid', line(None))})" for row in history.orders]
    told += [f"price({_arguments(row, 'price', price(None, ''))})" for row in history.prices]
    return "\n".join(told)


def _arguments(row: Mapping[str, str | None], amount: str, plain: Mapping[str, str | None]) -> str:
    """Write the fields of a row that are not those of a plain one."""
    told = {name: text for name, text in row.items() if name != amount and text != plain.get(name)}
    return ", ".join([repr(row.get(amount)), *(f"{name}={text!r}" for name, text in told.items())])

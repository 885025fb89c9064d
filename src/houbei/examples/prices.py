"""Examples of price protection, decided as everything else is: each is a batch of one line, read as files are read.

An example is about what it states. A part of the scope, or of the condition on prices, that names a column which the example
leaves out counts as met; an attribute in `compare.same` that a price leaves out is the line's. Everything stated counts, and a
null is stated: unknown. Time has passed: the example is looked at a year after the last thing that happens in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pyarrow as pa

from houbei.columns import MISSING
from houbei.engine import Decision, Engine, reading_of
from houbei.examples.rows import UNNAMED, Row, field_of, orders_table, refuse_rejected, stated_parts
from houbei.facts.dictionary import Dictionaries
from houbei.facts.moments import DAY_US, text_of_moment
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.facts.prices import KNOWN as PRICE_COLUMNS
from houbei.facts.prices import Prices, price_columns_wanted, price_ids, read_prices
from houbei.facts.texts import bytes_of
from houbei.money import minor_of, text_of
from houbei.owed.price import Outcome, PriceTexts
from houbei.store.csv_files import with_types
from houbei.terms.examples import facts_of
from houbei.terms.model import Example, Terms

_YEAR_US = 366 * DAY_US
_EVERYBODY = "everybody"
"""The value of an attribute that must be the same and that neither side states."""
_NOTHING_BECAUSE = {
    Outcome.NO_COVER: "the promise does not protect the line",
    Outcome.NEVER_OPEN: "its cover is never open",
    Outcome.NO_PRICE: "no price that counts is in force while its cover is open",
    Outcome.PAID_NO_MORE: "it paid no more than any price that counts",
    Outcome.BELOW_MIN: "it is less than the least amount that is paid",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that an example came to: minor units that are paid, or held, at a moment, under a clause."""

    word: str
    amount_minor: int
    at_us: int
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an example came to, in the order of time; `why` says why where that is nothing."""

    example: Example
    came: tuple[Step, ...]
    why: str

    @property
    def as_written(self) -> bool:
        """Whether this is what the document says: amounts and cited clauses, those of one moment in any order."""
        written = [*_written(self.example)]
        if len(written) != len(self.came):
            return False
        place = 0
        for _, steps in groupby(self.came, key=lambda step: step.at_us):
            here = [*steps]
            wanted = written[place : place + len(here)]
            place += len(here)
            if not _pair_off(wanted, here):
                return False
        return True


def run_example(example: Example, *, terms: Terms) -> Result:
    """Decide one example.

    Args:
        example: One of the document's.
        terms: The document.

    Raises:
        InputError: a value in it cannot be read, or a condition does not fit its facts.
    """
    given, when, terms = _about(example, terms)
    dictionaries = Dictionaries()
    order_reading, price_reading = reading_of(terms)
    table = orders_table(given, facts_of(example, terms=terms), terms)
    lines = read_lines(
        table.select(columns_wanted(table.column_names, order_reading)),
        first_row=1,
        reading=order_reading,
        dictionaries=dictionaries,
    )
    refuse_rejected(lines.findings, "given")
    table = _prices_table(when)
    prices = read_prices(
        table.select(price_columns_wanted(table.column_names, price_reading)),
        first_row=1,
        reading=price_reading,
        dictionaries=dictionaries,
    )
    refuse_rejected(prices.findings, "when, price")
    first_us, last_us = _span(lines, prices)
    engine = Engine(terms, dictionaries=dictionaries, from_us=first_us, as_of_us=last_us + _YEAR_US)
    starts, text, _ = bytes_of(price_ids(prices))
    market = engine.arrange(prices, texts=PriceTexts(starts.astype(np.int64), text))
    decision = engine.decide(lines, market=market)
    came = tuple(sorted(_steps(engine, lines, decision), key=lambda step: step.at_us))
    return Result(example=example, came=came, why="" if came else _why_nothing(given, decision, terms))


def complaint(example: Example, *, terms: Terms) -> tuple[str, str] | None:
    """Run an example; give what it came to and what the document says, where these differ.

    Raises:
        InputError: as `run_example`.
    """
    result = run_example(example, terms=terms)
    return None if result.as_written else (_said_of_came(result, terms), _said_of_written(example))


def _about(example: Example, terms: Terms) -> tuple[Row, list[Row], Terms]:
    """Fill in what the example leaves out: its line, its prices, and the terms without the conditions it does not speak of."""
    stated = set(example.given)
    same = {
        name: _EVERYBODY
        for name in terms.compare.same
        if name not in stated and not any(name in row for row in example.when)
    }
    given: Row = {**UNNAMED, **same, **example.given}
    taken = {name: given[name] for name in (*terms.compare.same, "sku", "currency") if name in given}
    when: list[Row] = [{**taken, **row} for row in example.when]
    stated_of_prices = {name for row in example.when for name in (*row, *(taken.keys() & stated))}
    about = replace(
        terms,
        scope=stated_parts(terms.scope, stated),
        compare=replace(terms.compare, prices_where=stated_parts(terms.compare.prices_where, stated_of_prices)),
    )
    return given, when, about


def _prices_table(when: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(("sku", "currency", "price", "at", *(name for row in when for name in row)))
    columns = {name: pa.array([field_of(row.get(name)) for row in when], type=pa.string()) for name in names}
    return with_types(pa.table(columns), sorted(names.keys() - PRICE_COLUMNS)) if when else pa.table(columns)


def _span(lines: Lines, prices: Prices) -> tuple[int, int]:
    """The first and the last moment of an example."""
    parts = [parts.at for parts in (lines.deliveries, lines.returns) if parts is not None]
    moments = np.concatenate([*lines.moments.values(), prices.at, prices.until, *parts])
    known = moments[moments != MISSING]
    return int(known.min()), int(known.max())


def _steps(engine: Engine, lines: Lines, decision: Decision) -> Iterator[Step]:
    """What is paid, after the caps that lines share, and what is held."""
    steps, terms = decision.steps, engine.terms
    ((paying, granted),) = engine.grant([(lines, steps)])
    for place, amount in zip(paying.tolist(), granted.tolist(), strict=True):
        if amount:
            yield Step(word="pay", amount_minor=amount, at_us=int(steps.at[place]), clause=terms.remedy.clause)
    for place in np.flatnonzero(steps.held == 1).tolist():
        yield Step(
            word="hold",
            amount_minor=int(steps.amount[place]),
            at_us=int(steps.at[place]),
            clause=terms.compare.suspicious_clause,
        )


def _why_nothing(given: Row, decision: Decision, terms: Terms) -> str:
    if decision.binding.undecided[0]:
        needed = {*(terms.scope.columns if terms.scope else ()), *terms.compare.same}
        missing = sorted(name for name in needed if given.get(name) is None)
        return f"it is not known whether the promise protects the line: {', '.join(missing)} is missing"
    if not decision.binding.bound[0]:
        return _NOTHING_BECAUSE[Outcome.NO_COVER]
    return _NOTHING_BECAUSE.get(Outcome(int(decision.steps.outcome[0])), "the caps leave nothing")


def _written(example: Example) -> Iterator[tuple[str, int, str | None]]:
    """What the document says an example comes to: the word, minor units and the clause, None where it cites none."""
    for outcome in example.then:
        word = "pay" if "pay" in outcome else "hold"
        amount = minor_of(outcome[word], example.given["currency"], where="then")
        if amount:
            yield word, amount, outcome.get("clause")


def _pair_off(wanted: Sequence[tuple[str, int, str | None]], came: Sequence[Step]) -> bool:
    """Whether every step of one moment is wanted, each by another; those that cite a clause choose first."""
    left = [*came]
    for word, amount, clause in sorted(wanted, key=lambda outcome: outcome[2] is None):
        fits = [s for s in left if (s.word, s.amount_minor) == (word, amount) and clause in {None, s.clause}]
        if not fits:
            return False
        left.remove(fits[0])
    return not left


def _said_of_came(result: Result, terms: Terms) -> str:
    if not result.came:
        return f"nothing, because {result.why}"
    currency: str = result.example.given["currency"]
    return ", ".join(
        f"{step.word} {text_of(step.amount_minor, currency)} ({step.clause}) at {text_of_moment(step.at_us, terms.zone)}"
        for step in result.came
    )


def _said_of_written(example: Example) -> str:
    currency: str = example.given["currency"]
    said = [
        f"{word} {text_of(amount, currency)}" + ("" if clause is None else f" ({clause})")
        for word, amount, clause in _written(example)
    ]
    return ", ".join(said) or "nothing"

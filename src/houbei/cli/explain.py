"""`houbei explain`: why a line is owed what it is owed, or nothing."""

import difflib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from houbei.cli.asked_again import (
    Asked,
    answers_in,
    as_of_span,
    check_answer,
    every_text,
    read_asked,
    read_prices_of,
    read_with_mates,
    rows_with,
)
from houbei.cli.backtest import OUT
from houbei.cli.explain_store import store_lines
from houbei.cli.language_option import language_option, spoken
from houbei.cli.trail_lines import trail_lines
from houbei.engine import Engine
from houbei.errors import InputError, InvariantError
from houbei.evidence.inquiry import prepare_inquiry
from houbei.evidence.reasons import reasons_of
from houbei.evidence.tell import trail_of
from houbei.evidence.trail import StepFacts, Trail
from houbei.facts.moments import text_of_moment
from houbei.facts.orders import Lines
from houbei.facts.prices import price_ids
from houbei.facts.texts import bytes_of
from houbei.owed.price import PriceTexts

_Row = tuple[int, str, int, int, int]
"""A row of payouts.parquet or held.parquet: at in µs, price_id, price_minor, quantity, minor units."""
_SUGGESTED_FROM_MAX = 20_000
"""Among more lines than this, looking for the nearest id takes too long."""
_REFUSED = {
    "zh": "{line}：第{row}行未被采用，因此没有任何结论。{code}：{reason}",
    "en": "{line}: row {row} was rejected, so nothing was decided about it. {code}: {reason}",
}
_AFTER = {
    "zh": "{line}：下单时间在 {as_of} 之后，对这次回测来说还不存在。",
    "en": "{line}: it was placed after {as_of}, so it does not exist for this backtest.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLine:
    """A row that is no line, and the one sentence that says so in each language."""

    sentences: dict[str, str]


@click.command()
@click.argument("line_id")
@click.option("--out", default=OUT, show_default=True, type=click.Path(path_type=Path), help="The backtest's folder.")
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), help="Ask a live store instead of a backtest."
)
@language_option
def command(*, line_id: str, out: Path, store: Path | None, language: str | None) -> int:
    """Why a line is owed what it is owed, or nothing.

    Reads that line and its prices again from a backtest's inputs, decides it again, and compares with the backtest's answer. Where
    several terms were asked about, every one of them answers; name one folder with --out to hear one. With --store the line of a
    live store is decided again, and its entries follow.
    """
    said_in = spoken(language)
    if store is not None:
        click.echo("\n".join(store_lines(store, line_id, said_in)))
        return 0
    for place, folder in enumerate(answers_in(out)):
        found = explain_line(read_asked(folder), line_id)
        if place:
            click.echo()
        lines = [found.sentences[said_in]] if isinstance(found, NoLine) else trail_lines(found, said_in)
        click.echo("\n".join(lines))
    return 0


def explain_line(asked: Asked, line_id: str) -> Trail | NoLine:
    """Explain one line of a backtest.

    Raises:
        InputError: no row has this line_id.
        InvariantError: what the facts give now differs from what the backtest wrote.

    Cost: a pass over line_id, over sku of the prices, and the batches that the rows stand in.
    """
    rows = rows_with(asked.inputs.orders, "line_id", [line_id])
    if not len(rows):
        raise _unknown(asked, line_id)
    accepted = np.array([row for row in rows.tolist() if row not in asked.rejected], dtype=np.int64)
    if not len(accepted):
        return _refused(asked, line_id, int(rows[0]))
    lines = read_with_mates(asked, accepted)
    places = [place for place in np.flatnonzero(np.isin(lines.row, accepted)).tolist() if lines.live[place]]
    if not places:
        as_of = text_of_moment(asked.inputs.as_of_us, asked.terms.zone)
        return NoLine(sentences={name: text.format(line=line_id, as_of=as_of) for name, text in _AFTER.items()})
    trail = _decide_again(asked, lines, places[0])
    _check(asked, trail)
    return trail


def _decide_again(asked: Asked, lines: Lines, place: int) -> Trail:
    prices, price_rows = read_prices_of(asked, lines)
    inputs = as_of_span(asked, lines, prices)
    engine = Engine(asked.terms, dictionaries=inputs.dictionaries, from_us=inputs.from_us, as_of_us=inputs.as_of_us)
    starts, text, _ = bytes_of(price_ids(prices))
    market = engine.arrange(prices, texts=PriceTexts(starts.astype(np.int64), text))
    decision = engine.decide(lines, market=market)
    granted = None
    if engine.shares_caps:
        ((paying, amounts),) = engine.grant([(lines, decision.steps)])
        granted = decision.steps.amount.copy()
        granted[paying] = amounts
    inquiry = prepare_inquiry(engine, prices=prices, market=market, price_rows=price_rows)
    reasons = reasons_of(inquiry, lines, decision, granted=granted)
    return trail_of(inquiry, lines, decision, reasons, place=place)


def _refused(asked: Asked, line_id: str, row: int) -> NoLine:
    code, reason = asked.rejected[row]
    told = {"line": line_id, "row": row, "code": code, "reason": reason}
    return NoLine(sentences={name: text.format(**told) for name, text in _REFUSED.items()})


def _unknown(asked: Asked, line_id: str) -> InputError:
    near: list[str] = []
    if asked.inputs.orders.rows <= _SUGGESTED_FROM_MAX:
        near = difflib.get_close_matches(line_id, every_text(asked.inputs.orders, "line_id"), n=1)
    return InputError(
        came=f"the line {line_id!r}",
        where="LINE_ID",
        expected=f"a line_id of {asked.inputs.orders.path}",
        todo=f"Did you mean {near[0]}?" if near else "Check the id.",
    )


def _check(asked: Asked, trail: Trail) -> None:
    """Compare the steps with those that the backtest wrote."""
    for name, amount, held in (("payouts.parquet", "owed_minor", False), ("held.parquet", "held_minor", True)):
        path = asked.folder / name
        check_answer(path)
        written = _written(path, trail.line.line_id, amount)
        found = Counter(_told(step) for step in trail.steps if step.held == held and step.amount_minor > 0)
        if written != found:
            raise _difference(trail, path, list((written - found).elements()), list((found - written).elements()))


def _difference(trail: Trail, path: Path, written: list[_Row], found: list[_Row]) -> InvariantError:
    """What only the file has and what only the facts give."""
    said = f"{path} says {written or 'nothing'} where its facts give {found or 'nothing'}"
    return InvariantError(f"line {trail.line.line_id}: {said} (at in µs, price_id, price_minor, quantity, minor units)")


def _written(path: Path, line_id: str, amount: str) -> Counter[_Row]:
    table = pq.read_table(path, filters=[("line_id", "=", line_id)])
    at = table.column("at").cast(pa.int64()).to_pylist()
    columns = (table.column(name).to_pylist() for name in ("price_id", "price_minor", "quantity", amount))
    return Counter(zip(at, *columns, strict=True))


def _told(step: StepFacts) -> _Row:
    price = step.price
    return step.at_us, price.price_id, price.price_minor, step.units, step.amount_minor

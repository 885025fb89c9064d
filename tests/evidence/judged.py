"""Small histories decided and concluded on, through the same functions as a backtest, without its files of answers."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.backtest.inputs import Inputs, open_inputs, read_all_prices
from houbei.engine import Decision, Engine
from houbei.evidence.conclusions import Conclusion
from houbei.evidence.inquiry import Inquiry, prepare_inquiry
from houbei.evidence.reasons import Reasons, reasons_of
from houbei.evidence.tell import trail_of
from houbei.evidence.trail import Trail
from houbei.facts.orders import Lines, read_lines
from houbei.facts.prices import price_ids
from houbei.facts.texts import bytes_of
from houbei.owed.price import PriceTexts
from houbei.terms.moments import parse_moment
from tests.oracle.agreement import as_terms, write_rows
from tests.oracle.strategies import History

Rows = list[dict[str, str | None]]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A whole history: what was decided on it and what its lines came to."""

    inputs: Inputs
    inquiry: Inquiry
    lines: Lines
    decision: Decision
    granted: NDArray[np.int64]
    reasons: Reasons

    @property
    def places(self) -> dict[str, int]:
        """Where in the batch each line stands."""
        live = np.flatnonzero(self.lines.live)
        return dict(zip(self.lines.line_ids(live).to_pylist(), live.tolist(), strict=True))

    def conclusion(self, line_id: str = "L1") -> Conclusion:
        """Say what a line came to."""
        return Conclusion(int(self.reasons.conclusion[self.places[line_id]]))

    def said(self, line_id: str = "L1") -> str | None:
        """Say the rest of the fact that decided a line."""
        code = int(self.reasons.said.codes[self.places[line_id]])
        return None if code < 0 else self.reasons.said.values[code]

    def price_row(self, line_id: str = "L1") -> int | None:
        """Say which data row of the prices decided a line."""
        row = int(self.reasons.row[self.places[line_id]])
        return None if row < 0 else row + 1

    def trail(self, line_id: str = "L1") -> Trail:
        """Tell the trail of a line."""
        return trail_of(self.inquiry, self.lines, self.decision, self.reasons, place=self.places[line_id])


def judge(orders: Rows, prices: Rows, terms: Mapping[str, Any], *, as_of: str | None = None) -> Judged:
    """Decide and conclude on a history."""
    return judge_history(History(orders=orders, prices=prices, terms=dict(terms), as_of=as_of))


def judge_history(history: History) -> Judged:
    """Decide and conclude on a history as Hypothesis draws it."""
    terms = as_terms(history.terms)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "orders.csv", history.orders)
        write_rows(folder / "prices.csv", history.prices)
        inputs = open_inputs(
            terms,
            orders=folder / "orders.csv",
            prices=folder / "prices.csv",
            as_of_us=None if history.as_of is None else parse_moment(history.as_of, zone=terms.zone, where="as_of"),
            threads=1,
            progress=lambda _stage, _done, _total: None,
        )
    prices = read_all_prices(inputs, lambda _stage, _done, _total: None)
    starts, text, _ = bytes_of(price_ids(prices))
    engine = Engine(terms, dictionaries=inputs.dictionaries, from_us=inputs.from_us, as_of_us=inputs.as_of_us)
    market = engine.arrange(prices, texts=PriceTexts(starts.astype(np.int64), text))
    inquiry = prepare_inquiry(engine, prices=prices, market=market)
    lines = inputs.read_lines(inputs.orders.batches()[0], 0)
    decision = engine.decide(lines, market=market)
    granted = granted_of(engine, lines, decision)
    reasons = reasons_of(inquiry, lines, decision, granted=granted)
    return Judged(inputs=inputs, inquiry=inquiry, lines=lines, decision=decision, granted=granted, reasons=reasons)


def granted_of(engine: Engine, lines: Lines, decision: Decision) -> NDArray[np.int64]:
    """Say what each step pays after shared caps; what a held step holds."""
    ((paying, amounts),) = engine.grant([(lines, decision.steps)])
    granted = decision.steps.amount.copy()
    granted[paying] = amounts
    return granted


def judge_alone(judged: Judged, place: int) -> Reasons:
    """Read, decide and conclude on one row of a history that was judged, as a batch of one, before shared caps."""
    inputs, inquiry = judged.inputs, judged.inquiry
    row = int(judged.lines.row[place])
    table = inputs.orders.read(inputs.orders.batches()[0], inputs.order_columns).slice(row - 1, 1).combine_chunks()
    lines = read_lines(table, first_row=row, reading=inputs.order_reading, dictionaries=inputs.dictionaries, broken=())
    decision = inquiry.engine.decide(lines, market=inquiry.market)
    return reasons_of(inquiry, lines, decision)

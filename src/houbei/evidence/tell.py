"""From columns to the evidence trail of one line of a batch."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from houbei.columns import MISSING, NULL_CODE, Column, Text
from houbei.cover.asked import ask_once
from houbei.engine import Decision, claims_in
from houbei.errors import InvariantError
from houbei.evidence.conclusions import Conclusion, clause_of
from houbei.evidence.cover_facts import cover_facts
from houbei.evidence.inquiry import Inquiry, bound_to
from houbei.evidence.reasons import Reasons
from houbei.evidence.sums import Sums
from houbei.evidence.trail import LineFacts, PriceFacts, StepFacts, Trail
from houbei.facts.orders import ATTRIBUTES, Lines
from houbei.owed.price import Steps
from houbei.terms.model import Against, Clause, Terms

Whole = NDArray[np.int64]


def trail_of(
    inquiry: Inquiry,
    lines: Lines,
    decision: Decision,
    reasons: Reasons,
    *,
    place: int,
) -> Trail:
    """Tell why one line of a batch is owed what it is owed.

    Args:
        inquiry: What is asked.
        lines: The batch.
        decision: What the engine decided on it.
        reasons: What its lines came to.
        place: Which of them.

    Raises:
        InvariantError: the row is no line: it was rejected, or placed after the last moment that exists.

    Cost: the engine once more for this line alone.
    """
    conclusion, lessened = Conclusion(int(reasons.conclusion[place])), int(reasons.lessened[place])
    if conclusion is Conclusion.NO_LINE:
        raise InvariantError(str(place))
    terms, engine = inquiry.engine.terms, inquiry.engine
    said = _text(reasons.said, place) or ""
    row, at = int(reasons.row[place]), int(reasons.at[place])
    which = np.zeros(len(lines), dtype=np.bool_)
    which[place] = decision.binding.bound[place]
    covers, openings = engine.open(lines, binding=bound_to(which))
    asked = None
    if terms.compare.against is Against.AT_CLAIM:
        claimed = claims_in(lines, covers)
        asked = ask_once(openings, claimed=claimed, within=terms.compare.claim_within, days=engine.days)
    return Trail(
        terms=terms,
        as_of_us=engine.as_of_us,
        conclusion=conclusion,
        lessened=Conclusion(lessened) if lessened else None,
        clause=_clause(terms, clause_of(terms, conclusion, missing=said)),
        said=said,
        price=None if row < 0 else price_facts(inquiry, row),
        at_us=None if at == MISSING else at,
        line=_line_facts(inquiry, lines, place),
        covers=cover_facts(place, lines, covers, openings, asked=asked, as_of_us=engine.as_of_us),
        steps=_step_facts(
            inquiry,
            _steps_of(decision.steps, place, reasons.amounts),
            Sums(engine, lines, place, covers=covers, openings=asked or openings, market=inquiry.market),
        ),
    )


def price_facts(inquiry: Inquiry, row: int) -> PriceFacts:
    """Tell a price row by its index among the prices."""
    prices, ids = inquiry.prices, inquiry.market.ids
    until = int(prices.until[row])
    closed_by = [(name, _text(prices.texts[name], row)) for name in ATTRIBUTES if name in prices.texts]
    if prices.min_quantity[row] > 1:
        closed_by.append(("min_quantity", str(prices.min_quantity[row])))
    return PriceFacts(
        row=int(inquiry.price_rows[row]),
        price_id=bytes(ids.text[ids.starts[row] : ids.starts[row + 1]]).decode("utf-8"),
        price_minor=int(prices.price_minor[row]),
        currency=_text(prices.texts["currency"], row) or "",
        at_us=int(prices.at[row]),
        until_us=None if until == MISSING else until,
        kind=_text(prices.texts["kind"], row) or "",
        closed_by=tuple((name, value) for name, value in closed_by if value is not None),
    )


def _clause(terms: Terms, clause_id: str) -> Clause:
    return next(clause for clause in terms.clauses if clause.id == clause_id)


def _line_facts(inquiry: Inquiry, lines: Lines, place: int) -> LineFacts:
    terms = inquiry.engine.terms
    names = [name for name in (*ATTRIBUTES, "category") if name in lines.texts]
    others = {name: _text(lines.texts[name], place) for name in names}
    others |= {name: _value(column, place) for name, column in lines.others.items()}
    wanted = (*(terms.scope.columns if terms.scope else ()), *terms.compare.same)
    moments = [(name, int(at[place])) for name, at in lines.moments.items()]
    return LineFacts(
        line_id=lines.line_ids(np.array([place]))[0].as_py(),
        row=int(lines.row[place]),
        sku=_text(lines.texts["sku"], place) or "",
        quantity=int(lines.quantity[place]),
        paid_minor=int(lines.paid_minor[place]),
        basis_minor=int(inquiry.engine.basis_of(lines)[place]),
        currency=_text(lines.texts["currency"], place) or "",
        moments=tuple((name, at) for name, at in moments if at != MISSING),
        others=tuple(
            (name, others.get(name))
            for name in sorted({*others, *wanted})
            if others.get(name) is not None or name in wanted
        ),
    )


def _text(text: Text, row: int) -> str | None:
    code = int(text.codes[row])
    return None if code == NULL_CODE else text.values[code]


def _value(column: Column, place: int) -> str | None:
    if isinstance(column, Text):
        return _text(column, place)
    if column.known is not None and not column.known[place]:
        return None
    return str(column.values[place]).lower()


def _steps_of(steps: Steps, place: int, amounts: Whole) -> tuple[Steps, Whole]:
    """The steps of one line, and what each of them pays in the end (what it holds, if it is held)."""
    mine = np.flatnonzero(steps.line == place)
    names = ("line", "cover", "at", "price", "units", "amount", "held")
    own = replace(steps, **{name: getattr(steps, name)[mine] for name in names})
    return own, amounts[mine]


def _step_facts(inquiry: Inquiry, steps: tuple[Steps, Whole], sums: Sums) -> tuple[StepFacts, ...]:
    own, amounts = steps
    held = iter(sums.of_held(own))
    told = []
    for step, amount in enumerate(amounts.tolist()):
        at, price, is_held = int(own.at[step]), int(own.price[step]), bool(own.held[step])
        parts = next(held) if is_held else sums.of_paid(at, price)
        asked = sum(part.amount_minor for part in parts) if parts else int(own.amount[step])
        row = int(inquiry.market.book.row[price])
        told.append(
            StepFacts(
                at_us=at,
                price=price_facts(inquiry, row),
                units=int(own.units[step]),
                asked_minor=asked,
                amount_minor=amount,
                sums=parts,
                held=is_held,
            )
        )
    return tuple(told)

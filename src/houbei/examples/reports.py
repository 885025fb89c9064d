"""Examples of replacements and returns: a line, what is reported of its units, and what each report comes to.

As with prices, an example is about what it states: a condition on something that it leaves out counts as met, and a null is stated,
unknown. A unit has the serial SN-1, SN-2 and so on, and a report names it, unless they say otherwise. Only the document itself is
asked: what the law gives beside it is not.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from houbei.examples.rows import UNNAMED, Row, field_of, orders_table, refuse_rejected, stated_parts
from houbei.facts.claims import KNOWN, REMEDIES, Claims, read_claims, reject_unplaced
from houbei.facts.dictionary import Dictionaries
from houbei.facts.moments import DAY_US
from houbei.facts.orders import Lines, columns_wanted, read_lines
from houbei.judging import judge_claims, reading_of_promises
from houbei.money import minor_of, text_of
from houbei.owed.choice import Outcome
from houbei.owed.missing import facts_missing
from houbei.owed.replacement import Judged, other_model_minor, refund_minor, set_against_minor, value_of_units
from houbei.owed.tracks import Reason
from houbei.store.csv_files import with_types
from houbei.terms.examples import facts_of
from houbei.terms.model import Example, Kind, Terms

_YEAR_US = 366 * DAY_US
_KEYS = {"at": "reported_at", "settled": "settled_at"}
"""Keys of a report that are columns of another name."""
_ONLY_HERE = ("other_model", "money_back")
"""Keys of a report that are no facts of a claim: what the buyer chose where the model was gone."""
_WORDS = {Outcome.REFERRED: "refer", Outcome.REFUSED: "refuse"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one report came to: `pay_minor` goes to the buyer, `up_minor` is what they pay; None where neither is spoken of."""

    answer: str
    clause: str
    pay_minor: int | None
    up_minor: int | None
    why: str


def run_reports(example: Example, *, terms: Terms) -> list[Answer]:
    """Decide one example.

    Args:
        example: One of the document's.
        terms: The document, a replacement or a return.

    Returns:
        One answer a report, in their order.

    Raises:
        InputError: a value in it cannot be read, or a condition does not fit its facts.
    """
    given, when, terms = _about(example, terms)
    dictionaries = Dictionaries()
    table = orders_table(given, facts_of(example, terms=terms), terms)
    orders, reading = reading_of_promises([terms], present=table.column_names)
    lines = read_lines(
        table.select(columns_wanted(table.column_names, orders)), first_row=1, reading=orders, dictionaries=dictionaries
    )
    refuse_rejected(lines.findings, "given")
    claims = read_claims(_claims_table(when), first_row=1, reading=reading, dictionaries=dictionaries)
    refuse_rejected(claims.findings, "when, report")
    as_of_us = int(claims.reported_us.max()) + _YEAR_US
    judged, line = judge_claims(claims, lines, [terms], dictionaries=dictionaries, as_of_us=as_of_us)
    reject_unplaced(claims, line, lines)
    refuse_rejected(claims.findings, "when, report")
    return [_answer(place, example, judged, terms, lines, claims) for place in range(len(claims))]


def complaint(example: Example, *, terms: Terms) -> tuple[str, str] | None:
    """Run an example; give what it came to and what the document says, where these differ.

    Raises:
        InputError: as `run_reports`.
    """
    came, currency = run_reports(example, terms=terms), example.given["currency"]
    differing = [k for k, answer in enumerate(came) if not _as_written(answer, example.then[k], currency)]
    if not differing:
        return None
    return (
        ", ".join(_said(came[k], currency) for k in differing),
        ", ".join(_said_of(example.then[k]) for k in differing),
    )


def _about(example: Example, terms: Terms) -> tuple[Row, list[Row], Terms]:
    """Fill in what the example leaves out, and take out of the terms the conditions that it does not speak of."""
    serials = ", ".join(f'"SN-{number}"' for number in range(1, example.given["quantity"] + 1))
    line = {key: value for key, value in example.given.items() if key != "adjusted"}
    given: Row = {**UNNAMED, "serials": f"[{serials}]", **line}
    kind = "return" if terms.kind is Kind.RETURN else "fault"
    when: list[Row] = [
        {"claim_id": f"{number:04}", "kind": kind, "serial": f"SN-{report.get('unit', 1)}", **report}
        for number, report in enumerate(example.when)
    ]
    stated = {name for report in when for name in report}
    promises = terms.replacement
    if promises is not None:
        promises = replace(promises, claims_where=stated_parts(promises.claims_where, stated))
    about = replace(terms, scope=stated_parts(terms.scope, set(example.given)), replacement=promises)
    return given, when, about


def _claims_table(when: list[Row]) -> pa.Table:
    names = dict.fromkeys(name for report in when for name in report if name not in _ONLY_HERE)
    columns = {
        _KEYS.get(name, name): pa.array([field_of(report.get(name)) for report in when], type=pa.string())
        for name in names
    }
    columns["line_id"] = pa.array([UNNAMED["line_id"]] * len(when), type=pa.string())
    return with_types(pa.table(columns), sorted(columns.keys() - KNOWN))


def _answer(place: int, example: Example, judged: Judged, terms: Terms, lines: Lines, claims: Claims) -> Answer:
    outcome = Outcome(int(judged.outcome[place]))
    word = _WORDS.get(outcome, REMEDIES[judged.remedy[place]])
    if judged.case[place] != place:
        word = "same_case"
    pay, up = _amounts(place, example, judged, terms, lines) if outcome is Outcome.ANSWERS else (None, None)
    reason = Reason(int(judged.reasons[place, 0]))
    missing = facts_missing(terms, reason, claims, lines, place=place, line=0)
    return Answer(
        answer=word,
        clause=judged.clause.values[judged.clause.codes[place]],
        pay_minor=pay,
        up_minor=up,
        why=f"{', '.join(missing)} is missing" if missing else reason.name.lower().replace("_", " "),
    )


def _amounts(place: int, example: Example, judged: Judged, terms: Terms, lines: Lines) -> tuple[int | None, int | None]:
    """What the buyer gets back and pays, where the answer is money or the model was gone."""
    promises, report, currency = terms.replacement, example.when[place], example.given["currency"]
    if promises is None:
        return None, None
    unit = judged.unit[place : place + 1]
    value = value_of_units(np.zeros(1, dtype=np.int64), unit, paid_minor=lines.paid_minor, quantity=lines.quantity)
    adjusted = np.array([minor_of(example.given["adjusted"], currency, where="given, adjusted")])
    if "other_model" in report and "other_model" in promises.unavailable:
        price = np.array([minor_of(report["other_model"], currency, where="when, other_model")])
        against = set_against_minor(value, adjusted_minor=adjusted, promises=promises)
        up, back = other_model_minor(against, price, pay_up=promises.pay_up, pay_down=promises.pay_down)
        return int(back[0]), int(up[0])
    net = refund_minor(value, adjusted_minor=adjusted, net=promises.refund_net_of_price_protection)
    is_money = judged.remedy[place] == REMEDIES.index("refund")
    if is_money or (report["money_back"] and "refund" in promises.unavailable):
        return int(net[0]), None
    return None, None


def _as_written(answer: Answer, written: Row, currency: str) -> bool:
    return (
        answer.answer == written["answer"]
        and written.get("clause") in {None, answer.clause}
        and all(
            amount is not None and amount == minor_of(str(written[key]), currency, where="then")
            for key, amount in (("pay", answer.pay_minor), ("pay_up", answer.up_minor))
            if key in written
        )
    )


def _said(answer: Answer, currency: str) -> str:
    amounts = [
        f", {key} {text_of(amount, currency)}"
        for key, amount in (("pay", answer.pay_minor), ("pay_up", answer.up_minor))
        if amount is not None and amount >= 0
    ]
    return f"{answer.answer} ({answer.clause}; {answer.why}){''.join(amounts)}"


def _said_of(written: Row) -> str:
    clause = f" ({written['clause']})" if "clause" in written else ""
    return "".join(
        [str(written["answer"]), clause, *(f", {k} {written[k]}" for k in ("pay", "pay_up") if k in written)]
    )

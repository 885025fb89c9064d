"""How what a late arrival is owed is worked out, as one would write it by hand: the tier that was reached, its payments, floor, cap, less what was owed before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from sqlalchemy import Connection

from houbei.backtest.report.amounts import trimmed_text
from houbei.backtest.report.tongue import Said
from houbei.columns import Text
from houbei.evidence.amounts import MINUS
from houbei.money import POINTS, exponent_of, minor_of
from houbei.owed.lateness import FORMS, amounts_of
from houbei.runs.delivery_decisions import decide_deliveries
from houbei.store.console_deliveries import DeliveryView
from houbei.store.deliveries import orders_together
from houbei.terms.delivery import Arrival, Form, Of, Pay, Tier
from houbei.web.speech import Speech, length_text

Row = tuple[Said | str, str, bool]
"""A word, its figure, and whether it is the total."""
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of what a late arrival is owed: when, by which tier, in what form, how much (minor units or points), of which parcel."""

    at_us: int
    tier: Tier
    form: Form
    amount: int
    held: bool
    parcel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What payments are reckoned from: what was paid for the lines of the promise and for its slot, minor units of a currency."""

    promises: Arrival
    paid_minor: int
    fee_minor: int
    currency: str


def work_out(connection: Connection, view: DeliveryView, *, as_of_us: int) -> tuple[Basis | None, list[Step]]:
    """Work out anew from the facts what a delivery is owed, as the live store does.

    Args:
        connection: A state of the store; its own temporary tables are used.
        view: The delivery.
        as_of_us: Until when facts count.

    Returns:
        What its payments are reckoned from, None where nothing is promised any more; and each step, those that are held included.

    Cost: some milliseconds.
    """
    orders = orders_together(connection, [view.it.order_id])
    decided = decide_deliveries(connection, view.promise, orders, as_of_us=as_of_us)
    arrival = view.promise.terms.arrival
    if decided is None or arrival is None:
        return None, []
    row = next(row for row, one in enumerate(decided.kept) if one.delivery == view.it.delivery)
    place = int(decided.places[row])
    if place < 0:
        return None, []
    late, fee = decided.judged.late, view.deciding
    steps = [
        Step(
            at_us=int(late.step_at_us[step]),
            tier=arrival.tiers[int(late.step_tier[step])],
            form=FORMS[int(late.step_form[step])],
            amount=int(late.step_amount[step]),
            held=bool(late.step_held[step]),
            parcel=decided.judged.step_parcel_ids[step].as_py() or "",
        )
        for step in np.flatnonzero(late.step_delivery == place).tolist()
    ]
    basis = Basis(
        promises=arrival,
        paid_minor=int(decided.judged.paid_minor[place]),
        fee_minor=0 if fee is None else fee.fee_minor or 0,
        currency=decided.currency_of(decided.kept[row]),
    )
    return basis, steps


def step_rows(speech: Speech, basis: Basis, steps: Sequence[Step]) -> Iterator[list[Row]]:
    """Write each step as a sum.

    Args:
        speech: The language of the page.
        basis: What payments are reckoned from.
        steps: In the order of time.

    Returns:
        One group of rows a step, the first row of each its heading.
    """
    before: dict[tuple[str, Form], int] = {}
    for step in steps:
        unit = POINTS if step.form is Form.POINTS else basis.currency
        rows: list[Row] = [(_heading(speech, step), "", False)]
        for pay in step.tier.pays:
            worth = _worth(basis, step.tier, pay)
            if pay.form is step.form and worth:
                words = str(speech.say("comma")).join(str(word) for word in _pay_words(speech, basis, pay))
                rows.append((words, speech.amount(worth, unit), False))
        owed = before.get((step.parcel, step.form), 0)
        if owed:
            rows.append((speech.say("late_sum_before"), f"{MINUS} {speech.amount(owed, unit)}", False))
        total = "late_sum_total_held" if step.held else "late_sum_total"
        rows.append((speech.say(total), speech.amount(step.amount, unit), True))
        before[step.parcel, step.form] = owed + step.amount
        yield rows


def _heading(speech: Speech, step: Step) -> str:
    tier = step.tier
    late = (
        speech.say("late_sum_over", length=length_text(speech, tier.over_us))
        if tier.over_us
        else speech.say("late_sum_any")
    )
    parts = [speech.moment(step.at_us), str(late)]
    parts += [str(speech.say("story_parcel", parcel=step.parcel))] if step.parcel else []
    return " · ".join(parts)


def part_text(part: Fraction) -> str:
    """Write a share: in hundredths where those are written in a few digits, else as the fraction it is."""
    hundredths = part * 100
    if (hundredths * 10**_DIGITS).denominator == 1:
        return f"{trimmed_text(hundredths, _DIGITS)}%"
    return f"{part.numerator}/{part.denominator}"


def _worth(basis: Basis, tier: Tier, pay: Pay) -> int:
    """What one payment comes to, by the rule that pays it: a document of it alone, asked of one delivery."""
    alone = replace(basis.promises, tiers=(replace(tier, pays=(pay,)),))
    money = Text(np.zeros(1, dtype=np.int32), [basis.currency])
    found = amounts_of(alone, np.array([basis.paid_minor]), np.array([basis.fee_minor]), money)
    return int(found[FORMS.index(pay.form), 0, 0])


def _pay_words(speech: Speech, basis: Basis, pay: Pay) -> Iterator[Said]:
    """What a payment is reckoned from, then its floor, its cap, and what a point is worth."""
    currency = basis.currency
    if pay.of is Of.FIXED:
        yield speech.say("late_sum_fixed")
        return
    if pay.of is Of.LINES:
        yield speech.say("late_sum_lines", part=part_text(pay.part), paid=speech.money(basis.paid_minor, currency))
    elif pay.part == 1:
        yield speech.say("late_sum_slot_fee")
    else:
        yield speech.say("late_sum_slot_part", part=part_text(pay.part), fee=speech.money(basis.fee_minor, currency))
    for word, amount in (("late_sum_floor", pay.floor), ("late_sum_cap", pay.cap)):
        if amount is not None:
            minor = minor_of(amount, currency, where="breach")
            yield speech.say(word, amount=speech.money(minor, currency))
    if pay.form is Form.POINTS:
        unit = speech.money(10 ** exponent_of(currency), currency)
        yield speech.say("late_sum_points", n=basis.promises.points_per_major, unit=unit)

"""What the edges of a case do: each effect once, on the case and on the money, in the order in which the table names them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from houbei.case.edges import Does
from houbei.case.moves import Move, Moved
from houbei.case.stages import Case, New, Old, Remedy, Rules, Secured, Verdict
from houbei.facts.steps import Step, What
from houbei.owed.replacement import other_model_minor

Done = tuple[Case, tuple[Moved, ...]]
Effect = Callable[[Case, Step, Rules], Done]


def apply(does: tuple[Does, ...], case: Case, step: Step, rules: Rules) -> Done:
    """Do some effects one after the other; amounts of 0 move nothing."""
    moved = list[Moved]()
    for one in does:
        case, more = _EFFECTS[one](case, step, rules)
        moved += [move for move in more if move.amount_minor]
    return case, tuple(moved)


def _moved(move: Move, amount_minor: int, payment: str = "") -> Moved:
    return Moved(move=move, amount_minor=amount_minor, payment=payment)


def _told_minor(step: Step, name: str) -> int:
    return int(step.told.get(name, 0))


def _set(**changes: object) -> Effect:
    return lambda case, _step, _rules: (case.but(**changes), ())


# --- answers and decisions --------------------------------------------------------------------------------------------


def _note_answer(case: Case, step: Step, rules: Rules) -> Done:
    answer, value = str(step.told["answer"]), _told_minor(step, "value_minor")
    trusted = rules.trust_minor < 0 or value <= rules.trust_minor
    return case.but(
        remedy=Remedy.NONE if answer == "no" else Remedy(answer),
        advance=rules.advance and trusted and answer == Remedy.REPLACE,
        by_person=bool(step.told.get("by_person", False)),
        value_minor=value,
        refund_minor=_told_minor(step, "refund_minor"),
    ), ()


def _note_decision(case: Case, step: Step, rules: Rules) -> Done:
    case, _ = _note_decider(case, step, rules)
    if "answer" not in step.told:
        return case, ()
    answer = str(step.told["answer"])
    remedy = Remedy.NONE if answer == "no" else Remedy(answer)
    return case.but(remedy=remedy, advance=case.advance and remedy is Remedy.REPLACE), ()


def _note_decider(case: Case, step: Step, _rules: Rules) -> Done:
    return case.but(decided_by="" if step.person is None else step.person.name), ()


def _note_verdict(case: Case, step: Step, _rules: Rules) -> Done:
    return case.but(verdict=Verdict(str(step.told["verdict"]))), ()


def _hear_person(case: Case, step: Step, _rules: Rules) -> Done:
    return case.but(needs=(), heard_us=step.known_us), ()


# --- what secures it --------------------------------------------------------------------------------------------------


def _secure(case: Case, step: Step, _rules: Rules) -> Done:
    amount = _told_minor(step, "amount_minor")
    held = step.what is What.HELD
    secured = Secured.HOLD if held else Secured.DEPOSIT
    reference = str(step.told["reference"])
    case = case.but(secured=secured, secured_minor=amount, secured_reference=reference, secured_us=step.known_us)
    return case, (_moved(Move.HOLD_PLACED if held else Move.DEPOSIT_TAKEN, amount),)


def _renew(case: Case, step: Step, _rules: Rules) -> Done:
    return case.but(secured_us=step.known_us), ()


def _lapse(case: Case, _step: Step, _rules: Rules) -> Done:
    gone = (_moved(Move.HOLD_RELEASED, case.secured_minor),)
    return case.but(secured=Secured.LAPSED, secured_minor=0), gone


def _release(case: Case, _step: Step, _rules: Rules) -> Done:
    moves = {Secured.HOLD: Move.HOLD_RELEASED, Secured.DEPOSIT: Move.DEPOSIT_OWED}
    payment = case.secured_reference if case.secured is Secured.DEPOSIT else ""
    moved = (_moved(moves[case.secured], case.secured_minor, payment),) if case.secured in moves else ()
    return case.but(secured=Secured.NOTHING, secured_minor=0, secured_us=0), moved


def _capture(case: Case, step: Step, _rules: Rules) -> Done:
    """Take what was secured, at most; a unit that stays away without its whole price leaves the rest to the shop."""
    amount, away = _told_minor(step, "amount_minor"), case.old is Old.WITH_BUYER
    if case.secured is Secured.DEPOSIT:
        move = Move.KEPT_FOR_UNIT if away else Move.KEPT_FOR_REVERSAL
        case = case.but(secured_minor=case.secured_minor - amount)
    else:
        move = Move.CAPTURED_FOR_UNIT if away else Move.CAPTURED_FOR_REVERSAL
    reference = str(step.told["reference"])
    case = case.but(captured_minor=amount, captured_reference=reference, old=Old.LET_GO if away else case.old)
    rest = case.value_minor - amount if away else 0
    return case, (_moved(move, amount), _moved(Move.OLD_LET_GO, rest))


def _let_go(case: Case, _step: Step, _rules: Rules) -> Done:
    return case.but(old=Old.LET_GO), (_moved(Move.OLD_LET_GO, case.value_minor),)


# --- units ------------------------------------------------------------------------------------------------------------


def _book(case: Case, step: Step, _rules: Rules) -> Done:
    return case.but(slot_us=int(step.told["from_us"]), stop_us=int(step.told["until_us"])), ()


def _reserve(case: Case, step: Step, _rules: Rules) -> Done:
    cost = _told_minor(step, "unit_cost_minor")
    return case.but(new=New.RESERVED, new_serial=str(step.told["serial"]), cost_minor=cost), ()


def _unreserve(case: Case, _step: Step, _rules: Rules) -> Done:
    if case.new is not New.RESERVED:
        return case, ()
    return case.but(new=New.NONE, new_serial=""), ()


def _send(case: Case, _step: Step, _rules: Rules) -> Done:
    return case.but(new=New.ON_THE_WAY), (_moved(Move.UNIT_SENT, case.value_minor),)


def _hand_over(case: Case, step: Step, _rules: Rules) -> Done:
    moved = (
        _moved(Move.UNIT_COST, case.cost_minor),
        _moved(Move.SERVICE_COST, _told_minor(step, "service_minor")),
        _moved(Move.CHEAPER_OWED, case.down_minor),
    )
    return case.but(new=New.WITH_BUYER, withdrew=False, down_minor=0), moved


def _take_old(case: Case, step: Step, _rules: Rules) -> Done:
    visited = step.what is What.COLLECTED
    cost = (_moved(Move.SERVICE_COST, _told_minor(step, "service_minor")),) if visited else ()
    return case.but(old=Old.WITH_COURIER), cost


def _old_in(case: Case, _step: Step, _rules: Rules) -> Done:
    return case.but(old=Old.WITH_SHOP), (_moved(Move.OLD_TAKEN_BACK, case.value_minor),)


def _old_back(case: Case, _step: Step, _rules: Rules) -> Done:
    return case.but(old=Old.WITH_BUYER), (_moved(Move.OLD_GIVEN_BACK, case.value_minor),)


def _new_back(case: Case, _step: Step, _rules: Rules) -> Done:
    return case.but(new=New.NONE, new_serial=""), (_moved(Move.UNIT_CAME_BACK, case.value_minor),)


def _lose_new(case: Case, step: Step, _rules: Rules) -> Done:
    case = case.but(new=New.NONE, new_serial="", lost_serial=case.new_serial)
    return _owed_by_carrier(case, step, Move.UNIT_LOST)


def _lose_second(case: Case, step: Step, _rules: Rules) -> Done:
    case = case.but(recalled=False, recalled_serial="", recalled_us=0)
    return _owed_by_carrier(case, step, Move.UNIT_LOST)


def _lose_old(case: Case, step: Step, _rules: Rules) -> Done:
    return _owed_by_carrier(case.but(old=Old.LOST), step, Move.OLD_LOST)


def _owed_by_carrier(case: Case, step: Step, move: Move) -> Done:
    case = case.but(claimed_minor=case.claimed_minor + case.value_minor, claimed_us=step.known_us)
    return case, (_moved(move, case.value_minor),)


def _find_at_buyer(case: Case, step: Step, rules: Rules) -> Done:
    """The unit that was thought lost is the buyer's: it is handed over as any other, and the carrier owes nothing for it."""
    second = case.new_serial if case.new is New.ON_THE_WAY else ""
    found = case.but(new_serial=case.lost_serial, lost_serial="", recalled=bool(second), recalled_serial=second)
    found, moved = _no_longer_lost(found, Move.UNIT_FOUND_AT_BUYER, Move.FOUND_AT_BUYER_PAID_FOR)
    found, handed = _hand_over(found, step, rules)
    return found, (*moved, *handed)


def _find_in_stock(case: Case, _step: Step, _rules: Rules) -> Done:
    return _no_longer_lost(case.but(lost_serial=""), Move.UNIT_FOUND_IN_STOCK, Move.FOUND_IN_STOCK_PAID_FOR)


def _no_longer_lost(case: Case, owed: Move, paid: Move) -> Done:
    if case.claimed_minor < case.value_minor:
        return case, (_moved(paid, case.value_minor),)
    return case.but(claimed_minor=case.claimed_minor - case.value_minor), (_moved(owed, case.value_minor),)


def _recall(case: Case, step: Step, _rules: Rules) -> Done:
    return case.but(recalled_us=step.known_us if case.recalled else 0), ()


def _second_back(case: Case, _step: Step, _rules: Rules) -> Done:
    case = case.but(recalled=False, recalled_serial="", recalled_us=0)
    return case, (_moved(Move.UNIT_CAME_BACK, case.value_minor),)


# --- instead of the same model ----------------------------------------------------------------------------------------


def _choose_refund(case: Case, _step: Step, _rules: Rules) -> Done:
    back = (_moved(Move.DIFFERENCE_OWED, case.up_minor, case.up_reference),)
    return case.but(remedy=Remedy.REFUND, advance=False, asked_up_minor=0, up_minor=0, down_minor=0), back


def _choose_other(case: Case, step: Step, rules: Rules) -> Done:
    """Another model: what it costs the buyer or gives back, the promise says (see `owed.replacement.other_model_minor`)."""
    against, price = np.array([case.against_minor(rules)]), np.array([int(step.told["price_minor"])])
    (up,), (down,) = other_model_minor(against, price, pay_up=rules.pay_up, pay_down=rules.pay_down)
    back = (_moved(Move.DIFFERENCE_OWED, case.up_minor, case.up_reference),)
    case = case.but(
        remedy=Remedy.OTHER_MODEL,
        sku=str(step.told.get("sku", "")),
        asked_up_minor=int(up),
        up_minor=0,
        down_minor=int(down),
    )
    return case, back


def _pay_up(case: Case, step: Step, _rules: Rules) -> Done:
    amount = _told_minor(step, "amount_minor")
    paid = case.but(up_minor=amount, up_reference=str(step.told["reference"]))
    return paid, (_moved(Move.DIFFERENCE_PAID, amount),)


def _net_refund(case: Case, step: Step, _rules: Rules) -> Done:
    return case.but(refund_minor=min(_told_minor(step, "refund_minor"), case.value_minor)), ()


def _owe_refund(case: Case, _step: Step, _rules: Rules) -> Done:
    netted = case.value_minor - case.refund_minor
    return case, (_moved(Move.REFUND_OWED, case.refund_minor), _moved(Move.REFUND_NETTED, netted))


def _owe_captured(case: Case, _step: Step, _rules: Rules) -> Done:
    return case.but(captured_minor=0), (_moved(Move.CAPTURE_OWED, case.captured_minor, case.captured_reference),)


def _withdraw(case: Case, _step: Step, _rules: Rules) -> Done:
    back = (_moved(Move.DIFFERENCE_OWED, case.up_minor, case.up_reference),)
    return case.but(withdrew=True, asked_up_minor=0, up_minor=0, down_minor=0), back


# --- who makes good what it cost --------------------------------------------------------------------------------------


def _ask_supplier(case: Case, step: Step, _rules: Rules) -> Done:
    amount = _told_minor(step, "amount_minor")
    claimed = case.claimed_minor + amount
    case = case.but(supplier_asked=True, claimed_minor=claimed, claimed_us=step.known_us)
    return case, (_moved(Move.SUPPLIER_ASKED, amount),)


def _supplier_pays(case: Case, step: Step, _rules: Rules) -> Done:
    amount = _told_minor(step, "amount_minor")
    return case.but(claimed_minor=case.claimed_minor - amount), (_moved(Move.SUPPLIER_PAID, amount),)


def _supplier_refuses(case: Case, _step: Step, _rules: Rules) -> Done:
    return case.but(claimed_minor=0), (_moved(Move.SUPPLIER_BORNE, case.claimed_minor),)


_EFFECTS: Mapping[Does, Effect] = MappingProxyType(
    {
        Does.NOTE_ANSWER: _note_answer,
        Does.NOTE_DECISION: _note_decision,
        Does.NOTE_DECIDER: _note_decider,
        Does.NOTE_VERDICT: _note_verdict,
        Does.HEAR_PERSON: _hear_person,
        Does.SECURE: _secure,
        Does.RENEW: _renew,
        Does.LAPSE: _lapse,
        Does.RELEASE: _release,
        Does.CAPTURE: _capture,
        Does.LET_GO: _let_go,
        Does.REPLACE_INSTEAD: _set(remedy=Remedy.REPLACE),
        Does.OLD_FIRST: _set(advance=False),
        Does.BOOK: _book,
        Does.RESERVE: _reserve,
        Does.UNRESERVE: _unreserve,
        Does.SEND: _send,
        Does.HAND_OVER: _hand_over,
        Does.TAKE_OLD: _take_old,
        Does.OLD_IN: _old_in,
        Does.OLD_BACK: _old_back,
        Does.NEW_BACK: _new_back,
        Does.LOSE_NEW: _lose_new,
        Does.LOSE_SECOND: _lose_second,
        Does.LOSE_OLD: _lose_old,
        Does.FIND_AT_BUYER: _find_at_buyer,
        Does.FIND_IN_STOCK: _find_in_stock,
        Does.RECALL: _recall,
        Does.SECOND_BACK: _second_back,
        Does.CHOOSE_REFUND: _choose_refund,
        Does.CHOOSE_OTHER: _choose_other,
        Does.PAY_UP: _pay_up,
        Does.NET_REFUND: _net_refund,
        Does.OWE_REFUND: _owe_refund,
        Does.OWE_CAPTURED: _owe_captured,
        Does.APPEAL: _set(appealed=True),
        Does.WITHDRAW: _withdraw,
        Does.ASK_SUPPLIER: _ask_supplier,
        Does.SUPPLIER_PAYS: _supplier_pays,
        Does.SUPPLIER_REFUSES: _supplier_refuses,
        Does.RESTART: lambda case, step, _rules: (case.but(since_us=step.known_us, needs=()), ()),
    }
)

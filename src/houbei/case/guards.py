"""What must hold for an edge of a case to be taken: each a question about the case, the step and the rules, by its name."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from houbei.case.stages import Case, New, Old, Remedy, Rules, Secured, Verdict
from houbei.facts.steps import Step

Question = Callable[[Case, Step, Rules], bool]


class Guard(StrEnum):
    """A question, named as the drawing of the cases shows it."""

    SAYS_NO = "the answer is no"
    SAYS_REPAIR = "the answer is a repair"
    WANTS_EVIDENCE = "something must be shown first"
    BY_PERSON = "a person decides"
    MUST_SECURE = "the new unit goes first and must be secured"
    SILENCE_ACCEPTS = "silence decides for the buyer"
    DELIVERS = "a new unit is to be brought"
    FETCHES = "the old unit is to be fetched first"
    THIS_UNIT = "it is the unit that was reserved"
    LOST_UNIT = "it is the unit that was thought lost"
    NEW_LOST = "the new unit is lost"
    OLD_LOST = "the old unit is lost"
    HAS_NEW = "the new unit is with the buyer"
    REFUNDS = "the money goes back"
    CONFIRMS = "the inspection confirms it"
    TO_WAIT = "the buyer waits"
    TO_REFUND = "the buyer takes the money"
    OLD_IS_IN = "the old unit is with the shop, or lost by a carrier"
    OLD_HERE = "the old unit is with the buyer"
    OLD_IN_SHOP = "the old unit is with the shop"
    THIS_SERIAL = "it is the new unit"
    INSPECTION_SILENT = "an inspection that does not come is made for the buyer"
    SAYS_YES = "the answer is yes"
    IS_OPEN = "the case is open"
    HAS_LAPSED = "the hold lapsed"
    NO_NEW = "no new unit is with the buyer"
    LOST_BACK = "it is the lost unit, found"
    PAID_EXACTLY = "it is the difference that was asked for"
    SECURE_ENOUGH = "what must be secured is"
    IS_RECALLED = "a unit is being called back"
    NONE_RECALLED = "no unit is being called back"
    RECALLED_BACK = "it is the unit that was called back"
    DEARER = "another model, and the buyer pays the difference"
    OTHER_MODEL = "another model"
    WITHDRAWN = "the buyer withdrew"
    THIS_STAGE = "the deadline is this stage's"
    HOLD_DUE = "the deadline is the hold's"
    SUPPLIER_DUE = "the deadline is the supplier's"
    RECALL_DUE = "the deadline is the recalled unit's"
    IS_HELD = "a hold stands"
    UNSECURED = "nothing secures it yet"
    WITHIN_SECURED = "no more than what secures it"
    ONCE = "there was no appeal before"
    ASKED = "the supplier was asked"
    NOT_ASKED = "no supplier was asked yet"
    OWES = "something was taken that must go back"
    OTHER_PERSON = "somebody else decides than before"


def holds(guards: tuple[Guard, ...], case: Case, step: Step, rules: Rules) -> bool:
    """Say whether all of some guards hold."""
    for guard in guards:  # noqa: SIM110  asked for every edge that is tried: `all` over a generator takes twice as long
        if not _QUESTIONS[guard](case, step, rules):
            return False
    return True


def _delivers(case: Case, _step: Step, _rules: Rules) -> bool:
    wanted = case.remedy in {Remedy.REPLACE, Remedy.OTHER_MODEL} and case.new is not New.WITH_BUYER
    return wanted and (case.advance or case.old in {Old.WITH_SHOP, Old.LOST})


def _must_secure(case: Case, step: Step, rules: Rules) -> bool:
    says_replace = step.told.get("answer", Remedy.REPLACE) == Remedy.REPLACE and case.remedy is not Remedy.REFUND
    return says_replace and case.advance and rules.secured_by is not Secured.NOTHING and case.secured is Secured.NOTHING


def _choice(choice: str) -> Question:
    return lambda _case, step, _rules: step.told.get("choice") == choice


def _answer(*answers: str) -> Question:
    return lambda _case, step, _rules: step.told.get("answer") in answers


def _other_model(_case: Case, step: Step, rules: Rules) -> bool:
    return rules.other_model and step.told.get("choice") == Remedy.OTHER_MODEL and "price_minor" in step.told


def _dearer(case: Case, step: Step, rules: Rules) -> bool:
    dearer = int(step.told.get("price_minor", 0)) > case.against_minor(rules)
    return _other_model(case, step, rules) and dearer and rules.pay_up


def _this_model(case: Case, step: Step, rules: Rules) -> bool:
    return _other_model(case, step, rules) and (
        int(step.told["price_minor"]) <= case.against_minor(rules) or rules.pay_up
    )


def _due(kind: str) -> Question:
    return lambda _case, step, _rules: step.told.get("stage") == kind


_QUESTIONS: Mapping[Guard, Question] = MappingProxyType(
    {
        Guard.SAYS_NO: _answer("no"),
        Guard.SAYS_REPAIR: lambda case, step, _rules: step.told.get("answer", case.remedy) == Remedy.REPAIR,
        Guard.WANTS_EVIDENCE: lambda _case, step, _rules: bool(step.told.get("wants")),
        Guard.BY_PERSON: lambda case, step, _rules: bool(step.told.get("by_person", case.by_person)),
        Guard.MUST_SECURE: _must_secure,
        Guard.SILENCE_ACCEPTS: lambda case, _step, rules: (
            rules.silence_accepts and case.remedy is not Remedy.NONE and not case.appealed
        ),
        Guard.DELIVERS: _delivers,
        Guard.FETCHES: lambda case, step, rules: case.old is Old.WITH_BUYER and not _delivers(case, step, rules),
        Guard.THIS_UNIT: lambda case, step, _rules: step.told.get("new_serial") == case.new_serial,
        Guard.LOST_UNIT: lambda case, step, _rules: (
            bool(case.lost_serial) and step.told.get("new_serial") == case.lost_serial
        ),
        Guard.NEW_LOST: lambda _case, step, _rules: step.told["which"] == "new",
        Guard.OLD_LOST: lambda _case, step, _rules: step.told["which"] == "old",
        Guard.HAS_NEW: lambda case, _step, _rules: case.new is New.WITH_BUYER,
        Guard.REFUNDS: lambda case, _step, _rules: case.remedy is Remedy.REFUND,
        Guard.CONFIRMS: lambda _case, step, _rules: step.told.get("verdict", Verdict.CONFIRMED) == Verdict.CONFIRMED,
        Guard.TO_WAIT: _choice("wait"),
        Guard.TO_REFUND: lambda _case, step, rules: rules.refund and step.told.get("choice") == "refund",
        Guard.OLD_IS_IN: lambda case, _step, _rules: case.old in {Old.WITH_SHOP, Old.LOST},
        Guard.DEARER: _dearer,
        Guard.OTHER_MODEL: _this_model,
        Guard.WITHDRAWN: lambda case, _step, _rules: case.withdrew,
        Guard.THIS_STAGE: lambda case, step, _rules: step.told.get("stage") == case.stage,
        Guard.HOLD_DUE: _due("hold"),
        Guard.SUPPLIER_DUE: _due("supplier"),
        Guard.RECALL_DUE: _due("recall"),
        Guard.IS_HELD: lambda case, _step, _rules: case.secured is Secured.HOLD,
        Guard.UNSECURED: lambda case, _step, _rules: (
            case.secured is not Secured.DEPOSIT and case.secured is not Secured.HOLD
        ),
        Guard.OLD_HERE: lambda case, _step, _rules: case.old is Old.WITH_BUYER,
        Guard.OLD_IN_SHOP: lambda case, _step, _rules: case.old is Old.WITH_SHOP,
        Guard.THIS_SERIAL: lambda case, step, _rules: step.told.get("serial") == case.new_serial,
        Guard.INSPECTION_SILENT: lambda _case, _step, rules: rules.silence_accepts,
        Guard.SAYS_YES: lambda _case, step, _rules: step.told.get("answer") != "no",
        Guard.IS_OPEN: lambda case, _step, _rules: not case.over,
        Guard.HAS_LAPSED: lambda case, _step, _rules: case.secured is Secured.LAPSED,
        Guard.NO_NEW: lambda case, _step, _rules: case.new is not New.WITH_BUYER,
        Guard.LOST_BACK: lambda case, step, _rules: (
            bool(case.lost_serial) and step.told.get("serial") == case.lost_serial
        ),
        Guard.PAID_EXACTLY: lambda case, step, _rules: step.told["amount_minor"] == case.asked_up_minor,
        Guard.SECURE_ENOUGH: lambda case, _step, rules: (
            not case.advance
            or case.old is not Old.WITH_BUYER
            or rules.secured_by is Secured.NOTHING
            or case.secured in {Secured.HOLD, Secured.DEPOSIT}
        ),
        Guard.IS_RECALLED: lambda case, _step, _rules: case.recalled,
        Guard.NONE_RECALLED: lambda case, _step, _rules: not case.recalled,
        Guard.RECALLED_BACK: lambda case, step, _rules: (
            case.recalled and step.told.get("serial") == case.recalled_serial
        ),
        Guard.WITHIN_SECURED: lambda case, step, _rules: (
            case.secured in {Secured.HOLD, Secured.DEPOSIT}
            and 0 < int(step.told["amount_minor"]) <= min(case.secured_minor, case.value_minor)
        ),
        Guard.ONCE: lambda case, _step, _rules: not case.appealed,
        Guard.ASKED: lambda case, step, _rules: 0 <= int(step.told.get("amount_minor", 0)) <= case.claimed_minor > 0,
        Guard.NOT_ASKED: lambda case, step, _rules: not case.supplier_asked and int(step.told["amount_minor"]) > 0,
        Guard.OWES: lambda case, _step, _rules: case.captured_minor > 0,
        Guard.OTHER_PERSON: lambda case, step, _rules: (
            step.person is None or not case.appealed or step.person.name != case.decided_by
        ),
    }
)

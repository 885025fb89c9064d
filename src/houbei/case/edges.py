"""The table of a case: what may happen at each stage, under which conditions, where it leads and what it does. Data, not code.

The first edge of a stage whose step and guards fit is taken, then those that hold at every stage. A step without an edge changes nothing
and is put before a person. The drawing in docs is made from this table.
"""

from dataclasses import dataclass
from enum import StrEnum

from houbei.case.guards import Guard
from houbei.case.stages import Need, Stage
from houbei.facts.steps import What


class Does(StrEnum):
    """What an edge does to the units, to what secures them and to the money."""

    NOTE_ANSWER = "note the answer"
    NOTE_DECISION = "note who decided what"
    NOTE_DECIDER = "note who decided"
    SECURE = "note what secures it"
    RENEW = "note that the hold lasts anew"
    LAPSE = "note that the hold lapsed"
    OLD_FIRST = "the old unit comes first"
    BOOK = "book the slot"
    RESERVE = "set the new unit aside"
    UNRESERVE = "put the new unit back on the shelf"
    SEND = "send the new unit"
    HAND_OVER = "the new unit is the buyer's"
    TAKE_OLD = "the courier has the old unit"
    OLD_IN = "the old unit is in"
    RECALL = "call the new unit back"
    NEW_BACK = "the new unit is back"
    SECOND_BACK = "the unit that was called back is back"
    LOSE_NEW = "the carrier owes the new unit"
    LOSE_SECOND = "the carrier owes the unit that was called back"
    LOSE_OLD = "the carrier owes the old unit"
    FIND_AT_BUYER = "the lost unit is the buyer's after all"
    FIND_IN_STOCK = "the lost unit is in stock after all"
    REPLACE_INSTEAD = "a new unit instead"
    CHOOSE_REFUND = "the money goes back instead"
    CHOOSE_OTHER = "another model instead"
    PAY_UP = "book the difference paid"
    NOTE_VERDICT = "note the verdict"
    NET_REFUND = "take off what price protection paid"
    OWE_REFUND = "owe the refund"
    OWE_CAPTURED = "owe back what was taken"
    RELEASE = "let go of what secured it"
    CAPTURE = "take the price of what is not coming back"
    LET_GO = "let the unit go"
    OLD_BACK = "the old unit is the buyer's again"
    APPEAL = "note the appeal"
    WITHDRAW = "note that the buyer withdrew"
    ASK_SUPPLIER = "ask the supplier"
    SUPPLIER_PAYS = "book what the supplier paid"
    SUPPLIER_REFUSES = "bear what the supplier refused"
    RESTART = "start the clock anew"
    HEAR_PERSON = "a person has it in hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One edge: at `stage` (None: at every one), on `what` where all guards hold, to `to` (None: it stays), doing this in order.

    `need` is what only a person can do from then on.
    """

    stage: Stage | None
    what: What
    to: Stage | None
    when: tuple[Guard, ...] = ()
    does: tuple[Does, ...] = ()
    need: Need | None = None


def _edge(
    stage: Stage | None,
    what: What,
    to: Stage | None,
    *when: Guard,
    does: tuple[Does, ...] = (),
    need: Need | None = None,
) -> Edge:
    return Edge(stage=stage, what=what, to=to, when=when, does=does, need=need)


S, G, D, W = Stage, Guard, Does, What


def _granted(stage: Stage, what: What, *when: Guard, does: tuple[Does, ...] = ()) -> list[Edge]:
    """Where a yes leads: a repair, a new unit that must be secured first, or a visit."""
    return [
        _edge(stage, what, S.REPAIRING, *when, G.SAYS_REPAIR, does=does),
        _edge(stage, what, S.SECURING, *when, G.MUST_SECURE, does=does),
        _edge(stage, what, S.TO_SCHEDULE, *when, does=does),
    ]


def _confirmed(stage: Stage, what: What, *when: Guard, does: tuple[Does, ...] = ()) -> list[Edge]:
    """Where an old unit that is in and as reported leads: the end, the refund, or the visit that brings the new one."""
    return [
        _edge(stage, what, S.SETTLED, *when, G.HAS_NEW, does=(*does, D.RELEASE)),
        _edge(stage, what, S.REFUND_DUE, *when, G.REFUNDS, does=(*does, D.OWE_REFUND, D.RELEASE)),
        _edge(stage, what, S.TO_SCHEDULE, *when, does=does),
    ]


def _withdraws(stage: Stage) -> list[Edge]:
    """A buyer may withdraw as long as nothing is with a courier: what is with the shop goes back."""
    gives_back = (D.WITHDRAW, D.UNRESERVE, D.RELEASE)
    return [
        _edge(stage, W.WITHDREW, S.WITHDRAWN, G.OLD_HERE, G.NO_NEW, does=gives_back),
        _edge(stage, W.WITHDREW, S.TO_SEND_BACK, G.OLD_IN_SHOP, G.NO_NEW, does=gives_back),
    ]


def _arrives_after_all(stage: Stage) -> list[Edge]:
    """The unit that was thought lost is brought after all: a second one stays or comes back."""
    found = (D.FIND_AT_BUYER, D.RECALL)
    return [
        _edge(stage, W.SWAPPED, S.OLD_ON_THE_WAY, G.LOST_UNIT, G.OLD_HERE, does=(*found, D.TAKE_OLD)),
        _edge(stage, W.DELIVERED, S.SETTLED, G.LOST_UNIT, G.OLD_IS_IN, does=(*found, D.RELEASE)),
        _edge(stage, W.DELIVERED, S.OLD_OWED, G.LOST_UNIT, does=found),
    ]


def _brought(stage: Stage) -> list[Edge]:
    """The courier brings the new unit; whatever was said before, it is at the door."""
    return [
        _edge(stage, W.SWAPPED, S.OLD_ON_THE_WAY, G.THIS_UNIT, G.OLD_HERE, does=(D.HAND_OVER, D.TAKE_OLD)),
        _edge(stage, W.DELIVERED, S.SETTLED, G.THIS_UNIT, G.OLD_IS_IN, does=(D.HAND_OVER, D.RELEASE)),
        _edge(stage, W.DELIVERED, S.OLD_OWED, G.THIS_UNIT, does=(D.HAND_OVER,)),
        *_arrives_after_all(stage),
    ]


def _silent(stage: Stage, need: Need) -> Edge:
    return _edge(stage, W.TIMED_OUT, None, G.THIS_STAGE, need=need)


def _chooses(stage: Stage) -> list[Edge]:
    return [
        _edge(stage, W.CHOSE, S.NO_STOCK, G.TO_WAIT),
        _edge(stage, W.CHOSE, S.REFUND_DUE, G.TO_REFUND, G.OLD_IS_IN, does=(D.CHOOSE_REFUND, D.OWE_REFUND, D.RELEASE)),
        _edge(stage, W.CHOSE, S.TO_SCHEDULE, G.TO_REFUND, does=(D.CHOOSE_REFUND, D.RELEASE)),
        _edge(stage, W.CHOSE, S.PAYING_UP, G.DEARER, does=(D.CHOOSE_OTHER,)),
        _edge(stage, W.CHOSE, S.TO_SCHEDULE, G.OTHER_MODEL, does=(D.CHOOSE_OTHER,)),
        _edge(stage, W.BACK_IN_STOCK, S.TO_SCHEDULE),
    ]


EDGES: tuple[Edge, ...] = (
    # --- reported: what do the promises say --------------------------------------------------------------------------
    _edge(S.REPORTED, W.JUDGED, S.NOT_COVERED, G.SAYS_NO, does=(D.NOTE_ANSWER,)),
    _edge(S.REPORTED, W.JUDGED, S.EVIDENCE_WANTED, G.WANTS_EVIDENCE, does=(D.NOTE_ANSWER,)),
    _edge(S.REPORTED, W.JUDGED, S.TO_DECIDE, G.BY_PERSON, does=(D.NOTE_ANSWER,)),
    *_granted(S.REPORTED, W.JUDGED, does=(D.NOTE_ANSWER,)),
    *_withdraws(S.REPORTED),
    _silent(S.REPORTED, Need.LOOK),
    _edge(S.EVIDENCE_WANTED, W.SHOWN, S.TO_DECIDE, G.BY_PERSON),
    *_granted(S.EVIDENCE_WANTED, W.SHOWN),
    *_withdraws(S.EVIDENCE_WANTED),
    _silent(S.EVIDENCE_WANTED, Need.CALL),
    _edge(S.TO_DECIDE, W.DECIDED, S.NOT_COVERED, G.SAYS_NO, does=(D.NOTE_DECISION,)),
    *_granted(S.TO_DECIDE, W.DECIDED, does=(D.NOTE_DECISION,)),
    *_granted(S.TO_DECIDE, W.TIMED_OUT, G.THIS_STAGE, G.SILENCE_ACCEPTS),
    *_withdraws(S.TO_DECIDE),
    _silent(S.TO_DECIDE, Need.DECIDE),
    # --- what secures the new unit, and when it comes ----------------------------------------------------------------
    _edge(S.SECURING, W.HELD, S.TO_SCHEDULE, G.UNSECURED, does=(D.SECURE,)),
    _edge(S.SECURING, W.DEPOSITED, S.TO_SCHEDULE, G.UNSECURED, does=(D.SECURE,)),
    _edge(S.SECURING, W.NOT_SECURED, S.TO_SCHEDULE, does=(D.OLD_FIRST,)),
    _edge(S.SECURING, W.TIMED_OUT, S.TO_SCHEDULE, G.THIS_STAGE, does=(D.OLD_FIRST,)),
    *_withdraws(S.SECURING),
    _edge(S.TO_SCHEDULE, W.SLOTS_OFFERED, None, does=(D.RESTART,)),
    _edge(S.TO_SCHEDULE, W.SLOT_CHOSEN, S.SCHEDULED, does=(D.BOOK,)),
    _edge(S.TO_SCHEDULE, W.OUT_OF_STOCK, S.NO_STOCK, G.DELIVERS),
    _edge(S.TO_SCHEDULE, W.COLLECTED, S.OLD_ON_THE_WAY, G.FETCHES, does=(D.TAKE_OLD,)),
    _edge(S.TO_SCHEDULE, W.RECEIVED, S.TO_INSPECT, G.FETCHES, does=(D.OLD_IN,)),
    *_arrives_after_all(S.TO_SCHEDULE),
    *_withdraws(S.TO_SCHEDULE),
    _silent(S.TO_SCHEDULE, Need.CALL),
    _edge(S.SCHEDULED, W.RESERVED, S.READY, G.DELIVERS, does=(D.RESERVE,)),
    _edge(S.SCHEDULED, W.OUT_OF_STOCK, S.NO_STOCK, G.DELIVERS),
    _edge(S.SCHEDULED, W.COLLECTED, S.OLD_ON_THE_WAY, G.FETCHES, does=(D.TAKE_OLD,)),
    _edge(S.SCHEDULED, W.RECEIVED, S.TO_INSPECT, G.FETCHES, does=(D.OLD_IN,)),
    _edge(S.SCHEDULED, W.ABSENT, S.TO_SCHEDULE, G.FETCHES),
    _edge(S.SCHEDULED, W.SLOT_CHOSEN, S.SCHEDULED, does=(D.BOOK, D.RESTART)),
    *_arrives_after_all(S.SCHEDULED),
    *_withdraws(S.SCHEDULED),
    _silent(S.SCHEDULED, Need.FIND),
    # --- no unit: wait, another model, the money ---------------------------------------------------------------------
    *_chooses(S.NO_STOCK),
    _edge(S.NO_STOCK, W.TIMED_OUT, S.CHOOSING, G.THIS_STAGE),
    *_arrives_after_all(S.NO_STOCK),
    *_withdraws(S.NO_STOCK),
    *_chooses(S.CHOOSING),
    *_arrives_after_all(S.CHOOSING),
    *_withdraws(S.CHOOSING),
    _silent(S.CHOOSING, Need.CALL),
    _edge(S.PAYING_UP, W.PAID_UP, S.TO_SCHEDULE, G.PAID_EXACTLY, does=(D.PAY_UP,)),
    *_chooses(S.PAYING_UP),
    *_arrives_after_all(S.PAYING_UP),
    *_withdraws(S.PAYING_UP),
    _silent(S.PAYING_UP, Need.CALL),
    # --- the visit ---------------------------------------------------------------------------------------------------
    _edge(S.READY, W.DISPATCHED, S.ON_THE_WAY, G.SECURE_ENOUGH, G.NONE_RECALLED, does=(D.SEND,)),
    _edge(S.READY, W.NOT_SECURED, S.TO_SCHEDULE, G.HAS_LAPSED, does=(D.UNRESERVE, D.OLD_FIRST, D.RELEASE)),
    _edge(S.READY, W.SLOT_CHOSEN, S.READY, does=(D.BOOK, D.RESTART)),
    _edge(S.READY, W.OUT_OF_STOCK, S.NO_STOCK, does=(D.UNRESERVE,)),
    *_arrives_after_all(S.READY),
    *_withdraws(S.READY),
    _silent(S.READY, Need.SHIP),
    *_brought(S.ON_THE_WAY),
    _edge(S.ON_THE_WAY, W.ABSENT, S.MISSED),
    _edge(S.ON_THE_WAY, W.REFUSED, S.COMING_BACK),
    _edge(S.ON_THE_WAY, W.WRONG_UNIT, S.COMING_BACK),
    _edge(S.ON_THE_WAY, W.LOST, S.TO_SCHEDULE, G.NEW_LOST, does=(D.LOSE_NEW,)),
    _edge(S.ON_THE_WAY, W.CAME_BACK, S.TO_SCHEDULE, G.THIS_SERIAL, does=(D.NEW_BACK,)),
    _edge(S.ON_THE_WAY, W.SLOT_CHOSEN, S.ON_THE_WAY, does=(D.BOOK, D.RESTART)),
    _edge(S.ON_THE_WAY, W.WITHDREW, S.COMING_BACK, does=(D.WITHDRAW,)),
    _silent(S.ON_THE_WAY, Need.FIND),
    *_brought(S.MISSED),
    _edge(S.MISSED, W.SLOTS_OFFERED, None, does=(D.RESTART,)),
    _edge(S.MISSED, W.SLOT_CHOSEN, S.ON_THE_WAY, does=(D.BOOK,)),
    _edge(S.MISSED, W.CAME_BACK, S.TO_SCHEDULE, G.THIS_SERIAL, does=(D.NEW_BACK,)),
    _edge(S.MISSED, W.LOST, S.TO_SCHEDULE, G.NEW_LOST, does=(D.LOSE_NEW,)),
    _edge(S.MISSED, W.WITHDREW, S.COMING_BACK, does=(D.WITHDRAW,)),
    _silent(S.MISSED, Need.CALL),
    *_brought(S.COMING_BACK),
    _edge(
        S.COMING_BACK, W.CAME_BACK, S.WITHDRAWN, G.THIS_SERIAL, G.WITHDRAWN, G.OLD_HERE, does=(D.NEW_BACK, D.RELEASE)
    ),
    _edge(
        S.COMING_BACK,
        W.CAME_BACK,
        S.TO_SEND_BACK,
        G.THIS_SERIAL,
        G.WITHDRAWN,
        G.OLD_IN_SHOP,
        does=(D.NEW_BACK, D.RELEASE),
    ),
    _edge(S.COMING_BACK, W.CAME_BACK, S.TO_SCHEDULE, G.THIS_SERIAL, does=(D.NEW_BACK,)),
    _edge(S.COMING_BACK, W.LOST, S.WITHDRAWN, G.NEW_LOST, G.WITHDRAWN, G.OLD_HERE, does=(D.LOSE_NEW, D.RELEASE)),
    _edge(S.COMING_BACK, W.LOST, S.TO_SEND_BACK, G.NEW_LOST, G.WITHDRAWN, G.OLD_IN_SHOP, does=(D.LOSE_NEW, D.RELEASE)),
    _edge(S.COMING_BACK, W.LOST, S.TO_SCHEDULE, G.NEW_LOST, does=(D.LOSE_NEW,)),
    _edge(S.COMING_BACK, W.WITHDREW, S.COMING_BACK, does=(D.WITHDRAW,)),
    _silent(S.COMING_BACK, Need.FIND),
    # --- the old unit ------------------------------------------------------------------------------------------------
    _edge(S.OLD_OWED, W.COLLECTED, S.OLD_ON_THE_WAY, does=(D.TAKE_OLD,)),
    _edge(S.OLD_OWED, W.RECEIVED, S.TO_INSPECT, does=(D.OLD_IN,)),
    _edge(S.OLD_OWED, W.CAPTURED, S.SETTLED, G.WITHIN_SECURED, does=(D.CAPTURE, D.RELEASE)),
    _edge(S.OLD_OWED, W.WRITTEN_OFF, S.SETTLED, does=(D.LET_GO, D.RELEASE)),
    _silent(S.OLD_OWED, Need.FETCH),
    _edge(S.OLD_ON_THE_WAY, W.RECEIVED, S.TO_SEND_BACK, G.WITHDRAWN, G.NO_NEW, does=(D.OLD_IN,)),
    _edge(S.OLD_ON_THE_WAY, W.RECEIVED, S.TO_INSPECT, does=(D.OLD_IN,)),
    _edge(S.OLD_ON_THE_WAY, W.LOST, S.SETTLED, G.OLD_LOST, G.HAS_NEW, does=(D.LOSE_OLD, D.RELEASE)),
    _edge(S.OLD_ON_THE_WAY, W.LOST, S.REFUND_DUE, G.OLD_LOST, G.REFUNDS, does=(D.LOSE_OLD, D.OWE_REFUND, D.RELEASE)),
    _edge(S.OLD_ON_THE_WAY, W.LOST, S.REFUND_DUE, G.OLD_LOST, G.WITHDRAWN, does=(D.LOSE_OLD, D.OWE_REFUND, D.RELEASE)),
    _edge(S.OLD_ON_THE_WAY, W.LOST, S.TO_SCHEDULE, G.OLD_LOST, does=(D.LOSE_OLD,)),
    _edge(S.OLD_ON_THE_WAY, W.WITHDREW, None, G.NO_NEW, does=(D.WITHDRAW,)),
    _silent(S.OLD_ON_THE_WAY, Need.FIND),
    *_confirmed(S.TO_INSPECT, W.INSPECTED, G.CONFIRMS, does=(D.NOTE_VERDICT,)),
    _edge(S.TO_INSPECT, W.INSPECTED, S.TO_REVERSE, does=(D.NOTE_VERDICT,)),
    *_confirmed(S.TO_INSPECT, W.TIMED_OUT, G.THIS_STAGE, G.INSPECTION_SILENT),
    *_withdraws(S.TO_INSPECT),
    _silent(S.TO_INSPECT, Need.DECIDE),
    _edge(S.TO_REVERSE, W.REVERSED, S.TO_RECOVER, G.HAS_NEW, does=(D.NOTE_DECISION,)),
    _edge(S.TO_REVERSE, W.REVERSED, S.TO_SEND_BACK, does=(D.NOTE_DECISION,)),
    *_confirmed(S.TO_REVERSE, W.DECIDED, G.SAYS_YES, does=(D.NOTE_DECIDER,)),
    *_confirmed(S.TO_REVERSE, W.TIMED_OUT, G.THIS_STAGE, G.INSPECTION_SILENT),
    *_withdraws(S.TO_REVERSE),
    _silent(S.TO_REVERSE, Need.DECIDE),
    # --- reversed ----------------------------------------------------------------------------------------------------
    _edge(S.TO_RECOVER, W.CAPTURED, S.UNDONE, G.WITHIN_SECURED, does=(D.CAPTURE, D.RELEASE)),
    _edge(S.TO_RECOVER, W.CAME_BACK, S.TO_SEND_BACK, G.THIS_SERIAL, does=(D.NEW_BACK, D.RELEASE)),
    _edge(S.TO_RECOVER, W.WRITTEN_OFF, S.UNDONE, does=(D.RELEASE,)),
    _edge(S.TO_RECOVER, W.APPEALED, S.TO_REVIEW, G.ONCE, does=(D.APPEAL,)),
    _silent(S.TO_RECOVER, Need.FETCH),
    _edge(S.TO_SEND_BACK, W.SENT_BACK, S.WITHDRAWN, G.WITHDRAWN, does=(D.OLD_BACK, D.RELEASE)),
    _edge(S.TO_SEND_BACK, W.SENT_BACK, S.UNDONE, does=(D.OLD_BACK, D.RELEASE)),
    _silent(S.TO_SEND_BACK, Need.SHIP),
    _edge(S.NOT_COVERED, W.APPEALED, S.TO_REVIEW, G.ONCE, does=(D.APPEAL,)),
    _edge(S.UNDONE, W.APPEALED, S.TO_REVIEW, G.ONCE, G.OWES, does=(D.APPEAL,)),
    _edge(S.UNDONE, W.APPEALED, S.TO_REVIEW, G.ONCE, G.NO_NEW, G.OLD_HERE, does=(D.APPEAL,)),
    _edge(S.TO_REVIEW, W.DECIDED, S.UNDONE, G.OTHER_PERSON, G.SAYS_NO, G.OWES, does=(D.NOTE_DECIDER,)),
    _edge(S.TO_REVIEW, W.DECIDED, S.TO_RECOVER, G.OTHER_PERSON, G.SAYS_NO, G.HAS_NEW, does=(D.NOTE_DECIDER,)),
    _edge(S.TO_REVIEW, W.DECIDED, S.NOT_COVERED, G.OTHER_PERSON, G.SAYS_NO, does=(D.NOTE_DECIDER,)),
    _edge(S.TO_REVIEW, W.DECIDED, S.REFUND_DUE, G.OTHER_PERSON, G.OWES, does=(D.NOTE_DECIDER, D.OWE_CAPTURED)),
    _edge(S.TO_REVIEW, W.DECIDED, S.SETTLED, G.OTHER_PERSON, G.HAS_NEW, does=(D.NOTE_DECIDER, D.RELEASE)),
    *_granted(S.TO_REVIEW, W.DECIDED, G.OTHER_PERSON, does=(D.NOTE_DECISION,)),
    _silent(S.TO_REVIEW, Need.DECIDE),
    # --- money back, a repair ----------------------------------------------------------------------------------------
    _edge(S.REFUND_DUE, W.REFUNDED, S.REFUNDED),
    _silent(S.REFUND_DUE, Need.PAY),
    _edge(S.REPAIRING, W.REPAIRED, S.MENDED),
    _edge(S.REPAIRING, W.REPAIR_FAILED, S.TO_DECIDE, does=(D.REPLACE_INSTEAD,)),
    *_withdraws(S.REPAIRING),
    _silent(S.REPAIRING, Need.FIND),
)
"""What may happen at one stage, in the order in which edges are tried."""

ANYWHERE: tuple[Edge, ...] = (
    _edge(None, W.REPORTED, None, G.IS_OPEN),
    _edge(None, W.SHOWN, None, G.IS_OPEN),
    _edge(None, W.NETTED, None, G.IS_OPEN, does=(D.NET_REFUND,)),
    _edge(None, W.CALLED, None, G.IS_OPEN, does=(D.RESTART,)),
    _edge(None, W.HANDED_OVER, None, need=Need.LOOK),
    _edge(None, W.TAKEN_UP, None, does=(D.HEAR_PERSON,)),
    _edge(None, W.HOLD_RENEWED, None, G.IS_HELD, does=(D.RENEW,)),
    _edge(None, W.HOLD_LAPSED, None, G.IS_HELD, does=(D.LAPSE,), need=Need.RENEW),
    _edge(None, W.HELD, None, G.HAS_LAPSED, does=(D.SECURE,)),
    _edge(None, W.DEPOSITED, None, G.HAS_LAPSED, does=(D.SECURE,)),
    _edge(None, W.TIMED_OUT, None, G.HOLD_DUE, G.IS_HELD, need=Need.RENEW),
    _edge(None, W.CAME_BACK, None, G.RECALLED_BACK, does=(D.SECOND_BACK,)),
    _edge(None, W.LOST, None, G.NEW_LOST, G.IS_RECALLED, does=(D.LOSE_SECOND,)),
    _edge(None, W.TIMED_OUT, None, G.RECALL_DUE, need=Need.RECALL),
    _edge(None, W.CAME_BACK, None, G.LOST_BACK, does=(D.FIND_IN_STOCK,)),
    _edge(None, W.CLAIMED, None, G.NOT_ASKED, does=(D.ASK_SUPPLIER,)),
    _edge(None, W.RECOVERED, None, G.ASKED, does=(D.SUPPLIER_PAYS,)),
    _edge(None, W.SUPPLIER_REFUSED, None, G.ASKED, does=(D.SUPPLIER_REFUSES,)),
    _edge(None, W.TIMED_OUT, None, G.SUPPLIER_DUE, need=Need.CHASE),
)
"""What may happen at every stage; tried after the stage's own."""

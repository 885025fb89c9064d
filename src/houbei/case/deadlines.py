"""Deadlines: by when what must have happened in a case. A stage that nobody moves has one, or a person has it on their list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from houbei.case.stages import Case, Need, Rules, Secured, Stage

AGAIN_US = 86_400_000_000
"""How long a person who has it in hand is left alone."""
HOLD, SUPPLIER, RECALL = "hold", "supplier", "recall"
"""Deadlines that do not belong to a stage."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Deadline:
    """`kind` is a stage or one of `HOLD`, `SUPPLIER`, `RECALL`: what a `timed_out` step names."""

    at_us: int
    kind: str


_LENGTHS: Mapping[Stage, Callable[[Rules], int]] = MappingProxyType(
    {
        Stage.REPORTED: lambda _rules: 0,
        Stage.EVIDENCE_WANTED: lambda rules: rules.choose_us,
        Stage.TO_DECIDE: lambda rules: rules.decide_us,
        Stage.SECURING: lambda rules: rules.choose_us,
        Stage.TO_SCHEDULE: lambda rules: rules.choose_us,
        Stage.NO_STOCK: lambda rules: rules.stock_us,
        Stage.CHOOSING: lambda rules: rules.choose_us,
        Stage.PAYING_UP: lambda rules: rules.choose_us,
        Stage.MISSED: lambda rules: rules.choose_us,
        Stage.COMING_BACK: lambda rules: rules.travel_us,
        Stage.OLD_OWED: lambda rules: rules.return_us,
        Stage.OLD_ON_THE_WAY: lambda rules: rules.travel_us,
        Stage.TO_INSPECT: lambda rules: rules.inspect_us,
        Stage.TO_REVERSE: lambda rules: rules.decide_us,
        Stage.TO_REVIEW: lambda rules: rules.decide_us,
        Stage.TO_RECOVER: lambda rules: rules.return_us,
        Stage.TO_SEND_BACK: lambda rules: rules.travel_us,
        Stage.REFUND_DUE: lambda rules: rules.pay_us,
        Stage.REPAIRING: lambda rules: rules.repair_us,
    }
)
"""How long each stage may last."""
_BY_SLOT = frozenset({Stage.SCHEDULED, Stage.ON_THE_WAY})
"""Stages that may last until the slot that was chosen is over."""
_STAGE_NEEDS = frozenset({Need.DECIDE, Need.CALL, Need.SHIP, Need.FIND, Need.FETCH, Need.PAY})


def deadlines_of(case: Case, *, rules: Rules) -> Iterator[Deadline]:
    """Give every deadline of a case that no person has on their list already.

    One that had passed when somebody said that they have it in hand comes again `AGAIN_US` later; one still to come is not put off by that.
    """
    for deadline in _passing(case, rules):
        passed = deadline.at_us <= case.heard_us
        yield Deadline(at_us=case.heard_us + AGAIN_US, kind=deadline.kind) if passed else deadline


def _passing(case: Case, rules: Rules) -> Iterator[Deadline]:
    if _STAGE_NEEDS.isdisjoint(case.needs):
        if case.stage in _LENGTHS:
            yield Deadline(at_us=case.since_us + _LENGTHS[case.stage](rules), kind=case.stage.value)
        elif case.stage in _BY_SLOT:
            yield Deadline(at_us=max(case.stop_us, case.since_us), kind=case.stage.value)
        elif case.stage is Stage.READY:
            yield Deadline(at_us=max(case.slot_us, case.since_us), kind=case.stage.value)
    if case.secured is Secured.HOLD and Need.RENEW not in case.needs:
        yield Deadline(at_us=case.secured_us + rules.hold_us, kind=HOLD)
    if case.claimed_minor and Need.CHASE not in case.needs:
        yield Deadline(at_us=case.claimed_us + rules.supplier_us, kind=SUPPLIER)
    if case.recalled and Need.RECALL not in case.needs:
        yield Deadline(at_us=case.recalled_us + rules.travel_us, kind=RECALL)


def next_deadline(case: Case, *, rules: Rules) -> Deadline | None:
    """Give the first deadline of a case; None where it has none."""
    return min(deadlines_of(case, rules=rules), default=None)

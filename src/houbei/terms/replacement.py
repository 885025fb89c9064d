"""What a document of the kinds replacement and return promises beyond scope and window, as values.

Whose turn it is, and for how long, stands here too: a case under the promise reads its deadlines from this and from nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum

from houbei.terms.expressions import Condition
from houbei.terms.lengths import Length


class Gives(StrEnum):
    """What a confirmed fault, or a return, is worth to the buyer."""

    REPLACE = "replace"
    REFUND = "refund"
    REPAIR = "repair"


class Way(StrEnum):
    """Which unit moves first."""

    ADVANCE = "advance"
    """The new one: it may be there before the old one is back."""
    AFTER_RETURN = "after_return"
    """The old one."""


class Security(StrEnum):
    """What stands for the old unit while a new one was sent ahead."""

    NONE = "none"
    DEPOSIT = "deposit"
    CARD_HOLD = "card_hold"
    TRUST = "trust"


class OnSilence(StrEnum):
    """What it means that somebody who must decide let the time pass."""

    ACCEPT = "accept"
    """It is decided for the buyer."""
    PERSON = "person"
    """It is put before a person of the shop."""


class AfterSwap(StrEnum):
    """What becomes of the window when a unit was swapped."""

    RESTART = "restart"
    INHERIT = "inherit"
    END = "end"


class Decided(StrEnum):
    """Who decides on a fault of a sort."""

    AUTOMATIC = "automatic"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A sort of fault: its code in reports, what buyers call it, what they show of it, who decides, and the clause.

    `evidence` holds kinds among photo, video and report (one by the maker or a service).
    """

    code: str
    zh: str
    en: str
    evidence: tuple[str, ...]
    decided: Decided
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What a promise gives for a unit that is faulty, or that goes back, and how it is carried out.

    `gives` is in the order in which the buyer may have the remedies; the first is done unasked. `faults` empty means that every fault
    counts; what is then shown of it is `evidence`. `excluded` is never covered, whether it is reported or found. `intact` asks that
    the unit is as it was. `security_limit` is decimal text in major units, None for the value of the unit. `unavailable` holds
    `other_model` and `refund` in the order in which they are offered where the model cannot be had; `other_model_limit` is `paid`
    where another model is set against all that was paid for the unit, None where against what a refund of it would be. `uses` is how many swaps of one bought unit it gives, None for any number. `claims_where` is a condition on the report.
    """

    gives: tuple[Gives, ...]
    remedy_clause: str
    faults: tuple[Fault, ...]
    faults_clause: str
    excluded: tuple[Fault, ...]
    evidence: tuple[str, ...]
    claims_where: Condition | None
    claims_clause: str
    intact: bool
    intact_clause: str
    serial_must_match: bool
    serial_clause: str
    inspection_by: str
    inspection_sla: Length
    on_silence: OnSilence
    inspection_clause: str
    decide_sla: Length
    choose_sla: Length
    return_sla: Length
    stock_wait: Length
    way: Way
    security: Security
    security_limit: str | None
    hold_lasts: Length
    unavailable: tuple[str, ...]
    pay_up: bool
    pay_down: bool
    other_model_limit: str | None
    other_model_clause: str
    refund_net_of_price_protection: bool
    after_swap: AfterSwap
    uses: int | None
    uses_clause: str

    def fault(self, code: str) -> Fault | None:
        """Give the fault of a code, among those that count and those that are excluded; None where the document has none."""
        return next((fault for fault in (*self.faults, *self.excluded) if fault.code == code), None)

    def evidence_of(self, code: str) -> tuple[str, ...]:
        """Give what the buyer shows of a fault: the fault's own evidence, or the promise's where the fault is not listed."""
        fault = self.fault(code)
        return self.evidence if fault is None else fault.evidence

    def decided_of(self, code: str) -> Decided:
        """Give who decides on a fault: the fault's own answer; one that is not listed needs a person where evidence is asked for."""
        fault = self.fault(code)
        return decided_by(self.evidence) if fault is None else fault.decided


def decided_by(evidence: tuple[str, ...]) -> Decided:
    """Give who decides where a document does not say: a person looks at evidence, and nobody need look where there is none."""
    return Decided.PERSON if evidence else Decided.AUTOMATIC

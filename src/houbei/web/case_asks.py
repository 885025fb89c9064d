"""What a case asks of a person, one thing at a time: which it is, by when, and how a clerk carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from houbei.case.deadlines import HOLD, RECALL, SUPPLIER, deadlines_of
from houbei.case.stages import Case, Need, Old, Remedy, Rules, Secured, Stage

_BY_STAGE = MappingProxyType({Stage.TO_DECIDE: "decide", Stage.TO_REVERSE: "reverse", Stage.TO_REVIEW: "review"})
"""Stages that a person's decision ends: they ask from their first moment on."""
_ORDER = (
    (Need.DECIDE, "verdict"),
    (Need.PAY, "pay"),
    (Need.RENEW, "renew"),
    (Need.FETCH, "fetch"),
    (Need.SHIP, "ship"),
    (Need.CALL, "call"),
    (Need.FIND, "find"),
    (Need.RECALL, "recall"),
    (Need.CHASE, "chase"),
    (Need.LOOK, "look"),
)
"""What a case can need, the gravest first: one is asked at a time."""
_ELSEWHERE = MappingProxyType(
    {
        ("ship", Stage.TO_SEND_BACK): "send_back",
        ("find", Stage.REPAIRING): "mend",
        ("fetch", Stage.TO_RECOVER): "recover",
    }
)
"""The same need at a stage where it means something else."""
_DEADLINE = MappingProxyType({"renew": HOLD, "chase": SUPPLIER, "recall": RECALL})

_GRANT = ("answer {case} --say {remedy} --reason TEXT", "answer {case} --say no --reason TEXT")
_KEEP = (
    "capture-hold {case} --amount AMOUNT --reason TEXT",
    "capture {case} --amount AMOUNT --reference REFERENCE",
    "write-off {case} --reason TEXT",
)
_COMMANDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "decide": _GRANT,
        "review": _GRANT,
        "reverse": ("answer {case} --say {remedy} --reason TEXT", "reverse {case} --reason TEXT"),
        "verdict": ("inspect {case} --verdict confirmed",),
        "call": ("call {case} --outcome TEXT",),
        "ship": ("dispatch {case}",),
        "send_back": ("sent-back {case}",),
        "mend": ("repaired {case}", "repair-failed {case} --reason TEXT"),
        "fetch": ("collected {case} --old {old}", *_KEEP),
        "recover": ("came-back {case} --serial {new}", *_KEEP),
        "renew": ("renew {case} --reference REFERENCE",),
        "renew_lapsed": ("hold {case} --amount AMOUNT --reference REFERENCE",),
        "chase": ("recovered {case} --amount AMOUNT", "supplier-refused {case} --reason TEXT"),
        "recall": ("came-back {case} --serial {recalled}",),
        "look": ("take {case}",),
        "find_scheduled": ("collected {case} --old {old}",),
        "find_scheduled_new": ("reserve {case} --serial SERIAL",),
        "find_on_the_way": (
            "swapped {case} --old {old} --new {new}",
            "delivered {case} --new {new}",
            "lost {case} --which new",
        ),
        "find_coming_back": ("came-back {case} --serial {new}", "lost {case} --which new"),
        "find_old_on_the_way": ("receive {case} --serial {old}", "lost {case} --which old"),
    }
)
"""How each is carried out with `houbei case`, the recommended way first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing that a case asks: its name, and by when it is or was to be done; `by_us` None where it has no deadline."""

    name: str
    by_us: int | None


def asks_of(case: Case, rules: Rules) -> list[Asked]:
    """Say what a case asks of a person, the gravest first."""
    names = [_BY_STAGE[case.stage]] if case.stage in _BY_STAGE else []
    names += [name for need, name in _ORDER if need in case.needs and not (names and need is Need.DECIDE)]
    # A deadline that somebody has on their list is no longer waited for; here it still says by when.
    due = {deadline.kind: deadline.at_us for deadline in deadlines_of(replace(case, needs=()), rules=rules)}
    return [
        Asked(
            name=_ELSEWHERE.get((name, case.stage), name),
            by_us=None if name == "look" else due.get(_DEADLINE.get(name, case.stage.value)),
        )
        for name in names
    ]


def ask_of(case: Case, rules: Rules) -> Asked | None:
    """Say what a case asks of a person first; None where it asks nothing."""
    return next(iter(asks_of(case, rules)), None)


def commands_of(name: str, case: Case, *, case_id: str, serial: str) -> tuple[str, ...]:
    """Give the commands that carry out what is asked, the recommended first; words in capitals are for whoever does it to fill in.

    Args:
        name: What is asked.
        case: How the case stands.
        case_id: Its number.
        serial: What the old unit was reported under.
    """
    shapes = _COMMANDS.get(_way(name, case), ())
    if case.secured not in {Secured.HOLD, Secured.DEPOSIT}:
        shapes = tuple(shape for shape in shapes if not shape.startswith("capture"))
    elif case.secured is not Secured.HOLD:
        shapes = tuple(shape for shape in shapes if not shape.startswith("capture-hold"))
    values = {
        "case": case_id,
        "remedy": case.remedy.value if case.remedy in {Remedy.REFUND, Remedy.REPAIR} else Remedy.REPLACE.value,
        "old": serial or "SERIAL",
        "new": case.new_serial or "SERIAL",
        "recalled": case.recalled_serial or "SERIAL",
    }
    return tuple(f"houbei case {shape.format(**values)} --as NAME --role ROLE" for shape in shapes)


def _way(name: str, case: Case) -> str:
    """Where the same thing is done in several ways, which of them fits the case."""
    if name == "renew" and case.secured is Secured.LAPSED:
        return "renew_lapsed"
    if name != "find":
        return name
    brings = case.stage is Stage.SCHEDULED and (case.advance or case.old is not Old.WITH_BUYER)
    return f"find_{case.stage.value}" + ("_new" if brings else "")

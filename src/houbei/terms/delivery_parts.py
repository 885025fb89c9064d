"""The parts of a document of the kind delivery_promise, read into what it promises."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from houbei.errors import TermsError
from houbei.terms.delivery import Arrival, CutOff, Effect, Excuse, Form, Made, Of, Pay, Per, Reaches, Tier
from houbei.terms.model import Anchor, Roll, Window
from houbei.terms.reading import Document, Part, texts_of

_PERCENT = Fraction(1, 100)
_RATIO_MAX = 10_000
"""Numerators and denominators of shares stay below this, so that amounts stay within 64 bits."""
_SECOND_US = 1_000_000
_MOMENTS = {Reaches.HANDED_OVER: "shipped", Reaches.DELIVERED: "delivered", Reaches.INSTALLED: "installed"}


def read_arrival(full: Part, document: Document) -> Arrival:
    """Read what a document promises beyond its scope.

    Args:
        full: The whole document, typed and with its defaults.
        document: Where it is from.

    Raises:
        TermsError: Something in it cannot be, such as a table whose hours do not ascend.
    """
    promise, per_major = full["promise"], full["remedy"].get("points", {}).get("per_major", 0)
    made = _made(promise, document)
    excuses = tuple(_excuse(excuse, document, number) for number, excuse in enumerate(full["excused"]))
    _check_once([excuse.code for excuse in excuses], document)
    return Arrival(
        made=made,
        within=document.length(promise, "promise", "within"),
        after=tuple(_fact(fact, document) for fact in promise["after"]) if made is not Made.SHOWN else (),
        cut_offs=_cut_offs(promise.get("cut_offs", ()), document),
        reaches=Reaches(promise["reaches"]),
        attempt_counts=promise["attempt_counts"],
        promise_clause=document.clause(promise, "promise"),
        slot_clause=document.cited(promise, "promise", "slot_clause"),
        per=Per(full["per"]),
        tiers=_tiers(full["breach"], document, per_major=per_major),
        excuses=excuses,
        dispute_clause=document.clause(full["dispute"], "dispute"),
        points_per_major=per_major,
        wait_for_scans_us=_exact_us(full["remedy"], document, "remedy", "wait_for_scans"),
    )


def window_of_arrival(full: Part, document: Document) -> Window:
    """Give the window of a promise of arrival: from payment until it is there; its calendar rolls the last day of `within`."""
    calendar = full["calendar"]
    return Window(
        opens=Anchor(facts=("paid",)),
        closes_after=Anchor(facts=(_MOMENTS[Reaches(full["promise"]["reaches"])],)),
        length=None,
        calendar_id=calendar.get("id"),
        roll=Roll(calendar["roll"]),
        clause=document.clause(full["promise"], "promise"),
    )


def _made(promise: Part, document: Document) -> Made:
    given = [made for made in (Made.WITHIN, Made.CUT_OFFS) if made in promise]
    made = Made(promise.get("made", given[0] if given else Made.SHOWN))
    wanted = [] if made is Made.SHOWN else [made]
    if given != wanted:
        raise TermsError(
            came=f"made: {made} with {' and '.join(given) or 'neither within nor cut_offs'}",
            where=document.at("promise"),
            expected="within for made: within, cut_offs for made: cut_offs, and neither for made: shown",
            todo="Correct one of them.",
        )
    return made


def _fact(fact: str, document: Document) -> str:
    if fact.endswith("_at"):
        raise TermsError(
            came=f"the fact {fact}",
            where=document.at("promise", "after"),
            expected="the name of what happened, without _at",
            todo=f"Write {fact.removesuffix('_at')}.",
        )
    return fact


def _cut_offs(rows: Any, document: Document) -> tuple[CutOff, ...]:
    found = tuple(
        CutOff(
            before_us=_clock_us(row["before"]),
            days=row["arrives"]["days"],
            by_us=_clock_us(row["arrives"]["by"]),
        )
        for row in rows
    )
    for number, (one, after) in enumerate(pairwise(found), start=1):
        if after.before_us <= one.before_us:
            raise TermsError(
                came="a cut-off that is not after the one above it",
                where=document.at("promise", "cut_offs", number, "before"),
                expected="times of day that ascend",
                todo="Put them in the order of the day.",
            )
    for number, one in enumerate(found):
        if one.days == 0 and one.by_us <= one.before_us:
            raise TermsError(
                came="an arrival that may have passed when the order is placed",
                where=document.at("promise", "cut_offs", number, "arrives"),
                expected="a time after the cut-off, or a later day",
                todo="Correct days or by.",
            )
    return found


def _clock_us(text: str) -> int:
    hours, minutes, seconds = (int(part) for part in f"{text}:00".split(":")[:3])
    return (hours * 3600 + minutes * 60 + seconds) * _SECOND_US


def _exact_us(part: Part, document: Document, *path: str | int) -> int:
    length = document.length(part, *path)
    if length is None or length.exact_us is None:
        raise TermsError(
            came=f"“{part[str(path[-1])]}”, which days end at a midnight",
            where=document.at(*path),
            expected="an exact length such as PT16H",
            todo="Write hours: a day is PT24H.",
        )
    return length.exact_us


def _tiers(rows: Any, document: Document, *, per_major: int) -> tuple[Tier, ...]:
    found: list[Tier] = []
    for number, row in enumerate(rows):
        over_us = _exact_us(row, document, "breach", number, "over")
        if found and over_us <= found[-1].over_us:
            raise TermsError(
                came=f"over: {row['over']}, not later than the one above it",
                where=document.at("breach", number, "over"),
                expected="lengths that ascend",
                todo="Put the table in the order of lateness, each length once.",
            )
        pays = tuple(_pays(row["pay"], document, number, per_major=per_major))
        found.append(Tier(over_us=over_us, pays=pays, clause=document.clause(row, "breach", number)))
    return tuple(found)


def _pays(said: Any, document: Document, tier: int, *, per_major: int) -> list[Pay]:
    if isinstance(said, str):
        return [Pay(of=Of.FIXED, amount=said)]
    return [_pay(pay, document, tier, number, per_major=per_major) for number, pay in enumerate(said)]


def _pay(pay: Part, document: Document, tier: int, number: int, *, per_major: int) -> Pay:
    where = document.at("breach", tier, "pay", number)
    _check_pay(pay, where)
    if "points" in pay:
        return Pay(of=Of.FIXED, form=Form.POINTS, amount=str(pay["points"]))
    form = Form(pay["as"])
    if form is Form.POINTS and not per_major:
        raise TermsError(
            came="money paid as points",
            where=where,
            expected="remedy.points.per_major, which says how many points a major unit is",
            todo="Add it, or pay a fixed number of points.",
        )
    if "amount" in pay:
        return Pay(of=Of.FIXED, form=form, amount=pay["amount"])
    if "slot_fee" in pay:
        return Pay(of=Of.SLOT_FEE, form=form)
    return Pay(
        of=Of(pay.get("of", Of.LINES)),
        form=form,
        part=_share(pay["percent"], where),
        floor=pay.get("floor"),
        cap=pay.get("cap"),
    )


def _check_pay(pay: Part, where: str) -> None:
    """What only some sorts of payment may say."""
    beside = [key for key in ("of", "floor", "cap") if key in pay and "percent" not in pay]
    if pay["as"] == Form.POINTS and ("points" in pay or "amount" in pay):
        beside.append("as: points")
    if beside:
        raise TermsError(
            came=f"{beside[0]} beside {next(key for key in ('amount', 'points', 'slot_fee') if key in pay)}",
            where=where,
            expected="of, floor and cap with percent alone; as with percent or slot_fee",
            todo=f"Remove {beside[0].partition(':')[0]}.",
        )
    if pay.get("slot_fee") is False:
        raise TermsError(came="slot_fee: false", where=where, expected="slot_fee: true", todo="Remove the payment.")
    if "floor" in pay and "cap" in pay and Fraction(pay["floor"]) > Fraction(pay["cap"]):
        raise TermsError(
            came=f"a floor of {pay['floor']} above a cap of {pay['cap']}",
            where=where,
            expected="a floor of at most the cap",
            todo="Correct one of the two.",
        )


def _share(percent: str, where: str) -> Fraction:
    part = Fraction(percent) * _PERCENT
    if not part or max(part.numerator, part.denominator) > _RATIO_MAX:
        raise TermsError(
            came=f"{percent} percent",
            where=where,
            expected=f"more than nothing, in a ratio whose parts are at most {_RATIO_MAX}",
            todo="Write it with fewer digits.",
        )
    return part


def _excuse(excuse: Part, document: Document, number: int) -> Excuse:
    return Excuse(
        code=excuse["code"],
        **texts_of(excuse["text"]),
        effect=Effect(excuse["effect"]),
        evidence=excuse["evidence"] == "required",
        clause=document.clause(excuse, "excused", number),
    )


def _check_once(codes: list[str], document: Document) -> None:
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise TermsError(
            came=f"the excuse {twice[0]} twice",
            where=document.at("excused"),
            expected="each code once",
            todo="Remove one of them.",
        )

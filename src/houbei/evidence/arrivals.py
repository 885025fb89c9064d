"""Why a delivery is owed what it is owed: conclusion, clause, facts, sum, as for a price; and as lines for a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass

from houbei.evidence.amounts import amount_text
from houbei.evidence.wording import moment_text
from houbei.money import POINTS
from houbei.owed.delivery import Verdict
from houbei.terms.model import Clause, Terms

_MINUTE_US = 60_000_000
"""What has not come by now had not come a minute ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFacts:
    """A promise that was shown: by its id, when, by when (`from_us` None where it is a day), by whom it was asked for, and whether it counts."""

    promise_id: str
    shown_us: int
    from_us: int | None
    by_us: int
    by_buyer: bool
    fee_minor: int
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFacts:
    """What was told of a parcel; `disputes` is the scan that it is about, '' for none, `person` who says so, '' where nobody is to be named."""

    scan_id: str
    at_us: int
    what: str
    told_by: str
    parcel_id: str
    disputes: str
    evidence: str
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureFacts:
    """The named event that excuses a delivery or moved its deadline; `until_us` is None while it lasts."""

    closure_id: str
    zh: str
    en: str
    from_us: int
    until_us: int | None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LateStep:
    """One rise of what is owed: when, because it was late by more than `over_us`, how much of what (`POINTS` or a currency), by which clause."""

    at_us: int
    over_us: int
    amount: int
    unit: str
    clause: str
    held: bool
    parcel_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalTrail:
    """Why one delivery is owed what it is owed under one document. Moments are µs UTC, None where there is none."""

    delivery_id: str
    order_id: str
    terms: Terms
    verdict: Verdict
    clause: Clause
    currency: str
    promised_us: int | None
    by_us: int | None
    arrived_us: int | None
    as_of_us: int
    provisional: bool
    chance_permille: int | None
    shown: tuple[ShownFacts, ...]
    scans: tuple[ScanFacts, ...]
    closure: ClosureFacts | None
    steps: tuple[LateStep, ...]

    def total(self, *, points: bool, held: bool = False) -> int:
        """What is owed in all, or held, in points or in money."""
        return sum(step.amount for step in self.steps if (step.unit == POINTS) == points and step.held == held)


_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "head": "{delivery}，订单{order}：{title}（{term} 第{version}版），时间按 {zone}",
        "conclusion": "结论",
        "clause": "条款",
        "facts": "事实",
        "sum": "算式",
        "none": "没有给出过送达承诺。",
        "open": "还没有送到，也还没有迟到。最迟{by}。",
        "kept": "按时送到：{arrived}，承诺{by}之前。",
        "late": "迟到：承诺{by}之前，{arrived}。{owed}",
        "excused": "承诺{by}之前，{arrived}，但有条款所列的事由，不赔。",
        "disputed": "承运方说{arrived}，买家说没有。{held}待人工核对。",
        "ended": "订单在承诺到期之前取消了，不赔。",
        "arrived": "{at}送到",
        "not_there": "到{at}还没有送到",
        "owed": "应赔{amount}。",
        "nothing_yet": "还没有到赔付的时限。",
        "day": "{shown}向买家显示：{by}之前送到",
        "slot": "{shown}向买家显示：{begins}至{by}送到",
        "moved": "{shown}买家改约：{by}之前送到",
        "counts": "（以此为准）",
        "fee": "，时段费{fee}",
        "scan": "{at} {what}（{who}，{id}）",
        "of_parcel": "，包裹{parcel}",
        "disputes": "，针对{scan}",
        "evidence": "，凭据{evidence}",
        "closure": "{name}：{begins}起{until}（{id}）",
        "until": "，至{at}",
        "lasting": "，尚未结束",
        "step": "{at}  迟到超过{over}：{amount}  {clause}",
        "step_now": "{at}  迟到：{amount}  {clause}",
        "held_mark": "（待人工核对）",
        "provisional": "这个日期是暂定的：那一年的放假安排还没有公布。",
        "chance": "下单时估计的准时可能：{chance}‰",
        "points": "{points}积分",
        "and": "和",
        "stop": "时钟暂停中",
        "nothing": "没有",
    },
    "en": {
        "head": "{delivery}, order {order}: {title} ({term}, version {version}), times in {zone}",
        "conclusion": "Conclusion",
        "clause": "Clause",
        "facts": "Facts",
        "sum": "Sum",
        "none": "No promise of arrival was given.",
        "open": "It is not there yet, and not late yet: it has until {by}.",
        "kept": "It came in time: {arrived}, promised before {by}.",
        "late": "It is late: promised before {by}, {arrived}. {owed}",
        "excused": "Promised before {by}, {arrived}; an event that the terms name excuses it, nothing is owed.",
        "disputed": "The carrier says it {arrived}; the buyer says it did not. Held until a person has looked: {held}.",
        "ended": "The order was cancelled before the promise passed; nothing is owed.",
        "arrived": "arrived {at}",
        "not_there": "not there by {at}",
        "owed": "Owed: {amount}.",
        "nothing_yet": "Nothing is owed for so little yet.",
        "day": "shown to the buyer {shown}: there before {by}",
        "slot": "shown to the buyer {shown}: from {begins} to {by}",
        "moved": "moved by the buyer {shown}: there before {by}",
        "counts": " (this one counts)",
        "fee": ", slot fee {fee}",
        "scan": "{at} {what} ({who}, {id})",
        "of_parcel": ", parcel {parcel}",
        "disputes": ", about {scan}",
        "evidence": ", evidence {evidence}",
        "closure": "{name}: from {begins}{until} ({id})",
        "until": " until {at}",
        "lasting": ", not over yet",
        "step": "{at}  more than {over} late: {amount}  {clause}",
        "step_now": "{at}  late: {amount}  {clause}",
        "held_mark": " (held until a person has looked)",
        "provisional": "The date is provisional: the holidays of that year were not announced.",
        "chance": "chance of keeping it, as estimated at checkout: {chance} in 1000",
        "points": "{points} points",
        "and": " and ",
        "stop": "the clock stands still",
        "nothing": "nothing",
    },
}
_WHATS_ZH = {
    "packed": "打包",
    "handed_over": "揽收",
    "moved": "运输中",
    "out_for_delivery": "派送中",
    "attempted": "上门未遇",
    "delivered": "签收",
    "installed": "安装",
    "lost": "丢失",
    "sent_back": "退回途中",
    "disputed": "买家有异议",
    "upheld": "核对后支持买家",
    "dismissed": "核对后维持原记录",
}
_TELLERS_ZH = {"carrier": "承运方", "courier": "配送员", "buyer": "买家", "shop": "商店", "warehouse": "仓库"}
_HOUR_US, _MINUTE_US, _SECOND_US = 3_600_000_000, 60_000_000, 1_000_000


def arrival_lines(trail: ArrivalTrail, language: str) -> list[str]:
    """Lay a trail out, one entry a line of the terminal: conclusion, clause, facts, sum, always in this order."""
    words = _WORDS[language]
    title, clause = trail.terms.title[language], trail.clause.zh if language == "zh" else trail.clause.en
    head = words["head"].format(
        delivery=trail.delivery_id,
        order=trail.order_id,
        title=title,
        term=trail.terms.term,
        version=trail.terms.version,
        zone=trail.terms.zone,
    )
    sections = {
        "conclusion": [conclude_arrival(trail, language)],
        "clause": [f"{trail.clause.id}: {clause}"],
        "facts": list(_facts(trail, language)),
        "sum": [_step(step, trail, words) for step in trail.steps],
    }
    return [head, *(line for name, lines in sections.items() for line in _section(words[name], lines))]


def conclude_arrival(trail: ArrivalTrail, language: str) -> str:
    """Say in one sentence what a delivery came to."""
    words, zone = _WORDS[language], trail.terms.zone
    at = trail.arrived_us
    arrived = (
        words["not_there"].format(at=moment_text(trail.as_of_us - trail.as_of_us % _MINUTE_US, zone))
        if at is None
        else words["arrived"].format(at=moment_text(at, zone))
    )
    by = words["stop"] if trail.by_us is None else moment_text(trail.by_us, zone)
    owed = amounts_owed(trail, language)
    return words[trail.verdict.name.lower()].format(
        by=by,
        arrived=arrived,
        owed=words["owed"].format(amount=owed) if owed else words["nothing_yet"],
        held=amounts_owed(trail, language, held=True) or words["nothing"],
    )


def amounts_owed(trail: ArrivalTrail, language: str, *, held: bool = False) -> str:
    """Write what a delivery is owed, or what of it is held: money, points or both; nothing where it is nothing."""
    money, points = trail.total(points=False, held=held), trail.total(points=True, held=held)
    return amounts_text(money, points, trail.currency, language)


def amounts_text(money: int, points: int, currency: str, language: str) -> str:
    """Write an amount of money and of points; nothing for nothing."""
    words = _WORDS[language]
    parts = [f"{currency} {amount_text(money, currency)}"] if money else []
    parts += [words["points"].format(points=amount_text(points, POINTS))] if points else []
    return words["and"].join(parts)


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _facts(trail: ArrivalTrail, language: str) -> Iterator[str]:
    words, zone = _WORDS[language], trail.terms.zone
    yield from (_shown(one, trail, words) for one in trail.shown)
    if trail.provisional:
        yield words["provisional"]
    if trail.chance_permille is not None:
        yield words["chance"].format(chance=trail.chance_permille)
    yield from (_scan(one, zone, language) for one in trail.scans)
    if trail.closure is not None:
        one = trail.closure
        until = words["lasting"] if one.until_us is None else words["until"].format(at=moment_text(one.until_us, zone))
        said = words["closure"].format(
            name=one.zh if language == "zh" else one.en,
            begins=moment_text(one.from_us, zone),
            until=until,
            id=one.closure_id,
        )
        yield said + (words["evidence"].format(evidence=one.evidence) if one.evidence else "")


def _shown(one: ShownFacts, trail: ArrivalTrail, words: dict[str, str]) -> str:
    zone = trail.terms.zone
    key = "moved" if one.by_buyer else "day" if one.from_us is None else "slot"
    begins = "" if one.from_us is None else moment_text(one.from_us, zone)
    said = words[key].format(shown=moment_text(one.shown_us, zone), begins=begins, by=moment_text(one.by_us, zone))
    if one.fee_minor:
        said += words["fee"].format(fee=f"{trail.currency} {amount_text(one.fee_minor, trail.currency)}")
    return said + (words["counts"] if one.counts else "")


def _scan(one: ScanFacts, zone: str, language: str) -> str:
    words = _WORDS[language]
    what = _WHATS_ZH[one.what] if language == "zh" else one.what.replace("_", " ")
    who = _TELLERS_ZH[one.told_by] if language == "zh" else one.told_by
    by = f"{who} {one.person}".rstrip()
    said = words["scan"].format(at=moment_text(one.at_us, zone), what=what, who=by, id=one.scan_id)
    if one.parcel_id:
        said += words["of_parcel"].format(parcel=one.parcel_id)
    if one.disputes:
        said += words["disputes"].format(scan=one.disputes)
    return said + (words["evidence"].format(evidence=one.evidence) if one.evidence else "")


def _step(step: LateStep, trail: ArrivalTrail, words: dict[str, str]) -> str:
    money = f"{step.unit} {amount_text(step.amount, step.unit)}"
    amount = words["points"].format(points=amount_text(step.amount, POINTS)) if step.unit == POINTS else money
    said = words["step" if step.over_us else "step_now"].format(
        at=moment_text(step.at_us, trail.terms.zone), over=_length(step.over_us), amount=amount, clause=step.clause
    )
    if step.parcel_id:
        said += words["of_parcel"].format(parcel=step.parcel_id)
    return said + (words["held_mark"] if step.held else "")


def _length(us: int) -> str:
    """Write a length as hours, minutes and seconds: `16:00:00` is sixteen hours."""
    return f"{us // _HOUR_US}:{us % _HOUR_US // _MINUTE_US:02}:{us % _MINUTE_US // _SECOND_US:02}"

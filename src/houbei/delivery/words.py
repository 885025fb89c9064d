"""Promises of arrival and their reasons in Chinese and English."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from houbei.delivery.candidates import Refused
from houbei.delivery.reasons import Code, Figure, Reason
from houbei.money import text_of

LANGUAGES = ("zh", "en")
_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_FIGURES = frozenset({"day", "first_day", "last_day", "until", "handled", "delivered"})

_ZH: dict[Code, str] = {
    Code.IN_TIME: "{day} {cut_off}截单前下单，{origin}仓当天处理。",
    Code.CUT_OFF_PASSED: "{day} {cut_off}已截单，{origin}仓{handled}处理。",
    Code.NOT_HANDLED: "{origin}仓{day}不处理这类订单，{handled}处理。",
    Code.HANDLING: "{origin}仓备货要{days}个处理日。",
    Code.PICK_UP_WAITS: "承运商从{first_day}起不揽收，{day}揽收。",
    Code.LEAD_TIME: "路上按{days}个{counts}算：1000单里至少{chance_permille}单按时到（{basis}）。",
    Code.CARRIER_RESTS: "承运商{first_day}至{last_day}不{leg}。",
    Code.WORKS_THROUGH: "承运商放假期间照常：{first_day}至{last_day}，共{days}天。",
    Code.MAKE_UP_DAY: "{day}是调休上班日，承运商上班，计入时效。",
    Code.SUSPENDED: "{region}从{first_day}起停运，{until}恢复。",
    Code.INSTALLERS_REST: "{first_day}至{last_day}不上门安装。",
    Code.INSTALLATION: "{delivered}送到，{day}安装好。",
    Code.SLOT: "预约时段{slot}，费用{fee}。",
    Code.FULL: "从{day}起有{days}天约满了。",
    Code.SLOWEST: "{parcels}件一起承诺，按最慢的一件算（从{origin}仓发出）。",
    Code.SURCHARGE: "揽收当天承运商加价：{amount}（来源：{source}）。",
    Code.PROVISIONAL: "暂定：{year}年的放假安排还没公布（日历{calendar}，版本{version}）。公布后不会推迟已经给出的承诺。",
}
_EN: dict[Code, str] = {
    Code.IN_TIME: "Ordered before the cut-off at {cut_off} on {day}: the warehouse {origin} handles it that day.",
    Code.CUT_OFF_PASSED: "The cut-off at {cut_off} on {day} has passed: the warehouse {origin} handles it on {handled}.",
    Code.NOT_HANDLED: "The warehouse {origin} does not handle such orders on {day}, but on {handled}.",
    Code.HANDLING: "Handling at the warehouse {origin}, in its own working days: {days}.",
    Code.PICK_UP_WAITS: "The carrier does not pick up from {first_day} on; it does on {day}.",
    Code.LEAD_TIME: "On the way, in {counts}: {days}. Of 1,000 such promises at least {chance_permille} are kept ({basis}).",
    Code.CARRIER_RESTS: "The carrier does not {leg} from {first_day} to {last_day}.",
    Code.WORKS_THROUGH: "The carrier works through the holidays, {first_day} to {last_day}; days: {days}.",
    Code.MAKE_UP_DAY: "{day} is a make-up workday on which the carrier works: it counts.",
    Code.SUSPENDED: "{region} is cut off from {first_day} on, until {until}.",
    Code.INSTALLERS_REST: "Nobody installs from {first_day} to {last_day}.",
    Code.INSTALLATION: "Delivered on {delivered}, installed on {day}.",
    Code.SLOT: "In the slot {slot}, for {fee}.",
    Code.FULL: "No place was left from {day} on; full days: {days}.",
    Code.SLOWEST: "One promise for {parcels} parcels: it waits for the slowest, from the warehouse {origin}.",
    Code.SURCHARGE: "The carrier charges on top on the day it picks up: {amount} (source: {source}).",
    Code.PROVISIONAL: "Provisional: the holidays of {year} are not announced (calendar {calendar}, version {version}). No announcement makes a promise that was given later.",
}
SENTENCES = {"zh": _ZH, "en": _EN}
"""Every reason but a refusal, in each language."""

REFUSALS = {
    "zh": {
        Refused.UNKNOWN_NAME: "不能承诺：配送网络里没有这个地区、商品、重量级、仓、承运商或服务。",
        Refused.NOT_SERVED: "不能承诺：没有这样的服务从那里送到这个地区。",
        Refused.TOO_HEAVY: "不能承诺：送这个地区的服务都不收这么重的件。",
        Refused.NOT_INSTALLED: "不能承诺：这个地区不安装这类商品。",
        Refused.NO_SLOT: "不能承诺：没有这个时段。",
        Refused.NO_LEAD_TIME: "不能承诺：没有这条线路的时效。",
        Refused.OUT_OF_REACH: "不能承诺：等再久，也达不到要的把握。",
        Refused.NOT_IN_TIME: "不能承诺：这个地区停运，或者没有人上班，可约期内都送不到。",
        Refused.FULL: "不能承诺：可约期内都约满了，从{day}起有{days}天没有位置。",
    },
    "en": {
        Refused.UNKNOWN_NAME: "Nothing can be promised: the network has no region, SKU, weight class, warehouse, carrier or service of that name.",
        Refused.NOT_SERVED: "Nothing can be promised: no such service goes there from there.",
        Refused.TOO_HEAVY: "Nothing can be promised: no service that goes there takes such heavy parcels.",
        Refused.NOT_INSTALLED: "Nothing can be promised: such things are not installed there.",
        Refused.NO_SLOT: "Nothing can be promised: there is no such slot.",
        Refused.NO_LEAD_TIME: "Nothing can be promised: nobody has said how long it takes.",
        Refused.OUT_OF_REACH: "Nothing can be promised: no wait is long enough for the chance wanted.",
        Refused.NOT_IN_TIME: "Nothing can be promised: the region is cut off, or nobody works, for as long as can be promised.",
        Refused.FULL: "Nothing can be promised: every place is taken for as long as can be promised; from {day} on, full days: {days}.",
    },
}
"""Every refusal, in each language."""

_PROMISES = {
    "zh": {
        "date": "{day}送到，把握至少{chance} %。",
        "slot": "{day} {begins}–{ends}送到，把握至少{chance} %。",
        "provisional": "日期暂定。",
    },
    "en": {
        "date": "Arrives by {day}; kept at least {chance} % of the time.",
        "slot": "Arrives on {day}, {begins} to {ends}; kept at least {chance} % of the time.",
        "provisional": " The date is provisional.",
    },
}
_TERMS = {
    "zh": {
        "moving": "承运商运输日",
        "calendar": "自然日",
        "transit": "运输",
        "delivery": "派送",
        "kg": "每公斤{}",
        "parcel": "每件{}",
        "unknown": "金额未公布",
        "free": "免费",
        "measured": "按{}件实测",
        "stated": "网络文件所写",
    },
    "en": {
        "moving": "days on which the carrier moves parcels",
        "calendar": "calendar days",
        "transit": "move parcels",
        "delivery": "deliver",
        "kg": "{} per kg",
        "parcel": "{} per parcel",
        "unknown": "an amount that was not said",
        "free": "nothing",
        "measured": "measured on {} parcels",
        "stated": "as the network says",
    },
}


def say(reason: Reason, language: str) -> str:
    """Say one reason.

    Args:
        reason: A code with its figures.
        language: `zh` or `en`.
    """
    figures = {
        name: day_text(str(value), language) if name in _DAY_FIGURES else value
        for name, value in reason.figures.items()
    }
    if reason.code is Code.REFUSED:
        return REFUSALS[language][Refused[str(figures["because"]).upper()]].format(**figures)
    return SENTENCES[language][reason.code].format(**{**figures, **_said(reason, language)})


def say_promise(quoted: Mapping[str, Any], language: str) -> str:
    """Say what is promised, in one sentence.

    Args:
        quoted: What `quoting.quote` gave of a promise, not of a refusal.
        language: `zh` or `en`.
    """
    day, permille = day_text(quoted["date"], language), int(quoted["chance_permille"])
    kind = "date" if quoted["slot"] is None else "slot"
    begins, ends = ("", "") if quoted["from"] is None else (quoted[bound][11:16] for bound in ("from", "by"))
    chance = f"{permille // 10}.{permille % 10}"
    said = _PROMISES[language][kind].format(day=day, begins=begins, ends=ends, chance=chance)
    return said + (_PROMISES[language]["provisional"] if quoted["is_provisional"] else "")


def day_text(day: str, language: str) -> str:
    """Write a date: `2026年2月16日（周一）`, `Mon 16 Feb 2026`."""
    found = date.fromisoformat(day)
    weekday = _WEEKDAYS[language][found.weekday()]
    if language == "zh":
        return f"{found.year}年{found.month}月{found.day}日（{weekday}）"
    return f"{weekday} {found.day} {_MONTHS[found.month - 1]} {found.year}"


def _said(reason: Reason, language: str) -> dict[str, str]:
    """The figures of a reason that are words or amounts."""
    terms, figures = _TERMS[language], reason.figures
    match reason.code:
        case Code.LEAD_TIME:
            parcels = int(figures["parcels"])
            basis = terms["measured"].format(f"{parcels:,}") if parcels else terms["stated"]
            return {"counts": terms[str(figures["counts"])], "basis": basis}
        case Code.CARRIER_RESTS:
            return {"leg": terms[str(figures["leg"])]}
        case Code.SLOT:
            fee = _amount(figures["fee_minor"], figures["currency"])
            return {"fee": fee if figures["fee_minor"] else terms["free"]}
        case Code.SURCHARGE:
            return {"amount": _surcharge(figures, terms)}
        case _:
            return {}


def _surcharge(figures: Mapping[str, Figure], terms: Mapping[str, str]) -> str:
    if "at_least_minor" not in figures:
        amount = terms["unknown"]
    elif figures["at_least_minor"] == figures["at_most_minor"]:
        amount = _amount(figures["at_most_minor"], figures["currency"])
    else:
        least = text_of(int(figures["at_least_minor"]), str(figures["currency"]))
        amount = f"{least}–{_amount(figures['at_most_minor'], figures['currency'])}"
    return terms[str(figures["per"])].format(amount)


def _amount(minor: Figure, currency: Figure) -> str:
    return f"{text_of(int(minor), str(currency))} {currency}"

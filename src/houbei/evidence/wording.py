"""The conclusion of a trail as one or two sentences, in Chinese and English."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from houbei.evidence.amounts import amount_text
from houbei.evidence.conclusions import Conclusion
from houbei.evidence.inquiry import IN_STOCK, SEEN
from houbei.evidence.trail import PriceFacts, Trail

_EN = {
    "owed": "{owed} is owed.",
    "owed, less held": " Another {held} is held until a person has looked at the price.",
    "owed, less capped": " It would be more, but a cap cuts it.",
    "owed, less below_min_payout": " A further drop is worth less than the least amount that is paid.",
    "held": "Nothing is owed yet: {held} is held until a person has looked, because {price} from {since} looks like an error.",
    "capped": "Nothing is owed: the caps leave nothing of the difference to {price} from {since}.",
    "below_min_payout": "Nothing is owed: the difference to {price} from {since} is less than the least amount that is paid.",
    "cancelled_or_returned_before": "Nothing is owed: it was cancelled or returned before it would have been owed for {price} from {since}.",
    "cancelled_or_returned_before, no price": "Nothing is owed: it was cancelled or returned before the promise began to protect it.",
    "not_at_claim": "Nothing is owed: {price} from {since} was not in force when the buyer asked, or they asked too late.",
    "not_at_claim, no price": "Nothing is owed: the buyer asked when the promise did not protect the line.",
    "price_not_eligible": "Nothing is owed: {price} from {since} does not count, because “{said}” is not true of it.",
    "price_not_eligible, in_stock": "Nothing is owed: {price} from {since} does not count, because it was out of stock.",
    "price_not_eligible, seen_at_least": "Nothing is owed: {price} from {since} does not count, because it was seen too seldom that day.",
    "not_open_to_buyer": "Nothing is owed: {price} from {since} was not open to this buyer. Its {said} is {theirs}, the line’s {own}.",
    "outside_window, early": "Nothing is owed: {price} took effect at {since}, before the protection opened at {opened}.",
    "outside_window": "Nothing is owed: {price} came at {since}; the protection had closed at {closed}.",
    "outside_window, gap": "Nothing is owed: {price} came at {since}, in a gap of the protection.",
    "paid_no_more": "Nothing is owed: it paid no more than the lowest counting price of its window, {price} from {since}.",
    "no_price": "Nothing is owed: no price that counts was in force while it was protected.",
    "never_open": "Nothing is owed: the protection would have opened at {at}, but it had closed by then.",
    "never_open, later": "Nothing is owed yet: the protection opens at {at}, after all that is known, {as_of}.",
    "never_open, missing": "Nothing is owed yet: the protection opens with “{said}”, and that has not happened.",
    "undecided": "It cannot be decided: {said} is not known. A person must look.",
    "not_in_scope": "Nothing is owed: the promise does not protect this line, because “{said}” is false.",
}
_ZH = {
    "owed": "应付{owed}。",
    "owed, less held": "另有{held}待人工核对价格后再定。",
    "owed, less capped": "本应更多，但受上限所限。",
    "owed, less below_min_payout": "之后的降价不足最低支付金额。",
    "held": "暂不付款：{since}起的价格{price}疑似标错，{held}待人工核对。",
    "capped": "不付：与{since}起的价格{price}之间的差额，受上限所限，已没有余额。",
    "below_min_payout": "不付：与{since}起的价格{price}之间的差额不足最低支付金额。",
    "cancelled_or_returned_before": "不付：在{since}起的价格{price}应付差额之前，已取消或退货。",
    "cancelled_or_returned_before, no price": "不付：保障开始之前已取消或退货。",
    "not_at_claim": "不付：买家提出时，{since}起的价格{price}并未生效，或提出得太晚。",
    "not_at_claim, no price": "不付：买家提出时，这一行不在保障期内。",
    "price_not_eligible": "不付：{since}起的价格{price}不计入，因为它不满足“{said}”。",
    "price_not_eligible, in_stock": "不付：{since}起的价格{price}不计入，因为当时无货。",
    "price_not_eligible, seen_at_least": "不付：{since}起的价格{price}不计入，因为当天出现的次数太少。",
    "not_open_to_buyer": "不付：{since}起的价格{price}不对这位买家开放。它的{said}是{theirs}，这一行的是{own}。",
    "outside_window, early": "不付：价格{price}于{since}生效，早于保障开始的{opened}。",
    "outside_window": "不付：价格{price}于{since}才出现，保障已于{closed}结束。",
    "outside_window, gap": "不付：价格{price}出现于{since}，正在保障的间断期内。",
    "paid_no_more": "不付：实付不高于保障期内计入的最低价{price}（{since}起）。",
    "no_price": "不付：保障期内没有任何计入的价格。",
    "never_open": "不付：保障本应于{at}开始，但那时已经结束。",
    "never_open, later": "暂不付款：保障于{at}才开始，而目前只知道截至{as_of}的事实。",
    "never_open, missing": "暂不付款：保障自“{said}”起，而这还没有发生。",
    "undecided": "无法判定：缺少{said}，需要人工查看。",
    "not_in_scope": "不付：条款不保障这一行，因为“{said}”不成立。",
}
SENTENCES = {"zh": _ZH, "en": _EN}
"""Every conclusion in each language, by its name and what else there is to say."""
_NOTHING = {"zh": "空", "en": "none"}


def conclude(
    trail: Trail,
    language: str,
    *,
    money: Callable[[int, str], str] | None = None,
    moment: Callable[[int], str] | None = None,
) -> str:
    """Say what a line came to, and the fact that decided it.

    Args:
        trail: Why it came to that.
        language: `zh` or `en`.
        money: How to write minor units of a currency; `money_text` where nothing is said.
        moment: How to write a moment; on the clock of the terms' zone where nothing is said.
    """
    sentences, currency = SENTENCES[language], trail.line.currency
    written = money or money_text
    at = moment or (lambda us: moment_text(us, trail.terms.zone))
    text = sentences[_variant(trail)]
    if trail.lessened is not None:
        text += sentences[f"owed, less {trail.lessened.name.lower()}"]
    price, stretches = trail.price, [stretch for cover in trail.covers for stretch in cover.open_us]
    return text.format(
        owed=written(trail.owed_minor, currency),
        held=written(trail.held_minor, currency),
        said=trail.said,
        price="" if price is None else written(price.price_minor, price.currency),
        since="" if price is None else at(price.at_us),
        at="" if trail.at_us is None else at(trail.at_us),
        as_of=at(trail.as_of_us),
        opened=at(min((opens for opens, _ in stretches), default=0)),
        closed=at(max((closes for _, closes in stretches), default=0)),
        theirs="" if price is None else _theirs(price, trail.said) or _NOTHING[language],
        own=_own(trail) or _NOTHING[language],
    )


def _variant(trail: Trail) -> str:
    """Which sentence of a conclusion fits."""
    name, said = trail.conclusion.name.lower(), trail.said
    later = trail.at_us is not None and trail.at_us > trail.as_of_us
    variants = {
        Conclusion.CANCELLED_OR_RETURNED_BEFORE: "" if trail.price else ", no price",
        Conclusion.NOT_AT_CLAIM: "" if trail.price else ", no price",
        Conclusion.PRICE_NOT_ELIGIBLE: f", {said}" if said in (IN_STOCK, SEEN) else "",
        Conclusion.NEVER_OPEN: ", missing" if said else ", later" if later else "",
        Conclusion.OUTSIDE_WINDOW: _side(trail),
    }
    return name + variants.get(trail.conclusion, "")


def _side(trail: Trail) -> str:
    """On which side of the open stretches the deciding price took effect."""
    stretches = [stretch for cover in trail.covers for stretch in cover.open_us]
    since = 0 if trail.price is None else trail.price.at_us
    if all(since >= closes for _, closes in stretches):
        return ""
    return ", early" if all(since <= opens for opens, _ in stretches) else ", gap"


def _theirs(price: PriceFacts, name: str) -> str | None:
    return price.currency if name == "currency" else dict(price.closed_by).get(name)


def _own(trail: Trail) -> str | None:
    line = trail.line
    own = {"currency": line.currency, "min_quantity": str(line.quantity)}
    return own.get(trail.said) or dict(line.others).get(trail.said)


def money_text(minor: int, currency: str) -> str:
    """Write an amount with its currency: `CNY 4,999.00`."""
    return f"{currency} {amount_text(minor, currency)}"


def moment_text(us: int, zone: str) -> str:
    """Write a moment on the clock of a zone, to the minute or as finely as it is known: `2026-12-08 00:00`."""
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(ZoneInfo(zone))
    return moment.replace(tzinfo=None).isoformat(" ").removesuffix(":00")
